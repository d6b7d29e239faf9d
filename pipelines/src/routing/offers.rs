//! A contact that was offered to somebody does not wait for them for ever.

use jiff::SignedDuration;

use super::store;
use crate::conversations::LifeError;
use crate::conversations::life::{Act, Place};
use crate::conversations::steps;
use crate::platform::store::Store;

/// How long a colleague has to accept or decline; about as long as a call may ring.
pub const OFFER_LASTS: SignedDuration = SignedDuration::from_secs(45);

/// Gives what was offered and not answered in time back to the queue, where it keeps its place; says how many.
pub async fn return_lapsed(store: &Store) -> Result<usize, LifeError> {
    let before = store.clock().now() - OFFER_LASTS;
    let mut returned = 0;
    for contact in store::offered_before(store.pool(), before).await? {
        let mut change = store.begin().await?;
        let locked = steps::lock(&mut change, contact).await?;
        // answered while this waited for the lock, perhaps offered to another since
        let Place::Offered(_) = locked.place else { continue };
        if !store::is_offered_before(change.conn(), &locked, before).await? {
            continue;
        }
        steps::step(&mut change, &locked, Act::Decline, None).await?;
        change.commit().await?;
        returned += 1;
    }
    Ok(returned)
}
