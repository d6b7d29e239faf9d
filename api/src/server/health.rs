//! For those who run the process: is it alive, can it work, what does it measure.

use axum::Router;
use axum::extract::State as Shared;
use axum::routing::get;
use pipelines::platform::database;

use super::{ApiError, State};

/// `/health`: the process answers. `/health/ready`: it can work. `/metrics`: what it measures, for Prometheus.
pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/health", get(async || "alive\n"))
        .route("/health/ready", get(ready))
        .route("/metrics", get(async |Shared(state): Shared<State>| state.metrics.render()))
}

/// The database answers and its data are of this program's version.
async fn ready(Shared(state): Shared<State>) -> Result<&'static str, ApiError> {
    if state.stopping.is_cancelled() {
        return Err(ApiError::unavailable());
    }
    database::check(&state.store).await.map_err(|cause| {
        tracing::warn!(%cause, "not ready");
        ApiError::unavailable()
    })?;
    Ok("ready\n")
}
