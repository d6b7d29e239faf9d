//! The models over HTTP, for other processes and for load tools: role `inference`.
//!
//! `/embed` and `/predict` answer as Hugging Face's text-embeddings-inference does, `/v1/embeddings` as OpenAI's
//! interface, `/v1/classify`, `/v1/summarise` and `/v1/anomalies` in the shapes of `okno classify`, `okno summarise` and
//! `okno anomalies`.

mod anomalies;
mod classify;
mod embed;
mod remote;
mod stream;
pub(crate) mod summarise;

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Request, State as Shared};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use models::reading::{ReadError, Reader};
use models::sentences::Sentences;
use models::summary::Writer;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::server::{ApiError, State};

/// The largest body: a thousand long messages fit well.
const BODY: usize = 8 * 1024 * 1024;
/// Texts of one request.
const TEXTS: usize = 1_024;

/// What role `inference` works with.
#[derive(Clone, Debug)]
pub struct Inference {
    pub reader: Reader,
    pub sentences: Sentences,
    /// None: summaries have the frame's text.
    pub writer: Option<Writer>,
    /// What callers have to show; without it only this machine's own processes are answered.
    pub token: Option<SecretString>,
}

/// The addresses of the models; a process without the role has none of them.
pub(crate) fn routes(state: &State) -> Router<State> {
    if state.inference.is_none() {
        return Router::new();
    }
    Router::new()
        .route("/v1/classify", post(classify::classify))
        .route("/v1/summarise", post(summarise::summarise))
        .route("/v1/anomalies", post(anomalies::anomalies))
        .route("/embed", post(embed::embed))
        .route("/predict", post(embed::predict))
        .route("/v1/embeddings", post(embed::embeddings))
        .route("/info", get(info))
        .route("/v1/model", get(remote::model))
        .route("/v1/read", post(remote::read))
        .route("/v1/talk", post(remote::talk))
        .route("/v1/explain", post(remote::explain))
        .layer(from_fn_with_state(state.clone(), admit))
        .layer(DefaultBodyLimit::max(BODY))
}

/// Lets in who shows the token, or, where none is set, who asks from this machine.
async fn admit(Shared(state): Shared<State>, request: Request, next: Next) -> Result<Response, ApiError> {
    let Some(inference) = &state.inference else { return Err(ApiError::not_found()) };
    let allowed = match &inference.token {
        Some(token) => {
            let shown =
                request.headers().get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
            shown.is_some_and(|shown| shown.ct_eq(token.expose_secret().as_bytes()).into())
        }
        None => request.extensions().get::<ConnectInfo<SocketAddr>>().is_some_and(|from| from.0.ip().is_loopback()),
    };
    match allowed {
        true => Ok(next.run(request).await),
        false => Err(ApiError::forbidden("show the token of this server as `Authorization: Bearer …`")),
    }
}

/// The models of a process with the role.
struct Asked(Inference);

impl FromRequestParts<State> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, state: &State) -> Result<Self, ApiError> {
        state.inference.clone().map(Asked).ok_or_else(ApiError::not_found)
    }
}

/// What is served, in the words of text-embeddings-inference.
#[derive(Debug, Serialize)]
struct Info {
    model_id: String,
    version: String,
    max_client_batch_size: usize,
}

async fn info(Asked(asked): Asked) -> Json<Info> {
    let model = asked.sentences.model().clone();
    Json(Info { model_id: model.id, version: model.version, max_client_batch_size: TEXTS })
}

/// Refuses a request of no or too many texts.
fn bounded<T>(texts: &[T]) -> Result<(), ApiError> {
    match texts.len() {
        1..=TEXTS => Ok(()),
        0 => Err(ApiError::bad_request("send at least one text")),
        _ => Err(ApiError::bad_request(format!("send at most {TEXTS} texts at once"))),
    }
}

/// How a reading that was not made is answered.
pub(crate) fn refused(error: ReadError) -> ApiError {
    match error {
        ReadError::Busy => {
            ApiError::new(crate::server::errors::Code::RateLimited, "the model is busy; ask again in a moment")
                .after(Duration::from_secs(1))
        }
        ReadError::Inference(cause) => ApiError::internal(cause),
        ReadError::Remote(_) => ApiError::unavailable(),
    }
}
