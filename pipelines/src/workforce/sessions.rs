//! Signing in and out. The browser holds a token of 256 random bits, we its SHA-256; a session ends after 12 hours
//! without a request and after 7 days in any case.

use std::fmt::{self, Write as _};

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Actor, Login, Operator, Preferences, Presence, audit, passwords, preferences, store};
use crate::platform::store::{Store, StoreError};

/// A session ends this long after its last request.
pub const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session ends this long after it began.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often at most a request moves the end of its session.
const SLIDE_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// What the browser shows at each request.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Takes 64 hexadecimal digits, as [`Token::expose`] gives them; none where it cannot be a token.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        hex.then(|| Self(text.into()))
    }

    /// For the cookie and nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    fn from_bits(bits: [u8; 32]) -> Self {
        let mut hex = String::with_capacity(64);
        for byte in bits {
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex.into())
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.expose()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// What somebody sees about themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Me {
    pub operator: Operator,
    pub preferences: Preferences,
    pub presence: Presence,
    pub open_contacts: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Says nothing about which of the two is wrong.
    #[error("login or password is wrong; check both, or ask an administrator for a new password")]
    Refused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a session. Takes as long for a login that nobody has as for a wrong password. Audited either way.
pub async fn sign_in(store: &Store, login: &str, password: &SecretString) -> Result<(Token, Me), SignInError> {
    let login = Login::parse(login).ok();
    let found = match &login {
        Some(login) => store::operators::password_of(store.pool(), login).await?,
        None => None,
    };
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let fits = passwords::verify(hash, password).await;
    let opened = match found {
        Some(found) if fits => open(store, &found).await?,
        _ => None,
    };
    match opened {
        Some(opened) => Ok(opened),
        None => refuse(store, login.as_ref()).await,
    }
}

/// None where the operator is not active, or got another password while this one was checked.
async fn open(store: &Store, found: &store::operators::Password) -> Result<Option<(Token, Me)>, SignInError> {
    let token = Token::from_bits(store.clock().secret());
    let mut change = store.begin().await?;
    let expires_at = change.at().saturating_add(IDLE).unwrap_or(change.at());
    if !store::sessions::open(&mut change, &token.sha256(), found, expires_at).await? {
        return Ok(None);
    }
    let mut entry = audit::Entry::by_nobody(audit::Action::SessionOpened);
    entry.operator = Some(found.id);
    audit::write(&mut change, entry).await?;
    change.commit().await?;
    let me = store::operators::me(store.pool(), found.id).await?;
    Ok(me.map(|me| (token, me)))
}

async fn refuse(store: &Store, login: Option<&Login>) -> Result<(Token, Me), SignInError> {
    let mut change = store.begin().await?;
    let mut entry = audit::Entry::by_nobody(audit::Action::SessionRefused);
    // A login of another shape may be a password typed into the wrong field: it is not kept.
    entry.object = login.map(|login| (audit::ObjectKind::Login, login.as_str().to_owned()));
    audit::write(&mut change, entry).await?;
    change.commit().await?;
    Err(SignInError::Refused)
}

/// Who shows `token`; none where the session has ended, or its operator is not active. Moves the end of the session.
pub async fn actor_of(store: &Store, token: &Token) -> Result<Option<Actor>, StoreError> {
    let now = store.clock().now();
    let Some(session) = store::sessions::find(store.pool(), &token.sha256(), now).await? else {
        return Ok(None);
    };
    if now.duration_since(session.seen_at) >= SLIDE_EVERY {
        let idle = now.saturating_add(IDLE).unwrap_or(now);
        let last = session.created_at.saturating_add(LONGEST).unwrap_or(now);
        store::sessions::slide(store.pool(), &token.sha256(), now, idle.min(last)).await?;
    }
    Ok(Some(session.actor))
}

/// What the actor sees about themselves.
pub async fn me(store: &Store, actor: &Actor) -> Result<Option<Me>, StoreError> {
    store::operators::me(store.pool(), actor.id).await
}

/// Ends the session of `token`. Whoever has no session left is offline from then on.
pub async fn sign_out(store: &Store, token: &Token) -> Result<(), StoreError> {
    let mut change = store.begin().await?;
    if let Some(operator) = store::sessions::close(&mut change, &token.sha256()).await? {
        let mut entry = audit::Entry::by_nobody(audit::Action::SessionClosed);
        entry.operator = Some(operator);
        audit::write(&mut change, entry).await?;
        let now = change.at();
        if !store::sessions::any_live(&mut change, operator, now).await? {
            store::presence::set(&mut change, operator, super::PresenceState::Offline, Some(operator)).await?;
        }
    }
    change.commit().await
}

pub(super) fn preferences_of(stored: &serde_json::Value) -> Preferences {
    preferences::from_stored(stored)
}
