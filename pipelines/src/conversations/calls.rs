//! A call is a contact like any other: ringing opens it, answering takes it, hanging up ends it.

use super::accept::{AcceptError, Accepted, contact_of, customer_of};
use super::life::{Act, Place};
use super::steps::{self, LifeError};
use super::store::accept as claims;
use super::store::life::{self as rows, Locked};
use super::{Account, ExternalId, Sender, Thread};
use crate::events::OperatorId;
use crate::platform::store::{Change, Store};

/// What a telephone source tells of a call besides what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEvent {
    Ringing,
    /// By the operator of this login; none: the source does not know by whom.
    Answered {
        login: Option<String>,
    },
    Held,
    Resumed,
    HungUp,
}

/// Something that a telephone source tells.
#[derive(Clone, Debug)]
pub struct Told {
    pub account: Account,
    /// The source's id of what happened: told again, it bears the same.
    pub external_id: ExternalId,
    pub from: Sender,
    /// The call.
    pub thread: Thread,
    pub event: CallEvent,
}

/// Takes an event of a call, once.
///
/// Events may come late, twice or not at all: one that does not fit where the contact stands changes nothing.
/// An answer by an operator who has no room leaves the contact in the queue, where the team sees it.
pub async fn call(store: &Store, told: &Told) -> Result<Accepted, AcceptError> {
    let mut change = store.begin().await?;
    if let Some(before) = claims::claim(&mut change, told.account.id, &told.external_id).await? {
        return Ok(before);
    }
    let customer = customer_of(&mut change, &told.account, &told.thread, &told.from).await?;
    let contact = contact_of(&mut change, &told.account, &told.thread, customer).await?;
    let contact = react(&mut change, contact, &told.event).await?;
    let accepted = Accepted {
        contact_id: contact.contact,
        customer_id: contact.customer,
        message_id: None,
        seq: contact.last_seq,
        fresh: true,
    };
    claims::settle(&mut change, told.account.id, &told.external_id, &accepted).await?;
    change.commit().await?;
    Ok(accepted)
}

async fn react(change: &mut Change, contact: Locked, event: &CallEvent) -> Result<Locked, AcceptError> {
    let (act, actor) = match (event, contact.place) {
        (CallEvent::Answered { login: Some(login) }, Place::Queued | Place::Offered(_)) => {
            match rows::operator_by_login(change.conn(), login).await? {
                Some(operator) => (Act::Take(operator), Some(operator)),
                None => return Ok(contact),
            }
        }
        (CallEvent::Held, Place::Active(owner)) => (Act::Hold, Some(owner)),
        (CallEvent::Resumed, Place::Held(owner)) => (Act::Resume, Some(owner)),
        (CallEvent::HungUp, Place::Queued | Place::Offered(_)) => {
            // somebody spoke with the customer, so nobody was abandoned
            let act = if rows::was_answered(change.conn(), &contact).await? { Act::Close } else { Act::Abandon };
            (act, None)
        }
        (CallEvent::HungUp, Place::Active(_) | Place::Held(_)) => (Act::Finish, None),
        _ => return Ok(contact),
    };
    step_if_it_fits(change, contact, act, actor).await
}

async fn step_if_it_fits(
    change: &mut Change,
    contact: Locked,
    act: Act,
    actor: Option<OperatorId>,
) -> Result<Locked, AcceptError> {
    match steps::step(change, &contact, act, actor).await {
        Ok(after) => Ok(after),
        Err(LifeError::NotNow { .. } | LifeError::Full) => Ok(contact),
        Err(error) => Err(error.into()),
    }
}
