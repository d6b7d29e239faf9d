//! The contact so far, read from the readings of its messages and from what the model says of the whole talk.

use models::reading::{Matter, Reading, read_contact};
use models::taxonomy::Speaker;

use super::store::{self, Known, Made};
use crate::events::{ContactId, CustomerId, EventBody, InsightId};
use crate::platform::store::{Change, StoreError};

/// What the model says of the talk up to an event.
pub(super) struct Fresh {
    pub(super) matter: Matter,
    pub(super) as_of_seq: i64,
}

/// Reads the locked contact anew and shows the result in lists.
pub(super) async fn refresh(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    made: &Made<'_>,
    fresh: Option<&Fresh>,
) -> Result<(), StoreError> {
    let known = store::readings_of(change.conn(), customer, contact).await?;
    let as_of_seq = known.iter().map(|known| known.as_of_seq).max().unwrap_or(made.as_of_seq);
    let matter = matter(change, customer, contact, &known, fresh.filter(|fresh| fresh.as_of_seq >= as_of_seq)).await?;
    let readings: Vec<Reading> = known.iter().map(Known::corrected).collect();
    let turns: Vec<_> = readings.iter().map(|reading| (Speaker::Customer, reading)).collect();
    let Some(reading) = read_contact(&turns, matter.as_ref()) else { return Ok(()) };
    let whole = Made { as_of_seq, model: made.model, reading: &reading, latency_us: made.latency_us };
    let id = InsightId::new(change.clock());
    if let Some(id) = store::put(change, customer, contact, None, id, &whole).await? {
        let body = EventBody::InsightReady { insight_id: id, message_id: None, as_of_seq };
        change.append(customer, contact, None, body).await?;
    }
    store::let_urgency_rise(change.conn(), customer, contact).await?;
    store::show_contact(change.conn(), customer, contact).await
}

/// What the talk is about by the model's word. Where a person knew better of a message, the messages decide, for they
/// know of it. A word on an older state of the talk gives way to the one that is stored.
async fn matter(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    known: &[Known],
    fresh: Option<&Fresh>,
) -> Result<Option<Matter>, StoreError> {
    if known.iter().any(Known::is_about_something_else) {
        return Ok(None);
    }
    if let Some(fresh) = fresh {
        return Ok(Some(fresh.matter.clone()));
    }
    let Some(stored) = store::insight(change.conn(), customer, contact, None).await? else { return Ok(None) };
    let reading: Reading = serde_json::from_value(stored.result).map_err(StoreError::Decode)?;
    Ok(Some(Matter { topics: reading.topics, sentiment: reading.sentiment }))
}
