//! `POST /channels/calls/{account}`: any recogniser or telephone system tells what happens in its calls.
//!
//! One event as JSON, or a stream of events as NDJSON (`application/x-ndjson`), a line an event, answered a line each.

mod event;
mod stream;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Request, State as Shared};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use pipelines::conversations::accounts::{self, Account, SecretKind};
use pipelines::events::Channel;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use self::event::CallReport;
use super::site::bearer;
use crate::server::{ApiError, State};

/// One event; a segment of 20,000 characters fits.
const LONGEST: usize = 256 * 1024;

pub fn routes() -> Router<State> {
    Router::new().route("/channels/calls/{account}", post(report))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Reported {
    /// Events that were taken, repeats included.
    pub accepted: u32,
}

async fn report(
    Shared(state): Shared<State>,
    Path(slug): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let account = source(&state, &slug, bearer(request.headers())?).await?;
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|value| value.starts_with("application/x-ndjson")) {
        return Ok(stream::report(state, account, request.into_body()));
    }
    let body = axum::body::to_bytes(request.into_body(), LONGEST).await.map_err(|_| ApiError::too_large())?;
    let report: CallReport = serde_json::from_slice(&body).map_err(|_| event::not_a_report())?;
    event::take(&state, &account, report).await?;
    Ok(Json(Reported { accepted: 1 }).into_response())
}

/// The account whose source sends this token; an unknown account is not told apart from a wrong token.
async fn source(state: &State, slug: &str, token: &str) -> Result<Account, ApiError> {
    let account = accounts::by_slug(&state.store, Channel::Call, slug).await?.ok_or_else(ApiError::unauthenticated)?;
    let token = SecretString::from(token);
    match accounts::verify(&state.store, account.id, SecretKind::Source, &token).await? {
        true => Ok(account),
        false => Err(ApiError::unauthenticated()),
    }
}
