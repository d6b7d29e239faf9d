//! Search: ids by one index each, then their lines for the list.

use std::collections::HashMap;

use sqlx::PgPool;

use super::ids;
use crate::customers::{FoundCustomer, Phone};
use crate::events::CustomerId;
use crate::platform::store::StoreError;

pub(crate) async fn by_phone(pool: &PgPool, phones: &[Phone]) -> Result<Vec<CustomerId>, StoreError> {
    let numbers: Vec<String> = phones.iter().map(|phone| phone.as_e164().to_owned()).collect();
    let found = sqlx::query_scalar!(
        r#"SELECT DISTINCT customer_id AS "id: CustomerId" FROM identity WHERE kind = 'phone' AND value = ANY($1)"#,
        &numbers,
    )
    .fetch_all(pool)
    .await?;
    Ok(found)
}

pub(crate) async fn by_order(
    pool: &PgPool,
    number: &str,
    after: Option<CustomerId>,
    rows: i64,
) -> Result<Vec<CustomerId>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"SELECT DISTINCT customer_id AS "id: CustomerId" FROM customer_order
           WHERE number = $1 AND ($2::uuid IS NULL OR customer_id > $2) ORDER BY 1 LIMIT $3"#,
        number,
        after.map(|customer| customer.0),
        rows,
    )
    .fetch_all(pool)
    .await?;
    Ok(found)
}

/// Customers whose folded name begins with `start`, in the order of names, after the place where `after` stands.
pub(crate) async fn by_name(
    pool: &PgPool,
    start: &str,
    after: Option<CustomerId>,
    rows: i64,
) -> Result<Vec<CustomerId>, StoreError> {
    let place = match after {
        Some(after) => sqlx::query_scalar!("SELECT name_folded FROM customer WHERE customer_id = $1", after.0)
            .fetch_optional(pool)
            .await?
            .flatten(),
        None => None,
    };
    // The upper end is the greatest text that begins so: in the C collation no character sorts after this one.
    let found = sqlx::query_scalar!(
        r#"SELECT customer_id AS "id: CustomerId" FROM customer
           WHERE name_folded >= $1 AND name_folded < $1 || U&'\+10FFFF'
             AND (name_folded, customer_id) > (coalesce($2::text, ''), coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
           ORDER BY name_folded, customer_id LIMIT $4"#,
        start,
        place,
        after.map(|customer| customer.0),
        rows,
    )
    .fetch_all(pool)
    .await?;
    Ok(found)
}

/// What the list says about each, in the order given.
pub(crate) async fn described(pool: &PgPool, customers: &[CustomerId]) -> Result<Vec<FoundCustomer>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT c.customer_id AS "id!: CustomerId", c.name, city.name AS "city?",
                  (SELECT value FROM identity i WHERE i.customer_id = c.customer_id AND i.kind = 'phone'
                   ORDER BY i.added_at, i.id LIMIT 1) AS phone,
                  (SELECT max(k.opened_at) FROM contact k WHERE k.customer_id = c.customer_id)
                    AS "last_contact_at: jiff_sqlx::Timestamp"
           FROM customer c LEFT JOIN city ON city.id = c.city_id WHERE c.customer_id = ANY($1)"#,
        &ids(customers),
    )
    .fetch_all(pool)
    .await?;
    let mut lines: HashMap<CustomerId, FoundCustomer> = rows
        .into_iter()
        .map(|row| {
            let found = FoundCustomer {
                customer_id: row.id,
                name: row.name,
                city: row.city,
                phone_masked: row.phone.and_then(|phone| Phone::from_e164(&phone).ok()).map(|phone| phone.masked()),
                last_contact_at: row.last_contact_at.map(|at| at.to_jiff()),
            };
            (row.id, found)
        })
        .collect();
    Ok(customers.iter().filter_map(|customer| lines.remove(customer)).collect())
}
