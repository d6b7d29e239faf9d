//! Files of customers: fetched from the channel once, kept apart from the messages, given to who may see the contact.

use bytes::Bytes;

use super::store::attachments as rows;
use super::view::{self, ViewError};
use super::{AccountId, MAX_FILE};
use crate::events::{AttachmentId, ContactId, CustomerId, EventBody, MessageId, UnknownWord, words};
use crate::platform::store::{Store, StoreError};
use crate::workforce::Actor;

words!(
    /// How far a file has come.
    AttachmentState { Pending = "pending", Stored = "stored", TooLarge = "too_large", Failed = "failed" }
);

/// A file that still stays at its channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub customer_id: CustomerId,
    pub contact_id: ContactId,
    pub message_id: MessageId,
    pub id: AttachmentId,
    pub account_id: AccountId,
    /// The channel's id of the file.
    pub source: String,
    /// The type that the sender's side named.
    pub claimed: String,
}

/// A file as it is served. Its type may be no more than a claim: never let a browser guess or run it.
#[derive(Clone, Debug)]
pub struct File {
    pub name: Option<String>,
    pub media_type: String,
    pub bytes: Bytes,
}

/// What a message has to have fetched.
pub async fn pending(store: &Store, customer: CustomerId, message: MessageId) -> Result<Vec<Pending>, StoreError> {
    rows::pending(store.pool(), customer, message).await
}

/// Keeps a fetched file under the type that its bytes show; one over [`MAX_FILE`] is noted as too large.
/// Repeating it changes nothing.
pub async fn stored(store: &Store, pending: &Pending, bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() as u64 > MAX_FILE {
        return resolve(store, pending, AttachmentState::TooLarge, None).await;
    }
    resolve(store, pending, AttachmentState::Stored, Some(bytes)).await
}

pub async fn too_large(store: &Store, pending: &Pending) -> Result<(), StoreError> {
    resolve(store, pending, AttachmentState::TooLarge, None).await
}

/// The channel does not give the file and will not.
pub async fn failed(store: &Store, pending: &Pending) -> Result<(), StoreError> {
    resolve(store, pending, AttachmentState::Failed, None).await
}

async fn resolve(
    store: &Store,
    pending: &Pending,
    state: AttachmentState,
    bytes: Option<&[u8]>,
) -> Result<(), StoreError> {
    let mut change = store.begin().await?;
    let body = EventBody::AttachmentChanged { message_id: pending.message_id, attachment_id: pending.id };
    let seq = change.append(pending.customer_id, pending.contact_id, None, body).await?;
    if rows::resolve(&mut change, pending, state, bytes, seq).await? {
        change.commit().await?;
    }
    Ok(())
}

/// A stored file for who may see its contact.
pub async fn read(store: &Store, actor: &Actor, id: AttachmentId) -> Result<File, ViewError> {
    let contact = rows::contact_of(store.pool(), id).await?.ok_or(ViewError::NotFound)?;
    view::require_seen(store, actor, contact).await?;
    rows::read(store.pool(), id).await?.ok_or(ViewError::NotFound)
}
