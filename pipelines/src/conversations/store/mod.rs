//! The tables of conversations.
//!
//! Ids of what is to be shown come in as `unnest((SELECT $1::uuid[]))`: behind the subquery the planner does not see how
//! many there are, so it takes the plan for a handful that the connection keeps. Told each time, it would plan anew each
//! time, which for a row of the list takes ten times what reading it does.

pub(crate) mod accept;
pub(crate) mod accounts;
pub(crate) mod attachments;
pub(crate) mod delivery;
pub(crate) mod life;
pub(crate) mod lists;
pub(crate) mod marks;
pub(crate) mod messages;
pub(crate) mod position;
pub(crate) mod talk;

use crate::platform::store::StoreError;

/// A word outside its closed list means that a newer version wrote the row.
pub(crate) fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, StoreError> {
    word.parse().map_err(|_| StoreError::Decode(serde::de::Error::custom("a word outside its closed list")))
}

/// As [`parsed`], for a column that may be empty.
pub(crate) fn parsed_some<T: std::str::FromStr>(word: Option<&str>) -> Result<Option<T>, StoreError> {
    word.map(parsed).transpose()
}
