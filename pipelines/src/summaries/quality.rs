//! What the quality team reads: the list of summaries, and one of them beside the talk.

use jiff::Timestamp;
use models::taxonomy::{Language, Outcome, Speaker, Topic};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{quality as rows, read};
use super::view::SummaryView;
use super::{Finding, SummaryError, SummaryField, SummaryReason};
use crate::conversations::view::{Person, require_seen};
use crate::events::{Channel, ContactId, CustomerId, MessageId, OperatorId, VerdictId};
use crate::platform::page::{Cursor, Limit, Page};
use crate::platform::store::Store;
use crate::workforce::{Actor, Right, audit};

/// What the list is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub topic: Option<Topic>,
    /// Who had the contact last.
    pub operator: Option<OperatorId>,
    pub outcome: Option<Outcome>,
    /// Only what the models were no surer of than this.
    pub max_support: Option<f32>,
    pub edited: Option<bool>,
    pub confirmed: Option<bool>,
    pub judged: Option<bool>,
    /// The last on the current version.
    pub verdict: Option<Finding>,
}

/// A summary in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SummaryItem {
    pub contact_id: ContactId,
    pub channel: Channel,
    /// Who had the contact last when this version came.
    pub operator: Option<Person>,
    pub version: i32,
    pub reason: SummaryReason,
    pub language: Language,
    /// The main one; none: there was no matter.
    pub topic: Option<Topic>,
    pub outcome: Outcome,
    pub text: String,
    /// How sure the models are of it, in [0, 1].
    pub support: f32,
    pub edited: bool,
    /// Characters that a person changed.
    pub distance: Option<i32>,
    pub confirmed: bool,
    /// The last on this version.
    pub verdict: Option<Finding>,
    /// When this version came.
    pub changed_at: Timestamp,
}

/// A summary beside the talk that it tells of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SummaryReview {
    #[serde(flatten)]
    pub summary: SummaryView,
    pub customer_id: CustomerId,
    pub channel: Channel,
    /// Who had the contact last when this version came.
    pub operator: Option<Person>,
    /// Characters that a person changed.
    pub distance: Option<i32>,
    /// What was said, in the order of `messages`.
    pub turns: Vec<ReviewTurn>,
    /// On any version, latest first.
    pub verdicts: Vec<SummaryVerdict>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewTurn {
    pub message_id: MessageId,
    pub speaker: Speaker,
    pub text: String,
    pub at: Timestamp,
}

/// What somebody said of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SummaryVerdict {
    pub id: VerdictId,
    pub version: i32,
    pub verdict: Finding,
    pub field: Option<SummaryField>,
    pub comment: Option<String>,
    pub by: Person,
    pub at: Timestamp,
}

/// Summaries of all contacts, the latest first.
pub async fn list(
    store: &Store,
    actor: &Actor,
    filter: Filter,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<SummaryItem>, SummaryError> {
    actor.require(Right::SeeTeam)?;
    let places = rows::page(store.pool(), filter, after, limit.one_more()).await?;
    let page = Page::of(places, limit, |(_, place)| place.to_string());
    Ok(Page { items: rows::items(store.pool(), &page.items).await?, next: page.next })
}

/// One summary whole, with the talk. The reading is audited, as a card's is.
pub async fn review(store: &Store, actor: &Actor, contact: ContactId) -> Result<SummaryReview, SummaryError> {
    actor.require(Right::SeeTeam)?;
    let seen = require_seen(store, actor, contact).await?;
    let id = (seen.customer_id, contact);
    let summary = read::views(store.pool(), &[id]).await?.pop().ok_or(SummaryError::NotFound)?;
    let about = rows::about(store.pool(), id).await?.ok_or(SummaryError::NotFound)?;
    let review = SummaryReview {
        customer_id: seen.customer_id,
        channel: about.channel,
        operator: about.operator,
        distance: about.distance,
        turns: rows::turns(store.pool(), seen.customer_id, &summary.messages).await?,
        verdicts: rows::verdicts(store.pool(), id).await?,
        summary,
    };
    let mut change = store.begin().await?;
    let entry = audit::Entry::by(actor, audit::Action::SummaryRead).of(audit::ObjectKind::Contact, contact.0);
    audit::write(&mut change, entry).await?;
    actor.commit(change).await?;
    Ok(review)
}
