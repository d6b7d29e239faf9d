//! Names of partitions cannot be bound; they are made of a date's digits and of nothing else.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::platform::store::StoreError;

/// Rows removed in one statement: locks are short and replicas keep up.
const BATCH: i64 = 5_000;

/// The right to keep house, held until the connection closes; none while somebody else has it.
pub(super) async fn lead(pool: &PgPool) -> Result<Option<Lead>, StoreError> {
    let mut conn = pool.acquire().await?.detach();
    let leads = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock(hashtext('okno housekeeping')) AS "leads!""#)
        .fetch_one(&mut conn)
        .await?;
    if leads {
        return Ok(Some(Lead(conn)));
    }
    conn.close().await?;
    Ok(None)
}

#[derive(Debug)]
pub(super) struct Lead(PgConnection);

impl Lead {
    /// Given up by word: the session of a closed connection ends a moment later.
    pub(super) async fn close(mut self) -> Result<(), StoreError> {
        sqlx::query!("SELECT pg_advisory_unlock(hashtext('okno housekeeping'))").fetch_one(&mut self.0).await?;
        Ok(self.0.close().await?)
    }
}

/// The days that have a partition of their own.
pub(super) async fn days(pool: &PgPool) -> Result<Vec<Date>, StoreError> {
    let names = sqlx::query_scalar!(
        r#"SELECT child.relname::text AS "name!"
           FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
           WHERE inhparent = 'event'::regclass
           ORDER BY child.relname"#
    )
    .fetch_all(pool)
    .await?;
    Ok(names.iter().filter_map(|name| Date::strptime("event_%Y%m%d", name).ok()).collect())
}

/// The days of events that stand in the default partition.
pub(super) async fn days_by_default(pool: &PgPool) -> Result<Vec<Date>, StoreError> {
    let days = sqlx::query_scalar!(
        r#"SELECT DISTINCT date_trunc('day', at, 'UTC') AS "day!: jiff_sqlx::Timestamp" FROM event_default"#
    )
    .fetch_all(pool)
    .await?;
    Ok(days.into_iter().map(|day| day.to_jiff().to_zoned(TimeZone::UTC).date()).collect())
}

/// Gives a day its partition and moves there what waits in the default one. Readers and writers of other days go on.
pub(super) async fn make(pool: &PgPool, day: Date) -> Result<(), StoreError> {
    let name = name(day);
    let (from, to) = bounds(day);
    let mut tx = pool.begin().await?;
    for statement in [
        "SET LOCAL lock_timeout = '2s'".to_owned(),
        format!("CREATE TABLE {name} (LIKE event INCLUDING ALL)"),
        // No event of the day may slip into the default partition between the move and the attachment.
        "LOCK TABLE event_default IN ACCESS EXCLUSIVE MODE".to_owned(),
        format!(
            "WITH moved AS (DELETE FROM event_default WHERE at >= '{from}' AND at < '{to}' RETURNING *)
             INSERT INTO {name} SELECT * FROM moved"
        ),
        format!("ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ('{from}') TO ('{to}')"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether the relays have published everything of a day.
pub(super) async fn published(pool: &PgPool, day: Date) -> Result<bool, StoreError> {
    let (from, to) = bounds(day);
    Ok(sqlx::query_scalar!(
        r#"SELECT NOT EXISTS (
               SELECT FROM relay_part JOIN event USING (part)
               WHERE event.position > relay_part.position AND event.at >= $1 AND event.at < $2
           ) AS "published!""#,
        from.to_sqlx() as _,
        to.to_sqlx() as _,
    )
    .fetch_one(pool)
    .await?)
}

pub(super) async fn drop_day(pool: &PgPool, day: Date) -> Result<(), StoreError> {
    let mut tx = pool.begin().await?;
    for statement in ["SET LOCAL lock_timeout = '2s'".to_owned(), format!("DROP TABLE {}", name(day))] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Forgets what was received before `since`: no channel repeats itself for that long.
pub(super) async fn remove_received(pool: &PgPool, since: Timestamp) -> Result<u64, StoreError> {
    let mut removed = 0;
    loop {
        let batch = sqlx::query!(
            "DELETE FROM received WHERE ctid = ANY (ARRAY(SELECT ctid FROM received WHERE at < $1 LIMIT $2))",
            since.to_sqlx() as _,
            BATCH,
        );
        let rows = batch.execute(pool).await?.rows_affected();
        removed += rows;
        if rows == 0 {
            return Ok(removed);
        }
    }
}

/// Relays that died without taking their leave.
pub(super) async fn remove_relays(pool: &PgPool, since: Timestamp) -> Result<u64, StoreError> {
    let gone = sqlx::query!("DELETE FROM relay WHERE seen_until < $1", since.to_sqlx() as _);
    Ok(gone.execute(pool).await?.rows_affected())
}

fn name(day: Date) -> String {
    day.strftime("event_%Y%m%d").to_string()
}

/// Midnight to midnight, UTC.
fn bounds(day: Date) -> (Timestamp, Timestamp) {
    let midnight = |day: Date| day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |at| at.timestamp());
    (midnight(day), midnight(day.saturating_add(1.day())))
}
