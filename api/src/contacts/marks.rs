//! How far somebody has read, and what they have not sent yet.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use jiff::Timestamp;
use pipelines::conversations::marks;
use pipelines::events::ContactId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::body::{Body, Path};
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::signed_in::Reading;
use crate::server::{ApiError, State};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadUpTo {
    /// The greatest `seq` that was read.
    #[schema(minimum = 0)]
    seq: i64,
}

/// Notes how far the owner of a contact has read.
#[utoipa::path(post, path = "/api/contacts/{id}/read", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = ReadUpTo, responses((status = 204), Refusals))]
pub(super) async fn mark_read(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
    Body(read): Body<ReadUpTo>,
) -> Result<StatusCode, ApiError> {
    marks::read_up_to(&state.store, &actor, id, read.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftText {
    // Empty: there is nothing unsent any more.
    #[schema(inline)]
    text: Text<0, 20_000>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DraftSaved {
    saved_at: Timestamp,
}

/// Keeps an unsent text.
#[utoipa::path(put, path = "/api/contacts/{id}/draft", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = DraftText, responses((status = 200, body = DraftSaved), Refusals))]
pub(super) async fn put_draft(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
    Body(draft): Body<DraftText>,
) -> Result<Json<DraftSaved>, ApiError> {
    let kept = marks::keep_draft(&state.store, &actor, id, draft.text.as_str()).await?;
    Ok(Json(DraftSaved { saved_at: kept.saved_at }))
}
