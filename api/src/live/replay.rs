//! What a reader missed of a contact, from the log.

use pipelines::{
    conversations::view::Seen,
    platform::{
        history,
        store::{Store, StoreError},
    },
};

use super::{
    build,
    frame::{Frame, FrameBody},
};

/// The frames of a contact after `since`, in order, one page at most, and the contact's last `seq`.
///
/// Begins with a `reset` where the log no longer reaches back to `since`.
pub async fn since(store: &Store, seen: &Seen, since: i64) -> Result<Vec<Frame>, StoreError> {
    let events = history::events_since(store, seen.customer_id, seen.id, seen.opened_at, since).await?;
    if events.first().and_then(|event| event.seq).is_some_and(|first| first > since + 1) {
        return Ok(vec![Frame::passing(seen.id, FrameBody::Reset)]);
    }
    Ok(build::frames(store, &events).await?.pop().map(|(_, frames)| frames).unwrap_or_default())
}
