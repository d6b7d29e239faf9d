//! Who asks: a signed-in person, with the right that the address demands. Checked before anything else is read.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use pipelines::workforce::{Actor, Right, Token, actor_of};

use super::stamp::RequestId;
use super::{ApiError, State};

/// The name of the session's cookie.
pub const COOKIE: &str = "okno";

/// Anybody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Actor);

impl FromRequestParts<State> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let token = token(&parts.headers).ok_or_else(ApiError::unauthenticated)?;
        let mut actor = actor_of(&state.store, &token).await?.ok_or_else(ApiError::unauthenticated)?;
        actor.request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        let signed_in = Self(actor);
        parts.extensions.insert(signed_in.clone());
        Ok(signed_in)
    }
}

/// Somebody who is signed in and has a right.
macro_rules! holders {
    ($($(#[$doc:meta])* $name:ident: $($right:ident)|+;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub Actor);

        impl FromRequestParts<State> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
                let SignedIn(actor) = SignedIn::from_request_parts(parts, state).await?;
                if $(actor.can(Right::$right))||+ {
                    return Ok(Self(actor));
                }
                Err(ApiError::forbidden("your roles do not allow this; ask an administrator"))
            }
        }
    )+};
}

holders! {
    /// Serves customers.
    Serving: Serve;
    /// Serves customers or looks over those who do: reads contacts.
    Reading: Serve | SeeTeam;
    /// Says whether a model was right.
    Judging: Judge;
    /// Looks over what others served.
    Reviewing: SeeTeam;
    /// Looks at figures over all contacts.
    Analysing: Analyse;
    /// Is told what stands out in them.
    Alerted: Serve | Analyse;
    /// Opens customers' cards.
    ReadingCards: ReadCards;
    /// Sees whole telephone numbers.
    Revealing: RevealPhones;
    /// Links customers who are one person.
    ChangingCustomers: ChangeCustomers;
    /// Administers operators, templates and channel accounts.
    Administering: Administer;
    /// Reads what was done by whom.
    Auditing: ReadAudit;
}

/// The session that the browser shows; none: there is no cookie, or it cannot be one of ours.
pub fn token(headers: &HeaderMap) -> Option<Token> {
    CookieJar::from_headers(headers).get(COOKIE).and_then(|cookie| Token::parse(cookie.value()))
}

/// The cookie of a session; it ends with the browser, the session itself by its own clock.
pub fn cookie(state: &State, headers: &HeaderMap, value: String) -> Cookie<'static> {
    Cookie::build((COOKIE, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.settings.behind_proxy && forwarded(headers, "x-forwarded-proto") == Some("https"))
        .build()
}

/// Where the request comes from, as far as we can know.
pub fn peer(state: &State, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let forwarded = state.settings.behind_proxy.then(|| forwarded(headers, "x-forwarded-for")).flatten();
    let direct = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    forwarded.and_then(|ip| ip.parse().ok()).or(direct).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// The last entry is our own proxy's; those before it may be anybody's words.
fn forwarded<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next().map(str::trim)
}
