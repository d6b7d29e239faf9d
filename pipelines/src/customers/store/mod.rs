//! The tables of customers, their keys and links.

pub(super) mod bulk;
pub(super) mod card;
pub(super) mod consents;
pub(super) mod keys;
pub(super) mod links;
pub(super) mod search;

use models::taxonomy::Language;
use uuid::Uuid;

use crate::events::CustomerId;
use crate::platform::store::StoreError;

fn ids(customers: &[CustomerId]) -> Vec<Uuid> {
    customers.iter().map(|customer| customer.0).collect()
}

/// A word outside its closed list means that a newer version wrote the row.
fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, StoreError> {
    word.parse().map_err(|_| StoreError::Decode(serde::de::Error::custom("a word outside its closed list")))
}

fn language(word: Option<String>) -> Result<Option<Language>, StoreError> {
    word.as_deref().map(parsed).transpose()
}
