//! How summaries are shown. Whoever asks must be allowed to see the contact.

use jiff::Timestamp;
use models::reading::ModelId;
use models::summary::{Account, Summary, TextAuthor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::read;
use super::{SummaryError, SummaryField, SummaryReason};
use crate::conversations::view::{Person, require_seen};
use crate::events::{ContactId, CustomerId, MessageId};
use crate::platform::page::{Limit, Page};
use crate::platform::store::{Store, StoreError};
use crate::workforce::Actor;

/// The current version of a contact's summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SummaryView {
    pub contact_id: ContactId,
    pub version: i32,
    pub reason: SummaryReason,
    /// Of this version.
    pub made_at: Timestamp,
    /// Who edited; none: as the model wrote it.
    pub by: Option<Person>,
    /// The model that wrote it, or wrote what was edited.
    pub model: ModelId,
    /// Rests on what was said up to this event.
    pub as_of_seq: i64,
    pub edited: bool,
    /// The parts in which it differs from what the model wrote last; all else is the model's reading of the talk.
    pub changed: Vec<SummaryField>,
    pub confirmed_by: Option<Person>,
    pub confirmed_at: Option<Timestamp>,
    pub account: Account,
    /// Of each turn that the account counts, from 0.
    pub messages: Vec<MessageId>,
}

/// A version of a summary: what the model wrote, or what a person made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SummaryVersion {
    pub version: i32,
    pub reason: SummaryReason,
    pub made_at: Timestamp,
    /// Who edited; none: a model wrote it.
    pub by: Option<Person>,
    pub model: ModelId,
    pub as_of_seq: i64,
    /// Of an edit: the characters between it and what the model wrote.
    pub distance: Option<i32>,
    /// Who wrote the text, or the text that was edited.
    pub author: TextAuthor,
    /// How sure the models are of what they wrote, in [0, 1].
    pub support: f32,
    pub summary: Summary,
}

/// The current summary of a contact.
pub async fn summary(store: &Store, actor: &Actor, contact: ContactId) -> Result<SummaryView, SummaryError> {
    let seen = require_seen(store, actor, contact).await?;
    read::views(store.pool(), &[(seen.customer_id, contact)]).await?.pop().ok_or(SummaryError::NotFound)
}

/// All versions of a contact's summary, newest first; `before`: the version that the page before ended with.
pub async fn versions(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    before: Option<i32>,
    limit: Limit,
) -> Result<Page<SummaryVersion>, SummaryError> {
    let seen = require_seen(store, actor, contact).await?;
    let rows = read::versions(store.pool(), &seen, before, limit.one_more()).await?;
    Ok(Page::of(rows, limit, |version| version.version.to_string()))
}

/// The current summaries of these contacts, in no order. For readers who check by themselves what may be seen.
pub async fn summaries(store: &Store, ids: &[(CustomerId, ContactId)]) -> Result<Vec<SummaryView>, StoreError> {
    read::views(store.pool(), ids).await
}

/// The parts in which a person's words differ from the model's.
pub(super) fn changed(written: &Summary, now: &Summary) -> Vec<SummaryField> {
    let parts = [
        (SummaryField::Text, written.text != now.text),
        (SummaryField::Issue, written.issue != now.issue),
        (SummaryField::Request, written.request != now.request),
        (SummaryField::Actions, written.actions != now.actions),
        (SummaryField::Promises, written.promises != now.promises),
        (SummaryField::Outcome, written.outcome != now.outcome),
    ];
    parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
}
