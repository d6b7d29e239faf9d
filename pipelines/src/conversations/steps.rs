//! Steps in the life of a contact, each one change: the contact, its owner's load, the record of the step, the event.
//!
//! Locks are always taken in this order: talk, contact, presence rows by operator id, parts of the log.

use models::taxonomy::{Outcome, Topic};

use super::inbound::Text;
use super::life::{Act, Place};
use super::store::life::{self as rows, Locked};
use super::store::{accept::claim_talk_of, lists::sees, messages};
use super::view::{self, ContactSummary};
use crate::events::{Channel, ContactId, ContactState, EventBody, OperatorId, Step};
use crate::platform::store::{Change, Store, StoreError};
use crate::workforce::{Actor, Forbidden, Right};

/// Why a step was not taken; the contact stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("there is no such contact")]
    NotFound,
    #[error("the contact is not yours; ask its owner or take it from the queue")]
    NotYours,
    #[error("a contact that is {} cannot be {}; reload it", .state.as_str(), .step.as_str())]
    NotNow { state: ContactState, step: Step },
    #[error("no more contacts fit; finish or transfer one first")]
    Full,
    #[error("this colleague is not ready or has no room; choose another or the queue")]
    ColleagueBusy,
    #[error("the customer's talk goes on in another contact on this channel; continue there")]
    OtherOpen(ContactId),
}

impl From<sqlx::Error> for LifeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Where a transferred contact goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Operator(OperatorId),
    /// Back to where it stood in the queue: its waiting time goes on counting.
    Queue,
}

/// Takes a queued contact, or one that the actor was offered. Taking again what is theirs changes nothing.
pub async fn accept_contact(store: &Store, actor: &Actor, contact: ContactId) -> Result<ContactSummary, LifeError> {
    actor.require(Right::Serve)?;
    let mut change = store.begin().await?;
    let locked = lock(&mut change, contact).await?;
    if locked.place == Place::Active(actor.id) {
        return summary(store, contact).await;
    }
    if !sees(change.conn(), actor, contact).await? {
        return Err(Forbidden.into());
    }
    step(&mut change, &locked, Act::Take(actor.id), Some(actor.id)).await?;
    actor.commit(change).await?;
    summary(store, contact).await
}

/// Gives an offered contact back to the queue, where it keeps its place.
pub async fn decline(store: &Store, actor: &Actor, contact: ContactId) -> Result<ContactSummary, LifeError> {
    own(store, actor, contact, Act::Decline).await
}

/// The customer waits on purpose.
pub async fn hold(store: &Store, actor: &Actor, contact: ContactId) -> Result<ContactSummary, LifeError> {
    own(store, actor, contact, Act::Hold).await
}

pub async fn resume(store: &Store, actor: &Actor, contact: ContactId) -> Result<ContactSummary, LifeError> {
    own(store, actor, contact, Act::Resume).await
}

/// The talk is over; its paperwork follows.
pub async fn finish(store: &Store, actor: &Actor, contact: ContactId) -> Result<ContactSummary, LifeError> {
    own(store, actor, contact, Act::Finish).await
}

/// Hands a contact over with a note for the colleague. Whoever is offered it accepts or declines; an administrator
/// may also hand on what waits in the queue. From `Offered`, `Queue` is to decline.
pub async fn transfer(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    to: Target,
    note: Option<Text>,
) -> Result<ContactSummary, LifeError> {
    actor.require(Right::Serve)?;
    let mut change = store.begin().await?;
    let locked = lock(&mut change, contact).await?;
    let act = match (locked.place, to) {
        (Place::Offered(_), Target::Queue) => Act::Decline,
        (Place::Queued, Target::Operator(to)) => Act::Offer(to),
        (_, Target::Operator(to)) => Act::Transfer(Some(to)),
        (_, Target::Queue) => Act::Transfer(None),
    };
    require_owner(&locked, actor, act)?;
    if let Some(note) = note {
        messages::note(&mut change, &locked, actor.id, &note).await?;
    }
    if let Target::Operator(to) = to
        && !rows::is_ready(change.conn(), to).await?
    {
        return Err(LifeError::ColleagueBusy);
    }
    match step(&mut change, &locked, act, Some(actor.id)).await {
        Err(LifeError::Full) => return Err(LifeError::ColleagueBusy),
        stepped => stepped?,
    };
    actor.commit(change).await?;
    summary(store, contact).await
}

/// Ends a contact with its outcome and, where the reading was wrong, its topic.
pub async fn close(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    outcome: Outcome,
    topic: Option<Topic>,
) -> Result<ContactSummary, LifeError> {
    actor.require(Right::Serve)?;
    let mut change = store.begin().await?;
    let locked = lock(&mut change, contact).await?;
    require_owner(&locked, actor, Act::Close)?;
    rows::conclude(change.conn(), &locked, outcome).await?;
    if let Some(topic) = topic {
        crate::insights::correct_topic(&mut change, locked.customer, locked.contact, actor.id, topic).await?;
    }
    step(&mut change, &locked, Act::Close, Some(actor.id)).await?;
    actor.commit(change).await?;
    summary(store, contact).await
}

/// Opens a finished or closed contact again with the actor as its owner. A call that ended stays ended.
pub async fn reopen(store: &Store, actor: &Actor, contact: ContactId) -> Result<ContactSummary, LifeError> {
    actor.require(Right::Serve)?;
    let mut change = store.begin().await?;
    claim_talk_of(&mut change, contact).await?;
    let locked = lock(&mut change, contact).await?;
    let not_now = LifeError::NotNow { state: locked.place.state(), step: Step::Reopened };
    if locked.channel == Channel::Call {
        return Err(not_now);
    }
    if !locked.place.is_over() && locked.place.owner() != Some(actor.id) {
        return Err(if locked.place.owner().is_some() { LifeError::NotYours } else { not_now });
    }
    if !sees(change.conn(), actor, contact).await? {
        return Err(Forbidden.into());
    }
    if let Some(other) = rows::other_open(change.conn(), &locked).await? {
        return Err(LifeError::OtherOpen(other));
    }
    step(&mut change, &locked, Act::Reopen(Some(actor.id)), Some(actor.id)).await?;
    actor.commit(change).await?;
    summary(store, contact).await
}

async fn own(store: &Store, actor: &Actor, contact: ContactId, act: Act) -> Result<ContactSummary, LifeError> {
    actor.require(Right::Serve)?;
    let mut change = store.begin().await?;
    let locked = lock(&mut change, contact).await?;
    require_owner(&locked, actor, act)?;
    step(&mut change, &locked, act, Some(actor.id)).await?;
    actor.commit(change).await?;
    summary(store, contact).await
}

/// The owner acts on a contact; an administrator may take it from its owner and act on what nobody owns.
fn require_owner(locked: &Locked, actor: &Actor, act: Act) -> Result<(), LifeError> {
    let over_others = matches!(act, Act::Transfer(_) | Act::Close | Act::Decline | Act::Offer(_));
    if locked.place.owner() == Some(actor.id) || (over_others && actor.can(Right::Administer)) {
        return Ok(());
    }
    match locked.place.after(act) {
        Some(_) => Err(LifeError::NotYours),
        None => Err(LifeError::NotNow { state: locked.place.state(), step: act.step() }),
    }
}

/// The contact with its row locked until the end of the change.
pub(crate) async fn lock(change: &mut Change, contact: ContactId) -> Result<Locked, LifeError> {
    rows::lock(change.conn(), contact).await?.ok_or(LifeError::NotFound)
}

/// Takes one step of the table. `actor` none: the customer or the machine.
pub(crate) async fn step(
    change: &mut Change,
    locked: &Locked,
    act: Act,
    actor: Option<OperatorId>,
) -> Result<Locked, LifeError> {
    let from = locked.place;
    let place = from.after(act).ok_or(LifeError::NotNow { state: from.state(), step: act.step() })?;
    if from.owner() != place.owner() && !rows::move_load(change.conn(), from.owner(), place.owner()).await? {
        return Err(LifeError::Full);
    }
    let body = EventBody::StateChanged {
        from: Some(from.state()),
        to: place.state(),
        reason: act.step(),
        operator_id: place.operator(),
    };
    let seq = change.append(locked.customer, locked.contact, actor, body).await?;
    let after = Locked { place, last_seq: seq, ..locked.clone() };
    let waits_anew = act == Act::Reopen(None);
    rows::place(change, &after, act.step(), actor, waits_anew).await?;
    Ok(after)
}

async fn summary(store: &Store, contact: ContactId) -> Result<ContactSummary, LifeError> {
    view::summaries(store, &[contact]).await?.pop().ok_or(LifeError::NotFound)
}
