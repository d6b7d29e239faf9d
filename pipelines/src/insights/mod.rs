//! What models said of talks, and what people did with it.

mod classify;
mod contact;
mod store;
mod suggestions;
mod verdicts;

pub use classify::Classify;
pub(crate) use verdicts::use_suggestion;
pub use verdicts::{Act, Correction, VerdictError, VerdictInput, correct_topic, give};
