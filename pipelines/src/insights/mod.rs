//! What models said of talks, and what people did with it.

mod classify;
mod contact;
mod corrections;
mod store;
mod suggestions;
mod verdicts;

pub use classify::Classify;
pub use corrections::{Corrected, CorrectedContact, CorrectedLine, CorrectedTurn, CorrectionsError, corrections};
pub use store::corrected::Place;
pub(crate) use verdicts::use_suggestion;
pub use verdicts::{Act, Correction, VerdictError, VerdictInput, correct_topic, give};
