//! Which contacts there are, and one of them whole.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use models::taxonomy::{Topic, Urgency};
use pipelines::conversations::desk::{self, Filter, Scope};
use pipelines::conversations::view::{self, Contact, ContactSummary};
use pipelines::events::{Channel, ContactId};
use pipelines::platform::page::Page;
use pipelines::routing;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::server::body::{Path, Query};
use crate::server::bounded::{Count, Text};
use crate::server::errors::Refusals;
use crate::server::signed_in::{Reading, Serving};
use crate::server::{ApiError, State, paging};

/// Which contacts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ContactQuery {
    /// `mine`: own open ones; `queue`: those that wait, in the order in which they are served; `team`: everybody's open
    /// ones, for quality and administrators; `closed`: those that are over.
    scope: Scope,
    channel: Option<Channel>,
    topic: Option<Topic>,
    urgency: Option<Urgency>,
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Lists contacts.
#[utoipa::path(get, path = "/api/contacts", tag = "contacts", params(ContactQuery),
    responses((status = 200, body = Page<ContactSummary>), Refusals))]
pub(super) async fn list_contacts(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Query(query): Query<ContactQuery>,
) -> Result<Json<Page<ContactSummary>>, ApiError> {
    let after = paging::cursor(query.cursor.as_ref())?;
    let filter = Filter { channel: query.channel, topic: query.topic, urgency: query.urgency };
    Ok(Json(desk::list(&state.store, &actor, query.scope, filter, after, paging::limit(query.limit)).await?))
}

/// Takes the contact that has to be served next; 204 where nobody waits.
#[utoipa::path(post, path = "/api/contacts/next", tag = "contacts",
    responses((status = 200, body = Contact), (status = 204, description = "Nobody waits"), Refusals))]
pub(super) async fn take_next(Shared(state): Shared<State>, Serving(actor): Serving) -> Result<Response, ApiError> {
    let Some(id) = routing::take_next(&state.store, &actor).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    Ok(Json(view::contact(&state.store, &actor, id).await?).into_response())
}

/// Opens a contact.
#[utoipa::path(get, path = "/api/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = Contact), Refusals))]
pub(super) async fn get_contact(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
) -> Result<Json<Contact>, ApiError> {
    Ok(Json(view::contact(&state.store, &actor, id).await?))
}
