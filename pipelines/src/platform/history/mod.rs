//! What happened in one contact, read from the log by `seq`: for readers that come back after a cut.

mod store;

use jiff::Timestamp;

use super::store::{Store, StoreError};
use crate::events::{ContactId, CustomerId, Event};

/// Events given at once, at most.
pub const PAGE: i64 = 500;

/// The events of a contact with a `seq` greater than `since`, in order, [`PAGE`] at most.
///
/// `opened_at` spares the search in the days before the contact began. Events older than the log's keeping time
/// are gone: the first `seq` is then greater than `since + 1`, and the reader must take the contact anew.
pub async fn events_since(
    store: &Store,
    customer: CustomerId,
    contact: ContactId,
    opened_at: Timestamp,
    since: i64,
) -> Result<Vec<Event>, StoreError> {
    store::events_since(store, customer, contact, opened_at, since).await
}
