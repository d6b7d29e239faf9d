//! The HTTP server: state, errors, what every request passes through, and the start and stop of the process's roles.

pub mod body;
pub mod errors;
pub mod health;
pub mod limits;
pub mod origin;
pub mod router;
pub mod signed_in;
pub mod stamp;
pub mod state;

mod headers;
mod refusals;

pub use errors::ApiError;
pub use state::{Settings, State};

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

/// Longest wait for requests that are under way when the process should stop.
pub const DRAIN: Duration = Duration::from_secs(10);

/// Serves until [`State::stopping`] is cancelled, then finishes what is under way, at most [`DRAIN`] long.
pub async fn serve(listener: TcpListener, state: State) -> std::io::Result<()> {
    let stopping = state.stopping.clone();
    let app = router::app(state).into_make_service_with_connect_info::<SocketAddr>();
    let stop = stopping.clone();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move { stop.cancelled().await });
    tokio::select! {
        done = serving.into_future() => done,
        () = async { stopping.cancelled().await; tokio::time::sleep(DRAIN).await } => {
            tracing::warn!(seconds = DRAIN.as_secs(), "stopped with requests still under way");
            Ok(())
        }
    }
}
