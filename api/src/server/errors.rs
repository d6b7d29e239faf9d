//! What a refused request is answered: one shape, a closed set of codes, the request's id.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pipelines::conversations::view::Message;
use pipelines::events::ContactId;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoResponses, ToSchema};

/// Why a request was refused. The message says what to do; it never repeats what a customer wrote.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    pub code: Code,
    pub message: Cow<'static, str>,
    /// When to try again, for `rate_limited` and `unavailable`.
    pub retry_after: Option<Duration>,
    /// What else the answer carries, for example `newer` of a stale draft.
    pub details: Map<String, Value>,
}

/// The closed set of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    BadRequest,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    StaleDraft,
    MissingValues,
    AlreadyDone,
    TooLarge,
    RateLimited,
    Unsupported,
    Unavailable,
    Internal,
}

impl Code {
    /// The word that stands in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::StaleDraft => "stale_draft",
            Self::MissingValues => "missing_values",
            Self::AlreadyDone => "already_done",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict | Self::StaleDraft | Self::MissingValues | Self::AlreadyDone => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), retry_after: None, details: Map::new() }
    }

    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::BadRequest, message)
    }

    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "sign in first")
    }

    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing here that you may see; check the address")
    }

    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Conflict, message)
    }

    /// The write of this key was done by a process that died before it answered.
    pub fn already_done() -> Self {
        Self::new(Code::AlreadyDone, "this was done, but its answer was lost; reload to see what became of it")
    }

    pub fn too_large() -> Self {
        Self::new(Code::TooLarge, "the body is larger than this address takes")
    }

    pub fn unavailable() -> Self {
        Self::new(Code::Unavailable, "the server cannot answer now; try again in a moment")
            .after(Duration::from_secs(1))
    }

    /// Something of ours is broken: `cause` goes to the log, the answer says only how to find it there.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(Code::Internal, "something went wrong here; tell the administrator the request_id")
    }

    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds a field to the answer.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.details.insert(field.to_owned(), value);
                self
            }
            Err(cause) => Self::internal(cause),
        }
    }

    /// The answer's body.
    pub fn body(&self, request_id: &str) -> Value {
        let mut body = Map::new();
        body.insert("code".to_owned(), serde_json::json!(self.code));
        body.insert("message".to_owned(), Value::from(self.message.as_ref()));
        body.insert("request_id".to_owned(), Value::from(request_id));
        body.extend(self.details.clone());
        Value::Object(body)
    }
}

/// The body is written by [`super::stamp`], which knows the request's id.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs_f64().ceil().max(1.0);
            if let Ok(value) = HeaderValue::from_str(&format!("{seconds:.0}")) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns what a layer or the router refused by itself into the one shape, and gives every refusal its body.
pub(super) fn render(response: Response, request_id: &str) -> Response {
    let silent = !response.headers().contains_key(header::CONTENT_TYPE);
    let known = response.extensions().get::<ApiError>().cloned();
    let Some(error) = known.or_else(|| of_layer(response.status()).filter(|_| silent)) else {
        return response;
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    (parts.status, parts.headers, Json(error.body(request_id))).into_response()
}

fn of_layer(status: StatusCode) -> Option<ApiError> {
    Some(match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            ApiError::new(Code::Unsupported, "this method is not offered here; the Allow header lists those that are")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(),
        StatusCode::SERVICE_UNAVAILABLE => ApiError::unavailable(),
        _ => return None,
    })
}

/// The body of every refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    pub code: Code,
    /// What to do, in English, for the log and for developers; the page has its own words for each code.
    pub message: String,
    /// The request as the server's log names it.
    pub request_id: String,
    /// With `stale_draft`: what was said since, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newer: Option<Vec<Message>>,
    /// With `conflict` on reopening: the contact in which the talk goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<ContactId>,
}

/// What any operation may answer instead of its result.
#[derive(Debug, IntoResponses)]
pub enum Refusals {
    /// The request is malformed: a field is missing, unknown, too long or of the wrong type.
    #[response(status = 400)]
    BadRequest(ErrorBody),
    /// Nobody is signed in.
    #[response(status = 401)]
    Unauthenticated(ErrorBody),
    /// The role does not allow it, or the page that asked is not ours.
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// There is no such thing, or this person may not see it.
    #[response(status = 404)]
    NotFound(ErrorBody),
    /// The state of things forbids it: somebody else was first, or a key was used for another write.
    #[response(status = 409)]
    Conflict(ErrorBody),
    /// The body is larger than this address takes.
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is not of a type that this address takes.
    #[response(status = 415)]
    Unsupported(ErrorBody),
    /// Too many requests; `Retry-After` says when to come again.
    #[response(status = 429)]
    RateLimited(ErrorBody),
    /// A fault of ours.
    #[response(status = 500)]
    Internal(ErrorBody),
    /// Not now; `Retry-After` says when to come again.
    #[response(status = 503)]
    Unavailable(ErrorBody),
}
