use axum::Json;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use models::reading::{ClassifiedLine, Reader, Said};
use serde::Deserialize;

use super::stream::{self, LINES, Line};
use super::{Asked, bounded, refused};
use crate::server::ApiError;

/// The longest line.
const LONGEST: usize = 64 * 1024;
/// Lines that are read together.
const AT_ONCE: usize = 64;

#[derive(Debug, Deserialize)]
struct Message {
    id: String,
    text: String,
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
        let reader = asked.reader.for_bulk();
        return Ok(stream::answered(body, LONGEST, AT_ONCE, move |lines| answer(reader.clone(), lines)));
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
async fn read(reader: &Reader, messages: &[Message]) -> Result<Vec<ClassifiedLine>, ApiError> {
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

/// Answers lines; one that is no message is answered with what is wrong with it, and its neighbours are read all the same.
async fn answer(reader: Reader, lines: Vec<Line>) -> Vec<u8> {
    let mut places = Vec::with_capacity(lines.len());
    let mut messages = Vec::with_capacity(lines.len());
    for (number, line) in lines {
        let parsed = line.and_then(|line| {
            let wrong = |_| ApiError::bad_request("this is no JSON object with the texts `id` and `text`");
            serde_json::from_slice::<Message>(&line).map_err(wrong)
        });
        places.push((number, parsed.map(|message| messages.push(message))));
    }
    let mut read = match messages.is_empty() {
        true => Ok(Vec::new().into_iter()),
        false => stream::patiently(|| read(&reader, &messages)).await.map(Vec::into_iter),
    };
    let mut out = Vec::new();
    for (number, place) in places {
        let answered = place.and_then(|()| match &mut read {
            Ok(readings) => readings.next().ok_or_else(|| ApiError::bad_request("no answer")),
            Err(error) => Err(ApiError::new(error.code, error.message.clone())),
        });
        stream::write(&mut out, number, answered);
    }
    out
}
