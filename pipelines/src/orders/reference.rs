//! The places and brands that orders and contacts refer to: few rows, read by every role.

use std::collections::HashMap;

use super::store;
use crate::customers::Country;
use crate::platform::store::{Change, Store, StoreError};

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

/// A brand; known by its slug.
#[derive(Clone, Debug, PartialEq)]
pub struct Brand {
    pub id: BrandId,
    pub slug: String,
    pub name: String,
}

/// A city; known by its slug.
#[derive(Clone, Debug, PartialEq)]
pub struct City {
    pub id: CityId,
    pub country: Country,
    pub slug: String,
    pub name: String,
    /// IANA name, for example `Asia/Almaty`.
    pub zone: String,
}

/// A kitchen; known by brand, city and name.
#[derive(Clone, Debug, PartialEq)]
pub struct Restaurant {
    pub id: RestaurantId,
    pub brand: BrandId,
    pub city: CityId,
    pub name: String,
    pub address: String,
}

/// Adds countries that are served.
pub async fn put_countries(change: &mut Change, countries: &[Country]) -> Result<(), StoreError> {
    store::reference::put_countries(change, countries).await
}

/// Adds brands, or renames those whose slug is known. Known ones keep their ids: take the ids from [`Places::load`].
pub async fn put_brands(change: &mut Change, brands: &[Brand]) -> Result<(), StoreError> {
    store::reference::put_brands(change, brands).await
}

/// Adds cities, or changes those whose slug is known, which keep their ids. Their countries must be there.
pub async fn put_cities(change: &mut Change, cities: &[City]) -> Result<(), StoreError> {
    store::reference::put_cities(change, cities).await
}

/// Adds kitchens, or changes the address of those known by brand, city and name, which keep their ids.
pub async fn put_restaurants(change: &mut Change, restaurants: &[Restaurant]) -> Result<(), StoreError> {
    store::reference::put_restaurants(change, restaurants).await
}

/// All brands, cities and kitchens by what people call them.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub brands: HashMap<String, Brand>,
    pub cities: HashMap<String, City>,
    pub restaurants: HashMap<(BrandId, CityId, String), Restaurant>,
}

impl Places {
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        store::reference::places(store.pool()).await
    }
}
