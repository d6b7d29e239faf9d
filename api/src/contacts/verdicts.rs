//! What people say of what models said.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use pipelines::events::ContactId;
use pipelines::insights::{self, VerdictInput};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::server::body::{Body, Path};
use crate::server::created::Created;
use crate::server::errors::Refusals;
use crate::server::signed_in::Judging;
use crate::server::{ApiError, State};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVerdict {
    subject: VerdictInput,
}

/// Corrects a label, or says what became of a suggestion.
#[utoipa::path(post, path = "/api/contacts/{id}/verdicts", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = NewVerdict, responses((status = 201, body = Created), Refusals))]
pub(super) async fn give_verdict(
    Shared(state): Shared<State>,
    Judging(actor): Judging,
    Path(id): Path<ContactId>,
    Body(verdict): Body<NewVerdict>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let given = insights::give(&state.store, &actor, id, &verdict.subject).await?;
    Ok((StatusCode::CREATED, Json(Created { id: given.0 })))
}
