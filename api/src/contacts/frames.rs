//! What a page missed of a contact, asked for without a socket.

use axum::Json;
use axum::extract::State as Shared;
use pipelines::conversations::view;
use pipelines::events::ContactId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::live::{self, Frame};
use crate::server::body::{Path, Query};
use crate::server::bounded::Count;
use crate::server::errors::Refusals;
use crate::server::signed_in::Reading;
use crate::server::{ApiError, State};

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FrameQuery {
    /// The `seq` of the last frame that the page holds; 0: none.
    #[param(minimum = 0)]
    since: i64,
    #[param(inline)]
    limit: Option<Count<500>>,
}

/// A part of a contact's stream.
#[derive(Serialize, ToSchema)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    /// The contact's last `seq`: where the last frame has a smaller one, there are more.
    last_seq: i64,
}

/// Gives a contact's frames after `since`, in order.
#[utoipa::path(get, path = "/api/contacts/{id}/frames", tag = "contacts", params(("id" = ContactId, Path), FrameQuery),
    responses((status = 200, body = Frames), Refusals))]
pub(super) async fn list_frames(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
    Query(query): Query<FrameQuery>,
) -> Result<Json<Frames>, ApiError> {
    let seen = view::require_seen(&state.store, &actor, id).await?;
    let summary = view::summaries(&state.store, &[id]).await?.pop().ok_or_else(ApiError::not_found)?;
    let mut frames = live::since(&state.store, &seen, query.since.max(0)).await?;
    frames.truncate(query.limit.unwrap_or_default().get() as usize);
    Ok(Json(Frames { frames, last_seq: summary.seq }))
}
