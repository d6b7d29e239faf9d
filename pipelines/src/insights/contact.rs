//! The contact so far, read from the readings of its messages: rules only, no model is asked.

use models::reading::{Reading, read_contact};
use models::taxonomy::Speaker;

use super::store::{self, Known, Made};
use crate::events::{ContactId, CustomerId, EventBody, InsightId};
use crate::platform::store::{Change, StoreError};

/// Reads the locked contact anew from the readings of its messages and shows the result in lists.
pub(super) async fn refresh(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    made: &Made<'_>,
) -> Result<(), StoreError> {
    let known = store::readings_of(change.conn(), customer, contact).await?;
    let as_of_seq = known.iter().map(|known| known.as_of_seq).max().unwrap_or(made.as_of_seq);
    let readings: Vec<Reading> = known.iter().map(Known::corrected).collect();
    let turns: Vec<_> = readings.iter().map(|reading| (Speaker::Customer, reading)).collect();
    let Some(reading) = read_contact(&turns) else { return Ok(()) };
    let whole = Made { as_of_seq, model: made.model, reading: &reading, latency_us: made.latency_us };
    let id = InsightId::new(change.clock());
    if let Some(id) = store::put(change, customer, contact, None, id, &whole).await? {
        let body = EventBody::InsightReady { insight_id: id, message_id: None, as_of_seq };
        change.append(customer, contact, None, body).await?;
    }
    store::let_urgency_rise(change.conn(), customer, contact).await?;
    store::show_contact(change.conn(), customer, contact).await
}
