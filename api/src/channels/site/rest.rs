//! The widget's and the app's plain HTTP: sign up, write, read on, send a file.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State as Shared};
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use pipelines::conversations::{self, AcceptError, Content, MAX_FILE, MediaType, Text, Upload, view};
use pipelines::customers::Phone;
use pipelines::events::Channel;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Place;
use super::talk::{self, TalkFrame};
use super::token::{self, AppUser, Visitor};
use super::visitor::{self, APP, Guest, Peer, VISITOR, VISITOR_LASTS, bearer, guest};
use crate::server::body::{Body, Query};
use crate::server::{ApiError, State};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Registered {
    /// Proves the visitor from now on.
    pub visitor_token: String,
}

/// Makes a visitor: anybody on a page that may show the widget, or a user whom the app's backend signed for.
pub(super) async fn register(
    Shared(state): Shared<State>,
    place: Place,
    Peer(address): Peer,
    headers: HeaderMap,
) -> Result<Json<Registered>, ApiError> {
    state.limits.try_visit(address)?;
    let (account, key) = visitor::account(&state, place.channel, &place.slug).await?;
    let now = state.store.clock().now();
    let expires = now.as_second() + VISITOR_LASTS.as_secs();
    let visitor = match place.channel {
        Channel::App => {
            let user: AppUser = token::verify(&key, APP, bearer(&headers)?).ok_or_else(ApiError::unauthenticated)?;
            if !token::is_ahead(user.exp, now)
                || user.phone.as_deref().is_some_and(|phone| Phone::from_e164(phone).is_err())
            {
                return Err(ApiError::unauthenticated());
            }
            Visitor { thread: user.user_id, name: user.name, phone: user.phone, expires }
        }
        _ => {
            visitor::may_show(&account, &headers)?;
            let thread = URL_SAFE_NO_PAD.encode(&state.store.clock().secret()[..18]);
            Visitor { thread, name: None, phone: None, expires }
        }
    };
    let visitor_token = token::sign(&key, VISITOR, &visitor).ok_or_else(ApiError::unavailable)?;
    Ok(Json(Registered { visitor_token }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// The sender's own id: the same message sent again bears the same.
    pub id: String,
    pub text: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stored {
    pub id: String,
    pub seq: i64,
}

/// Takes a text.
pub(super) async fn write(
    Shared(state): Shared<State>,
    place: Place,
    Peer(address): Peer,
    headers: HeaderMap,
    Body(written): Body<Written>,
) -> Result<Json<Stored>, ApiError> {
    let guest = guest(&state, place.channel, &place.slug, bearer(&headers)?).await?;
    state.limits.try_write(guest.thread.as_str(), address)?;
    let text = Text::new(&written.text).map_err(|error| ApiError::bad_request(error.to_string()))?;
    take(&state, &guest, written.id, Content::Text(text)).await.map(Json)
}

/// Accepts what a guest sent under an id.
pub(super) async fn take(state: &State, guest: &Guest, id: String, content: Content) -> Result<Stored, ApiError> {
    let bad = |error: conversations::InboundError| ApiError::bad_request(error.to_string());
    if id.is_empty() || id.len() > 64 {
        return Err(ApiError::bad_request("an id has 1 to 64 characters"));
    }
    let inbound = guest.inbound(state, &id, content).map_err(bad)?;
    match conversations::accept(&state.store, inbound).await {
        Ok(accepted) => {
            let contact = view::of_customer(&state.store, accepted.customer_id, accepted.contact_id).await?;
            let contact = contact.ok_or_else(ApiError::unavailable)?;
            Ok(Stored { id, seq: talk::base(&contact) + accepted.seq })
        }
        Err(AcceptError::Inbound(error)) => Err(bad(error)),
        Err(AcceptError::Store(error)) => Err(error.into()),
        Err(AcceptError::MessageMissing | AcceptError::Busy) => Err(ApiError::unavailable()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    #[serde(default)]
    since: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Frames {
    pub frames: Vec<TalkFrame>,
    /// Ask from here for what comes later.
    pub last_seq: i64,
}

/// What was said after `since`, one page; for clients without a WebSocket.
pub(super) async fn read(
    Shared(state): Shared<State>,
    place: Place,
    headers: HeaderMap,
    Query(Since { since }): Query<Since>,
) -> Result<Json<Frames>, ApiError> {
    let guest = guest(&state, place.channel, &place.slug, bearer(&headers)?).await?;
    let since = since.max(0);
    let frames = match view::of_thread(&state.store, guest.account.id, &guest.thread).await? {
        Some(contact) => talk::after(&state.store, &contact, since).await?,
        None => Vec::new(),
    };
    let last_seq = frames.last().and_then(|frame| frame.seq).unwrap_or(since);
    Ok(Json(Frames { frames, last_seq }))
}

/// Takes a file: fields `id`, `file`, and `caption` if there is one.
pub(super) async fn upload(
    Shared(state): Shared<State>,
    place: Place,
    Peer(address): Peer,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Stored>, ApiError> {
    let guest = guest(&state, place.channel, &place.slug, bearer(&headers)?).await?;
    state.limits.try_write(guest.thread.as_str(), address)?;
    let mut form = form.map_err(|_| ApiError::bad_request(BROKEN))?;
    let (mut id, mut caption, mut file) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default().to_owned().as_str() {
            "id" => id = Some(field.text().await.map_err(broken)?),
            "caption" => caption = Text::new(&field.text().await.map_err(broken)?).ok(),
            "file" => {
                let name = field.file_name().map(str::to_owned);
                let claimed = MediaType::new(field.content_type().unwrap_or_default());
                let bytes: Bytes = field.bytes().await.map_err(broken)?;
                let media_type = MediaType::of_bytes(&bytes, &claimed);
                file = Some(Upload { name, media_type, bytes });
            }
            _ => return Err(ApiError::bad_request("the form has the fields id, file and caption")),
        }
    }
    let (Some(id), Some(file)) = (id, file) else {
        return Err(ApiError::bad_request("the form lacks the field id or file"));
    };
    if file.bytes.len() as u64 > MAX_FILE {
        return Err(ApiError::too_large());
    }
    take(&state, &guest, id, Content::Uploaded { file, caption }).await.map(Json)
}

const BROKEN: &str = "the form is broken; send multipart/form-data";

fn broken(error: axum::extract::multipart::MultipartError) -> ApiError {
    match error.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(),
        _ => ApiError::bad_request(BROKEN),
    }
}
