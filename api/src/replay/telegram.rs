//! In Telegram's place where talks are played: the demonstration's bots send to this, since Telegram knows nothing of
//! them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::{Path, State as Shared};
use axum::routing::post;
use axum::{Json, Router};
use pipelines::conversations::accounts;
use pipelines::events::Channel;
use pipelines::platform::store::{Store, StoreError};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Why it does not stand there.
#[derive(Debug, thiserror::Error)]
pub enum TelegramError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no port of this machine is free for what stands in Telegram's place: {0}")]
    NoPort(#[from] std::io::Error),
}

/// Opens a Bot API on a free port of this machine and sends the demonstration's bots there.
pub async fn stand_in(store: &Store, stopping: CancellationToken) -> Result<(), TelegramError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let bots = accounts::active(store, Channel::Telegram).await?;
    let ours = bots.into_iter().filter(|bot| bot.slug.starts_with("demo-"));
    let moved = ours.map(|mut bot| {
        bot.settings.api_url = Some(format!("http://{address}"));
        (bot, Vec::new())
    });
    accounts::provide(store, &moved.collect::<Vec<_>>()).await?;
    let sent = Arc::new(AtomicI64::new(store.clock().now().as_second()));
    let app = Router::new().route("/{bot}/{method}", post(answer)).with_state(sent);
    tokio::spawn(async move {
        let stop = async move { stopping.cancelled().await };
        if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stop).await {
            tracing::warn!(%error, "what stands in Telegram's place is gone; replies to its customers will fail");
        }
    });
    Ok(())
}

/// `sendMessage` gets its message back with an id; other methods are told what Telegram tells about unknown ones.
async fn answer(
    Shared(sent): Shared<Arc<AtomicI64>>,
    Path((_bot, method)): Path<(String, String)>,
    Json(call): Json<Value>,
) -> Json<Value> {
    if method != "sendMessage" {
        return Json(json!({"ok": false, "error_code": 404, "description": "Not Found"}));
    }
    Json(json!({"ok": true, "result": {
        "message_id": sent.fetch_add(1, Ordering::Relaxed) % i64::from(i32::MAX),
        "date": sent.load(Ordering::Relaxed),
        "chat": {"id": call["chat_id"], "type": "private"},
        "text": call["text"],
    }}))
}
