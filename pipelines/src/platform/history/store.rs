use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::PAGE;
use crate::{
    events::{ContactId, CustomerId, Event, EventBody, EventId, OperatorId},
    platform::store::{Store, StoreError},
};

pub(super) async fn events_since(
    store: &Store,
    customer: CustomerId,
    contact: ContactId,
    opened_at: Timestamp,
    since: i64,
) -> Result<Vec<Event>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, v, at AS "at: jiff_sqlx::Timestamp", type AS kind, seq, actor_id, data
           FROM event
           WHERE contact_id = $1 AND seq > $2 AND at >= $3
           ORDER BY seq
           LIMIT $4"#,
        contact.0,
        since,
        opened_at.to_sqlx() as _,
        PAGE,
    )
    .fetch_all(store.pool())
    .await?;
    rows.into_iter()
        .map(|row| {
            let body = EventBody::read(row.kind, row.data).map_err(StoreError::Decode)?;
            Ok(Event {
                id: EventId(row.id),
                v: row.v,
                at: row.at.to_jiff(),
                customer_id: customer,
                contact_id: Some(contact),
                seq: row.seq,
                actor_id: row.actor_id.map(OperatorId),
                body,
            })
        })
        .collect()
}
