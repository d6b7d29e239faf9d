//! What is pushed to a browser.

use jiff::Timestamp;
use pipelines::{
    conversations::view::{ContactReading, ContactSummary, Message, MessageReading, Person, Suggestion},
    events::{Author, ContactId, ContactState, InsightId, MessageId, OperatorId, Step, SuggestionId, VerdictId},
    summaries::view::SummaryView,
    trends::alerts::TrendAlert,
    workforce::PresenceState,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One step of a stream. `seq` is gap-free within its stream; none where nothing is lost with the frame.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Frame {
    /// `me`, `contact/{id}`, `alerts`, or `talk` for a visitor.
    pub stream: String,
    pub seq: Option<i64>,
    /// Version of the shape of `data`.
    pub v: u8,
    #[serde(flatten)]
    pub body: FrameBody,
}

/// What a frame says.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum FrameBody {
    Hello(Hello),
    /// The whole of what this operator may take or holds; replaces what the page held.
    Queue(QueueSnapshot),
    /// Put in or replace, if its `seq` is greater than the one held.
    Contact(Box<ContactSummary>),
    /// Take out, unless a summary with a greater `seq` is held.
    ContactGone(ContactGone),
    Presence(PresenceChange),
    Error(LiveError),
    Pong,
    /// A new message; put in or replace by id.
    Message(MessageFrame),
    /// Edited, delivered, or a file came.
    MessageChanged(MessageFrame),
    Insight(InsightFrame),
    State(Box<StateFrame>),
    Verdict(VerdictFrame),
    Suggestion(SuggestionFrame),
    /// The contact's summary as it stands now; put in or replace.
    Summary(Box<SummaryView>),
    Read(ReadFrame),
    /// What this reader may not see: everything from the frame's `seq` up to and with `to`.
    Skip(Skip),
    /// The log no longer holds what was asked for: take the contact anew and subscribe from its `seq`.
    Reset,
    /// Everything that goes on and stands out; replaces what the page held, and the stream goes on from its `seq`.
    Alerts(AlertSnapshot),
    /// Something stands out, or changed; put in or replace by id, if its `seq` is not smaller than the one held.
    Alert(Box<TrendAlert>),
    Typing(Typing),
    Readers(Readers),
    Partial(Partial),
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hello {
    pub operator_id: OperatorId,
    pub connection_id: Uuid,
    pub server_time: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueSnapshot {
    pub mine: Vec<ContactSummary>,
    pub queue: Vec<ContactSummary>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactGone {
    pub id: ContactId,
    pub seq: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PresenceChange {
    pub state: PresenceState,
    pub since: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LiveError {
    /// One of the codes of the HTTP interface.
    pub code: &'static str,
    pub message: &'static str,
    pub contact_id: Option<ContactId>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageFrame {
    pub message: Message,
}

/// A reading of a message (`message_id`), or of the contact so far.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InsightFrame {
    pub message_id: Option<MessageId>,
    pub reading: InsightReading,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum InsightReading {
    Message(Box<MessageReading>),
    Contact(Box<ContactReading>),
}

/// The contact took a step of its life and stands as `contact` says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StateFrame {
    pub state: ContactState,
    pub step: Step,
    /// Who took the step; none: the customer or the machine.
    pub by: Option<Person>,
    pub at: Timestamp,
    pub contact: ContactSummary,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerdictFrame {
    pub verdict_id: VerdictId,
    pub subject: VerdictSubject,
    pub operator_id: Option<OperatorId>,
}

/// What the verdict is on. A corrected reading follows as an insight of its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum VerdictSubject {
    Insight { insight_id: InsightId },
    Suggestion { suggestion_id: SuggestionId },
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestionFrame {
    pub suggestion: Suggestion,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadFrame {
    pub operator_id: OperatorId,
    /// How far they have read.
    pub seq: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Skip {
    pub to: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AlertSnapshot {
    pub alerts: Vec<TrendAlert>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Typing {
    pub who: Author,
    pub name: Option<String>,
    pub until: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Readers {
    pub readers: Vec<Person>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Partial {
    pub segment_id: String,
    pub speaker: Author,
    pub text: String,
    pub start_ms: u32,
}

impl Frame {
    pub const VERSION: u8 = 1;

    /// The `seq`th frame of a contact's stream.
    pub fn of_contact(contact: ContactId, seq: i64, body: FrameBody) -> Self {
        Self { stream: format!("contact/{contact}"), seq: Some(seq), v: Self::VERSION, body }
    }

    /// A frame of a contact that nobody misses.
    pub fn passing(contact: ContactId, body: FrameBody) -> Self {
        Self { stream: format!("contact/{contact}"), seq: None, v: Self::VERSION, body }
    }

    /// The `seq`th frame of the stream of alerts.
    pub fn of_alerts(seq: i64, body: FrameBody) -> Self {
        Self { stream: "alerts".to_owned(), seq: Some(seq), v: Self::VERSION, body }
    }

    /// The `seq`th frame of this connection's own stream.
    pub fn of_me(seq: i64, body: FrameBody) -> Self {
        Self { stream: "me".to_owned(), seq: Some(seq), v: Self::VERSION, body }
    }
}
