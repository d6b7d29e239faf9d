//! What happened in a contact, as data and as a text: written by the models while it runs and when it ends, edited and
//! confirmed by those who served it, judged by the quality team. Every version is kept.

mod dates;
mod due;
mod edit;
mod facts;
pub mod figures;
pub mod quality;
mod stage;
pub(crate) mod store;
mod verdicts;
pub mod view;

pub use dates::date_left;
pub use edit::{Asked, ask, confirm, edit};
pub use stage::Summarise;
pub use verdicts::{Finding, SummaryField, Verdict, judge};

use crate::conversations::LifeError;
use crate::conversations::view::ViewError;
use crate::events::{UnknownWord, words};
use crate::platform::store::StoreError;
use crate::workforce::Forbidden;

words!(
    /// Why a version of a summary was written.
    SummaryReason {
        Closed = "closed", Transferred = "transferred", Asked = "asked", Rolling = "rolling", Edited = "edited",
    }
);

/// Why nothing was done with a summary.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("there is no summary here that you may see")]
    NotFound,
    #[error("the contact is not yours; ask its owner to change the summary")]
    NotYours,
    #[error("the summary has a newer version; reload it")]
    Stale,
}

impl From<LifeError> for SummaryError {
    fn from(error: LifeError) -> Self {
        match error {
            LifeError::Store(error) => Self::Store(error),
            _ => Self::NotFound,
        }
    }
}

impl From<ViewError> for SummaryError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Store(error) => Self::Store(error),
            ViewError::NotFound => Self::NotFound,
        }
    }
}
