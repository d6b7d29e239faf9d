//! What can happen. An event carries ids, states and numbers, never text: whoever reacts re-reads state by id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

crate::id!(
    /// One entry of the event log.
    EventId
);
crate::id!(
    /// A customer.
    CustomerId
);
crate::id!(
    /// One talk on one channel from its opening to its close.
    ContactId
);
crate::id!(
    /// One utterance.
    MessageId
);
crate::id!(
    /// A file that came with a message.
    AttachmentId
);
crate::id!(
    /// Somebody who works in the contact centre.
    OperatorId
);
crate::id!(
    /// What a model said.
    InsightId
);
crate::id!(
    /// An insight that is shown to an operator as a next step.
    SuggestionId
);
crate::id!(
    /// What a person did with an insight or a suggestion, or said of a summary.
    VerdictId
);

crate::id!(
    /// Something that stood out in what contacts are about, from its beginning over its peak to its end.
    AlertId
);

/// An event as it stands in the log and as it is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    /// Version of the body's shape; readers accept this one and the one before.
    pub v: i16,
    pub at: Timestamp,
    /// [`NOBODY`] where the event is of no customer.
    pub customer_id: CustomerId,
    pub contact_id: Option<ContactId>,
    /// Gap-free within the contact; none where the event is not of a contact.
    pub seq: Option<i64>,
    /// The operator who did it; none: the customer or the machine.
    pub actor_id: Option<OperatorId>,
    #[serde(flatten)]
    pub body: EventBody,
}

/// Whose events those are that belong to no customer. They stand in one part of the log, so in one order.
pub const NOBODY: CustomerId = CustomerId(Uuid::nil());

/// The closed list of what can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum EventBody {
    /// A message was stored, whoever wrote it.
    MessageReceived { message_id: MessageId, author: Author, kind: MessageKind },
    /// The text of a message was replaced by its author.
    MessageEdited { message_id: MessageId },
    /// An outgoing message went on its way.
    DeliveryChanged { message_id: MessageId, delivery: Delivery },
    /// A file was fetched, or could not be.
    AttachmentChanged { message_id: MessageId, attachment_id: AttachmentId },
    /// The contact took a step of its life.
    StateChanged { from: Option<ContactState>, to: ContactState, reason: Step, operator_id: Option<OperatorId> },
    /// The owner has read up to `read_seq`.
    ContactRead { operator_id: OperatorId, read_seq: i64 },
    /// A model has read a message, or the contact so far where `message_id` is none.
    InsightReady { insight_id: InsightId, message_id: Option<MessageId>, as_of_seq: i64 },
    /// A suggestion is there to be shown.
    SuggestionReady { suggestion_id: SuggestionId },
    /// A person accepted, changed or corrected what a model said.
    VerdictGiven { verdict_id: VerdictId, insight_id: Option<InsightId>, suggestion_id: Option<SuggestionId> },
    /// Somebody wants the contact summarised as it stands.
    SummaryAsked {},
    /// A version of the contact's summary came, or the current one was confirmed.
    SummaryReady { version: i32, as_of_seq: i64 },
    /// The customer's card changed: a name, a phone, a link.
    CustomerChanged { identity_id: Option<Uuid> },
    /// An alert began, went on, ended, or somebody did something with it. `seq` is gap-free over all alerts.
    AlertChanged { alert_id: AlertId, seq: i64, change: AlertChange },
}

impl EventBody {
    /// The name under which the log holds it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MessageReceived { .. } => "message_received",
            Self::MessageEdited { .. } => "message_edited",
            Self::DeliveryChanged { .. } => "delivery_changed",
            Self::AttachmentChanged { .. } => "attachment_changed",
            Self::StateChanged { .. } => "state_changed",
            Self::ContactRead { .. } => "contact_read",
            Self::InsightReady { .. } => "insight_ready",
            Self::SuggestionReady { .. } => "suggestion_ready",
            Self::VerdictGiven { .. } => "verdict_given",
            Self::SummaryAsked {} => "summary_asked",
            Self::SummaryReady { .. } => "summary_ready",
            Self::CustomerChanged { .. } => "customer_changed",
            Self::AlertChanged { .. } => "alert_changed",
        }
    }

    /// As the log holds it: the name in one column, the rest in another.
    pub(crate) fn read(kind: String, data: serde_json::Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "type": kind, "data": data }))
    }

    /// The version that this code writes.
    pub fn version(&self) -> i16 {
        1
    }
}

/// Defines a closed list of words: the same in the database, in JSON and in the OpenAPI document.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[sqlx(type_name = "text")]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] #[sqlx(rename = $word)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord(stringify!($name))),
                }
            }
        }
    };
}
pub(crate) use words;

/// A word outside a closed list; the word itself is not repeated, it may be a customer's.
#[derive(Debug, thiserror::Error)]
#[error("unknown {0}: use one of the words of the interface description")]
pub struct UnknownWord(pub &'static str);

words!(
    /// Where a contact takes place.
    Channel { Telegram = "telegram", Site = "site", App = "app", Call = "call", Replay = "replay" }
);
words!(
    /// The life of a contact.
    ContactState {
        Queued = "queued", Offered = "offered", Active = "active", Held = "held",
        WrapUp = "wrap_up", Closed = "closed", Abandoned = "abandoned",
    }
);
words!(
    /// Why a contact changed its state.
    Step {
        Opened = "opened", Offered = "offered", Taken = "taken", Declined = "declined", Held = "held", Resumed = "resumed",
        Transferred = "transferred", Finished = "finished", Closed = "closed", Reopened = "reopened", Abandoned = "abandoned",
    }
);
words!(
    /// Who wrote a message.
    Author { Customer = "customer", Operator = "operator", System = "system" }
);
words!(
    /// What a message is. A segment is a final piece of a call's transcript; a note is seen by colleagues only.
    MessageKind { Text = "text", Photo = "photo", File = "file", Phone = "phone", Segment = "segment", Note = "note" }
);
words!(
    /// What happened to an alert. Withdrawn: its steps are judged anew, and it is there no longer.
    AlertChange {
        Began = "began", Grew = "grew", Ended = "ended", Withdrawn = "withdrawn", Acknowledged = "acknowledged",
        Commented = "commented", Muted = "muted", Unmuted = "unmuted", Judged = "judged",
    }
);
words!(
    /// How far an outgoing message has come. `None`: there is nothing to deliver. `Unknown`: the send broke off midway.
    Delivery {
        None = "none", Queued = "queued", Sending = "sending", Sent = "sent", Failed = "failed", Unknown = "unknown",
    }
);
