//! Strict reading of what comes from outside: bodies, queries and paths, bounded before they are looked at.

use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ApiError;
use super::errors::Code;

/// A JSON body: `application/json`, UTF-8, no NUL characters, exactly the fields of `T`.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(Code::Unsupported, "send the body as Content-Type: application/json"));
        }
        let bytes = Bytes::from_request(request, state).await?;
        read(&bytes).map(Self)
    }
}

/// The query of an address, exactly the fields of `T`.
#[derive(Clone, Copy, Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

/// The variable parts of an address.
#[derive(Clone, Copy, Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct Path<T>(pub T);

/// Refuses addresses with a NUL character: no field of ours has one, and PostgreSQL takes none.
pub(super) async fn clean_address(request: Request, next: Next) -> Result<Response, ApiError> {
    let uri = request.uri();
    if uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00")) {
        return Err(ApiError::bad_request("the address holds a NUL character; leave it out"));
    }
    Ok(next.run(request).await)
}

/// Reads a JSON body.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ApiError::bad_request("the body is not UTF-8"))?;
    let value: Value = serde_json::from_str(text).map_err(|cause| {
        let (line, column) = (cause.line(), cause.column());
        ApiError::bad_request(format!("the body is not JSON: see line {line}, column {column}"))
    })?;
    if has_nul(&value) {
        return Err(ApiError::bad_request("a text holds a NUL character; leave it out"));
    }
    T::deserialize(value).map_err(|cause| ApiError::bad_request(misfit(&cause.to_string())))
}

/// Serde names the field and the expectation, but also repeats what was sent; that part is cut out.
fn misfit(cause: &str) -> String {
    let known = ["missing field", "a text is "];
    let kept = if known.iter().any(|start| cause.starts_with(start)) { cause } else { expectation(cause) };
    format!("the body does not fit: {kept}")
}

fn expectation(cause: &str) -> &str {
    cause
        .rfind(", expected ")
        .map_or("a field or value is not as the interface description says", |at| &cause[at + 2..])
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

impl From<BytesRejection> for ApiError {
    fn from(cause: BytesRejection) -> Self {
        if cause.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::too_large();
        }
        Self::bad_request("the body broke off")
    }
}

impl From<QueryRejection> for ApiError {
    fn from(cause: QueryRejection) -> Self {
        Self::bad_request(format!("the query does not fit: {}", expectation(&cause.body_text())))
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        Self::bad_request("an id in the address is malformed; ids are UUIDs")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::bounded::Text;
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Note {
        text: Text<1, 5>,
        #[serde(default)]
        score: u8,
    }

    fn refusal(body: &[u8]) -> String {
        read::<Note>(body).unwrap_err().message.into_owned()
    }

    #[test]
    fn exactly_the_fields_pass() {
        let note: Note = read(r#"{"text": "плов", "score": 3}"#.as_bytes()).unwrap();
        assert_eq!((note.text.as_str(), note.score), ("плов", 3));
    }

    #[test]
    fn rubbish_is_refused_without_repeating_it() {
        for body in [
            &b"{\"text\": \"\xff\"}"[..],
            b"{\"text\"",
            b"",
            b"[]",
            b"{}",
            br#"{"text": "abcdef"}"#,
            br#"{"text": "   "}"#,
            br#"{"text": "a\u0000b"}"#,
            br#"{"text": "a", "secret-4111": 1}"#,
            br#"{"text": "a", "score": "secret-4111"}"#,
            br#"{"text": "a", "score": -1}"#,
        ] {
            assert!(!refusal(body).contains("4111"), "{}", refusal(body));
        }
        let deep = "[".repeat(100_000);
        assert!(refusal(deep.as_bytes()).starts_with("the body is not JSON"));
    }
}
