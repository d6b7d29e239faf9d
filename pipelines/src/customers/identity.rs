//! How a customer is recognised: one key per way of reaching us.

use std::fmt;

use super::Phone;
use crate::events::{UnknownWord, words};

words!(
    /// What kind of key recognises a customer. `Call` is a caller without a number: known by that call alone.
    IdentityKind { Phone = "phone", Telegram = "telegram", Site = "site", App = "app", Call = "call", Replay = "replay" }
);

crate::id!(
    /// One key of a customer; a phone's id is how the page asks to see it.
    IdentityId
);

/// Longest value the database takes.
const LONGEST: usize = 128;

/// A key that belongs to one customer at a time. `Debug` does not show its value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdentityKey {
    kind: IdentityKind,
    value: String,
}

impl IdentityKey {
    pub fn phone(phone: &Phone) -> Self {
        Self { kind: IdentityKind::Phone, value: phone.as_e164().to_owned() }
    }

    /// The id of a Telegram user, which never changes.
    pub fn telegram(user: u64) -> Self {
        Self { kind: IdentityKind::Telegram, value: user.to_string() }
    }

    /// A key of any kind: 1 to 128 characters without control characters; a phone must be E.164.
    pub fn new(kind: IdentityKind, value: &str) -> Result<Self, IdentityError> {
        if kind == IdentityKind::Phone {
            return Phone::from_e164(value).map(|phone| Self::phone(&phone)).map_err(|_| IdentityError);
        }
        let fits = (1..=LONGEST).contains(&value.chars().count()) && !value.chars().any(char::is_control);
        fits.then(|| Self { kind, value: value.to_owned() }).ok_or(IdentityError)
    }

    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityKey({})", self.kind.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a customer's key; give 1 to 128 characters, a telephone in E.164")]
pub struct IdentityError;
