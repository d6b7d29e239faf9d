//! In Telegram's place: speaks the Bot API over HTTP, remembers what it was asked and misbehaves on demand.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::world::TOKEN;

/// How the next `sendMessage` is answered, where it is not as usual.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mood {
    /// 429 for so many seconds.
    Flood(u16),
    /// 403: the customer has blocked the bot.
    Blocked,
    /// 500 in the Bot API's own shape: surely not sent.
    Fault,
    /// 502 by a proxy: nobody knows.
    Gateway,
    /// Takes the message and cuts the connection before the answer.
    CutAfter,
}

#[derive(Default)]
struct Telegram {
    moods: Mutex<VecDeque<Mood>>,
    /// What customers have on their screens: chat and text.
    shown: Mutex<Vec<(i64, String)>>,
    /// Calls of `sendMessage`, whatever became of them.
    asked: AtomicUsize,
    updates: Mutex<Vec<Value>>,
    came: Notify,
    /// Calls of `getUpdates` under way, and the most there ever were.
    polling: AtomicUsize,
    most_polling: AtomicUsize,
    files: Mutex<HashMap<String, Kept>>,
}

/// What `getFile` says of a file's size, and its bytes.
type Kept = (Option<u64>, Vec<u8>);

/// Telegram for one test. Cheap to clone.
#[derive(Clone)]
pub(crate) struct StandIn {
    pub(crate) url: String,
    telegram: Arc<Telegram>,
}

impl StandIn {
    pub(crate) async fn open() -> Self {
        let telegram = Arc::new(Telegram::default());
        let app = Router::new()
            .route("/{bot}/{method}", post(answer))
            .route("/file/{bot}/{*path}", get(file))
            .with_state(telegram.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, telegram }
    }

    /// The next messages are answered like this, then as usual again.
    pub(crate) fn will(&self, moods: &[Mood]) {
        self.telegram.moods.lock().unwrap().extend(moods);
    }

    pub(crate) fn shown(&self) -> Vec<(i64, String)> {
        self.telegram.shown.lock().unwrap().clone()
    }

    pub(crate) fn asked(&self) -> usize {
        self.telegram.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn bring(&self, update: Value) {
        self.telegram.updates.lock().unwrap().push(update);
        self.telegram.came.notify_waiters();
    }

    /// Updates that have not been acknowledged by a later offset.
    pub(crate) fn unread(&self) -> usize {
        self.telegram.updates.lock().unwrap().len()
    }

    pub(crate) fn most_polling(&self) -> usize {
        self.telegram.most_polling.load(Ordering::SeqCst)
    }

    pub(crate) fn keep(&self, file_id: &str, size_said: Option<u64>, bytes: Vec<u8>) {
        self.telegram.files.lock().unwrap().insert(file_id.to_owned(), (size_said, bytes));
    }
}

async fn answer(
    State(telegram): State<Arc<Telegram>>,
    Path((bot, method)): Path<(String, String)>,
    Json(call): Json<Value>,
) -> Response {
    if bot != format!("bot{TOKEN}") {
        return refuse(401, "Unauthorized", Value::Null);
    }
    match method.as_str() {
        "sendMessage" => send(&telegram, &call),
        "getUpdates" => updates(&telegram, &call).await,
        "getFile" => {
            let id = call["file_id"].as_str().unwrap();
            match telegram.files.lock().unwrap().get(id) {
                Some((size, _)) => {
                    let mut file =
                        json!({"file_id": id, "file_unique_id": "u", "file_path": format!("documents/{id}")});
                    if let Some(size) = size {
                        file["file_size"] = json!(size);
                    }
                    accept(file)
                }
                None => refuse(400, "Bad Request: invalid file_id", Value::Null),
            }
        }
        _ => refuse(404, "Not Found", Value::Null),
    }
}

fn send(telegram: &Telegram, call: &Value) -> Response {
    let number = telegram.asked.fetch_add(1, Ordering::SeqCst);
    let (chat, text) = (call["chat_id"].as_i64().unwrap(), call["text"].as_str().unwrap().to_owned());
    if text.encode_utf16().count() > 4096 || text.trim().is_empty() {
        return refuse(400, "Bad Request: message is too long", Value::Null);
    }
    let mood = telegram.moods.lock().unwrap().pop_front();
    match mood {
        Some(Mood::Flood(seconds)) => refuse(429, "Too Many Requests", json!({"retry_after": seconds})),
        Some(Mood::Blocked) => refuse(403, "Forbidden: bot was blocked by the user", Value::Null),
        Some(Mood::Fault) => refuse(500, "Internal Server Error", Value::Null),
        Some(Mood::Gateway) => (StatusCode::BAD_GATEWAY, "<html>bad gateway</html>").into_response(),
        cut => {
            telegram.shown.lock().unwrap().push((chat, text.clone()));
            if cut.is_some() {
                // a body that breaks off at once: the connection is closed midway
                let broken = stream::once(async { Err::<&'static [u8], _>(std::io::Error::other("cut")) });
                return Body::from_stream(broken).into_response();
            }
            let chat = json!({"id": chat, "type": "private", "first_name": "Вера"});
            accept(json!({"message_id": number + 1, "date": 1, "chat": chat, "text": text}))
        }
    }
}

async fn updates(telegram: &Telegram, call: &Value) -> Response {
    let under_way = telegram.polling.fetch_add(1, Ordering::SeqCst) + 1;
    telegram.most_polling.fetch_max(under_way, Ordering::SeqCst);
    let _done = Done(&telegram.polling);
    let offset = call["offset"].as_i64().unwrap_or(0);
    let until = tokio::time::Instant::now() + Duration::from_secs(call["timeout"].as_u64().unwrap_or(0));
    loop {
        let came = telegram.came.notified();
        let found = {
            let mut updates = telegram.updates.lock().unwrap();
            updates.retain(|update| update["update_id"].as_i64().unwrap() >= offset);
            updates.clone()
        };
        if !found.is_empty() || tokio::time::timeout_at(until, came).await.is_err() {
            return accept(json!(found));
        }
    }
}

/// Counts a call out, also when its connection is gone.
struct Done<'a>(&'a AtomicUsize);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn file(State(telegram): State<Arc<Telegram>>, Path((bot, path)): Path<(String, String)>) -> Response {
    let id = path.strip_prefix("documents/").unwrap();
    match telegram.files.lock().unwrap().get(id) {
        Some((_, bytes)) if bot == format!("bot{TOKEN}") => {
            // in pieces and without a length, so that only counting tells how much there is
            let pieces: Vec<_> = bytes.chunks(64 * 1024).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
            Body::from_stream(stream::iter(pieces)).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn accept(result: Value) -> Response {
    Json(json!({"ok": true, "result": result})).into_response()
}

fn refuse(code: u16, description: &str, parameters: Value) -> Response {
    let mut body = json!({"ok": false, "error_code": code, "description": description});
    if !parameters.is_null() {
        body["parameters"] = parameters;
    }
    (StatusCode::from_u16(code).unwrap(), Json(body)).into_response()
}
