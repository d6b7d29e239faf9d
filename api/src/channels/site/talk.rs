//! The talk as the customer sees it: one stream over all of their contacts, with a skip for what is not theirs to see.
//!
//! A contact's frames are numbered from 1; here they are numbered on from the millisecond in which the contact was
//! opened. A later contact therefore always has greater numbers, a reader goes on from a single number whatever
//! happened meanwhile, and the gap between two contacts is a skip. All stays below 2^53, which JavaScript counts to.

use jiff::Timestamp;
use pipelines::conversations::attachments::AttachmentState;
use pipelines::conversations::view::{Message, Seen};
use pipelines::events::{AttachmentId, Author, ContactId, ContactState, MessageId, MessageKind};
use pipelines::platform::store::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::live::{self, Frame, FrameBody};

/// A frame of a customer's talk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TalkFrame {
    /// `talk/{contact id}`; the numbers go on from one contact to the next.
    pub stream: String,
    pub seq: Option<i64>,
    pub v: u8,
    #[serde(flatten)]
    pub body: TalkBody,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum TalkBody {
    Message {
        message: TalkMessage,
    },
    MessageChanged {
        message: TalkMessage,
    },
    State {
        state: TalkState,
        operator: Option<String>,
    },
    Skip {
        to: i64,
    },
    Typing {
        until: Timestamp,
    },
    /// A message of this id is committed; its frame has this `seq`.
    Accepted {
        id: String,
        seq: i64,
    },
    Error {
        code: &'static str,
        message: String,
        id: Option<String>,
    },
}

/// Where the talk stands, in the customer's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TalkState {
    Waiting,
    Served,
    Over,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TalkMessage {
    pub id: MessageId,
    pub seq: i64,
    pub author: Author,
    /// The operator's first name.
    pub name: Option<String>,
    pub kind: MessageKind,
    pub text: Option<String>,
    pub at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub attachments: Vec<TalkFile>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TalkFile {
    pub id: AttachmentId,
    pub name: Option<String>,
    pub media_type: String,
    pub size: i64,
    pub state: AttachmentState,
}

/// The number in the talk after which a contact's own numbers begin.
pub fn base(contact: &Seen) -> i64 {
    contact.opened_at.as_millisecond()
}

/// What came after number `told` of the talk in a contact, in order, one page at most.
pub async fn after(store: &Store, contact: &Seen, told: i64) -> Result<Vec<TalkFrame>, StoreError> {
    let since = (told - base(contact)).max(0);
    let frames = live::kept_since(store, contact, since).await?;
    let mut told = told;
    let mut talk = Vec::with_capacity(frames.len() + 1);
    for frame in frames.iter().filter_map(|frame| TalkFrame::seen(contact, frame)) {
        let Some(seq) = frame.seq else { continue };
        if seq > told + 1 {
            talk.push(TalkFrame::of(contact.id, Some(told + 1), TalkBody::Skip { to: seq - 1 }));
        }
        told = seq;
        talk.push(frame);
    }
    Ok(talk)
}

impl TalkFrame {
    pub fn of(contact: ContactId, seq: Option<i64>, body: TalkBody) -> Self {
        Self { stream: format!("talk/{contact}"), seq, v: Frame::VERSION, body }
    }

    /// What the customer sees of a frame of the contact.
    pub fn seen(contact: &Seen, frame: &Frame) -> Option<Self> {
        let seq = base(contact) + frame.seq?;
        let body = match &frame.body {
            FrameBody::Message(it) if is_theirs(&it.message) => {
                TalkBody::Message { message: message(contact, &it.message) }
            }
            FrameBody::MessageChanged(it) if is_theirs(&it.message) => {
                TalkBody::MessageChanged { message: message(contact, &it.message) }
            }
            FrameBody::State(it) => TalkBody::State {
                state: state(it.state),
                operator: it.contact.operator.as_ref().map(|operator| first_name(&operator.name)),
            },
            _ => TalkBody::Skip { to: seq },
        };
        Some(Self::of(contact.id, Some(seq), body))
    }
}

fn is_theirs(message: &Message) -> bool {
    message.kind != MessageKind::Note
}

fn message(contact: &Seen, message: &Message) -> TalkMessage {
    TalkMessage {
        id: message.id,
        seq: base(contact) + message.seq,
        author: message.author,
        name: message.operator.as_ref().map(|operator| first_name(&operator.name)),
        kind: message.kind,
        text: message.text.clone(),
        at: message.at,
        edited_at: message.edited_at,
        attachments: message
            .attachments
            .iter()
            .map(|file| TalkFile {
                id: file.id,
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                size: file.size,
                state: file.state,
            })
            .collect(),
    }
}

fn state(state: ContactState) -> TalkState {
    match state {
        ContactState::Queued | ContactState::Offered => TalkState::Waiting,
        ContactState::Active | ContactState::Held => TalkState::Served,
        ContactState::WrapUp | ContactState::Closed | ContactState::Abandoned => TalkState::Over,
    }
}

/// Customers know operators by their first name only.
fn first_name(name: &str) -> String {
    name.split_whitespace().next().unwrap_or_default().to_owned()
}
