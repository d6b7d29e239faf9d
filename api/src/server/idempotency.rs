//! A write that bears an `Idempotency-Key` is done once: whoever repeats it gets the answer of the first time.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::http::{HeaderValue, Method, StatusCode, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use pipelines::workforce::Actor;
use pipelines::workforce::idempotency::{self, Answer, Begun, IdempotencyKey, Write};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::signed_in::SignedIn;
use super::{ApiError, State, router};

/// Answers are views of one contact or less; this is far above the largest.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// Runs the rest in a task of its own: a browser that hangs up must not leave a write half remembered.
pub(super) async fn once(Shared(state): Shared<State>, request: Request, next: Next) -> Result<Response, ApiError> {
    let Some(key) = key(&request)? else {
        return Ok(next.run(request).await);
    };
    let (mut parts, body) = request.into_parts();
    let SignedIn(actor) = SignedIn::from_request_parts(&mut parts, &state).await?;
    let body = to_bytes(body, router::BODY).await.map_err(|_| ApiError::too_large())?;
    match idempotency::begin(&state.store, &actor, key, digest(&parts, &body)).await? {
        Begun::Run(write) => {
            let actor = Actor { write: Some(write.key().clone()), ..actor };
            parts.extensions.insert(SignedIn(actor));
            let request = Request::from_parts(parts, Body::from(body));
            let run = tokio::spawn(run(state, write, request, next));
            run.await.unwrap_or_else(|panic| Err(ApiError::internal(panic)))
        }
        Begun::Repeat(answer) => Ok(repeat(answer)),
        Begun::Done => Err(ApiError::already_done()),
        Begun::OtherRequest => {
            Err(ApiError::conflict("this Idempotency-Key was used for another request; choose a new one"))
        }
        Begun::Running => Err(ApiError::unavailable()),
    }
}

/// Only what succeeded is remembered: a refused write changed nothing and may be tried again.
async fn run(state: State, write: Write, request: Request, next: Next) -> Result<Response, ApiError> {
    let answer = next.run(request).await;
    if !answer.status().is_success() {
        write.abandon(&state.store).await?;
        return Ok(answer);
    }
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, LARGEST_ANSWER).await.map_err(ApiError::internal)?;
    let body =
        if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).map_err(ApiError::internal)? };
    write.finish(&state.store, &Answer { status: parts.status.as_u16(), body }).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn key(request: &Request) -> Result<Option<IdempotencyKey>, ApiError> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || request.uri().path() == "/api/session"
    {
        return Ok(None);
    }
    let Some(header) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let text = header.to_str().unwrap_or_default();
    IdempotencyKey::parse(text).map(Some).map_err(|cause| ApiError::bad_request(cause.to_string()))
}

fn digest(parts: &Parts, body: &Bytes) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(parts.method.as_str());
    digest.update(b" ");
    digest.update(parts.uri.path_and_query().map_or("", |it| it.as_str()));
    digest.update(b"\n");
    digest.update(body);
    digest.finalize().into()
}

fn repeat(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = match answer.body {
        Value::Null => status.into_response(),
        body => (status, Json(body)).into_response(),
    };
    response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::header::COOKIE;
    use axum::middleware::from_fn_with_state;
    use axum::routing::put;
    use jiff::SignedDuration;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use models::taxonomy::Language;
    use pipelines::platform::clock::Clock;
    use pipelines::platform::trial::Trial;
    use pipelines::workforce::{
        Login, NewOperator, PresenceState, Role, Roles, create_operator, set_presence, sign_in,
    };
    use tower::Service;

    use super::super::state::Settings;
    use super::*;

    #[test]
    fn a_number_is_told_again_to_its_last_digit() {
        for number in ["5.975642125781213e-41", "5.975642125781215e-41", "1.54424771170366", "0.5030702790498914"] {
            assert_eq!(serde_json::from_str::<Value>(number).unwrap().to_string(), number);
        }
    }

    /// Does its work and dies before it can say so.
    async fn dies(Shared(state): Shared<State>, SignedIn(actor): SignedIn) -> StatusCode {
        set_presence(&state.store, &actor, PresenceState::Ready).await.unwrap();
        panic!("the process is killed here");
    }

    #[tokio::test]
    async fn a_handler_that_dies_after_its_commit_is_not_run_again() {
        let clock = Clock::fixed("2026-11-25T18:00:00Z".parse().unwrap(), 1);
        let trial = Trial::start_at(clock.clone()).await;
        let new = NewOperator {
            login: Login::parse("anna").unwrap(),
            name: "Анна".to_owned(),
            password: "correct horse battery".into(),
            roles: Roles::new(&[Role::Operator]).unwrap(),
            languages: vec![Language::Ru],
            capacity: 3,
        };
        create_operator(&trial.store, None, new).await.unwrap();
        let (token, _) = sign_in(&trial.store, "anna", &"correct horse battery".into()).await.unwrap();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let state = State::new(trial.store.clone(), Settings::default(), metrics);
        let router = Router::new().route("/ready", put(dies)).layer(from_fn_with_state(state.clone(), once));
        let mut router = router.with_state(state);
        let mut ask = async || {
            let request = Request::put("/ready").header("idempotency-key", "k");
            let request = request.header(COOKIE, format!("okno={}", token.expose())).body(Body::empty()).unwrap();
            router.call(request).await.unwrap().status()
        };
        assert_eq!(ask().await, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(ask().await, StatusCode::SERVICE_UNAVAILABLE, "it may still run");
        clock.advance(SignedDuration::from_secs(61));
        assert_eq!(ask().await, StatusCode::CONFLICT);
    }
}
