use sqlx::{Connection, PgConnection, PgPool};

use super::Entry;
use crate::events::{ContactId, CustomerId, Event, EventBody, EventId, OperatorId};
use crate::platform::store::StoreError;

/// The last position of each part.
pub(super) async fn ends(pool: &PgPool) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!("SELECT position FROM log_part ORDER BY part").fetch_all(pool).await?)
}

/// What stands behind the given positions, up to `step` entries a part, each part in order.
///
/// One statement for all parts. Parts without news cost a comparison with `log_part`; the others are found by the
/// primary key of each day. Behind the subqueries the planner sees no values, so that a connection keeps its plan: to plan
/// over all days took longer than to read. An event that cannot be read ends its part: it is never passed over.
pub(in crate::platform) async fn read(
    pool: &PgPool,
    parts: &[i16],
    positions: &[i64],
    step: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT news.part AS "part!", event.position, event.at AS "at: jiff_sqlx::Timestamp", event.id,
                  event.type AS kind, event.v, event.customer_id, event.contact_id, event.seq, event.actor_id, event.data
           FROM unnest((SELECT $1::smallint[]), (SELECT $2::bigint[])) AS news (part, position)
           JOIN log_part ON log_part.part = news.part AND log_part.position > news.position
           CROSS JOIN LATERAL (
               SELECT * FROM event
               WHERE event.part = news.part AND event.position > news.position
               ORDER BY event.position
               LIMIT (SELECT $3::bigint)
           ) AS event
           ORDER BY news.part, event.position"#,
        parts,
        positions,
        step,
    )
    .fetch_all(pool)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    let mut stuck = None;
    for row in rows {
        if stuck == Some(row.part) {
            continue;
        }
        match EventBody::read(row.kind, row.data) {
            Ok(body) => entries.push(Entry {
                part: row.part,
                position: row.position,
                event: Event {
                    id: EventId(row.id),
                    v: row.v,
                    at: row.at.to_jiff(),
                    customer_id: CustomerId(row.customer_id),
                    contact_id: row.contact_id.map(ContactId),
                    seq: row.seq,
                    actor_id: row.actor_id.map(OperatorId),
                    body,
                },
            }),
            Err(error) => {
                tracing::error!(part = row.part, position = row.position, %error,
                    "an event cannot be read and holds up its part of the log; start the program that wrote it");
                metrics::counter!("okno_log_unreadable_total").increment(1);
                stuck = Some(row.part);
            }
        }
    }
    Ok(entries)
}

/// The right to read under a name, held until the connection closes; none while somebody else has it.
pub(super) async fn right_to_read(pool: &PgPool, name: &str) -> Result<Option<PgConnection>, StoreError> {
    let mut conn = pool.acquire().await?.detach();
    let has =
        sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock(hashtext('okno reader'), hashtext($1)) AS "has!""#, name)
            .fetch_one(&mut conn)
            .await?;
    if has {
        return Ok(Some(conn));
    }
    conn.close().await?;
    Ok(None)
}

/// How far a reader is in a part, and how often somebody had it go back there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) part: i16,
    pub(super) position: i64,
    pub(super) went_back: i32,
}

impl Noted {
    /// Of a reader that has never gone back.
    pub(super) fn new(part: i16, position: i64) -> Noted {
        Noted { part, position, went_back: 0 }
    }

    pub(super) fn place(&self) -> (i16, i64) {
        (self.part, self.position)
    }
}

/// How far a reader has noted that it is, by part.
pub(super) async fn noted(pool: &PgPool, name: &str) -> Result<Vec<Noted>, StoreError> {
    let noted = sqlx::query_as!(
        Noted,
        "SELECT part, position, went_back FROM consumer_position WHERE consumer = $1 ORDER BY part",
        name,
    );
    Ok(noted.fetch_all(pool).await?)
}

/// Notes how far a reader is; nothing in a part where somebody has had it go back meanwhile.
pub(super) async fn note(pool: &PgPool, name: &str, all: &[Noted]) -> Result<(), StoreError> {
    let parts: Vec<i16> = all.iter().map(|noted| noted.part).collect();
    let positions: Vec<i64> = all.iter().map(|noted| noted.position).collect();
    let went_back: Vec<i32> = all.iter().map(|noted| noted.went_back).collect();
    sqlx::query!(
        "INSERT INTO consumer_position AS noted (consumer, part, position, went_back)
         SELECT $1, part, position, went_back
         FROM unnest($2::smallint[], $3::bigint[], $4::integer[]) AS new (part, position, went_back)
         ON CONFLICT (consumer, part) DO UPDATE SET position = excluded.position
         WHERE noted.went_back = excluded.went_back",
        name,
        &parts,
        &positions,
        &went_back,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Has a reader go back to a position of a part; false where it was not so far. One that has never read may begin anywhere
/// in the log.
pub(super) async fn note_back(pool: &PgPool, name: &str, part: i16, position: i64) -> Result<bool, StoreError> {
    let noted = sqlx::query!(
        "INSERT INTO consumer_position AS noted (consumer, part, position)
         SELECT $1, part, $3 FROM log_part WHERE part = $2 AND position >= $3
         ON CONFLICT (consumer, part) DO UPDATE SET position = excluded.position, went_back = noted.went_back + 1
         WHERE noted.position >= excluded.position",
        name,
        part,
        position,
    );
    Ok(noted.execute(pool).await?.rows_affected() > 0)
}
