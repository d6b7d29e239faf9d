//! The places and brands that orders and contacts refer to: few rows, read by every role.

crate::id!(
    /// A brand under which food is sold.
    BrandId
);
crate::id!(
    /// A city that is served.
    CityId
);
crate::id!(
    /// A kitchen.
    RestaurantId
);
crate::id!(
    /// A dish on the menu of a brand in a country.
    MenuItemId
);
