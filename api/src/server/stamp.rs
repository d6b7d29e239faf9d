//! The outermost layer: every request gets an id, a line in the log and a measured time; every refusal its body.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::{State, errors};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id under which the log and the audit name a request. Made here, never taken from outside.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Logs method, route, status and time: never a query, a body or a name.
pub(super) async fn stamp(Shared(state): Shared<State>, mut request: Request, next: Next) -> Response {
    let id = state.store.clock().id().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", %id, %method, route);
    let started = Instant::now();
    let answer = next.run(request).instrument(span.clone()).await;
    let mut answer = errors::render(answer, &id);
    let (status, taken) = (answer.status(), started.elapsed());
    span.in_scope(|| tracing::debug!(status = status.as_u16(), ms = taken.as_millis(), "answered"));
    let labels = [("method", method.to_string()), ("route", route), ("status", status.as_u16().to_string())];
    metrics::counter!("okno_http_requests_total", &labels).increment(1);
    metrics::histogram!("okno_http_seconds", &labels).record(taken.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert(X_REQUEST_ID, value);
    }
    answer
}
