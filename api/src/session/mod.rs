//! Signing in and out, and what somebody chooses for themselves.

use axum::Json;
use axum::extract::{FromRequest, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::cookie::CookieJar;
use pipelines::workforce::{self, Me, Preferences, Presence, PresenceState};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::Body;
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::signed_in::{self, SignedIn};
use crate::server::{ApiError, State};

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, current_session, sign_out))
        .routes(routes!(put_preferences))
        .routes(routes!(put_presence))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[schema(inline)]
    login: Text<1, 64>,
    #[schema(inline)]
    password: Text<1, 256>,
}

/// Opens a session: the cookie `okno`.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = Credentials,
    responses((status = 200, body = Me), Refusals))]
async fn sign_in(
    Shared(state): Shared<State>,
    jar: CookieJar,
    request: Request,
) -> Result<(CookieJar, Json<Me>), ApiError> {
    let headers = request.headers().clone();
    let address = signed_in::peer(&state, &headers, request.extensions());
    let Body(credentials) = Body::<Credentials>::from_request(request, &state).await?;
    state.limits.try_sign_in(credentials.login.as_str(), address)?;
    let password = SecretString::from(credentials.password.into_inner());
    let (token, me) = workforce::sign_in(&state.store, credentials.login.as_str(), &password).await?;
    Ok((jar.add(signed_in::cookie(&state, &headers, token.expose().to_owned())), Json(me)))
}

/// Says who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = Me), Refusals))]
async fn current_session(Shared(state): Shared<State>, SignedIn(actor): SignedIn) -> Result<Json<Me>, ApiError> {
    workforce::me(&state.store, &actor).await?.map(Json).ok_or_else(ApiError::unauthenticated)
}

/// Ends the session; without one nothing happens.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204), Refusals))]
async fn sign_out(Shared(state): Shared<State>, headers: HeaderMap) -> Result<(StatusCode, CookieJar), ApiError> {
    if let Some(token) = signed_in::token(&headers) {
        workforce::sign_out(&state.store, &token).await?;
    }
    let gone = signed_in::cookie(&state, &headers, String::new());
    Ok((StatusCode::NO_CONTENT, CookieJar::from_headers(&headers).remove(gone)))
}

/// Keeps how the page looks and behaves for this person.
#[utoipa::path(put, path = "/api/me/preferences", tag = "session", request_body = Preferences,
    responses((status = 200, body = Preferences), Refusals))]
async fn put_preferences(
    Shared(state): Shared<State>,
    SignedIn(actor): SignedIn,
    Body(wanted): Body<Preferences>,
) -> Result<Json<Preferences>, ApiError> {
    Ok(Json(workforce::set_preferences(&state.store, &actor, wanted).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WantedPresence {
    state: PresenceState,
}

/// Says whether this person is there and takes contacts.
#[utoipa::path(put, path = "/api/me/presence", tag = "session", request_body = WantedPresence,
    responses((status = 200, body = Presence), Refusals))]
async fn put_presence(
    Shared(state): Shared<State>,
    SignedIn(actor): SignedIn,
    Body(wanted): Body<WantedPresence>,
) -> Result<Json<Presence>, ApiError> {
    Ok(Json(workforce::set_presence(&state.store, &actor, wanted.state).await?))
}
