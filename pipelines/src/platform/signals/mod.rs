//! What is worth showing now and worth nothing a minute later: who types, who reads, what the recogniser hears.
//!
//! Signals go to every process over PostgreSQL's NOTIFY, outside transactions, and are never stored.
//! A lost signal costs a moment of decoration; nothing may depend on one.

mod store;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::store::{Store, StoreError};
use crate::events::{Author, ContactId, OperatorId};

/// Signals that a slow subscriber may fall behind before it misses some.
const BACKLOG: usize = 1_024;

/// Longest partial transcript that is passed on, in characters: NOTIFY takes 8,000 bytes.
const PARTIAL_CHARS: usize = 1_500;

/// Something that passes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// Somebody is writing to a contact; over at `until`.
    Typing {
        contact_id: ContactId,
        who: Author,
        operator_id: Option<OperatorId>,
        name: Option<String>,
        until: Timestamp,
    },
    /// A connection shows a contact (`open`), or no longer does. Repeated while it lasts; over at `until`.
    Viewing {
        contact_id: ContactId,
        connection: Uuid,
        operator_id: OperatorId,
        name: String,
        open: bool,
        until: Timestamp,
    },
    /// What a recogniser has heard of a segment so far.
    Partial { contact_id: ContactId, segment_id: String, speaker: Author, text: String, start_ms: u32 },
}

impl Signal {
    pub fn contact_id(&self) -> ContactId {
        match self {
            Self::Typing { contact_id, .. } | Self::Viewing { contact_id, .. } | Self::Partial { contact_id, .. } => {
                *contact_id
            }
        }
    }
}

/// Sends signals to all processes and hands out those that come.
#[derive(Clone, Debug)]
pub struct Signals {
    store: Store,
    heard: broadcast::Sender<Signal>,
}

impl Signals {
    pub fn new(store: &Store) -> Self {
        let (heard, _) = broadcast::channel(BACKLOG);
        Self { store: store.clone(), heard }
    }

    /// Listens until `stop`, and again after PostgreSQL was away. A process that only sends need not.
    pub async fn listen(&self, stop: CancellationToken) {
        store::listen(&self.store, &self.heard, stop).await;
    }

    /// Tells every process, this one included. The words of a partial segment are cut to what fits.
    ///
    /// # Errors
    /// [`StoreError::Database`] when PostgreSQL is away; the caller may ignore it.
    pub async fn send(&self, mut signal: Signal) -> Result<(), StoreError> {
        if let Signal::Partial { text, .. } = &mut signal
            && let Some((cut, _)) = text.char_indices().nth(PARTIAL_CHARS)
        {
            text.truncate(cut);
        }
        let payload = serde_json::to_string(&signal).map_err(StoreError::Encode)?;
        store::notify(&self.store, &payload).await
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.heard.subscribe()
    }
}
