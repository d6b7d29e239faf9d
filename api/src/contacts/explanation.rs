//! Why the model said what it said of a message.

use axum::Json;
use axum::extract::State as Shared;
use models::reading::{Phrase, Said};
use models::taxonomy::{Sentiment, Topic, Urgency};
use pipelines::conversations::view;
use pipelines::events::{ContactId, MessageId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::body::Path;
use crate::server::errors::Refusals;
use crate::server::signed_in::Reading;
use crate::server::{ApiError, State};

/// What is explained, and the phrases of the message in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Explanation {
    topic: Option<Topic>,
    sentiment: Sentiment,
    urgency: Urgency,
    phrases: Vec<Phrase>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Of {
    id: ContactId,
    message_id: MessageId,
}

/// Which phrases of a customer's message decided what was read in it. Answered only where the process has a reading
/// model or knows where one is (`OKNO_INFERENCE_URL`).
#[utoipa::path(get, path = "/api/contacts/{id}/messages/{message_id}/explanation", tag = "contacts",
    params(("id" = ContactId, Path), ("message_id" = MessageId, Path)),
    responses((status = 200, body = Explanation), Refusals))]
pub(super) async fn explain_message(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(of): Path<Of>,
) -> Result<Json<Explanation>, ApiError> {
    let message = view::message(&state.store, &actor, of.id, of.message_id).await?;
    let (Some(text), Some(reading)) = (message.text, message.reading) else { return Err(ApiError::not_found()) };
    let Some(model) = &state.reading else { return Err(ApiError::unavailable()) };
    let topic = reading.topics.first().map(|topic| topic.value);
    let said = Said { topic, sentiment: reading.sentiment.value, urgency: reading.urgency.value };
    let phrases = model.explain(&text, said).await.map_err(crate::inference::refused)?;
    Ok(Json(Explanation { topic, sentiment: said.sentiment, urgency: said.urgency, phrases }))
}
