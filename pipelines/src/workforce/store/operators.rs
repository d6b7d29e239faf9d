//! Operators as they sign in and as they see themselves.

use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use super::{languages, parsed, roles};
use crate::events::OperatorId;
use crate::platform::store::{Change, StoreError};
use crate::workforce::sessions::preferences_of;
use crate::workforce::{Login, Me, Operator, Presence, PresenceState};

pub(crate) struct Password {
    pub(crate) id: OperatorId,
    pub(crate) password_hash: String,
    pub(crate) active: bool,
}

pub(crate) async fn password_of(pool: &PgPool, login: &Login) -> Result<Option<Password>, StoreError> {
    let found = sqlx::query_as!(
        Password,
        r#"SELECT id AS "id: OperatorId", password_hash, active FROM operator WHERE login = $1"#,
        login.as_str(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(found)
}

pub(crate) async fn me(pool: &PgPool, operator: OperatorId) -> Result<Option<Me>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT o.id, o.login, o.name, o.roles, o.languages, o.capacity, o.active, o.preferences,
                  coalesce(p.state, 'offline') AS "state!", coalesce(p.since, o.created_at) AS "since!: jiff_sqlx::Timestamp",
                  coalesce(p.open, 0) AS "open!"
           FROM operator o LEFT JOIN presence p ON p.operator_id = o.id WHERE o.id = $1 AND o.active"#,
        operator.0,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Me {
        operator: Operator {
            id: OperatorId(row.id),
            login: row.login,
            name: row.name,
            roles: roles(&row.roles)?,
            languages: languages(&row.languages)?,
            capacity: u16::try_from(row.capacity).unwrap_or_default(),
            active: row.active,
        },
        preferences: preferences_of(&row.preferences),
        presence: Presence { state: parsed(&row.state)?, since: row.since.to_jiff() },
        open_contacts: u32::try_from(row.open).unwrap_or_default(),
    }))
}

/// Adds an operator, offline; false where the login is taken.
pub(crate) async fn insert(change: &mut Change, operator: &Operator, password_hash: &str) -> Result<bool, StoreError> {
    let at = change.at();
    let added = sqlx::query!(
        "INSERT INTO operator (id, login, name, password_hash, roles, languages, capacity, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (login) DO NOTHING",
        operator.id.0,
        operator.login,
        operator.name,
        password_hash,
        &operator.roles.all().map(|role| role.as_str().to_owned()).collect::<Vec<_>>(),
        &operator.languages.iter().map(|language| language.as_str().to_owned()).collect::<Vec<_>>(),
        i32::from(operator.capacity),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    if added.rows_affected() == 0 {
        return Ok(false);
    }
    super::presence::set(change, operator.id, PresenceState::Offline, None).await?;
    Ok(true)
}
