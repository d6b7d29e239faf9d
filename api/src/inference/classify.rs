use axum::Json;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use models::reading::{ClassifiedLine, Reader, Said};
use serde::Deserialize;

use super::{Asked, bounded, refused, stream};
use crate::server::ApiError;

pub(super) const LINES: &str = "application/x-ndjson";

#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) text: String,
    /// Ask also which phrases decided.
    #[serde(default)]
    explain: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Messages {
    One(Message),
    Many(Vec<Message>),
}

/// `POST /v1/classify`: one message, an array of messages, or any number of them, one a line (`application/x-ndjson`);
/// answered likewise, in the order asked.
pub(super) async fn classify(Asked(asked): Asked, headers: HeaderMap, body: Body) -> Result<Response, ApiError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with(LINES) {
        return Ok(stream::classify(asked.reader.for_bulk(), body));
    }
    let body = axum::body::to_bytes(body, super::BODY).await.map_err(|_| ApiError::too_large())?;
    let unreadable = |_| ApiError::bad_request("send {\"id\", \"text\"} or an array of such objects as JSON");
    match serde_json::from_slice(&body).map_err(unreadable)? {
        Messages::One(message) => {
            let mut lines = read(&asked.reader, &[message]).await?;
            Ok(Json(lines.pop()).into_response())
        }
        Messages::Many(messages) => Ok(Json(read(&asked.reader.for_bulk(), &messages).await?).into_response()),
    }
}

/// Reads messages, answers in their order.
pub(super) async fn read(reader: &Reader, messages: &[Message]) -> Result<Vec<ClassifiedLine>, ApiError> {
    bounded(messages)?;
    let texts = messages.iter().map(|message| message.text.clone()).collect();
    let readings = reader.read(texts).await.map_err(refused)?;
    let mut lines = Vec::with_capacity(messages.len());
    for (message, reading) in messages.iter().zip(readings) {
        let because = match message.explain {
            true => Some(reader.explain(&message.text, Said::from(&reading)).await.map_err(refused)?),
            false => None,
        };
        lines.push(ClassifiedLine { because, ..ClassifiedLine::new(message.id.clone(), reading) });
    }
    Ok(lines)
}
