//! One answer for a repeated write: a browser that never saw our answer may ask again without doing the thing twice.

use jiff::SignedDuration;
use serde_json::Value;

use super::store::idempotency::Stage;
use super::{Actor, store};
use crate::platform::store::{Store, StoreError};

/// A write that was begun and neither finished nor abandoned counts as broken off after this long.
const BROKEN_OFF: SignedDuration = SignedDuration::from_secs(60);

/// The client's name for one write: 1 to 64 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned())).ok_or(KeyError)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an Idempotency-Key has 1 to 64 visible ASCII characters")]
pub struct KeyError;

/// What was answered to a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// What to do with a write that bears a key.
#[derive(Debug)]
pub enum Begun {
    /// Do it, then [`Write::finish`] or [`Write::abandon`].
    Run(Write),
    /// It was done: answer this.
    Repeat(Answer),
    /// It was done, but the process died before it kept its answer.
    Done,
    /// The key belongs to another request: a conflict.
    OtherRequest,
    /// The same request runs at this moment: try again shortly.
    Running,
}

/// A write that holds its key.
#[derive(Debug)]
pub struct Write {
    actor: crate::events::OperatorId,
    key: IdempotencyKey,
    request: [u8; 32],
}

/// Claims `key` for the actor. `request` is the SHA-256 of method, path and body.
pub async fn begin(store: &Store, actor: &Actor, key: IdempotencyKey, request: [u8; 32]) -> Result<Begun, StoreError> {
    let now = store.clock().now();
    let broken_off_before = now.saturating_sub(BROKEN_OFF).unwrap_or(now);
    if store::idempotency::claim(store.pool(), actor.id, &key, &request, now, broken_off_before).await? {
        return Ok(Begun::Run(Write { actor: actor.id, key, request }));
    }
    Ok(match store::idempotency::find(store.pool(), actor.id, &key).await? {
        Some(stored) if stored.request != request => Begun::OtherRequest,
        Some(store::idempotency::Stored { stage: Stage::Answered(answer), .. }) => Begun::Repeat(answer),
        Some(store::idempotency::Stored { stage: Stage::Done, at, .. }) if at < broken_off_before => Begun::Done,
        // none: it was abandoned at this very moment
        Some(_) | None => Begun::Running,
    })
}

impl Write {
    /// Keeps the answer for whoever asks again.
    pub async fn finish(self, store: &Store, answer: &Answer) -> Result<(), StoreError> {
        store::idempotency::finish(store.pool(), self.actor, &self.key, &self.request, answer).await
    }

    /// The client's name for it.
    pub fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Frees the key unless the write was done: it failed on our side and may be tried again.
    pub async fn abandon(self, store: &Store) -> Result<(), StoreError> {
        store::idempotency::abandon(store.pool(), self.actor, &self.key, &self.request).await
    }
}
