//! The steps of a contact's life that people take.

use axum::Json;
use axum::extract::State as Shared;
use models::taxonomy::{Outcome, Topic};
use pipelines::conversations::steps::{self, Target};
use pipelines::conversations::view::ContactSummary;
use pipelines::events::{ContactId, OperatorId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::server::body::{Body, Path};
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::signed_in::Serving;
use crate::server::{ApiError, State};

/// Takes a contact from the queue, or one that was offered.
#[utoipa::path(post, path = "/api/contacts/{id}/accept", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = ContactSummary), Refusals))]
pub(super) async fn accept_contact(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
) -> Result<Json<ContactSummary>, ApiError> {
    Ok(Json(steps::accept_contact(&state.store, &actor, id).await?))
}

/// Lets the customer wait on purpose.
#[utoipa::path(post, path = "/api/contacts/{id}/hold", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = ContactSummary), Refusals))]
pub(super) async fn hold_contact(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
) -> Result<Json<ContactSummary>, ApiError> {
    Ok(Json(steps::hold(&state.store, &actor, id).await?))
}

/// Goes on with a held contact.
#[utoipa::path(post, path = "/api/contacts/{id}/resume", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = ContactSummary), Refusals))]
pub(super) async fn resume_contact(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
) -> Result<Json<ContactSummary>, ApiError> {
    Ok(Json(steps::resume(&state.store, &actor, id).await?))
}

/// Ends the talk; its paperwork follows.
#[utoipa::path(post, path = "/api/contacts/{id}/finish", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = ContactSummary), Refusals))]
pub(super) async fn finish_contact(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
) -> Result<Json<ContactSummary>, ApiError> {
    Ok(Json(steps::finish(&state.store, &actor, id).await?))
}

/// Opens a contact again that is over.
#[utoipa::path(post, path = "/api/contacts/{id}/reopen", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = ContactSummary), Refusals))]
pub(super) async fn reopen_contact(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
) -> Result<Json<ContactSummary>, ApiError> {
    Ok(Json(steps::reopen(&state.store, &actor, id).await?))
}

/// How a contact ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    outcome: Outcome,
    /// What it was about, where the model was wrong.
    topic: Option<Topic>,
}

/// Closes a contact.
#[utoipa::path(post, path = "/api/contacts/{id}/close", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = Closing, responses((status = 200, body = ContactSummary), Refusals))]
pub(super) async fn close_contact(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
    Body(closing): Body<Closing>,
) -> Result<Json<ContactSummary>, ApiError> {
    Ok(Json(steps::close(&state.store, &actor, id, closing.outcome, closing.topic).await?))
}

/// Where a contact goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    to: TransferTarget,
    /// What the colleague should know; the customer never sees it.
    #[schema(inline)]
    note: Option<Text<1, 20_000>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum TransferTarget {
    Operator(ToOperator),
    Queue(ToQueue),
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ToOperator {
    operator_id: OperatorId,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ToQueue {
    /// Always true.
    queue: bool,
}

/// Hands a contact to a colleague, who is offered it, or back to the queue.
#[utoipa::path(post, path = "/api/contacts/{id}/transfer", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = Transfer, responses((status = 200, body = ContactSummary), Refusals))]
pub(super) async fn transfer_contact(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
    Body(transfer): Body<Transfer>,
) -> Result<Json<ContactSummary>, ApiError> {
    let to = match transfer.to {
        TransferTarget::Operator(ToOperator { operator_id }) => Target::Operator(operator_id),
        TransferTarget::Queue(ToQueue { queue: true }) => Target::Queue,
        TransferTarget::Queue(ToQueue { queue: false }) => {
            return Err(ApiError::bad_request("say to whom: an operator_id, or queue: true"));
        }
    };
    let note = transfer.note.map(super::talk::text).transpose()?;
    Ok(Json(steps::transfer(&state.store, &actor, id, to, note).await?))
}
