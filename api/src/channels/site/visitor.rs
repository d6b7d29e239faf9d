//! Who writes in a widget or an app, and how what they write becomes an `Inbound`.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use jiff::SignedDuration;
use models::taxonomy::Language;
use pipelines::conversations::accounts::{self, Account, SecretKind};
use pipelines::conversations::{Content, ExternalId, Inbound, InboundError, Sender, Thread};
use pipelines::customers::{IdentityKey, IdentityKind, Phone};
use pipelines::events::Channel;
use secrecy::SecretSlice;

use super::token::{self, Visitor};
use crate::server::{ApiError, State, origin, signed_in};

/// A browser that comes back within this time is the same visitor.
pub(super) const VISITOR_LASTS: SignedDuration = SignedDuration::from_hours(24 * 180);
pub(super) const VISITOR: &str = "visitor";
pub(super) const APP: &str = "app";

/// A visitor at the account that signed their token.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    pub account: Account,
    pub visitor: Visitor,
    pub thread: Thread,
}

/// The account under a slug with its signing key; unknown ones are not told apart from wrong tokens.
pub(super) async fn account(
    state: &State,
    channel: Channel,
    slug: &str,
) -> Result<(Account, SecretSlice<u8>), ApiError> {
    let account = accounts::by_slug(&state.store, channel, slug).await?.ok_or_else(ApiError::not_found)?;
    let key = accounts::secret(&state.store, account.id, SecretKind::AppKey).await?.ok_or_else(ApiError::not_found)?;
    Ok((account, key))
}

/// The visitor of a token.
pub(super) async fn guest(state: &State, channel: Channel, slug: &str, token: &str) -> Result<Guest, ApiError> {
    let (account, key) = account(state, channel, slug).await?;
    let visitor: Visitor = token::verify(&key, VISITOR, token).ok_or_else(ApiError::unauthenticated)?;
    if !token::is_ahead(visitor.expires, state.store.clock().now()) {
        return Err(ApiError::unauthenticated());
    }
    let thread = Thread::new(visitor.thread.clone()).map_err(|_| ApiError::unauthenticated())?;
    Ok(Guest { account, visitor, thread })
}

/// The address that a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub IpAddr);

impl FromRequestParts<State> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
        Ok(Self(signed_in::peer(state, &parts.headers, &parts.extensions)))
    }
}

/// `Authorization: Bearer …`
pub fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(ApiError::unauthenticated)
}

/// Whether a page may show the account's widget: our own pages may, others only when the account lists them.
pub(super) fn may_show(account: &Account, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(page) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    if origin::same_origin(headers).is_ok() || account.settings.origins.iter().any(|allowed| allowed == page) {
        return Ok(());
    }
    Err(ApiError::forbidden("this page may not show the chat; add its origin to the channel account"))
}

impl Guest {
    /// What the visitor sent, under the id that their side gave it.
    pub(super) fn inbound(&self, state: &State, id: &str, content: Content) -> Result<Inbound, InboundError> {
        let kind = match self.account.channel {
            Channel::App => IdentityKind::App,
            Channel::Replay => IdentityKind::Replay,
            _ => IdentityKind::Site,
        };
        let value = format!("{}:{}", self.account.slug, self.thread.as_str());
        Ok(Inbound {
            account: self.account.clone(),
            // a visitor cannot claim another visitor's ids
            external_id: ExternalId::new(format!("{}:{id}", self.thread.as_str()))?,
            from: Sender {
                identity: IdentityKey::new(kind, &value).map_err(|_| InboundError::Id(128))?,
                name: self.visitor.name.clone(),
                phone: self.visitor.phone.as_deref().and_then(|phone| Phone::from_e164(phone).ok()),
                language: None::<Language>,
                country: None,
            },
            thread: self.thread.clone(),
            at: state.store.clock().now(),
            content,
        })
    }
}
