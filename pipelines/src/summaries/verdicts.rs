//! What the quality team says of a summary.

use super::{SummaryError, store};
use crate::conversations::steps;
use crate::events::{ContactId, UnknownWord, VerdictId, words};
use crate::platform::store::Store;
use crate::workforce::{Actor, Right};

words!(
    /// Whether a summary says what happened.
    Finding { Correct = "correct", Wrong = "wrong", Incomplete = "incomplete" }
);
words!(
    /// The part of a summary that is wrong or incomplete.
    SummaryField {
        Topics = "topics", Issue = "issue", Request = "request", Actions = "actions", Promises = "promises",
        Outcome = "outcome", Text = "text", Facts = "facts",
    }
);

/// A verdict on one version; made only by [`Verdict::new`], so a correct summary has no faulty part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub(super) version: i32,
    pub(super) finding: Finding,
    pub(super) field: Option<SummaryField>,
    pub(super) comment: Option<String>,
}

impl Verdict {
    /// None where a part of a correct summary is named.
    pub fn new(version: i32, finding: Finding, field: Option<SummaryField>, comment: Option<String>) -> Option<Self> {
        (finding != Finding::Correct || field.is_none()).then_some(Self { version, finding, field, comment })
    }
}

/// Stores a verdict on the current version. All are kept; the last one stands in lists.
pub async fn judge(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    verdict: &Verdict,
) -> Result<VerdictId, SummaryError> {
    actor.require(Right::SeeTeam)?;
    actor.require(Right::Judge)?;
    let mut change = store.begin().await?;
    let locked = steps::lock(&mut change, contact).await?;
    let current = store::current(change.conn(), locked.customer, contact).await?.ok_or(SummaryError::NotFound)?;
    if current.version != verdict.version {
        return Err(SummaryError::Stale);
    }
    let id = VerdictId::new(change.clock());
    store::put_verdict(&mut change, locked.customer, contact, id, actor.id, verdict).await?;
    actor.commit(change).await?;
    Ok(id)
}
