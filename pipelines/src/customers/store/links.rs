//! Links between customers, in both directions.

use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use super::ids;
use crate::customers::{CardLink, LinkId};
use crate::events::{CustomerId, OperatorId};
use crate::platform::store::{Change, StoreError};

/// All who are linked to `customer`, directly or through others, at most `most`; those linked directly first. Each
/// customer is visited once, however many links there are.
pub(crate) async fn of(pool: &PgPool, customer: CustomerId, most: i64) -> Result<Vec<CardLink>, StoreError> {
    let links = sqlx::query_as!(
        CardLink,
        r#"WITH RECURSIVE reached (customer_id) AS (
             SELECT $1::uuid
             UNION
             SELECT next.customer_id FROM reached CROSS JOIN LATERAL (
               SELECT linked_id AS customer_id FROM customer_link
               WHERE customer_id = reached.customer_id AND ended_at IS NULL
               UNION ALL
               SELECT customer_id FROM customer_link WHERE linked_id = reached.customer_id AND ended_at IS NULL
             ) next
           ), person AS MATERIALIZED (SELECT customer_id FROM reached LIMIT $2::bigint + 1)
           SELECT link.id AS "id!: LinkId", c.customer_id AS "customer_id!: CustomerId", c.name
           FROM person JOIN customer c ON c.customer_id = person.customer_id
           CROSS JOIN LATERAL (
             SELECT id, other = $1 AS direct FROM (
               SELECT id, linked_id AS other FROM customer_link WHERE customer_id = c.customer_id AND ended_at IS NULL
               UNION ALL
               SELECT id, customer_id FROM customer_link WHERE linked_id = c.customer_id AND ended_at IS NULL
             ) AS of_theirs
             WHERE other IN (SELECT customer_id FROM person) ORDER BY direct DESC, id LIMIT 1
           ) link
           WHERE c.customer_id <> $1
           ORDER BY link.direct DESC, c.customer_id"#,
        customer.0,
        most,
    )
    .fetch_all(pool)
    .await?;
    Ok(links)
}

pub(crate) async fn both_exist(
    change: &mut Change,
    customer: CustomerId,
    other: CustomerId,
) -> Result<bool, StoreError> {
    let there = sqlx::query_scalar!(
        r#"SELECT count(*) AS "there!" FROM customer WHERE customer_id = ANY($1)"#,
        &ids(&[customer, other]),
    )
    .fetch_one(change.conn())
    .await?;
    Ok(there == 2)
}

/// Makes a link, or gives the one that stands in either direction.
pub(crate) async fn make(
    change: &mut Change,
    id: LinkId,
    customer: CustomerId,
    other: CustomerId,
    reason: &str,
    by: Option<OperatorId>,
) -> Result<LinkId, StoreError> {
    let at = change.at();
    let made = sqlx::query_scalar!(
        r#"WITH standing AS (
             SELECT id FROM customer_link WHERE ended_at IS NULL
               AND ((customer_id = $2 AND linked_id = $3) OR (customer_id = $3 AND linked_id = $2)) LIMIT 1
           ), made AS (
             INSERT INTO customer_link (customer_id, id, linked_id, reason, linked_at, linked_by)
             SELECT $2, $1, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM standing)
             ON CONFLICT (customer_id, linked_id) WHERE ended_at IS NULL DO UPDATE SET reason = customer_link.reason
             RETURNING id
           )
           SELECT id AS "id!: LinkId" FROM standing UNION ALL SELECT id FROM made"#,
        id.0,
        customer.0,
        other.0,
        reason,
        at.to_sqlx() as _,
        by.map(|operator| operator.0),
    )
    .fetch_one(change.conn())
    .await?;
    Ok(made)
}

/// Ends a link of one of `person` and says whom it linked.
pub(crate) async fn end(
    change: &mut Change,
    person: &[CustomerId],
    id: LinkId,
    by: OperatorId,
) -> Result<Option<(CustomerId, CustomerId)>, StoreError> {
    let at = change.at();
    let ended = sqlx::query!(
        r#"UPDATE customer_link SET ended_at = $3, ended_by = $4
           WHERE customer_id = ANY($1) AND id = $2 AND ended_at IS NULL
           RETURNING customer_id AS "customer: CustomerId", linked_id AS "linked: CustomerId""#,
        &ids(person),
        id.0,
        at.to_sqlx() as _,
        by.0,
    )
    .fetch_optional(change.conn())
    .await?;
    Ok(ended.map(|link| (link.customer, link.linked)))
}
