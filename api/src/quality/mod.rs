//! What the quality team works on: summaries of all contacts, each beside the talk that it tells of.

mod figures;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use models::taxonomy::{Outcome, Topic};
use pipelines::events::{ContactId, OperatorId};
use pipelines::platform::page::Page;
use pipelines::summaries::quality::{self, Filter, SummaryItem, SummaryReview};
use pipelines::summaries::{Finding, SummaryField, Verdict, judge};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::{Body, Path, Query};
use crate::server::bounded::{Count, Text};
use crate::server::created::Created;
use crate::server::errors::Refusals;
use crate::server::signed_in::Reviewing;
use crate::server::{ApiError, State, paging};

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(quality_list_summaries))
        .routes(routes!(figures::quality_get_figures))
        .routes(routes!(quality_get_summary))
        .routes(routes!(quality_judge_summary))
}

/// Which summaries to list; what is left out does not matter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SummaryQuery {
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
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Lists summaries, the latest first.
#[utoipa::path(get, path = "/api/quality/summaries", tag = "quality", params(SummaryQuery),
    responses((status = 200, body = Page<SummaryItem>), Refusals))]
async fn quality_list_summaries(
    Shared(state): Shared<State>,
    Reviewing(actor): Reviewing,
    Query(query): Query<SummaryQuery>,
) -> Result<Json<Page<SummaryItem>>, ApiError> {
    let after = paging::cursor(query.cursor.as_ref())?;
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
    Ok(Json(quality::list(&state.store, &actor, filter, after, paging::limit(query.limit)).await?))
}

/// What is asked for as a share of one.
fn share(asked: Option<f32>) -> Result<Option<f32>, ApiError> {
    match asked {
        Some(share) if !(0.0..=1.0).contains(&share) => {
            Err(ApiError::bad_request("the query does not fit: max_support lies in 0 to 1"))
        }
        _ => Ok(asked),
    }
}

/// Opens a summary beside the talk. The reading is audited.
#[utoipa::path(get, path = "/api/quality/summaries/{contact_id}", tag = "quality",
    params(("contact_id" = ContactId, Path)), responses((status = 200, body = SummaryReview), Refusals))]
async fn quality_get_summary(
    Shared(state): Shared<State>,
    Reviewing(actor): Reviewing,
    Path(id): Path<ContactId>,
) -> Result<Json<SummaryReview>, ApiError> {
    Ok(Json(quality::review(&state.store, &actor, id).await?))
}

/// Whether a summary says what happened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSummaryVerdict {
    /// What was read; refused where there is a newer one.
    #[schema(minimum = 1)]
    version: i32,
    verdict: Finding,
    /// Where it is wrong or incomplete; a correct one has no such part.
    field: Option<SummaryField>,
    #[schema(inline)]
    comment: Option<Text<1, 2_000>>,
}

/// Judges a summary.
#[utoipa::path(post, path = "/api/quality/summaries/{contact_id}/verdict", tag = "quality",
    params(("contact_id" = ContactId, Path)), request_body = NewSummaryVerdict,
    responses((status = 201, body = Created), Refusals))]
async fn quality_judge_summary(
    Shared(state): Shared<State>,
    Reviewing(actor): Reviewing,
    Path(id): Path<ContactId>,
    Body(new): Body<NewSummaryVerdict>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let comment = new.comment.map(|comment| comment.as_str().trim().to_owned());
    let verdict = Verdict::new(new.version, new.verdict, new.field, comment)
        .ok_or_else(|| ApiError::bad_request("a correct summary has no part that is wrong; leave out the field"))?;
    let id = judge(&state.store, &actor, id, &verdict).await?;
    Ok((StatusCode::CREATED, Json(Created { id: id.0 })))
}
