//! Something came in: claimed once, given to its customer and its contact, stored and told, in one change.

use jiff::{SignedDuration, Timestamp};
use models::taxonomy::Speaker;

use super::Account;
use super::inbound::{Content, ExternalId, Inbound, InboundError, MAX_FILE, Sender, Text, Thread};
use super::life::{Act, Place};
use super::steps::{self, LifeError};
use super::store::life::Locked;
use super::store::{accept as rows, attachments, messages};
use crate::customers::{self, NewCustomer};
use crate::events::{Author, Channel, ContactId, CustomerId, Delivery, EventBody, MessageId, MessageKind};
use crate::platform::store::{Change, Store, StoreError};

/// A customer who writes again this soon after the close still means the same matter: the contact opens again, in the
/// queue. Half a day spans an evening's order and the complaint about it, and keeps apart two evenings' orders.
pub const REOPENS_WITHIN: SignedDuration = SignedDuration::from_hours(12);

/// An edit may overtake its message, but not by this much: then the message was written before the channel was ours.
const MESSAGE_FOLLOWS_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What became of an [`Inbound`]. However often the same comes, the answer is the same but for `fresh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub contact_id: ContactId,
    pub customer_id: CustomerId,
    /// The message that was stored or changed.
    pub message_id: Option<MessageId>,
    /// The event's place in the contact.
    pub seq: i64,
    /// False where it had been accepted before.
    pub fresh: bool,
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Inbound(#[from] InboundError),
    #[error("the message that this edit changes has not come yet; deliver the edit again")]
    MessageMissing,
    #[error("the contact was opened and closed by others at the same moment; deliver again")]
    Busy,
}

impl AcceptError {
    /// Whether the same may be accepted when it is delivered again.
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::Inbound(_))
    }
}

impl From<sqlx::Error> for AcceptError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<LifeError> for AcceptError {
    fn from(error: LifeError) -> Self {
        match error {
            LifeError::Store(error) => Self::Store(error),
            _ => Self::Busy,
        }
    }
}

/// Takes what came, once. When this returns, it is committed and its events are published.
pub async fn accept(store: &Store, inbound: Inbound) -> Result<Accepted, AcceptError> {
    if let Content::Uploaded { file, .. } = &inbound.content
        && file.bytes.len() as u64 > MAX_FILE
    {
        return Err(InboundError::FileTooLarge.into());
    }
    let mut change = store.begin().await?;
    if let Some(before) = rows::claim(&mut change, inbound.account.id, &inbound.external_id).await? {
        return Ok(before);
    }
    let accepted = match &inbound.content {
        Content::Edit { of, text } => edit(&mut change, &inbound, of, text).await?,
        _ => message(&mut change, &inbound).await?,
    };
    rows::settle(&mut change, inbound.account.id, &inbound.external_id, &accepted).await?;
    change.commit().await?;
    Ok(accepted)
}

async fn message(change: &mut Change, inbound: &Inbound) -> Result<Accepted, AcceptError> {
    let customer = customer_of(change, &inbound.account, &inbound.thread, &inbound.from).await?;
    let contact = contact_of(change, &inbound.account, &inbound.thread, customer).await?;
    if let Content::Phone(phone) = &inbound.content {
        customers::link_phone(change, contact.customer, phone).await?;
    }
    let id = MessageId::new(change.clock());
    let author = author_of(&inbound.content);
    let kind = kind_of(&inbound.content);
    let operator = contact.place.owner().filter(|_| author == Author::Operator);
    let body = EventBody::MessageReceived { message_id: id, author, kind };
    let seq = change.append(contact.customer, contact.contact, operator, body).await?;
    let shown = match &inbound.content {
        Content::Phone(phone) => Some(phone.masked()),
        content => text_of(content).map(|text| text.as_str().to_owned()),
    };
    let new = messages::NewMessage {
        id,
        seq,
        author,
        operator,
        kind,
        text: shown.as_deref(),
        at: inbound.at,
        external_id: Some(inbound.external_id.as_str()),
        segment: match &inbound.content {
            Content::Segment(segment) => Some(segment),
            _ => None,
        },
        delivery: Delivery::None,
        template: None,
        suggestion: None,
    };
    messages::insert(change, &contact, &new).await?;
    attach(change, &contact, id, &inbound.content).await?;
    messages::touch(change, &contact, author).await?;
    Ok(accepted(&contact, Some(id), seq))
}

/// Replaces the text of a message and keeps the former one.
async fn edit(change: &mut Change, inbound: &Inbound, of: &ExternalId, text: &Text) -> Result<Accepted, AcceptError> {
    let Some((message_id, contact)) = rows::message_of(change.conn(), inbound.account.id, of).await? else {
        let age = change.at().duration_since(inbound.at);
        return match age > MESSAGE_FOLLOWS_WITHIN {
            true => message(change, &Inbound { content: Content::Text(text.clone()), ..inbound.clone() }).await,
            false => Err(AcceptError::MessageMissing),
        };
    };
    let contact = steps::lock(change, contact).await?;
    let body = EventBody::MessageEdited { message_id };
    let seq = change.append(contact.customer, contact.contact, None, body).await?;
    messages::edit(change, &contact, message_id, seq, text, inbound.at).await?;
    Ok(accepted(&contact, Some(message_id), seq))
}

/// The customer by identity; a phone that the channel vouches for becomes theirs.
///
/// A source may name the caller once a call: whoever the call belongs to already is not looked for again.
pub(super) async fn customer_of(
    change: &mut Change,
    account: &Account,
    thread: &Thread,
    from: &Sender,
) -> Result<CustomerId, StoreError> {
    let calls = match account.channel {
        Channel::Call => rows::customer_of_thread(change.conn(), account.id, thread).await?,
        _ => None,
    };
    let new =
        NewCustomer { name: from.name.clone(), language: from.language, country: from.country, city: account.city_id };
    let customer = match calls {
        Some(customer) => customer,
        None => customers::resolve(change, &from.identity, &new).await?,
    };
    if let Some(phone) = &from.phone {
        customers::link_phone(change, customer, phone).await?;
    }
    Ok(customer)
}

/// The talk's open contact, its last one opened again, or a new one; locked.
///
/// A call never opens again: what its recogniser still has to say belongs to the contact that ended.
pub(super) async fn contact_of(
    change: &mut Change,
    account: &Account,
    thread: &Thread,
    customer: CustomerId,
) -> Result<Locked, AcceptError> {
    const TRIES: usize = 5;
    let is_call = account.channel == Channel::Call;
    for attempt in 0..TRIES {
        if let Some(open) = rows::open(change.conn(), account.id, thread).await? {
            return match open.place {
                Place::WrapUp(owner) if !is_call => {
                    Ok(steps::step(change, &open, Act::Reopen(Some(owner)), None).await?)
                }
                _ => Ok(open),
            };
        }
        // looked for once more under the claim: another may have opened it meanwhile
        if attempt == 0 {
            rows::claim_talk(change, account.id, thread, customer).await?;
            continue;
        }
        let since = if is_call { Timestamp::UNIX_EPOCH } else { change.at() - REOPENS_WITHIN };
        if let Some(over) = rows::latest_over(change.conn(), account.id, thread, since).await? {
            return match is_call {
                true => Ok(over),
                false => Ok(steps::step(change, &over, Act::Reopen(None), None).await?),
            };
        }
        if let Some(new) = rows::insert_contact(change, account, thread, customer).await? {
            return Ok(new);
        }
    }
    Err(AcceptError::Busy)
}

async fn attach(
    change: &mut Change,
    contact: &Locked,
    message: MessageId,
    content: &Content,
) -> Result<(), StoreError> {
    match content {
        Content::Photo { file, .. } | Content::File { file, .. } => {
            attachments::insert_pending(change, contact, message, file).await
        }
        Content::Uploaded { file, .. } => attachments::insert_stored(change, contact, message, file).await,
        _ => Ok(()),
    }
}

fn accepted(contact: &Locked, message_id: Option<MessageId>, seq: i64) -> Accepted {
    Accepted { contact_id: contact.contact, customer_id: contact.customer, message_id, seq, fresh: true }
}

fn author_of(content: &Content) -> Author {
    match content {
        Content::Segment(segment) if segment.speaker == Speaker::Operator => Author::Operator,
        _ => Author::Customer,
    }
}

fn kind_of(content: &Content) -> MessageKind {
    match content {
        Content::Text(_) | Content::Edit { .. } => MessageKind::Text,
        Content::Photo { .. } => MessageKind::Photo,
        Content::File { .. } => MessageKind::File,
        Content::Uploaded { file, .. } if file.media_type.as_str().starts_with("image/") => MessageKind::Photo,
        Content::Uploaded { .. } => MessageKind::File,
        Content::Phone(_) => MessageKind::Phone,
        Content::Segment(_) => MessageKind::Segment,
    }
}

fn text_of(content: &Content) -> Option<&Text> {
    match content {
        Content::Text(text) | Content::Edit { text, .. } => Some(text),
        Content::Photo { caption, .. } | Content::File { caption, .. } | Content::Uploaded { caption, .. } => {
            caption.as_ref()
        }
        Content::Segment(segment) => Some(&segment.text),
        Content::Phone(_) => None,
    }
}
