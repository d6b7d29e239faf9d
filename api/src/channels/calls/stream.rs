//! NDJSON: a source tells everything of its calls over one request that may last for hours.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt;
use pipelines::conversations::Account;
use serde::Serialize;

use super::LONGEST;
use super::event::{self, CallReport};
use crate::server::{ApiError, State, lines};

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
    let answers = lines(body.into_data_stream(), LONGEST).enumerate().filter_map(move |(index, line)| {
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
