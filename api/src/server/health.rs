//! For those who run the process: is it alive, can it work, what does it measure.

use axum::Router;
use axum::extract::State as Shared;
use axum::routing::get;

use super::State;

/// `/health`: the process answers. `/metrics`: what it measures, for Prometheus.
pub(super) fn routes() -> Router<State> {
    Router::new().route("/health", get(async || "alive")).route("/metrics", get(metrics))
}

async fn metrics(Shared(state): Shared<State>) -> String {
    state.metrics.render()
}
