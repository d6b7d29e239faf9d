use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Move;
use crate::platform::store::{PARTS, Store, StoreError};

/// Renews what `relay` holds, gives up what is more than its share, takes what is free; gives part and position of all
/// that it holds afterwards.
pub(super) async fn lease(store: &Store, relay: Uuid, lease: Duration) -> Result<BTreeMap<i16, i64>, StoreError> {
    let now = store.clock().now();
    let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
    let mut tx = store.pool().begin().await?;
    sqlx::query!(
        "INSERT INTO relay (id, seen_until) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET seen_until = EXCLUDED.seen_until",
        relay,
        until.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    let living =
        sqlx::query_scalar!(r#"SELECT count(*) AS "living!" FROM relay WHERE seen_until >= $1"#, now.to_sqlx() as _,)
            .fetch_one(&mut *tx)
            .await?;
    let parts = i64::from(PARTS);
    let share = (parts + living - 1) / living.max(1);
    sqlx::query!(
        "UPDATE relay_part SET holder = NULL, leased_until = NULL
         WHERE holder = $1
           AND part NOT IN (SELECT part FROM relay_part WHERE holder = $1 ORDER BY part LIMIT $2)",
        relay,
        share,
    )
    .execute(&mut *tx)
    .await?;
    let held = sqlx::query!(
        "UPDATE relay_part SET holder = $1, leased_until = $3
         FROM (
             SELECT part FROM relay_part
             WHERE holder = $1 OR holder IS NULL OR leased_until < $2
             ORDER BY (holder = $1) DESC NULLS LAST, part
             LIMIT $4
             FOR UPDATE SKIP LOCKED
         ) AS mine
         WHERE relay_part.part = mine.part
         RETURNING relay_part.part, relay_part.position",
        relay,
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        share,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(held.into_iter().map(|row| (row.part, row.position)).collect())
}

/// Moves positions of parts that `relay` still holds and that stand where it began; gives the parts that moved.
pub(super) async fn advance(
    conn: &mut PgConnection,
    relay: Uuid,
    moves: &BTreeMap<i16, Move>,
) -> Result<Vec<i16>, StoreError> {
    let parts: Vec<i16> = moves.keys().copied().collect();
    let from: Vec<i64> = moves.values().map(|step| step.from).collect();
    let to: Vec<i64> = moves.values().map(|step| step.to).collect();
    Ok(sqlx::query_scalar!(
        "UPDATE relay_part SET position = step.to_position
         FROM unnest($2::smallint[], $3::bigint[], $4::bigint[]) AS step (part, from_position, to_position)
         WHERE relay_part.part = step.part AND relay_part.holder = $1 AND relay_part.position = step.from_position
         RETURNING relay_part.part",
        relay,
        &parts,
        &from,
        &to,
    )
    .fetch_all(conn)
    .await?)
}

/// Lets go of everything at once.
pub(super) async fn leave(store: &Store, relay: Uuid) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH gone AS (DELETE FROM relay WHERE id = $1)
         UPDATE relay_part SET holder = NULL, leased_until = NULL WHERE holder = $1",
        relay,
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Events of the whole log that are not published yet.
pub(super) async fn lag(store: &Store) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(sum(log_part.position - relay_part.position), 0)::bigint AS "lag!"
           FROM log_part JOIN relay_part USING (part)"#
    )
    .fetch_one(store.pool())
    .await?)
}
