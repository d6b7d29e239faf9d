//! What lies before an operator: contacts of their own, contacts that wait, contacts of the team, contacts that are over.

use models::taxonomy::{Topic, Urgency};

use super::store::lists;
use super::view::ContactSummary;
use crate::events::{Channel, ContactState, UnknownWord, words};
use crate::platform::page::{Cursor, Limit, Page};
use crate::platform::store::{Store, StoreError};
use crate::workforce::{Actor, Forbidden, Right};

/// Contacts of the queue that a desk shows; more wait behind them.
pub const QUEUE_SHOWN: i64 = 200;

words!(
    /// Which contacts a list shows.
    Scope { Mine = "mine", Queue = "queue", Team = "team", Closed = "closed" }
);

/// What a list is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub channel: Option<Channel>,
    pub topic: Option<Topic>,
    pub urgency: Option<Urgency>,
}

/// Why a list is not given.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
}

/// The actor's own contacts and the head of the queue in the order in which it is served.
pub async fn desk(store: &Store, actor: &Actor) -> Result<(Vec<ContactSummary>, Vec<ContactSummary>), StoreError> {
    if !actor.can(Right::Serve) {
        return Ok((Vec::new(), Vec::new()));
    }
    let (mine, queue) = lists::desk(store.pool(), actor, QUEUE_SHOWN).await?;
    let all: Vec<_> = mine.iter().chain(&queue).copied().collect();
    let mut summaries = lists::summaries(store.pool(), &all).await?;
    let mut pick = |ids: &[_]| -> Vec<ContactSummary> {
        ids.iter()
            .filter_map(|id| Some(summaries.swap_remove(summaries.iter().position(|summary| summary.id == *id)?)))
            .collect()
    };
    Ok((pick(&mine), pick(&queue)))
}

/// Whether a contact, as it stands now, belongs on the actor's desk. The same rule as [`desk`].
pub fn is_on_desk(actor: &Actor, contact: &ContactSummary) -> bool {
    if !actor.can(Right::Serve) {
        return false;
    }
    match contact.state {
        ContactState::Queued => contact.language.is_none_or(|language| actor.languages.contains(&language)),
        ContactState::Offered | ContactState::Active | ContactState::Held | ContactState::WrapUp => {
            contact.operator.as_ref().is_some_and(|owner| owner.id == actor.id)
        }
        ContactState::Closed | ContactState::Abandoned => false,
    }
}

/// A page of contacts: `queue` in the order in which it is served, the others newest first.
pub async fn list(
    store: &Store,
    actor: &Actor,
    scope: Scope,
    filter: Filter,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<ContactSummary>, DeskError> {
    if scope == Scope::Team {
        actor.require(Right::SeeTeam)?;
    }
    let places = lists::page(store.pool(), actor, scope, filter, after, limit.one_more()).await?;
    let page = Page::of(places, limit, Cursor::to_string);
    let ids: Vec<_> = page.items.iter().map(|place| place.id.into()).collect();
    let mut items = lists::summaries(store.pool(), &ids).await?;
    items.sort_by_key(|summary| ids.iter().position(|id| *id == summary.id));
    Ok(Page { items, next: page.next })
}
