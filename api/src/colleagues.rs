//! Those to whom a contact can be given.

use axum::Json;
use axum::extract::State as Shared;
use pipelines::platform::page::Page;
use pipelines::workforce::{self, Colleague};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::errors::Refusals;
use crate::server::signed_in::Reading;
use crate::server::{ApiError, State};

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list_colleagues))
}

/// Lists who serves customers, with what they have to do.
#[utoipa::path(get, path = "/api/operators", tag = "workforce", responses((status = 200, body = Page<Colleague>), Refusals))]
async fn list_colleagues(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
) -> Result<Json<Page<Colleague>>, ApiError> {
    Ok(Json(Page { items: workforce::colleagues(&state.store, &actor).await?, next: None }))
}
