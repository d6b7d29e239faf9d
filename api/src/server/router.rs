//! Every address of the server, and the layers that each class of them passes through.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{ApiError, State, body, headers, health, idempotency, origin, stamp};
use crate::{
    admin, channels, colleagues, contacts, customers, inference, live, openapi, pages, quality, session, templates,
    trends,
};

/// The largest body of an ordinary write: a message of 20,000 characters of four bytes, escaped, fits well.
pub(super) const BODY: usize = 256 * 1024;
/// The longest that an ordinary request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The whole server.
pub fn app(state: State) -> Router {
    let (api, document) = documented().split_for_parts();
    let document = openapi::finish(document);
    let api = api
        .route("/api/openapi.json", openapi::route(document))
        .layer(from_fn_with_state(state.clone(), idempotency::once))
        .layer(from_fn(origin::same_origin_writes))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE));
    Router::new()
        .merge(api)
        .route("/api/live", get(live::live))
        .merge(channels::routes())
        .merge(health::routes())
        .merge(inference::routes(&state))
        .route("/api/{*rest}", axum::routing::any(async || ApiError::not_found()))
        .fallback_service(pages::service(&state.settings))
        .layer(from_fn(body::clean_address))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::protective))
        .layer(from_fn_with_state(state.clone(), stamp::stamp))
        .with_state(state)
}

/// A process without the interface: health and measures, and the models where it serves them.
pub fn watch_only(state: State) -> Router {
    health::routes()
        .merge(inference::routes(&state))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), stamp::stamp))
        .with_state(state)
}

/// The routes that the OpenAPI document describes; a route exists only together with its description.
pub fn documented() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(openapi::frame())
        .merge(session::routes())
        .merge(colleagues::routes())
        .merge(contacts::routes())
        .merge(customers::routes())
        .merge(quality::routes())
        .merge(admin::routes())
        .merge(templates::routes())
        .merge(trends::routes())
}

/// The document that [`documented`] gives.
pub fn document() -> OpenApi {
    openapi::finish(documented().split_for_parts().1)
}

fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let cause =
        cause.downcast_ref::<&str>().map(|it| (*it).to_owned()).or_else(|| cause.downcast_ref::<String>().cloned());
    ApiError::internal(cause.as_deref().unwrap_or("a handler panicked")).into_response()
}
