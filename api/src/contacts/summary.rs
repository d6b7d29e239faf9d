//! What a contact came to: shown, asked for, put right and confirmed by who served it.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use models::summary::Summary;
use models::taxonomy::Outcome;
use pipelines::events::ContactId;
use pipelines::platform::page::Page;
use pipelines::summaries::view::{self, SummaryVersion, SummaryView};
use pipelines::summaries::{self, Asked};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::server::body::{Body, Path, Query};
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::paging::Paging;
use crate::server::signed_in::{Reading, Serving};
use crate::server::{ApiError, State};

/// Actions or promises of one summary.
const MOST_PARTS: usize = 20;

/// The contact's current summary.
#[utoipa::path(get, path = "/api/contacts/{id}/summary", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = SummaryView), Refusals))]
pub(super) async fn get_summary(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
) -> Result<Json<SummaryView>, ApiError> {
    Ok(Json(view::summary(&state.store, &actor, id).await?))
}

/// Lists what models and people wrote of the contact, newest first.
#[utoipa::path(get, path = "/api/contacts/{id}/summary/versions", tag = "contacts",
    params(("id" = ContactId, Path), Paging), responses((status = 200, body = Page<SummaryVersion>), Refusals))]
pub(super) async fn list_summary_versions(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SummaryVersion>>, ApiError> {
    Ok(Json(view::versions(&state.store, &actor, id, paging.cursor()?, paging.limit()).await?))
}

/// Asks for a summary of the contact as it stands; it comes as a frame. 204 where nothing was said since the last one.
#[utoipa::path(post, path = "/api/contacts/{id}/summary", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 202, description = "It is being written"), (status = 204, description = "There is nothing newer"),
        Refusals))]
pub(super) async fn ask_summary(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, ApiError> {
    Ok(match summaries::ask(&state.store, &actor, id).await? {
        Asked::OnItsWay => StatusCode::ACCEPTED,
        Asked::UpToDate => StatusCode::NO_CONTENT,
    })
}

/// A person's words in place of a version's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SummaryEdit {
    /// What was edited; refused where there is a newer one.
    #[schema(minimum = 1)]
    version: i32,
    summary: SummaryInput,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SummaryInput {
    // Empty: nothing was the matter, nothing was asked for.
    #[schema(inline)]
    issue: Text<0, 1_000>,
    #[schema(inline)]
    request: Text<0, 1_000>,
    #[schema(inline, max_items = 20)]
    actions: Vec<Text<1, 500>>,
    #[schema(inline, max_items = 20)]
    promises: Vec<Text<1, 500>>,
    outcome: Outcome,
    #[schema(inline)]
    text: Text<1, 4_000>,
}

/// Puts the words of a summary right. For who has the contact or had it last.
#[utoipa::path(put, path = "/api/contacts/{id}/summary", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = SummaryEdit, responses((status = 200, body = SummaryView), Refusals))]
pub(super) async fn edit_summary(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
    Body(edit): Body<SummaryEdit>,
) -> Result<Json<SummaryView>, ApiError> {
    let summary = edit.summary.read()?;
    Ok(Json(summaries::edit(&state.store, &actor, id, edit.version, summary).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SummaryConfirmation {
    /// What was read; refused where there is a newer one.
    #[schema(minimum = 1)]
    version: i32,
}

/// Notes that a person stands for a summary. For who has the contact or had it last.
#[utoipa::path(post, path = "/api/contacts/{id}/summary/confirm", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = SummaryConfirmation, responses((status = 200, body = SummaryView), Refusals))]
pub(super) async fn confirm_summary(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
    Body(confirmation): Body<SummaryConfirmation>,
) -> Result<Json<SummaryView>, ApiError> {
    Ok(Json(summaries::confirm(&state.store, &actor, id, confirmation.version).await?))
}

impl SummaryInput {
    fn read(self) -> Result<Summary, ApiError> {
        if self.actions.len().max(self.promises.len()) > MOST_PARTS {
            return Err(ApiError::bad_request("give at most 20 actions and 20 promises"));
        }
        Ok(Summary {
            issue: trimmed(&self.issue),
            request: trimmed(&self.request),
            actions: self.actions.iter().map(trimmed).collect(),
            promises: self.promises.iter().map(trimmed).collect(),
            outcome: self.outcome,
            text: trimmed(&self.text),
        })
    }
}

fn trimmed<const MIN: usize, const MAX: usize>(text: &Text<MIN, MAX>) -> String {
    text.as_str().trim().to_owned()
}
