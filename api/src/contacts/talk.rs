//! What was said, and what is said next.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use pipelines::conversations::reply::{self, Reply};
use pipelines::conversations::view::{self, Message};
use pipelines::conversations::{self, MAX_TEXT};
use pipelines::events::{ContactId, MessageId, SuggestionId};
use pipelines::platform::page::Page;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::server::body::{Body, Path, Query};
use crate::server::bounded::{Count, Text};
use crate::server::errors::Refusals;
use crate::server::signed_in::{Reading, Serving};
use crate::server::{ApiError, State, paging};

const _: () = assert!(MAX_TEXT == 20_000, "the interface description says 20,000");

/// Which messages to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MessageQuery {
    /// `earlier` of the contact, or `next` of the page before.
    #[param(inline)]
    before: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Lists earlier messages, newest first.
#[utoipa::path(get, path = "/api/contacts/{id}/messages", tag = "contacts", params(("id" = ContactId, Path), MessageQuery),
    responses((status = 200, body = Page<Message>), Refusals))]
pub(super) async fn list_messages(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
    Query(query): Query<MessageQuery>,
) -> Result<Json<Page<Message>>, ApiError> {
    paging::cursor::<i64>(query.before.as_ref())?;
    let before = query.before.as_ref().map(Text::as_str);
    Ok(Json(view::messages(&state.store, &actor, id, before, paging::limit(query.limit)).await?))
}

/// A text for the customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    #[schema(inline)]
    text: Text<1, 20_000>,
    /// The greatest `seq` of a message that the writer had before their eyes.
    #[schema(minimum = 0)]
    seen_seq: i64,
    /// Send it although something newer was said.
    #[serde(default)]
    confirm_stale: bool,
    template_id: Option<Uuid>,
    suggestion_id: Option<SuggestionId>,
}

/// Sends a text to the customer. Held back with `stale_draft` where something newer was said that the writer has not
/// seen.
#[utoipa::path(post, path = "/api/contacts/{id}/messages", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = NewMessage, responses((status = 201, body = Message), Refusals))]
pub(super) async fn send_message(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<ContactId>,
    Body(new): Body<NewMessage>,
) -> Result<(StatusCode, Json<Message>), ApiError> {
    let reply = Reply {
        text: text(new.text)?,
        seen_seq: new.seen_seq,
        confirm_stale: new.confirm_stale,
        template: new.template_id,
        suggestion: new.suggestion_id,
    };
    Ok((StatusCode::CREATED, Json(reply::send(&state.store, &actor, id, &reply).await?)))
}

/// A text for colleagues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    #[schema(inline)]
    text: Text<1, 20_000>,
}

/// Writes a note that the customer never sees.
#[utoipa::path(post, path = "/api/contacts/{id}/notes", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = NewNote, responses((status = 201, body = Message), Refusals))]
pub(super) async fn add_note(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<ContactId>,
    Body(new): Body<NewNote>,
) -> Result<(StatusCode, Json<Message>), ApiError> {
    Ok((StatusCode::CREATED, Json(reply::note(&state.store, &actor, id, &text(new.text)?).await?)))
}

/// A message that did not arrive.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Retry {
    contact_id: ContactId,
    /// It may have arrived, and may come twice: send it all the same.
    #[serde(default)]
    confirm_unknown: bool,
}

/// Sends a message again that failed.
#[utoipa::path(post, path = "/api/messages/{id}/retry", tag = "contacts", params(("id" = MessageId, Path)),
    request_body = Retry, responses((status = 200, body = Message), Refusals))]
pub(super) async fn retry_message(
    Shared(state): Shared<State>,
    Serving(actor): Serving,
    Path(id): Path<MessageId>,
    Body(retry): Body<Retry>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(reply::retry(&state.store, &actor, retry.contact_id, id, retry.confirm_unknown).await?))
}

/// A text as conversations take it: trimmed, without what no screen can show.
pub(super) fn text<const MIN: usize, const MAX: usize>(text: Text<MIN, MAX>) -> Result<conversations::Text, ApiError> {
    conversations::Text::new(text.as_str()).map_err(|cause| ApiError::bad_request(cause.to_string()))
}
