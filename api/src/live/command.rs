//! What a browser may say over the socket.

use pipelines::events::ContactId;
use serde::Deserialize;
use utoipa::ToSchema;

/// Longest text frame that is read, in bytes; ours are far shorter.
pub(super) const LONGEST: usize = 1_024;

#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Send the contact's frames after `since`, then go on live.
    Subscribe {
        contact_id: ContactId,
        since: i64,
    },
    Unsubscribe {
        contact_id: ContactId,
    },
    /// The operator is writing to this contact.
    Typing {
        contact_id: ContactId,
    },
    /// The page shows this contact, or none.
    Viewing {
        contact_id: Option<ContactId>,
    },
    /// Send the frames of alerts after `since`, or (none) all that goes on, then go on live.
    SubscribeAlerts {
        since: Option<i64>,
    },
    /// Send the whole queue again.
    Resync,
    Ping,
}
