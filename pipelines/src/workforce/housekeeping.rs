//! What is swept from time to time: ended sessions and answers that nobody will ask for again.

use jiff::SignedDuration;

use super::store;
use crate::platform::store::{Store, StoreError};

/// How long the answer to a write can be asked for again.
const ANSWERS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Removes sessions that have ended and old answers, and puts offline who is left without a session. Gives the number
/// of rows gone. Runs beside itself without harm; once an hour is enough.
pub async fn sweep(store: &Store) -> Result<u64, StoreError> {
    let now = store.clock().now();
    let mut change = store.begin().await?;
    let ended = store::sessions::remove_ended(&mut change, now).await?;
    for operator in store::sessions::without_any(&mut change, &ended.operators).await? {
        store::presence::set(&mut change, operator, super::PresenceState::Offline, None).await?;
    }
    change.commit().await?;
    let before = now.saturating_sub(ANSWERS_KEPT).unwrap_or(now);
    Ok(ended.rows + store::idempotency::forget_before(store.pool(), before).await?)
}
