use sqlx::PgPool;

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
/// primary key of each day. An event that cannot be read ends its part: it is never passed over.
pub(in crate::platform) async fn read(
    pool: &PgPool,
    parts: &[i16],
    positions: &[i64],
    step: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT news.part AS "part!", event.position, event.at AS "at: jiff_sqlx::Timestamp", event.id,
                  event.type AS kind, event.v, event.customer_id, event.contact_id, event.seq, event.actor_id, event.data
           FROM unnest($1::smallint[], $2::bigint[]) AS news (part, position)
           JOIN log_part ON log_part.part = news.part AND log_part.position > news.position
           CROSS JOIN LATERAL (
               SELECT * FROM event
               WHERE event.part = news.part AND event.position > news.position
               ORDER BY event.position
               LIMIT $3
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
