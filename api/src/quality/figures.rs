//! The quality team's figures: how often people change what the models wrote, how much, and how it was judged.

use axum::Json;
use axum::extract::State as Shared;
use models::taxonomy::{Outcome, Topic};
use pipelines::events::OperatorId;
use pipelines::summaries::Finding;
use pipelines::summaries::figures::{SummaryFigures, figures};
use pipelines::summaries::quality::Filter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::share;
use crate::server::body::Query;
use crate::server::errors::Refusals;
use crate::server::signed_in::Reviewing;
use crate::server::{ApiError, State};

/// Which summaries to count, as the list is narrowed; what is left out does not matter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FigureQuery {
    /// The main one.
    topic: Option<Topic>,
    /// Who had the contact last.
    operator_id: Option<OperatorId>,
    outcome: Option<Outcome>,
    /// Only what the models were no surer of than this.
    #[param(minimum = 0, maximum = 1)]
    max_support: Option<f32>,
    /// Whether a person changed the current version.
    edited: Option<bool>,
    /// Whether a person stands for the current version.
    confirmed: Option<bool>,
    /// Whether the current version has a verdict.
    judged: Option<bool>,
    /// The last verdict on the current version.
    verdict: Option<Finding>,
}

/// Counts summaries: confirmed, edited, by how much, and by verdict.
#[utoipa::path(get, path = "/api/quality/figures", tag = "quality", params(FigureQuery),
    responses((status = 200, body = SummaryFigures), Refusals))]
pub(super) async fn quality_get_figures(
    Shared(state): Shared<State>,
    Reviewing(actor): Reviewing,
    Query(query): Query<FigureQuery>,
) -> Result<Json<SummaryFigures>, ApiError> {
    let filter = Filter {
        topic: query.topic,
        operator: query.operator_id,
        outcome: query.outcome,
        max_support: share(query.max_support)?,
        edited: query.edited,
        confirmed: query.confirmed,
        judged: query.judged,
        verdict: query.verdict,
    };
    Ok(Json(figures(&state.store, &actor, filter).await?))
}
