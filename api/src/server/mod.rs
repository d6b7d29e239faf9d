//! The HTTP server: state, errors, what every request passes through, and the start and stop of the process's roles.

pub mod body;
pub mod bounded;
pub mod created;
pub mod errors;
pub mod health;
pub mod limits;
pub mod measures;
pub mod origin;
pub mod paging;
pub mod roles;
pub mod router;
pub mod signed_in;
pub mod stamp;
pub mod state;
pub mod work;

mod headers;
mod idempotency;
mod lines;
mod refusals;

pub use errors::ApiError;
pub(crate) use lines::lines;
pub use state::{Settings, State};

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

/// Longest wait for requests that are under way when the process should stop.
pub const DRAIN: Duration = Duration::from_secs(10);

/// Serves until [`State::stopping`] is cancelled, then finishes what is under way, at most [`DRAIN`] long.
///
/// Without the interface (`whole` is false) only health and measures are answered.
pub async fn serve(listener: TcpListener, whole: bool, state: State) -> std::io::Result<()> {
    let stopping = state.stopping.clone();
    let app = if whole { router::app(state) } else { router::watch_only(state) };
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
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
