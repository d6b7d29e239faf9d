//! A contact that was offered to somebody does not wait for them for ever.

use jiff::SignedDuration;

use super::store;
use crate::conversations::LifeError;
use crate::conversations::life::Act;
use crate::conversations::steps;
use crate::platform::store::Store;

/// How long a colleague has to accept or decline; about as long as a call may ring.
pub const OFFER_LASTS: SignedDuration = SignedDuration::from_secs(45);

/// Gives what was offered and not answered in time back to the queue, where it keeps its place; says how many.
pub async fn return_lapsed(store: &Store) -> Result<usize, LifeError> {
    let before = store.clock().now() - OFFER_LASTS;
    let mut returned = 0;
    loop {
        let mut change = store.begin().await?;
        let Some(contact) = store::lock_lapsed(change.conn(), before).await? else { return Ok(returned) };
        let locked = steps::lock(&mut change, contact).await?;
        steps::step(&mut change, &locked, Act::Decline, None).await?;
        change.commit().await?;
        returned += 1;
    }
}
