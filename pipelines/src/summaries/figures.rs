//! What the summaries that the quality team looks at come to in numbers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::quality::Filter;
use super::{SummaryError, store};
use crate::platform::store::Store;
use crate::workforce::{Actor, Right};

/// More than so many are not counted: the figures are to be there at once, however long the history is.
const MOST: i64 = 10_000;

/// Counts over the summaries that a filter leaves, each as its current version stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SummaryFigures {
    /// Counted: all that the filter leaves; where these are more than `most`, the latest.
    pub n: i64,
    pub most: i64,
    /// A person stands for them.
    pub confirmed: i64,
    /// Of `confirmed`: in a person's words.
    pub confirmed_edited: i64,
    /// In a person's words, confirmed or not.
    pub edited: i64,
    /// Over `edited`, of the characters between a person's words and the model's (Levenshtein, summed over the parts).
    pub median_distance: Option<f64>,
    /// The mean of the same.
    pub mean_distance: Option<f64>,
    /// By their last verdict.
    pub correct: i64,
    pub wrong: i64,
    pub incomplete: i64,
}

/// The figures of the summaries that the list shows for the same filter.
pub async fn figures(store: &Store, actor: &Actor, filter: Filter) -> Result<SummaryFigures, SummaryError> {
    actor.require(Right::SeeTeam)?;
    Ok(store::figures::of(store.pool(), filter, MOST).await?)
}
