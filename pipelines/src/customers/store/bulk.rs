//! Many customers at once: a column is an array, a statement takes thousands of rows.

use std::collections::HashMap;

use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::ids;
use crate::customers::{IdentityId, IdentityKey, KnownCustomer, fold};
use crate::events::CustomerId;
use crate::platform::store::{Change, StoreError};

pub(crate) struct Claim {
    pub(crate) key: IdentityKey,
    pub(crate) customer: CustomerId,
    pub(crate) id: IdentityId,
}

/// Gives each key to the customer of its claim unless it is somebody's, and says whose each is then, in order.
pub(crate) async fn claim(change: &mut Change, claims: &[Claim]) -> Result<Vec<CustomerId>, StoreError> {
    let at = change.at();
    let kinds: Vec<String> = claims.iter().map(|claim| claim.key.kind().as_str().to_owned()).collect();
    let values: Vec<String> = claims.iter().map(|claim| claim.key.value().to_owned()).collect();
    // In the order of keys, so that two imports that claim the same keys wait for each other and not in a circle.
    sqlx::query!(
        "INSERT INTO identity (kind, value, customer_id, id, added_at)
         SELECT kind, value, customer_id, id, $5 FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[])
           WITH ORDINALITY AS claim (kind, value, customer_id, id, place)
         ORDER BY kind, value, place
         ON CONFLICT (kind, value) DO NOTHING",
        &kinds,
        &values,
        &claims.iter().map(|claim| claim.customer.0).collect::<Vec<_>>(),
        &claims.iter().map(|claim| claim.id.0).collect::<Vec<_>>(),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    let rows = sqlx::query!(
        r#"SELECT i.kind, i.value, i.customer_id AS "customer: CustomerId"
           FROM unnest($1::text[], $2::text[]) AS asked (kind, value)
           JOIN identity i ON i.kind = asked.kind AND i.value = asked.value"#,
        &kinds,
        &values,
    )
    .fetch_all(change.conn())
    .await?;
    let owners: HashMap<(String, String), CustomerId> =
        rows.into_iter().map(|row| ((row.kind, row.value), row.customer)).collect();
    let owner = |(kind, value)| owners.get(&(kind, value)).copied().ok_or(sqlx::Error::RowNotFound);
    Ok(kinds.into_iter().zip(values).map(owner).collect::<Result<_, _>>()?)
}

/// Makes the customers who are not there and changes what is given of those who are. Of two rows about one customer
/// the last one counts.
pub(crate) async fn put(
    change: &mut Change,
    customers: &[CustomerId],
    known: &[KnownCustomer],
) -> Result<(), StoreError> {
    let at = change.at();
    let last: HashMap<CustomerId, &KnownCustomer> = customers.iter().copied().zip(known).collect();
    let mut rows: Vec<(CustomerId, &KnownCustomer)> = last.into_iter().collect();
    rows.sort_unstable_by_key(|(customer, _)| *customer);
    let text = |of: fn(&KnownCustomer) -> Option<String>| -> Vec<Option<String>> {
        rows.iter().map(|(_, one)| of(one)).collect()
    };
    sqlx::query!(
        "INSERT INTO customer AS known (customer_id, name, name_folded, language, country, city_id, created_at)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[])
         ON CONFLICT (customer_id) DO UPDATE SET
           name = coalesce(excluded.name, known.name), name_folded = coalesce(excluded.name_folded, known.name_folded),
           language = coalesce(excluded.language, known.language), country = coalesce(excluded.country, known.country),
           city_id = coalesce(excluded.city_id, known.city_id), created_at = least(excluded.created_at, known.created_at)",
        &rows.iter().map(|(customer, _)| customer.0).collect::<Vec<_>>(),
        &text(|one| one.name.clone()) as &[Option<String>],
        &text(|one| one.name.as_deref().map(fold)) as &[Option<String>],
        &text(|one| one.language.map(|language| language.as_str().to_owned())) as &[Option<String>],
        &text(|one| one.country.map(|country| country.as_str().to_owned())) as &[Option<String>],
        &rows.iter().map(|(_, one)| one.city.map(|city| city.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &rows.iter().map(|(_, one)| one.since.unwrap_or(at).to_sqlx()).collect::<Vec<_>>() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Links pairs who share a phone, unless they are linked or a person has ended their link.
pub(crate) async fn link(change: &mut Change, pairs: &[(CustomerId, CustomerId)]) -> Result<(), StoreError> {
    let at = change.at();
    let new: Vec<Uuid> = pairs.iter().map(|_| change.clock().id()).collect();
    let (customers, owners): (Vec<CustomerId>, Vec<CustomerId>) = pairs.iter().copied().unzip();
    sqlx::query!(
        "INSERT INTO customer_link (customer_id, id, linked_id, reason, linked_at)
         SELECT pair.customer_id, pair.id, pair.linked_id, 'same phone', $4
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS pair (customer_id, id, linked_id)
         WHERE NOT EXISTS (
           SELECT FROM customer_link l WHERE (l.ended_at IS NULL OR l.ended_by IS NOT NULL)
             AND ((l.customer_id = pair.customer_id AND l.linked_id = pair.linked_id)
               OR (l.customer_id = pair.linked_id AND l.linked_id = pair.customer_id)))
         ON CONFLICT (customer_id, linked_id) WHERE ended_at IS NULL DO NOTHING",
        &ids(&customers),
        &new,
        &ids(&owners),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}
