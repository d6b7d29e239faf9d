//! Where customers reach us: a bot, a site's widget, an app, a telephone source.

use models::taxonomy::Language;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::store::accounts as rows;
use crate::events::{Channel, UnknownWord, words};
use crate::orders::{BrandId, CityId};
use crate::platform::store::{Change, Store, StoreError};
use crate::workforce::{Actor, Forbidden, Right, audit};

crate::id!(
    /// A channel account.
    AccountId
);

/// A channel account without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Account {
    pub id: AccountId,
    pub channel: Channel,
    /// Stands in the addresses under which the channel reaches us.
    pub slug: String,
    pub name: String,
    pub brand_id: BrandId,
    pub city_id: Option<CityId>,
    /// Of its customers, until they are known better.
    pub language: Language,
    pub settings: AccountSettings,
    pub active: bool,
}

/// How a channel account is reached, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct AccountSettings {
    pub v: u8,
    /// Pages that may show the widget, as browsers send `Origin`; empty: only our own.
    pub origins: Vec<String>,
    /// Telegram: ask for updates instead of being called.
    pub polling: bool,
    /// Where the channel's interface answers; none: its public address.
    pub api_url: Option<String>,
}

words!(
    /// What a secret of an account is for.
    SecretKind { Webhook = "webhook_sha256", Source = "source_sha256", AppKey = "app_key", BotToken = "bot_token" }
);

impl SecretKind {
    /// Whether we only compare it: then its SHA-256 is kept instead.
    fn is_hashed(self) -> bool {
        matches!(self, Self::Webhook | Self::Source)
    }
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("an account of this slug exists already; choose another one")]
    SlugTaken,
    #[error("the slug must have 1 to 63 small letters, digits or hyphens; brand and city must exist")]
    Invalid,
}

/// The active account of a channel under this slug.
pub async fn by_slug(store: &Store, channel: Channel, slug: &str) -> Result<Option<Account>, StoreError> {
    rows::by_slug(store.pool(), channel, slug).await
}

/// An account, active or not.
pub async fn by_id(store: &Store, id: AccountId) -> Result<Option<Account>, StoreError> {
    rows::by_id(store.pool(), id).await
}

/// All active accounts of a channel.
pub async fn active(store: &Store, channel: Channel) -> Result<Vec<Account>, StoreError> {
    rows::active(store.pool(), channel).await
}

/// All accounts, for administrators.
pub async fn list(store: &Store, actor: &Actor) -> Result<Vec<Account>, AccountError> {
    actor.require(Right::Administer)?;
    Ok(rows::all(store.pool()).await?)
}

/// Makes an account with its secrets; audited.
pub async fn create(
    store: &Store,
    actor: &Actor,
    account: &Account,
    secrets: &[(SecretKind, SecretString)],
) -> Result<(), AccountError> {
    actor.require(Right::Administer)?;
    let mut change = store.begin().await?;
    rows::put(change.conn(), account).await.map_err(refused)?;
    for (kind, secret) in secrets {
        rows::put_secret(change.conn(), account.id, *kind, &kept(*kind, secret)).await?;
    }
    let entry = audit::Entry::by(actor, audit::Action::AccountCreated).of(audit::ObjectKind::Account, account.id.0);
    audit::write(&mut change, entry).await?;
    actor.commit(change).await?;
    Ok(())
}

/// An account with what opens it.
pub type WithSecrets = (Account, Vec<(SecretKind, SecretString)>);

/// Makes or replaces accounts and secrets without an actor: for demonstration data and imports.
pub async fn provide(store: &Store, accounts: &[WithSecrets]) -> Result<(), StoreError> {
    let mut change = store.begin().await?;
    put(&mut change, accounts).await?;
    change.commit().await
}

/// As [`provide`], within a change.
pub(crate) async fn put(change: &mut Change, accounts: &[WithSecrets]) -> Result<(), StoreError> {
    for (account, secrets) in accounts {
        rows::put(change.conn(), account).await?;
        for (kind, secret) in secrets {
            rows::put_secret(change.conn(), account.id, *kind, &kept(*kind, secret)).await?;
        }
    }
    Ok(())
}

/// Whether `candidate` is the account's secret of this kind; takes the same time whatever it is.
pub async fn verify(
    store: &Store,
    account: AccountId,
    kind: SecretKind,
    candidate: &SecretString,
) -> Result<bool, StoreError> {
    let known = rows::secret(store.pool(), account, kind).await?;
    let candidate = kept(kind, candidate);
    // compared with itself where none is known, so that the time tells nothing
    let against = known.as_deref().unwrap_or(&candidate);
    Ok(bool::from(against.ct_eq(&candidate)) && known.is_some())
}

/// A secret that must be used as it is: a bot's token, an app's signing key.
pub async fn secret(
    store: &Store,
    account: AccountId,
    kind: SecretKind,
) -> Result<Option<SecretSlice<u8>>, StoreError> {
    Ok(rows::secret(store.pool(), account, kind).await?.map(SecretSlice::from))
}

fn kept(kind: SecretKind, secret: &SecretString) -> Vec<u8> {
    let bytes = secret.expose_secret().as_bytes();
    if kind.is_hashed() { Sha256::digest(bytes).to_vec() } else { bytes.to_vec() }
}

fn refused(error: StoreError) -> AccountError {
    let StoreError::Database(sqlx::Error::Database(inner)) = &error else { return error.into() };
    if inner.is_unique_violation() {
        AccountError::SlugTaken
    } else if inner.is_check_violation() || inner.is_foreign_key_violation() {
        AccountError::Invalid
    } else {
        error.into()
    }
}
