//! Messages one a line, of any number: read and answered as they come.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt;
use models::reading::{ClassifiedLine, Reader};
use serde::Serialize;

use super::classify::{LINES, Message, read};
use crate::server::errors::Code;
use crate::server::{ApiError, lines};

/// The longest line.
const LONGEST: usize = 64 * 1024;
/// Lines that are read together, where so many have come.
const AT_ONCE: usize = 64;
/// How long to leave a busy model alone.
const PAUSE: Duration = Duration::from_millis(20);

/// What stands in the place of a line that could not be answered.
#[derive(Debug, Serialize)]
struct Refusal {
    /// Counted from 1, empty lines too.
    line: usize,
    code: &'static str,
    message: String,
}

/// Answers each line with a line; one that is no message is answered with what is wrong with it, and its neighbours are
/// read all the same. The next lines are not taken before these are answered, so a caller sends as fast as is computed.
pub(super) fn classify(reader: Reader, body: Body) -> Response {
    let lines = lines(body.into_data_stream(), LONGEST).enumerate();
    let lines = lines.filter(|(_, line)| {
        let empty = line.as_ref().is_ok_and(|line| line.iter().all(u8::is_ascii_whitespace));
        std::future::ready(!empty)
    });
    let answers = lines.ready_chunks(AT_ONCE).then(move |lines| {
        let reader = reader.clone();
        async move { Ok::<_, Infallible>(answer(&reader, lines).await) }
    });
    ([(CONTENT_TYPE, LINES)], Body::from_stream(answers)).into_response()
}

async fn answer(reader: &Reader, lines: Vec<(usize, Result<Bytes, ApiError>)>) -> Bytes {
    let mut places = Vec::with_capacity(lines.len());
    let mut messages = Vec::with_capacity(lines.len());
    for (at, line) in lines {
        let parsed = line.and_then(|line| {
            let wrong = |_| ApiError::bad_request("this is no JSON object with the texts `id` and `text`");
            serde_json::from_slice::<Message>(&line).map_err(wrong)
        });
        places.push((at + 1, parsed.map(|message| messages.push(message))));
    }
    let mut read = patiently(reader, &messages).await.map(Vec::into_iter);
    let mut out = Vec::new();
    for (line, place) in places {
        let answered = match (place, &mut read) {
            (Ok(()), Ok(readings)) => readings.next().ok_or_else(|| ApiError::bad_request("no answer")),
            (Ok(()), Err(error)) => Err(ApiError::new(error.code, error.message.clone())),
            (Err(error), _) => Err(error),
        };
        let written = match answered {
            Ok(reading) => serde_json::to_writer(&mut out, &reading),
            Err(ApiError { code, message, .. }) => {
                serde_json::to_writer(&mut out, &Refusal { line, code: code.as_str(), message: message.into_owned() })
            }
        };
        // Neither writing to memory nor these shapes can fail.
        debug_assert!(written.is_ok());
        out.push(b'\n');
    }
    out.into()
}

/// Reads messages; where the model is busy with other bulk, waits for its turn.
async fn patiently(reader: &Reader, messages: &[Message]) -> Result<Vec<ClassifiedLine>, ApiError> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    loop {
        match read(reader, messages).await {
            Err(error) if error.code == Code::RateLimited => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
}
