//! Channel accounts and their secrets.

use sqlx::{PgConnection, PgPool};

use super::parsed;
use crate::conversations::accounts::SecretKind;
use crate::conversations::{Account, AccountId};
use crate::events::Channel;
use crate::platform::store::StoreError;

struct Row {
    id: uuid::Uuid,
    channel: Channel,
    slug: String,
    name: String,
    brand_id: uuid::Uuid,
    city_id: Option<uuid::Uuid>,
    language: String,
    settings: serde_json::Value,
    active: bool,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: AccountId(row.id),
            channel: row.channel,
            slug: row.slug,
            name: row.name,
            brand_id: row.brand_id.into(),
            city_id: row.city_id.map(Into::into),
            language: parsed(&row.language)?,
            settings: serde_json::from_value(row.settings).map_err(StoreError::Decode)?,
            active: row.active,
        })
    }
}

pub(crate) async fn by_slug(pool: &PgPool, channel: Channel, slug: &str) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, channel AS "channel: Channel", slug, name, brand_id, city_id, language, settings, active
           FROM channel_account WHERE slug = $1 AND channel = $2 AND active"#,
        slug,
        channel.as_str(),
    )
    .fetch_optional(pool)
    .await?;
    row.map(Account::try_from).transpose()
}

pub(crate) async fn by_id(pool: &PgPool, id: AccountId) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, channel AS "channel: Channel", slug, name, brand_id, city_id, language, settings, active
           FROM channel_account WHERE id = $1"#,
        id.0,
    )
    .fetch_optional(pool)
    .await?;
    row.map(Account::try_from).transpose()
}

pub(crate) async fn active(pool: &PgPool, channel: Channel) -> Result<Vec<Account>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, channel AS "channel: Channel", slug, name, brand_id, city_id, language, settings, active
           FROM channel_account WHERE channel = $1 AND active ORDER BY slug"#,
        channel.as_str(),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Account::try_from).collect()
}

pub(crate) async fn all(pool: &PgPool) -> Result<Vec<Account>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, channel AS "channel: Channel", slug, name, brand_id, city_id, language, settings, active
           FROM channel_account ORDER BY channel, slug"#,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Account::try_from).collect()
}

/// Makes the account, or replaces what may change of one with this id; its slug and brand stay.
pub(crate) async fn put(conn: &mut PgConnection, account: &Account) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO channel_account (id, channel, slug, name, brand_id, city_id, language, settings, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language,
           settings = excluded.settings, active = excluded.active",
        account.id.0,
        account.channel.as_str(),
        account.slug,
        account.name,
        account.brand_id.0,
        account.city_id.map(|city| city.0),
        account.language.as_str(),
        serde_json::to_value(&account.settings).map_err(StoreError::Encode)?,
        account.active,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn put_secret(
    conn: &mut PgConnection,
    account: AccountId,
    kind: SecretKind,
    value: &[u8],
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO channel_secret (account_id, kind, value) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, kind) DO UPDATE SET value = excluded.value",
        account.0,
        kind.as_str(),
        value,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn secret(pool: &PgPool, account: AccountId, kind: SecretKind) -> Result<Option<Vec<u8>>, StoreError> {
    let value = sqlx::query_scalar!(
        "SELECT value FROM channel_secret WHERE account_id = $1 AND kind = $2",
        account.0,
        kind.as_str(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(value)
}
