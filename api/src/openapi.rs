//! The description of the interface, generated from the routes.

use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};
use pipelines::conversations::desk::Scope;
use pipelines::workforce::audit::{Action, ObjectKind};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi as Document, Required};

use crate::live::{Command, Frame};
use crate::server::errors::ErrorBody;
use crate::server::{State, router};

/// What stands around the paths, and the types that no operation's body names: refusals, words of queries, and what
/// goes over the WebSocket at `/api/live`.
#[derive(OpenApi)]
#[openapi(
    components(schemas(ErrorBody, Scope, Action, ObjectKind, Frame, Command)),
    info(
        title = "Okno",
        description = "The operator's single window of a contact centre. Every refusal is an `ErrorBody`; lists are paged by \
        `cursor`; a write that bears an `Idempotency-Key` is done once."
    )
)]
struct Surroundings;

/// The document before the routes are added.
pub fn frame() -> Document {
    Surroundings::openapi()
}

/// Adds what all writes have in common, so that no route can forget it.
pub fn finish(mut document: Document) -> Document {
    for (path, item) in &mut document.paths.paths {
        if path != "/api/session" {
            for write in writes(item) {
                write.parameters.get_or_insert_default().push(idempotency_key().into());
            }
        }
    }
    document
}

/// The document as it is served and as it is committed for the page.
pub fn json() -> Result<String, serde_json::Error> {
    Ok(router::document().to_pretty_json()? + "\n")
}

/// Serves the document of the running server.
pub fn route(document: Document) -> MethodRouter<State> {
    get(async move || axum::Json(document.clone()).into_response())
}

fn writes(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(64));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The client's name for this write, visible ASCII: repeated, it is answered and not done again",
        ))
        .schema(Some(text.pattern(Some("^[!-~]+$")).build()))
        .build()
}
