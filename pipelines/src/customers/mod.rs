//! Who the customers are and how we know that two keys mean one person.

mod bulk;
mod card;
mod consents;
mod identity;
mod links;
mod phone;
mod resolve;
mod search;
mod store;

pub use bulk::{KnownCustomer, put_customers};
pub use card::{Card, CardAccount, CardContact, CardPhone, CardSummary, card, reveal_phone};
pub use consents::{Consent, ConsentId, Purpose, give_consent, withdraw_consent};
pub use identity::{IdentityError, IdentityId, IdentityKey, IdentityKind};
pub(crate) use links::person;
pub use links::{CardLink, LinkId, end_link, link};
pub use models::country::Country;
pub use phone::{Phone, PhoneError};
pub use resolve::{Linked, NewCustomer, link_phone, resolve};
pub use search::{FoundCustomer, search};

use crate::platform::page::CursorError;
use crate::platform::store::StoreError;
use crate::workforce::Forbidden;

/// What can go wrong with customers.
#[derive(Debug, thiserror::Error)]
pub enum CustomerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error("there is no such customer, phone or link")]
    NotFound,
    #[error("{0}")]
    Invalid(&'static str),
}

/// How names are compared when people search: small letters, `ё` as `е`.
pub(crate) fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace('ё', "е")
}
