//! What one process does: a role is a part of Okno that can run apart from the others.

use std::time::Duration;

use clap::ValueEnum;
use pipelines::workforce;
use tokio::net::TcpListener;

use super::State;

/// A part of Okno that can run in a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// HTTP, the live layer and the channels.
    Api,
}

/// How often ended sessions and old answers are removed.
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// How often counts that nobody needs any more are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(30);

/// Runs the roles until [`State::stopping`] is cancelled and all of them have finished.
///
/// Health and measures are served in any case, so that every process can be watched.
pub async fn run(roles: &[Role], listener: TcpListener, state: State) -> std::io::Result<()> {
    tokio::spawn(tidy(state.clone()));
    tokio::spawn(sweep(state.clone()));
    super::serve(listener, roles.contains(&Role::Api), state).await
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
