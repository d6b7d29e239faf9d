//! Sending to an outer service: claimed by one sender, told how it went, never sent twice by itself.
//!
//! `queued → sending → sent | failed | unknown`. A send that broke off midway is `unknown`: the customer may have the
//! message or not, so only a person may send it again. What surely was not sent goes back to `queued`.

use jiff::{SignedDuration, Timestamp};

use super::store::delivery as rows;
use super::{AccountId, Text, Thread};
use crate::events::{ContactId, CustomerId, Delivery, EventBody, MessageId, UnknownWord, words};
use crate::platform::store::{Store, StoreError};

/// A sender that has not said anything for so long is gone; longer than any send may take.
pub const SENDER_GONE_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// A message that waits for so long is taken up without its delivery.
pub const TAKEN_UP_AFTER: SignedDuration = SignedDuration::from_mins(2);

words!(
    /// Why a message was not delivered.
    DeliveryProblem {
        /// The customer does not want messages from us.
        Blocked = "blocked",
        /// The chat no longer exists.
        Gone = "gone",
        /// The channel refused the message.
        Rejected = "rejected",
        /// The channel could not be reached for too long.
        Unreachable = "unreachable",
        /// The send broke off midway.
        Interrupted = "interrupted",
    }
);

/// A message that this process alone is sending.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub customer_id: CustomerId,
    pub contact_id: ContactId,
    pub message_id: MessageId,
    pub account_id: AccountId,
    pub thread: Thread,
    pub text: Text,
    /// Parts of a split text that the customer has already.
    pub parts_sent: u32,
    attempt: i32,
}

/// What came of asking for a message to send.
#[derive(Debug)]
pub enum Claim {
    Yours(Box<Outgoing>),
    /// An earlier message of the talk has not arrived yet; ask again later.
    NotYet,
    /// Nothing is to be done: it was sent, failed, or another sender has it.
    Nothing,
}

/// Claims a queued message. Messages of a contact are sent in their order.
pub async fn claim(store: &Store, customer: CustomerId, message: MessageId) -> Result<Claim, StoreError> {
    let mut change = store.begin().await?;
    let at = change.at();
    let Some(row) = rows::claim(change.conn(), customer, message, at).await? else {
        return match rows::waits(change.conn(), customer, message).await? {
            true => Ok(Claim::NotYet),
            false => Ok(Claim::Nothing),
        };
    };
    let broken = || StoreError::Decode(serde::de::Error::custom("a queued message lacks its text or thread"));
    let outgoing = Outgoing {
        customer_id: customer,
        contact_id: row.contact_id,
        message_id: message,
        account_id: row.account_id,
        thread: Thread::new(row.thread).map_err(|_| broken())?,
        text: Text::new(&row.text.unwrap_or_default()).map_err(|_| broken())?,
        parts_sent: u32::try_from(row.parts_sent).unwrap_or(0),
        attempt: row.attempt,
    };
    let body = EventBody::DeliveryChanged { message_id: message, delivery: Delivery::Sending };
    let seq = change.append(customer, outgoing.contact_id, None, body).await?;
    rows::stamp(change.conn(), customer, message, seq).await?;
    change.commit().await?;
    Ok(Claim::Yours(Box::new(outgoing)))
}

/// Notes that one more part of a split text has arrived, before the next is sent.
pub async fn part_sent(store: &Store, outgoing: &Outgoing, parts: u32) -> Result<(), StoreError> {
    rows::part_sent(store.pool(), outgoing.customer_id, outgoing.message_id, outgoing.attempt, parts).await
}

/// The customer has it. `external`: the channel's id of the (last) message.
pub async fn sent(store: &Store, outgoing: &Outgoing, external: &str) -> Result<(), StoreError> {
    settle(store, outgoing, Delivery::Sent, None, Some(external)).await
}

/// The channel said no; sending it again as it is would not help.
pub async fn failed(store: &Store, outgoing: &Outgoing, why: DeliveryProblem) -> Result<(), StoreError> {
    settle(store, outgoing, Delivery::Failed, Some(why), None).await
}

/// It broke off after the request was on its way.
pub async fn unknown(store: &Store, outgoing: &Outgoing) -> Result<(), StoreError> {
    settle(store, outgoing, Delivery::Unknown, Some(DeliveryProblem::Interrupted), None).await
}

/// It surely was not sent; it may be claimed again.
pub async fn put_back(store: &Store, outgoing: &Outgoing) -> Result<(), StoreError> {
    settle(store, outgoing, Delivery::Queued, None, None).await
}

async fn settle(
    store: &Store,
    outgoing: &Outgoing,
    delivery: Delivery,
    problem: Option<DeliveryProblem>,
    external: Option<&str>,
) -> Result<(), StoreError> {
    let mut change = store.begin().await?;
    let (customer, message) = (outgoing.customer_id, outgoing.message_id);
    let settled = rows::settle(change.conn(), customer, message, outgoing.attempt, delivery, problem, external).await?;
    if settled {
        let body = EventBody::DeliveryChanged { message_id: message, delivery };
        let seq = change.append(customer, outgoing.contact_id, None, body).await?;
        rows::stamp(change.conn(), customer, message, seq).await?;
        change.commit().await?;
    }
    Ok(())
}

/// A message that waits for a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub customer_id: CustomerId,
    pub contact_id: ContactId,
    pub message_id: MessageId,
    pub since: Timestamp,
}

/// The contact's first message that waits for a sender: whoever has sent one goes on with the next.
pub async fn next(store: &Store, customer: CustomerId, contact: ContactId) -> Result<Option<Waiting>, StoreError> {
    rows::next(store.pool(), customer, contact).await
}

/// Messages that nobody has sent for a while, the first of each contact: their deliveries may have been given up.
pub async fn left_waiting(store: &Store) -> Result<Vec<Waiting>, StoreError> {
    rows::left_waiting(store.pool(), store.clock().now() - TAKEN_UP_AFTER).await
}

/// Declares unknown what was left in `sending` by a sender that is gone; gives how many.
pub async fn give_up_interrupted(store: &Store) -> Result<usize, StoreError> {
    let before = store.clock().now() - SENDER_GONE_AFTER;
    let left = rows::left_sending(store.pool(), before).await?;
    let mut given_up = 0;
    for (customer, contact, message) in left {
        let mut change = store.begin().await?;
        if rows::give_up(change.conn(), customer, message, before).await? {
            let body = EventBody::DeliveryChanged { message_id: message, delivery: Delivery::Unknown };
            let seq = change.append(customer, contact, None, body).await?;
            rows::stamp(change.conn(), customer, message, seq).await?;
            change.commit().await?;
            given_up += 1;
        }
    }
    Ok(given_up)
}
