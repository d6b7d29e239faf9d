//! The chat window of a site and of an app: one protocol, over a WebSocket or plain HTTP, resumed by `seq`.

mod rest;
mod socket;
pub mod talk;
pub mod token;
mod visitor;

pub use visitor::bearer;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::routing::{get, post};
use pipelines::conversations::MAX_FILE;
use pipelines::events::Channel;
use tower_http::cors::{Any, CorsLayer};

use crate::server::{ApiError, State};

/// A file and the form around it.
const UPLOAD: usize = MAX_FILE as usize + 64 * 1024;

/// A page of any site may ask: what proves a visitor is a token, never a cookie. Which pages may show the widget is
/// checked where visitors are made and where their socket opens.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/channels/{channel}/{account}/visitors", post(rest::register))
        .route("/channels/{channel}/{account}/messages", post(rest::write).get(rest::read))
        .route("/channels/{channel}/{account}/files", post(rest::upload).layer(DefaultBodyLimit::max(UPLOAD)))
        .route("/channels/{channel}/{account}/live", get(socket::live))
        .layer(cors())
}

/// `*` for headers would leave out `Authorization` (Fetch, "CORS non-wildcard request-header name").
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .max_age(Duration::from_hours(2))
}

/// The account that an address names. `replay` speaks the widget's protocol on its own channel.
#[derive(Clone, Debug)]
pub struct Place {
    pub channel: Channel,
    pub slug: String,
}

impl FromRequestParts<State> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
        let Path((channel, slug)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
        match channel.parse() {
            Ok(channel @ (Channel::Site | Channel::App | Channel::Replay)) => Ok(Self { channel, slug }),
            _ => Err(ApiError::not_found()),
        }
    }
}
