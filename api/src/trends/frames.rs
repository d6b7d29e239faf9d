//! What a page missed of the stream of alerts, asked for without a socket.

use axum::Json;
use axum::extract::State as Shared;
use pipelines::trends::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::live::{self, Frame};
use crate::server::body::Query;
use crate::server::errors::Refusals;
use crate::server::signed_in::Alerted;
use crate::server::{ApiError, State};

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AlertFrameQuery {
    /// The `seq` of the last frame that the page holds; 0: none.
    #[param(minimum = 0)]
    since: i64,
}

/// A part of the stream of alerts.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertFrames {
    frames: Vec<Frame>,
    /// The stream's last `seq`: where the last frame has a smaller one, there are more.
    last_seq: i64,
}

/// Gives the frames of alerts after `since`, in order. Who serves customers and analyses nothing gets `skip` for those
/// that have ended, are muted or were called noise.
#[utoipa::path(get, path = "/api/trends/frames", tag = "trends", params(AlertFrameQuery),
    responses((status = 200, body = AlertFrames), Refusals))]
pub(super) async fn trends_list_frames(
    Shared(state): Shared<State>,
    Alerted(reader): Alerted,
    Query(query): Query<AlertFrameQuery>,
) -> Result<Json<AlertFrames>, ApiError> {
    let since = query.since.max(0);
    let (last_seq, alerts) = stream::since(&state.store, since).await?;
    let now = state.store.clock().now();
    let frames = live::of_alerts(since, last_seq, alerts).into_iter();
    let frames = frames.map(|frame| live::as_seen(&reader, now, frame)).collect();
    Ok(Json(AlertFrames { frames, last_seq }))
}
