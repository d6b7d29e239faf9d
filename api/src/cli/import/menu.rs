//! Dishes, known by brand, country and name.

use std::collections::HashSet;

use pipelines::customers::Country;
use pipelines::orders::{Currency, MenuItem, MenuItemId, Money, Places, put_menu};
use pipelines::platform::store::Store;
use serde::Deserialize;

use super::super::Failure;
use super::super::tally::Tally;
use super::{ROWS, Rows, fields};

pub(super) const COLUMNS: &[&str] =
    &["brand", "country", "category", "name", "price", "ingredients", "allergens", "weight_grams", "active"];

#[derive(Deserialize)]
struct Row {
    brand: String,
    country: String,
    category: String,
    name: String,
    price: String,
    ingredients: String,
    allergens: String,
    weight_grams: Option<u32>,
    active: bool,
}

pub(super) async fn import(store: &Store, mut rows: Rows, tally: &mut Tally) -> Result<(), Failure> {
    let places = Places::load(store).await?;
    let mut seen = HashSet::new();
    let mut batch = Vec::with_capacity(ROWS);
    while let Some((line, row)) = rows.next::<Row>(tally) {
        let item = match read(row, &places, store) {
            Ok(item) => item,
            Err(why) => {
                tally.bad(line, why);
                continue;
            }
        };
        let key = (item.brand, item.country.as_str(), item.name.clone());
        if batch.len() == ROWS || seen.contains(&key) {
            put(store, &mut batch).await?;
            seen.clear();
        }
        seen.insert(key);
        batch.push(item);
    }
    put(store, &mut batch).await
}

async fn put(store: &Store, batch: &mut Vec<MenuItem>) -> Result<(), Failure> {
    let mut change = store.begin().await?;
    put_menu(&mut change, batch).await?;
    change.commit().await?;
    batch.clear();
    Ok(())
}

fn read(row: Row, places: &Places, store: &Store) -> Result<MenuItem, String> {
    let country: Country = fields::word(&row.country, "country")?;
    let brand = places.brands.get(&row.brand).ok_or("brand is not known; add it first")?.id;
    if row.name.is_empty() {
        return Err("name is empty".to_owned());
    }
    for (text, column) in [(&row.name, "name"), (&row.category, "category"), (&row.ingredients, "ingredients")] {
        fields::bounded(text, 2_000, column)?;
    }
    fields::bounded(&row.allergens, 2_000, "allergens")?;
    Ok(MenuItem {
        id: MenuItemId::new(store.clock()),
        brand,
        country,
        category: row.category,
        name: row.name,
        price_minor: Money::parse(&row.price, Currency::of(country)).map_err(|cause| format!("price: {cause}"))?.minor,
        ingredients: fields::list(&row.ingredients),
        allergens: fields::list(&row.allergens),
        weight_grams: row.weight_grams.filter(|grams| *grams > 0),
        active: row.active,
    })
}
