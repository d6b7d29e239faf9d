//! Bodies of any number of lines, read and answered as they come.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt;
use serde::Serialize;

use crate::server::errors::Code;
use crate::server::{ApiError, lines};

/// The content type of such bodies.
pub(super) const LINES: &str = "application/x-ndjson";

/// How long to leave a busy model alone.
const PAUSE: Duration = Duration::from_millis(20);

/// A line and its number, counted from 1, empty lines too; an error where it is longer than lines may be.
pub(super) type Line = (usize, Result<Bytes, ApiError>);

/// What stands in the place of a line that could not be answered.
#[derive(Debug, Serialize)]
struct Refusal {
    line: usize,
    code: &'static str,
    message: String,
}

/// Answers each line with a line, up to `at_once` together where so many have come; `longest`: the bytes of one. The
/// next lines are not taken before these are answered, so a caller sends as fast as is computed.
pub(super) fn answered<F: Future<Output = Vec<u8>> + Send + 'static>(
    body: Body,
    longest: usize,
    at_once: usize,
    mut answer: impl FnMut(Vec<Line>) -> F + Send + 'static,
) -> Response {
    let lines = lines(body.into_data_stream(), longest).enumerate().map(|(at, line)| (at + 1, line));
    let lines = lines.filter(|(_, line)| {
        let empty = line.as_ref().is_ok_and(|line| line.iter().all(u8::is_ascii_whitespace));
        std::future::ready(!empty)
    });
    let answers = lines.ready_chunks(at_once).then(move |lines| {
        let answer = answer(lines);
        async move { Ok::<_, Infallible>(Bytes::from(answer.await)) }
    });
    ([(CONTENT_TYPE, LINES)], Body::from_stream(answers)).into_response()
}

/// Writes the answer to a line, or what is wrong with it.
pub(super) fn write(out: &mut Vec<u8>, line: usize, answer: Result<impl Serialize, ApiError>) {
    let written = match answer {
        Ok(answer) => serde_json::to_writer(&mut *out, &answer),
        Err(ApiError { code, message, .. }) => {
            serde_json::to_writer(&mut *out, &Refusal { line, code: code.as_str(), message: message.into_owned() })
        }
    };
    // Neither writing to memory nor these shapes can fail.
    debug_assert!(written.is_ok());
    out.push(b'\n');
}

/// Asks the model; where it is busy with other bulk, waits for its turn.
pub(super) async fn patiently<T, F: Future<Output = Result<T, ApiError>>>(ask: impl Fn() -> F) -> Result<T, ApiError> {
    loop {
        match ask().await {
            Err(error) if error.code == Code::RateLimited => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
}
