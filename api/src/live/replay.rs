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

/// The frames of a contact after `since`, in order, one page at most.
///
/// Begins with a `reset` where the log no longer reaches back to `since`.
pub async fn since(store: &Store, seen: &Seen, since: i64) -> Result<Vec<Frame>, StoreError> {
    let frames = kept_since(store, seen, since).await?;
    match frames.first().and_then(|frame| frame.seq) {
        Some(first) if first > since + 1 => Ok(vec![Frame::passing(seen.id, FrameBody::Reset)]),
        _ => Ok(frames),
    }
}

/// As [`since`], for readers who have nowhere else to read: begins with whatever the log still holds.
pub async fn kept_since(store: &Store, seen: &Seen, since: i64) -> Result<Vec<Frame>, StoreError> {
    let events = history::events_since(store, seen.customer_id, seen.id, seen.opened_at, since).await?;
    Ok(build::frames(store, &events).await?.pop().map(|(_, frames)| frames).unwrap_or_default())
}
