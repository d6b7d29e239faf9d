//! The tables of the workforce.

pub(super) mod audit;
pub(super) mod idempotency;
pub(super) mod operators;
pub(super) mod preferences;
pub(super) mod presence;
pub(super) mod sessions;

use models::taxonomy::Language;

use super::{Role, Roles};
use crate::platform::store::StoreError;

/// A word outside its closed list means that a newer version wrote the row.
fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, StoreError> {
    word.parse().map_err(|_| StoreError::Decode(serde::de::Error::custom("a word outside its closed list")))
}

fn roles(words: &[String]) -> Result<Roles, StoreError> {
    let roles: Vec<Role> = words.iter().map(|word| parsed(word)).collect::<Result<_, _>>()?;
    Roles::new(&roles).map_err(|error| StoreError::Decode(serde::de::Error::custom(error)))
}

fn languages(words: &[String]) -> Result<Vec<Language>, StoreError> {
    words.iter().map(|word| parsed(word)).collect()
}
