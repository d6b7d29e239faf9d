//! How contacts and messages are shown. Whoever asks must be allowed to see; nothing here decides anything else.

use jiff::Timestamp;
use models::reading::{Entity, ModelId, Scored};
use models::taxonomy::{Class, Language, Sentiment, Speaker, Topic, Urgency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::attachments::AttachmentState;
use super::delivery::DeliveryProblem;
use super::store::{lists, marks, talk};
use super::{AccountId, Thread};
use crate::events::{
    AttachmentId, Author, Channel, ContactId, ContactState, CustomerId, Delivery, InsightId, MessageId, MessageKind,
    OperatorId, Step, SuggestionId, UnknownWord, words,
};
use crate::platform::page::{Limit, Page};
use crate::platform::store::{Store, StoreError};
use crate::workforce::Actor;

/// Messages that come with a contact; earlier ones are asked for by page.
pub const LATEST: u32 = 100;

/// Why something is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Also for what exists and may not be seen: whoever may not see it learns nothing.
    #[error("there is nothing here that you may see")]
    NotFound,
}

/// A colleague by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    pub id: OperatorId,
    pub name: String,
}

impl Person {
    /// From two columns of a joined row; none where there is nobody.
    pub(crate) fn of(id: Option<OperatorId>, name: Option<String>) -> Option<Person> {
        id.zip(name).map(|(id, name)| Person { id, name })
    }
}

/// A contact in a list, as it stands at `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ContactSummary {
    pub id: ContactId,
    pub customer_id: CustomerId,
    pub customer_name: Option<String>,
    pub channel: Channel,
    pub account_name: String,
    pub brand: String,
    pub city: Option<String>,
    /// IANA name of the city's zone, in which hours are shown.
    pub time_zone: Option<String>,
    pub state: ContactState,
    /// Who has it, or had it last.
    pub operator: Option<Person>,
    /// The contact's last event: of two summaries the one with the greater `seq` is newer.
    pub seq: i64,
    pub opened_at: Timestamp,
    pub queued_at: Timestamp,
    pub state_since: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// The oldest customer message that nobody answered.
    pub waiting_since: Option<Timestamp>,
    pub last_message: Option<Preview>,
    /// Customer messages after what the owner has read.
    pub unread: i64,
    pub language: Option<Language>,
    pub topic: Option<Scored<Topic>>,
    pub class: Option<Class>,
    pub urgency: Option<Scored<Urgency>>,
    pub sentiment: Option<Scored<Sentiment>>,
}

/// The beginning of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    pub author: Author,
    pub kind: MessageKind,
    /// The first 160 characters.
    pub text: Option<String>,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub contact_id: ContactId,
    /// Its place in the talk.
    pub seq: i64,
    pub author: Author,
    pub operator: Option<Person>,
    pub kind: MessageKind,
    pub text: Option<String>,
    /// When the channel says it was written.
    pub at: Timestamp,
    pub received_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub delivery: Delivery,
    pub delivery_error: Option<DeliveryProblem>,
    pub attachments: Vec<Attachment>,
    pub segment: Option<SegmentView>,
    pub reading: Option<MessageReading>,
    pub template_id: Option<Uuid>,
    pub suggestion_id: Option<SuggestionId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    pub id: AttachmentId,
    pub name: Option<String>,
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    pub state: AttachmentState,
}

/// Where in a call a segment was spoken, in milliseconds from its beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentView {
    pub speaker: Speaker,
    pub start_ms: u32,
    pub end_ms: u32,
}

/// What a person knew better than the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Corrections {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<Sentiment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Corrections {
    /// The fields that a person set.
    pub(crate) fn fields(&self) -> Vec<&'static str> {
        let set = [
            ("topic", self.topic.is_some()),
            ("sentiment", self.sentiment.is_some()),
            ("urgency", self.urgency.is_some()),
            ("language", self.language.is_some()),
        ];
        set.into_iter().filter(|(_, set)| *set).map(|(field, _)| field).collect()
    }
}

/// What a model understood of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageReading {
    pub insight_id: InsightId,
    pub as_of_seq: i64,
    pub topics: Vec<Scored<Topic>>,
    pub class: Option<Class>,
    pub abstained: bool,
    pub sentiment: Scored<Sentiment>,
    pub urgency: Scored<Urgency>,
    pub language: Scored<Language>,
    pub mixed: bool,
    pub entities: Vec<Entity>,
    pub corrected: Corrections,
}

/// What a model understood of a contact up to `as_of_seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ContactReading {
    pub insight_id: InsightId,
    pub as_of_seq: i64,
    pub topics: Vec<Scored<Topic>>,
    pub class: Option<Class>,
    pub abstained: bool,
    pub sentiment: Scored<Sentiment>,
    pub urgency: Scored<Urgency>,
    pub language: Scored<Language>,
    pub mixed: bool,
    pub corrected: Corrections,
    pub model: ModelId,
    pub latency_ms: f64,
}

words!(
    /// What a suggestion is.
    SuggestionKind { Reply = "reply", Warning = "warning", Offer = "offer" }
);

/// A next step that is shown to the operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    pub id: SuggestionId,
    pub kind: SuggestionKind,
    pub text: String,
    pub evidence: Vec<Evidence>,
    pub as_of_seq: i64,
}

words!(
    /// What a suggestion rests on.
    EvidenceKind { Message = "message", Order = "order", Template = "template" }
);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    pub kind: EvidenceKind,
    pub id: Uuid,
    pub label: String,
}

/// A step of a contact's life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LifeStep {
    pub seq: i64,
    pub state: ContactState,
    pub step: Step,
    pub at: Timestamp,
    pub by: Option<Person>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Draft {
    pub text: String,
    pub saved_at: Timestamp,
}

/// A contact as it is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    #[serde(flatten)]
    pub summary: ContactSummary,
    pub reading: Option<ContactReading>,
    pub draft: Option<Draft>,
    /// The last [`LATEST`], oldest first.
    pub messages: Vec<Message>,
    /// Where the messages before these begin.
    pub earlier: Option<String>,
    pub suggestions: Vec<Suggestion>,
    pub life: Vec<LifeStep>,
}

/// What the log needs to be searched for a contact that may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: ContactId,
    pub customer_id: CustomerId,
    pub opened_at: Timestamp,
}

/// The contact, if the actor may see it: administrators and quality see all; operators what waits in their languages,
/// what they have or had, and other contacts of a customer whom they are serving now.
pub async fn seen(store: &Store, actor: &Actor, contact: ContactId) -> Result<Option<Seen>, StoreError> {
    lists::seen(store.pool(), actor, contact).await
}

/// As [`seen`], for `?`.
pub async fn require_seen(store: &Store, actor: &Actor, contact: ContactId) -> Result<Seen, ViewError> {
    seen(store, actor, contact).await?.ok_or(ViewError::NotFound)
}

/// A contact whole, for who may see it.
pub async fn contact(store: &Store, actor: &Actor, id: ContactId) -> Result<Contact, ViewError> {
    let seen = require_seen(store, actor, id).await?;
    // the summary first: what happens after it has a greater seq and comes by the live stream again
    let summary = lists::summaries(store.pool(), &[id]).await?.pop().ok_or(ViewError::NotFound)?;
    let limit = Limit::new(LATEST);
    let page = messages_before(store, &seen, None, limit).await?;
    Ok(Contact {
        reading: talk::contact_readings(store.pool(), &[id]).await?.pop().map(|(_, reading)| reading),
        draft: marks::draft(store.pool(), &seen, actor.id).await?,
        messages: page.items.into_iter().rev().collect(),
        earlier: page.next,
        suggestions: talk::latest_suggestions(store.pool(), &seen).await?,
        life: talk::life(store.pool(), &seen).await?,
        summary,
    })
}

/// Messages before a cursor, newest first.
pub async fn messages(
    store: &Store,
    actor: &Actor,
    id: ContactId,
    before: Option<&str>,
    limit: Limit,
) -> Result<Page<Message>, ViewError> {
    let seen = require_seen(store, actor, id).await?;
    let before = before.map(|cursor| cursor.parse().map_err(|_| ViewError::NotFound)).transpose()?;
    Ok(messages_before(store, &seen, before, limit).await?)
}

/// One message of a contact.
pub async fn message(store: &Store, actor: &Actor, id: ContactId, message: MessageId) -> Result<Message, ViewError> {
    let seen = require_seen(store, actor, id).await?;
    let messages = talk::messages(store.pool(), &[(seen.customer_id, message)]).await?;
    messages.into_iter().find(|message| message.contact_id == id).ok_or(ViewError::NotFound)
}

async fn messages_before(
    store: &Store,
    seen: &Seen,
    before: Option<i64>,
    limit: Limit,
) -> Result<Page<Message>, StoreError> {
    let ids = talk::ids_before(store.pool(), seen, before, limit).await?;
    let mut messages = talk::messages(store.pool(), &ids).await?;
    messages.reverse();
    Ok(Page::of(messages, limit, |message| message.seq.to_string()))
}

/// How these contacts stand, in no order. For readers who check by themselves what may be seen.
pub async fn summaries(store: &Store, ids: &[ContactId]) -> Result<Vec<ContactSummary>, StoreError> {
    lists::summaries(store.pool(), ids).await
}

/// These messages, in the order of their talks.
pub async fn messages_by_id(store: &Store, ids: &[(CustomerId, MessageId)]) -> Result<Vec<Message>, StoreError> {
    talk::messages(store.pool(), ids).await
}

/// What is understood of these contacts so far.
pub async fn readings(store: &Store, ids: &[ContactId]) -> Result<Vec<(ContactId, ContactReading)>, StoreError> {
    talk::contact_readings(store.pool(), ids).await
}

pub async fn suggestions(store: &Store, ids: &[(CustomerId, SuggestionId)]) -> Result<Vec<Suggestion>, StoreError> {
    talk::suggestions(store.pool(), ids).await
}

/// A contact of a customer, for the customer's own side of the talk.
pub async fn of_customer(store: &Store, customer: CustomerId, contact: ContactId) -> Result<Option<Seen>, StoreError> {
    lists::of_customer(store.pool(), customer, contact).await
}

/// The open contact of a talk at a channel, else the one that ended last. For the customer's own side of the talk.
pub async fn of_thread(store: &Store, account: AccountId, thread: &Thread) -> Result<Option<Seen>, StoreError> {
    lists::of_thread(store.pool(), account, thread).await
}
