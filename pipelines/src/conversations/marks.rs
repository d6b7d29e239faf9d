//! What an operator leaves on a contact: how far they have read, and the words they have not sent yet.

use super::inbound::MAX_TEXT;
use super::store::marks as rows;
use super::view::{self, Draft, ViewError};
use crate::events::{ContactId, EventBody};
use crate::platform::store::Store;
use crate::workforce::Actor;

/// Notes that the owner has read up to `seq`; of anybody else nothing is noted. Reading less than before changes nothing.
pub async fn read_up_to(store: &Store, actor: &Actor, contact: ContactId, seq: i64) -> Result<(), ViewError> {
    let seen = view::require_seen(store, actor, contact).await?;
    let mut change = store.begin().await?;
    if rows::read_up_to(change.conn(), &seen, actor.id, seq).await? {
        let body = EventBody::ContactRead { operator_id: actor.id, read_seq: seq };
        change.append(seen.customer_id, contact, Some(actor.id), body).await?;
        actor.commit(change).await?;
    }
    Ok(())
}

/// Keeps an unsent text for this operator; an empty one forgets it. Cut at the longest message.
pub async fn keep_draft(store: &Store, actor: &Actor, contact: ContactId, text: &str) -> Result<Draft, ViewError> {
    let seen = view::require_seen(store, actor, contact).await?;
    let draft =
        Draft { text: text.chars().filter(|c| *c != '\0').take(MAX_TEXT).collect(), saved_at: store.clock().now() };
    rows::keep_draft(store.pool(), &seen, actor.id, &draft).await?;
    Ok(draft)
}
