//! Customers, known by their phone.

use std::collections::HashSet;

use pipelines::customers::{Country, IdentityKey, KnownCustomer, Phone, put_customers};
use pipelines::orders::Places;
use pipelines::platform::store::Store;
use serde::Deserialize;

use super::super::Failure;
use super::super::tally::Tally;
use super::{ROWS, Rows, fields};

pub(super) const COLUMNS: &[&str] = &["phone", "country", "name", "language", "city", "since"];

#[derive(Deserialize)]
struct Row {
    phone: String,
    country: String,
    name: String,
    language: String,
    city: String,
    since: String,
}

pub(super) async fn import(store: &Store, mut rows: Rows, tally: &mut Tally) -> Result<(), Failure> {
    let places = Places::load(store).await?;
    let mut seen = HashSet::new();
    let mut batch = Vec::with_capacity(ROWS);
    while let Some((line, row)) = rows.next::<Row>(tally) {
        let customer = match read(row, &places) {
            Ok(customer) => customer,
            Err(why) => {
                tally.bad(line, why);
                continue;
            }
        };
        if batch.len() == ROWS || !seen.insert(customer.key.value().to_owned()) {
            put(store, &mut batch).await?;
            seen = HashSet::from([customer.key.value().to_owned()]);
        }
        batch.push(customer);
    }
    put(store, &mut batch).await
}

async fn put(store: &Store, batch: &mut Vec<KnownCustomer>) -> Result<(), Failure> {
    let mut change = store.begin().await?;
    put_customers(&mut change, batch).await?;
    change.commit().await?;
    batch.clear();
    Ok(())
}

fn read(row: Row, places: &Places) -> Result<KnownCustomer, String> {
    let country: Country = fields::word(&row.country, "country")?;
    let phone = Phone::parse(&row.phone, country).map_err(|_| "phone is not a number of that country")?;
    fields::bounded(&row.name, 200, "name")?;
    let city = match row.city.as_str() {
        "" => None,
        slug => Some(places.cities.get(slug).ok_or("city is not known; add it first")?.id),
    };
    Ok(KnownCustomer {
        key: IdentityKey::phone(&phone),
        phone: None,
        name: fields::text_or_none(row.name),
        language: fields::word_or_none(&row.language, "language")?,
        country: Some(country),
        city,
        since: fields::time_or_none(&row.since, "since")?,
    })
}
