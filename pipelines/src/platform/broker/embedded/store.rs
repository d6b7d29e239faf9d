use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::super::{BrokerError, Dead};
use crate::events::{Event, EventId};
use crate::platform::stage::StageName;

/// A delivery that the caller holds now.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) number: i64,
    pub(super) body: Value,
    pub(super) attempts: i32,
}

/// Puts events into queues, in order. One that waits there already is not doubled.
pub(in crate::platform) async fn insert(
    conn: &mut PgConnection,
    rows: &[(StageName, &Event)],
    now: Timestamp,
) -> Result<(), BrokerError> {
    let stages: Vec<String> = rows.iter().map(|(stage, _)| stage.to_string()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|(_, event)| event.id.0).collect();
    let bodies: Vec<Value> = rows
        .iter()
        .map(|(_, event)| serde_json::to_value(event))
        .collect::<Result<_, _>>()
        .map_err(BrokerError::Encode)?;
    sqlx::query!(
        "INSERT INTO delivery (stage, event_id, body, ready_at)
         SELECT new.stage, new.event_id, new.body, $4
         FROM unnest($1::text[], $2::uuid[], $3::jsonb[]) WITH ORDINALITY AS new (stage, event_id, body, n)
         ORDER BY new.n
         ON CONFLICT (stage, event_id) DO NOTHING",
        &stages,
        &ids,
        &bodies,
        now.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes up to `room` deliveries that are ready, oldest first; those of other consumers only after their lease.
pub(super) async fn claim(
    pool: &PgPool,
    stage: StageName,
    consumer: Uuid,
    now: Timestamp,
    until: Timestamp,
    room: usize,
) -> Result<Vec<Claimed>, BrokerError> {
    let mut claimed = sqlx::query_as!(
        Claimed,
        "UPDATE delivery SET leased_by = $2, leased_until = $4, attempts = delivery.attempts + 1
         FROM (
             SELECT number FROM delivery
             WHERE stage = $1 AND ready_at <= $3 AND (leased_until IS NULL OR leased_until < $3)
             ORDER BY ready_at, number
             LIMIT $5
             FOR UPDATE SKIP LOCKED
         ) AS ready
         WHERE delivery.number = ready.number
         RETURNING delivery.number, delivery.body, delivery.attempts",
        stage.as_str(),
        consumer,
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        i64::try_from(room).unwrap_or(i64::MAX),
    )
    .fetch_all(pool)
    .await?;
    claimed.sort_by_key(|row| row.number);
    Ok(claimed)
}

pub(super) async fn renew(pool: &PgPool, consumer: Uuid, numbers: &[i64], until: Timestamp) -> Result<(), BrokerError> {
    sqlx::query!(
        "UPDATE delivery SET leased_until = $3 WHERE number = ANY($1) AND leased_by = $2",
        numbers,
        consumer,
        until.to_sqlx() as _,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Each of these gives the rows that were the consumer's to settle: 0 when the lease went to somebody else.
pub(super) async fn ack(pool: &PgPool, consumer: Uuid, number: i64) -> Result<u64, BrokerError> {
    let done = sqlx::query!("DELETE FROM delivery WHERE number = $1 AND leased_by = $2", number, consumer);
    Ok(done.execute(pool).await?.rows_affected())
}

pub(super) async fn retry(
    pool: &PgPool,
    consumer: Uuid,
    number: i64,
    ready: Timestamp,
    error: &str,
) -> Result<u64, BrokerError> {
    let done = sqlx::query!(
        "UPDATE delivery SET ready_at = $3, last_error = $4, leased_by = NULL, leased_until = NULL
         WHERE number = $1 AND leased_by = $2",
        number,
        consumer,
        ready.to_sqlx() as _,
        error,
    );
    Ok(done.execute(pool).await?.rows_affected())
}

pub(super) async fn give_back(pool: &PgPool, consumer: Uuid, numbers: &[i64]) -> Result<u64, BrokerError> {
    let done = sqlx::query!(
        "UPDATE delivery SET attempts = attempts - 1, leased_by = NULL, leased_until = NULL
         WHERE number = ANY($1) AND leased_by = $2",
        numbers,
        consumer,
    );
    Ok(done.execute(pool).await?.rows_affected())
}

/// Moves a delivery to the dead ones.
pub(super) async fn bury(
    pool: &PgPool,
    consumer: Uuid,
    number: i64,
    error: &str,
    now: Timestamp,
) -> Result<u64, BrokerError> {
    let done = sqlx::query!(
        "WITH gone AS (DELETE FROM delivery WHERE number = $1 AND leased_by = $2 RETURNING *)
         INSERT INTO dead_delivery (stage, event_id, body, attempts, last_error, died_at)
         SELECT stage, event_id, body, attempts, $3, $4 FROM gone
         ON CONFLICT (stage, event_id)
         DO UPDATE SET attempts = EXCLUDED.attempts, last_error = EXCLUDED.last_error, died_at = EXCLUDED.died_at",
        number,
        consumer,
        error,
        now.to_sqlx() as _,
    );
    Ok(done.execute(pool).await?.rows_affected())
}

pub(super) async fn dead(pool: &PgPool, stage: StageName, limit: u16) -> Result<Vec<Dead>, BrokerError> {
    let rows = sqlx::query!(
        r#"SELECT event_id, body, attempts, last_error, died_at AS "died_at: jiff_sqlx::Timestamp"
           FROM dead_delivery WHERE stage = $1 ORDER BY died_at, event_id LIMIT $2"#,
        stage.as_str(),
        i64::from(limit),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Dead {
            event_id: Some(EventId(row.event_id)),
            body: row.body,
            attempts: row.attempts.unsigned_abs(),
            error: row.last_error,
            died_at: Some(row.died_at.to_jiff()),
        })
        .collect())
}

pub(super) async fn redrive(pool: &PgPool, stage: StageName, now: Timestamp) -> Result<u64, BrokerError> {
    let revived = sqlx::query!(
        "WITH risen AS (DELETE FROM dead_delivery WHERE stage = $1 RETURNING *)
         INSERT INTO delivery (stage, event_id, body, ready_at)
         SELECT stage, event_id, body, $2 FROM risen ORDER BY died_at, event_id
         ON CONFLICT (stage, event_id) DO NOTHING",
        stage.as_str(),
        now.to_sqlx() as _,
    );
    Ok(revived.execute(pool).await?.rows_affected())
}
