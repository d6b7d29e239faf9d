//! Keys of customers: claimed first, whatever else the transaction does.

use jiff_sqlx::ToSqlx;

use super::super::{IdentityId, IdentityKey, NewCustomer, fold};
use crate::events::CustomerId;
use crate::platform::store::{Change, StoreError};

pub(crate) struct Claim {
    pub(crate) customer: CustomerId,
    pub(crate) fresh: bool,
}

/// Gives `key` to `customer` unless it is somebody's. Waits for a concurrent claim of the same key to end.
pub(crate) async fn claim(
    change: &mut Change,
    key: &IdentityKey,
    customer: CustomerId,
    id: IdentityId,
) -> Result<Claim, StoreError> {
    let at = change.at();
    loop {
        let claimed = sqlx::query!(
            r#"WITH claimed AS (
                 INSERT INTO identity (kind, value, customer_id, id, added_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (kind, value) DO NOTHING RETURNING customer_id
               )
               SELECT customer_id AS "customer!", true AS "fresh!" FROM claimed
               UNION ALL
               SELECT customer_id, false FROM identity WHERE kind = $1 AND value = $2
               LIMIT 1"#,
            key.kind().as_str(),
            key.value(),
            customer.0,
            id.0,
            at.to_sqlx() as _,
        )
        .fetch_optional(change.conn())
        .await?;
        // Nothing: another transaction committed the key after this statement took its view. Look again.
        if let Some(row) = claimed {
            return Ok(Claim { customer: CustomerId(row.customer), fresh: row.fresh });
        }
    }
}

pub(crate) async fn insert(change: &mut Change, customer: CustomerId, new: &NewCustomer) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "INSERT INTO customer (customer_id, name, name_folded, language, country, city_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        customer.0,
        new.name,
        new.name.as_deref().map(fold),
        new.language.map(|language| language.as_str()),
        new.country.map(|country| country.as_str()),
        new.city.map(|city| city.0),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Fills what is still unknown about a customer; changes nothing that is known.
pub(crate) async fn complete(change: &mut Change, customer: CustomerId, new: &NewCustomer) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE customer SET
             name = coalesce(name, $2),
             name_folded = coalesce(name_folded, $3),
             language = coalesce(language, $4)
         WHERE customer_id = $1 AND ((name IS NULL AND $2::text IS NOT NULL) OR (language IS NULL AND $4::text IS NOT NULL))",
        customer.0,
        new.name,
        new.name.as_deref().map(fold),
        new.language.map(|language| language.as_str()),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) enum LinkByPhone {
    Made,
    Stood,
    Ended,
}

/// Links two customers who share a phone, unless they are linked or a person has ended their link.
pub(crate) async fn link_by_phone(
    change: &mut Change,
    customer: CustomerId,
    owner: CustomerId,
) -> Result<LinkByPhone, StoreError> {
    let (id, at) = (change.clock().id(), change.at());
    let before = sqlx::query!(
        r#"SELECT bool_or(ended_at IS NULL) AS stands, bool_or(ended_by IS NOT NULL) AS ended FROM customer_link
           WHERE (customer_id = $1 AND linked_id = $2) OR (customer_id = $2 AND linked_id = $1)"#,
        customer.0,
        owner.0,
    )
    .fetch_one(change.conn())
    .await?;
    if before.stands == Some(true) {
        return Ok(LinkByPhone::Stood);
    }
    if before.ended == Some(true) {
        return Ok(LinkByPhone::Ended);
    }
    let made = sqlx::query!(
        "INSERT INTO customer_link (customer_id, id, linked_id, reason, linked_at) VALUES ($1, $2, $3, 'same phone', $4)
         ON CONFLICT (customer_id, linked_id) WHERE ended_at IS NULL DO NOTHING",
        customer.0,
        id,
        owner.0,
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(if made.rows_affected() == 1 { LinkByPhone::Made } else { LinkByPhone::Stood })
}
