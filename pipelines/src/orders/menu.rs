//! What can be ordered.

use serde::{Deserialize, Serialize};

use super::{BrandId, MenuItemId, store};
use crate::customers::Country;
use crate::platform::store::{Change, Store, StoreError};

/// A dish on the menu of a brand in a country; known by these two and its name.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuItem {
    pub id: MenuItemId,
    pub brand: BrandId,
    pub country: Country,
    pub category: String,
    pub name: String,
    /// In the country's currency.
    pub price_minor: i64,
    pub ingredients: Vec<String>,
    pub allergens: Vec<String>,
    pub weight_grams: Option<u32>,
    /// Whether it is sold now.
    pub active: bool,
}

/// Adds dishes, or changes those that are known, which keep their ids. Gives the number of rows that are not as before.
pub async fn put_menu(change: &mut Change, items: &[MenuItem]) -> Result<u64, StoreError> {
    store::menu::put(change, items).await
}

/// The menu of a brand in a country: what is sold now, by category and name.
pub async fn menu_of(store: &Store, brand: BrandId, country: Country) -> Result<Vec<MenuItem>, StoreError> {
    store::menu::of(store.pool(), brand, country).await
}

/// The words of all menus: what the models look for in texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuWords {
    pub dishes: Vec<String>,
    pub ingredients: Vec<String>,
}

/// Every dish that is sold now and everything that is in one, each once, in alphabetical order.
pub async fn menu_words(store: &Store) -> Result<MenuWords, StoreError> {
    store::menu::words(store.pool()).await
}
