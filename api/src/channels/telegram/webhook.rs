//! `POST /channels/telegram/{bot}`: Telegram brings an update and hears 200 when it is committed.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use pipelines::conversations::accounts::{self, SecretKind};
use pipelines::events::Channel;
use secrecy::SecretString;

use super::inbound::{self, Taken};
use super::update::read_bytes;
use crate::server::{ApiError, State};

/// Set by `setWebhook`, sent with every update.
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// Takes one update. What is nothing for us is answered 200 too, else Telegram would bring it again for a day.
pub async fn webhook(
    Shared(state): Shared<State>,
    Path(bot): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let account = accounts::by_slug(&state.store, Channel::Telegram, &bot).await?;
    let secret = SecretString::from(headers.get(SECRET).and_then(|value| value.to_str().ok()).unwrap_or_default());
    let Some(account) = account else { return Err(ApiError::unauthenticated()) };
    if !accounts::verify(&state.store, account.id, SecretKind::Webhook, &secret).await? {
        return Err(ApiError::unauthenticated());
    }
    let reading = read_bytes(&body?, account.language).map_err(|error| ApiError::bad_request(error.to_string()))?;
    match inbound::take(&state.store, &account, reading).await {
        Ok(Taken::Accepted | Taken::Ignored) => Ok(StatusCode::OK),
        Err(error) if error.is_retryable() => Err(ApiError::unavailable()),
        // Telegram would bring it again and again; it will never fit
        Err(error) => {
            tracing::warn!(%error, bot = account.slug, "an update was refused for good");
            Ok(StatusCode::OK)
        }
    }
}
