use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::Signal;
use crate::platform::store::{Store, StoreError};

const CHANNEL: &str = "okno_signal";

/// Pause before the listener is opened again after PostgreSQL went away.
const REOPEN: Duration = Duration::from_secs(1);

pub(super) async fn notify(store: &Store, payload: &str) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, payload).execute(store.pool()).await?;
    Ok(())
}

pub(super) async fn listen(store: &Store, heard: &broadcast::Sender<Signal>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            outcome = pass_on(store, heard) => {
                if let Err(error) = outcome {
                    tracing::warn!(%error, "the listener for signals broke off and is opened again");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REOPEN) => {}
        }
    }
}

async fn pass_on(store: &Store, heard: &broadcast::Sender<Signal>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(store.pool()).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        match serde_json::from_str(notification.payload()) {
            // nobody listening in this process is no error
            Ok(signal) => drop(heard.send(signal)),
            Err(_) => tracing::debug!("a signal of a newer version was passed over"),
        }
    }
}
