//! What customers ordered, and the menu and places it came from.

mod menu;
mod money;
mod order;
mod reference;
mod store;

pub use menu::{MenuItem, MenuWords, menu_of, menu_words, put_menu};
pub use money::{Currency, Money, MoneyError};
pub(crate) use order::latest_orders;
pub use order::{NewLine, NewOrder, OrderId, OrderLine, OrderStatus, OrderSummary, order_id, orders_of, put_orders};
pub use reference::{
    Brand, BrandId, City, CityId, MenuItemId, Places, Restaurant, RestaurantId, put_brands, put_cities, put_countries,
    put_restaurants,
};
