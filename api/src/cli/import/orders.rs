//! Orders, known by brand and number; customers by their phone.

use pipelines::customers::{Country, IdentityKey, KnownCustomer, Phone, put_customers};
use pipelines::orders::{Currency, Money, NewLine, NewOrder, Places, order_id, put_orders};
use pipelines::platform::store::Store;
use serde::Deserialize;

use super::super::Failure;
use super::super::tally::Tally;
use super::{ROWS, Rows, fields};

pub(super) const COLUMNS: &[&str] = &[
    "phone",
    "country",
    "number",
    "brand",
    "city",
    "restaurant",
    "status",
    "placed_at",
    "due_at",
    "finished_at",
    "total",
    "wishes",
    "item",
    "quantity",
    "price",
    "item_wishes",
];

#[derive(Deserialize)]
struct Row {
    phone: String,
    country: String,
    number: String,
    brand: String,
    city: String,
    restaurant: String,
    status: String,
    placed_at: String,
    due_at: String,
    finished_at: String,
    total: String,
    wishes: String,
    item: String,
    quantity: u16,
    price: String,
    item_wishes: String,
}

/// An order whose customer has no id yet.
struct Known {
    customer: KnownCustomer,
    order: NewOrder,
}

pub(super) async fn import(store: &Store, mut rows: Rows, tally: &mut Tally) -> Result<(), Failure> {
    let places = Places::load(store).await?;
    let mut batch: Vec<Known> = Vec::with_capacity(ROWS);
    while let Some((line, row)) = rows.next::<Row>(tally) {
        let known = match read(row, &places) {
            Ok(known) => known,
            Err(why) => {
                tally.bad(line, why);
                continue;
            }
        };
        if let Some(last) = batch.last_mut().filter(|last| last.order.id == known.order.id) {
            last.order.lines.extend(known.order.lines);
            continue;
        }
        if batch.len() == ROWS || batch.iter().any(|other| other.order.id == known.order.id) {
            put(store, &mut batch).await?;
        }
        batch.push(known);
    }
    put(store, &mut batch).await
}

async fn put(store: &Store, batch: &mut Vec<Known>) -> Result<(), Failure> {
    let (known, mut orders): (Vec<KnownCustomer>, Vec<NewOrder>) =
        batch.drain(..).map(|known| (known.customer, known.order)).unzip();
    let mut change = store.begin().await?;
    let customers = put_customers(&mut change, &known).await?;
    for (order, customer) in orders.iter_mut().zip(customers) {
        order.customer = customer;
    }
    put_orders(&mut change, &orders).await?;
    change.commit().await?;
    Ok(())
}

fn read(row: Row, places: &Places) -> Result<Known, String> {
    let country: Country = fields::word(&row.country, "country")?;
    let phone = Phone::parse(&row.phone, country).map_err(|_| "phone is not a number of that country")?;
    let brand = places.brands.get(&row.brand).ok_or("brand is not known; add it first")?.id;
    let city = places.cities.get(&row.city).ok_or("city is not known; add it first")?.id;
    let restaurant = places.restaurants.get(&(brand, city, row.restaurant)).ok_or("restaurant is not known there")?.id;
    fields::bounded(&row.number, 32, "number")?;
    for (text, column) in [(&row.wishes, "wishes"), (&row.item, "item"), (&row.item_wishes, "item_wishes")] {
        fields::bounded(text, 1_000, column)?;
    }
    if row.number.is_empty() || row.item.is_empty() || row.quantity == 0 {
        return Err("number, item and quantity must be given".to_owned());
    }
    let money = |text: &str, column: &str| {
        Money::parse(text, Currency::of(country)).map_err(|cause| format!("{column}: {cause}"))
    };
    let line = NewLine {
        menu_item: None,
        name: row.item,
        quantity: row.quantity,
        price_minor: money(&row.price, "price")?.minor,
        wishes: fields::text_or_none(row.item_wishes),
    };
    let key = IdentityKey::phone(&phone);
    let customer =
        KnownCustomer { key, phone: None, name: None, language: None, country: Some(country), city: None, since: None };
    let order = NewOrder {
        // known when its customer is: set before it is put
        customer: pipelines::events::CustomerId(uuid::Uuid::nil()),
        id: order_id(brand, &row.number),
        number: row.number,
        brand,
        city,
        restaurant,
        status: fields::word(&row.status, "status")?,
        placed_at: fields::time(&row.placed_at, "placed_at")?,
        due_at: fields::time_or_none(&row.due_at, "due_at")?,
        finished_at: fields::time_or_none(&row.finished_at, "finished_at")?,
        total: money(&row.total, "total")?,
        wishes: fields::text_or_none(row.wishes),
        lines: vec![line],
    };
    Ok(Known { customer, order })
}
