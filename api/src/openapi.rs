//! The description of the interface, generated from the routes.

use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};
use utoipa::OpenApi;

use crate::server::State;
use crate::server::router;

/// What stands around the paths.
#[derive(OpenApi)]
#[openapi(info(
    title = "Okno",
    description = "The operator's single window of a contact centre. Errors are `Refusal`; lists are paged by `cursor`; \
        writes take an `Idempotency-Key` (at most 64 ASCII characters)."
))]
struct Frame;

/// The document before the routes are added.
pub fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The document as it is served and as it is committed for the page.
pub fn json() -> Result<String, serde_json::Error> {
    Ok(router::document().to_pretty_json()? + "\n")
}

/// Serves the document of the running server.
pub fn route(document: utoipa::openapi::OpenApi) -> MethodRouter<State> {
    get(async move || axum::Json(document.clone()).into_response())
}
