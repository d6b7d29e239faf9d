//! A stage: a reaction to an event. What it is called, which events it wants, what it does with one.

use std::time::Duration;

use crate::events::{Event, EventBody};

/// A reaction to an event. Delivered at least once and in no order: running twice must do the same as running once.
///
/// A stage re-reads state by the event's ids, calls models with no transaction open, and commits what it found in one
/// [`Change`](super::store::Change). The worker acknowledges the delivery afterwards.
pub trait Stage: Send + Sync + 'static {
    /// The name of its queue.
    const NAME: StageName;

    /// Whether an event of this kind is delivered to the stage. Asked by the relay, so it sees nothing but the event.
    fn wants(body: &EventBody) -> bool;

    /// Reacts to one event.
    fn run(&self, event: &Event) -> impl Future<Output = Result<(), StageError>> + Send;
}

/// Why a stage could not finish. Neither text may hold what a customer wrote: both are stored and logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// It may work later. `after`: the other side said how long to wait; none: the worker's growing delay.
    #[error("to be tried again: {why}")]
    Retry { after: Option<Duration>, why: String },
    /// It will never work; the delivery goes to the dead ones, where a person sees it.
    #[error("given up: {why}")]
    Discard { why: String },
}

impl StageError {
    /// To be tried again after the worker's growing delay.
    pub fn retry(why: impl std::fmt::Display) -> Self {
        Self::Retry { after: None, why: why.to_string() }
    }

    /// To be tried again, not before `after` has passed.
    pub fn retry_after(after: Duration, why: impl std::fmt::Display) -> Self {
        Self::Retry { after: Some(after), why: why.to_string() }
    }

    /// Not to be tried again.
    pub fn discard(why: impl std::fmt::Display) -> Self {
        Self::Discard { why: why.to_string() }
    }
}

/// What goes wrong between us and the database mostly passes.
impl From<super::store::StoreError> for StageError {
    fn from(error: super::store::StoreError) -> Self {
        Self::retry(error)
    }
}

/// The name of a stage and of its queue: small letters, digits and hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageName(&'static str);

impl StageName {
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for StageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// Which stages there are and what each wants. Every relay of a deployment has the same routes, whichever stages its
/// own process runs.
#[derive(Clone, Debug, Default)]
pub struct Routes(Vec<Route>);

type Route = (StageName, fn(&EventBody) -> bool);

impl Routes {
    /// Adds a stage.
    #[must_use]
    pub fn to<S: Stage>(mut self) -> Self {
        self.0.push((S::NAME, S::wants));
        self
    }

    pub fn stages(&self) -> impl Iterator<Item = StageName> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// The stages that an event goes to.
    pub fn of<'a>(&'a self, body: &'a EventBody) -> impl Iterator<Item = StageName> + 'a {
        self.0.iter().filter(|(_, wants)| wants(body)).map(|(name, _)| *name)
    }
}
