//! What an operator writes: to the customer, or for colleagues only.

use uuid::Uuid;

use super::Text;
use super::life::Place;
use super::steps::{self, LifeError};
use super::store::life::Locked;
use super::store::{delivery, lists, marks, messages};
use super::view::{self, Message};
use crate::events::{
    Author, Channel, ContactId, ContactState, Delivery, EventBody, MessageId, MessageKind, SuggestionId,
};
use crate::insights;
use crate::platform::store::{Change, Store, StoreError};
use crate::workforce::{Actor, Forbidden, Right};

/// A text for the customer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub text: Text,
    /// The greatest `seq` that the writer had before their eyes.
    pub seen_seq: i64,
    /// Send it although something newer was said.
    pub confirm_stale: bool,
    pub template: Option<Uuid>,
    /// The suggestion that the text was made from; what was done with it is stored as a verdict.
    pub suggestion: Option<SuggestionId>,
}

/// Why a text was not sent.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("there is no such contact, message, template or suggestion")]
    NotFound,
    #[error("the contact is not yours; take it first")]
    NotYours,
    #[error("a contact that is {} takes no replies; open it first", .0.as_str())]
    NotNow(ContactState),
    #[error("a call is answered by voice; write a note instead")]
    ByVoice,
    #[error("something was said that you have not seen; read it, then send again")]
    Stale(Vec<Message>),
    #[error("only a message that failed can be sent again; one of unknown fate only if you confirm")]
    NotFailed,
}

impl From<LifeError> for ReplyError {
    fn from(error: LifeError) -> Self {
        match error {
            LifeError::Store(error) => Self::Store(error),
            LifeError::Forbidden(error) => Self::Forbidden(error),
            _ => Self::NotFound,
        }
    }
}

/// Sends a text to the customer of an active or held contact of the actor's own.
///
/// The talk is locked from the look at what is new to the commit: nothing can be said in between.
pub async fn send(store: &Store, actor: &Actor, contact: ContactId, reply: &Reply) -> Result<Message, ReplyError> {
    actor.require(Right::Serve)?;
    let mut change = store.begin().await?;
    let locked = steps::lock(&mut change, contact).await?;
    match locked.place {
        Place::Active(owner) | Place::Held(owner) if owner == actor.id => {}
        Place::Active(_) | Place::Held(_) | Place::WrapUp(_) | Place::Offered(_)
            if locked.place.owner() != Some(actor.id) =>
        {
            return Err(ReplyError::NotYours);
        }
        place => return Err(ReplyError::NotNow(place.state())),
    }
    if locked.channel == Channel::Call {
        return Err(ReplyError::ByVoice);
    }
    if !reply.confirm_stale {
        let newer = messages::said_since(change.conn(), &locked, reply.seen_seq, actor.id).await?;
        if !newer.is_empty() {
            drop(change);
            return Err(ReplyError::Stale(view::messages_by_id(store, &newer).await?));
        }
    }
    if !messages::are_there(change.conn(), &locked, reply.template, reply.suggestion).await? {
        return Err(ReplyError::NotFound);
    }
    let id = MessageId::new(change.clock());
    let body = EventBody::MessageReceived { message_id: id, author: Author::Operator, kind: MessageKind::Text };
    let seq = change.append(locked.customer, contact, Some(actor.id), body).await?;
    let new = messages::NewMessage {
        id,
        seq,
        author: Author::Operator,
        operator: Some(actor.id),
        kind: MessageKind::Text,
        text: Some(reply.text.as_str()),
        at: change.at(),
        external_id: None,
        segment: None,
        delivery: first_delivery(locked.channel),
        template: reply.template,
        suggestion: reply.suggestion,
    };
    messages::insert(&mut change, &locked, &new).await?;
    messages::touch(&mut change, &locked, Author::Operator).await?;
    marks::forget_draft(change.conn(), &locked, actor.id).await?;
    if let Some(suggestion) = reply.suggestion {
        insights::use_suggestion(&mut change, &locked, actor.id, suggestion, reply.text.as_str()).await?;
    }
    actor.commit(change).await?;
    one(store, &locked, id).await
}

/// Site, app and replay read the talk's own stream, so for them a committed message is a delivered one.
fn first_delivery(channel: Channel) -> Delivery {
    match channel {
        Channel::Telegram => Delivery::Queued,
        Channel::Site | Channel::App | Channel::Replay => Delivery::Sent,
        Channel::Call => Delivery::None,
    }
}

/// Writes a note that only colleagues see; whoever sees the contact may.
pub async fn note(store: &Store, actor: &Actor, contact: ContactId, text: &Text) -> Result<Message, ReplyError> {
    let mut change = store.begin().await?;
    let locked = seen(&mut change, actor, contact).await?;
    let id = messages::note(&mut change, &locked, actor.id, text).await?;
    actor.commit(change).await?;
    one(store, &locked, id).await
}

/// Sends a message again that failed; one of unknown fate only where the person confirms that it may come twice.
pub async fn retry(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    message: MessageId,
    confirm_unknown: bool,
) -> Result<Message, ReplyError> {
    actor.require(Right::Serve)?;
    let mut change = store.begin().await?;
    let locked = seen(&mut change, actor, contact).await?;
    if locked.place.owner() != Some(actor.id) {
        return Err(ReplyError::NotYours);
    }
    let body = EventBody::DeliveryChanged { message_id: message, delivery: Delivery::Queued };
    let seq = change.append(locked.customer, contact, Some(actor.id), body).await?;
    if !delivery::requeue(change.conn(), locked.customer, message, seq, confirm_unknown).await? {
        return Err(ReplyError::NotFailed);
    }
    actor.commit(change).await?;
    one(store, &locked, message).await
}

async fn seen(change: &mut Change, actor: &Actor, contact: ContactId) -> Result<Locked, ReplyError> {
    let locked = steps::lock(change, contact).await?;
    match lists::sees(change.conn(), actor, contact).await? {
        true => Ok(locked),
        false => Err(ReplyError::NotFound),
    }
}

async fn one(store: &Store, locked: &Locked, id: MessageId) -> Result<Message, ReplyError> {
    view::messages_by_id(store, &[(locked.customer, id)]).await?.pop().ok_or(ReplyError::NotFound)
}
