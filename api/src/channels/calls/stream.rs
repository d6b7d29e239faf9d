//! NDJSON: a source tells everything of its calls over one request that may last for hours.

use axum::body::{Body, BodyDataStream};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use pipelines::conversations::Account;
use serde::Serialize;

use super::LONGEST;
use super::event::{self, CallReport};
use crate::server::{ApiError, State};

/// The answer to one line.
#[derive(Debug, Serialize)]
struct Answer {
    /// Counted from 1; empty lines count and get no answer.
    line: u64,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Answers each line as soon as it is committed; the next line is not read before, so a source is slowed down to what
/// the database takes.
pub(super) fn report(state: State, account: Account, body: Body) -> Response {
    let answers = lines(body.into_data_stream()).enumerate().filter_map(move |(index, line)| {
        let (state, account) = (state.clone(), account.clone());
        async move {
            let line_number = index as u64 + 1;
            let outcome = match line {
                Ok(line) if line.iter().all(u8::is_ascii_whitespace) => return None,
                Ok(line) => one(&state, &account, &line).await,
                Err(error) => Err(error),
            };
            let answer = match outcome {
                Ok(()) => Answer { line: line_number, ok: true, code: None, message: None },
                Err(error) => Answer {
                    line: line_number,
                    ok: false,
                    code: Some(error.code.as_str()),
                    message: Some(error.message.into_owned()),
                },
            };
            let mut text = serde_json::to_vec(&answer).unwrap_or_default();
            text.push(b'\n');
            Some(Ok::<_, std::convert::Infallible>(Bytes::from(text)))
        }
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(answers)).into_response()
}

async fn one(state: &State, account: &Account, line: &[u8]) -> Result<(), ApiError> {
    let report: CallReport = serde_json::from_slice(line).map_err(|_| event::not_a_report())?;
    event::take(state, account, report).await
}

/// Cuts the body at line ends. Of a line over the limit nothing is kept; it is an error, and reading goes on behind it.
fn lines(body: BodyDataStream) -> impl Stream<Item = Result<Bytes, ApiError>> {
    struct Reading {
        body: BodyDataStream,
        held: BytesMut,
        /// The line that is being read was too long already.
        skipping: bool,
        over: bool,
    }
    let reading = Reading { body, held: BytesMut::new(), skipping: false, over: false };
    stream::unfold(reading, |mut reading| async move {
        loop {
            if let Some(end) = reading.held.iter().position(|byte| *byte == b'\n') {
                let mut line = reading.held.split_to(end + 1);
                line.truncate(end);
                let fits = !std::mem::take(&mut reading.skipping) && line.len() <= LONGEST;
                return Some((fits.then(|| line.freeze()).ok_or_else(ApiError::too_large), reading));
            }
            if reading.skipping || reading.held.len() > LONGEST {
                reading.skipping = true;
                reading.held.clear();
            }
            if reading.over {
                let rest = reading.held.split().freeze();
                return match std::mem::take(&mut reading.skipping) {
                    true => Some((Err(ApiError::too_large()), reading)),
                    false => (!rest.is_empty()).then_some((Ok(rest), reading)),
                };
            }
            match reading.body.next().await {
                Some(Ok(chunk)) => reading.held.extend_from_slice(&chunk),
                Some(Err(_)) | None => reading.over = true,
            }
        }
    })
    // the compression of answers asks once more after the end
    .fuse()
}
