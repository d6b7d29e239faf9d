//! What customers ordered, and the menu and places it came from.

mod money;
mod reference;

pub use money::{Currency, Money};
pub use reference::{BrandId, CityId, MenuItemId, RestaurantId};

crate::id!(
    /// An order.
    OrderId
);
