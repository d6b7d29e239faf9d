//! What one process does: a role is a part of Okno that can run apart from the others.

use std::time::Duration;

use clap::ValueEnum;
use pipelines::workforce;
use tokio::net::TcpListener;

use super::State;
use super::work::{self, Work};

/// A part of Okno that can run in a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// HTTP, the live layer and the channels.
    Api,
    /// Reacts to what happens: reads messages, sends replies, fetches files.
    Worker,
    /// Serves the models to other processes.
    Inference,
}

/// How often ended sessions and old answers are removed.
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// How often counts that nobody needs any more are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(30);

/// Runs the roles until [`State::stopping`] is cancelled and all of them have finished.
///
/// Health and measures are served in any case, so that every process can be watched. `work`: what the worker works
/// with; a process without that role has none.
pub async fn run(roles: &[Role], listener: TcpListener, state: State, work: Option<Work>) -> std::io::Result<()> {
    tokio::spawn(tidy(state.clone()));
    tokio::spawn(sweep(state.clone()));
    let whole = roles.contains(&Role::Api);
    if whole {
        let hub = state.hub.clone();
        let stop = state.stopping.clone();
        tokio::spawn(async move { hub.follow(stop).await });
    }
    let working = tokio::spawn(work::run(state.clone(), work));
    let served = super::serve(listener, whole, state).await;
    if working.await.is_err() {
        tracing::warn!("the worker did not end by itself; what it held comes again after its lease");
    }
    served
}

async fn tidy(state: State) {
    let mut turns = tokio::time::interval(TIDY_EVERY);
    while state.stopping.run_until_cancelled(turns.tick()).await.is_some() {
        state.limits.forget();
        state.metrics.run_upkeep();
    }
}

async fn sweep(state: State) {
    let mut turns = tokio::time::interval(SWEEP_EVERY);
    while state.stopping.run_until_cancelled(turns.tick()).await.is_some() {
        if let Err(cause) = workforce::sweep(&state.store).await {
            tracing::warn!(%cause, "the sweep is put off until the next turn");
        }
    }
}
