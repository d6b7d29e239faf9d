//! The talk as the customer sees it: the contact's own stream, with a skip for what is not theirs to see.

use jiff::Timestamp;
use pipelines::conversations::attachments::AttachmentState;
use pipelines::conversations::view::Message;
use pipelines::events::{AttachmentId, Author, ContactId, ContactState, MessageId, MessageKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::live::{Frame, FrameBody};

/// A frame of a customer's talk. The stream names the contact: with a new contact it begins anew at 1.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TalkFrame {
    /// `talk/{contact id}`.
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

impl TalkFrame {
    pub fn of(contact: ContactId, seq: Option<i64>, body: TalkBody) -> Self {
        Self { stream: format!("talk/{contact}"), seq, v: Frame::VERSION, body }
    }

    /// What the customer sees of a frame of the contact.
    pub fn seen(contact: ContactId, frame: &Frame) -> Option<Self> {
        let seq = frame.seq?;
        let body = match &frame.body {
            FrameBody::Message(it) if is_theirs(&it.message) => TalkBody::Message { message: message(&it.message) },
            FrameBody::MessageChanged(it) if is_theirs(&it.message) => {
                TalkBody::MessageChanged { message: message(&it.message) }
            }
            FrameBody::State(it) => TalkBody::State {
                state: state(it.state),
                operator: it.contact.operator.as_ref().map(|operator| first_name(&operator.name)),
            },
            FrameBody::Skip(skip) => TalkBody::Skip { to: skip.to },
            _ => TalkBody::Skip { to: seq },
        };
        Some(Self::of(contact, Some(seq), body))
    }
}

fn is_theirs(message: &Message) -> bool {
    message.kind != MessageKind::Note
}

fn message(message: &Message) -> TalkMessage {
    TalkMessage {
        id: message.id,
        seq: message.seq,
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
