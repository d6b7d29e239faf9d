//! Whether somebody is there. The row says what is so now, the events what was so when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Actor, WorkforceError, audit, store};
use crate::events::{UnknownWord, words};
use crate::platform::store::Store;

words!(
    /// `Break` and `AfterWork`: there, and not offered new contacts.
    PresenceState { Offline = "offline", Ready = "ready", Break = "break", AfterWork = "after_work" }
);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Presence {
    pub state: PresenceState,
    pub since: Timestamp,
}

/// Says where the actor is. Saying the same again changes nothing.
pub async fn set_presence(store: &Store, actor: &Actor, state: PresenceState) -> Result<Presence, WorkforceError> {
    let mut change = store.begin().await?;
    let presence = store::presence::set(&mut change, actor.id, state, Some(actor.id)).await?;
    if presence.since == change.at() {
        let entry = audit::Entry::by(actor, audit::Action::PresenceChanged).with("state", state.as_str());
        audit::write(&mut change, entry).await?;
    }
    actor.commit(change).await?;
    Ok(presence)
}
