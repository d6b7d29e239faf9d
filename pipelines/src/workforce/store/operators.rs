//! Operators as they sign in and as they see themselves.

use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use uuid::Uuid;

use super::{languages, parsed, roles};
use crate::events::OperatorId;
use crate::platform::store::{Change, StoreError};
use crate::workforce::sessions::preferences_of;
use crate::workforce::{Colleague, Login, Me, Operator, Presence, PresenceState};

pub(crate) struct Password {
    pub(crate) id: OperatorId,
    pub(crate) password_hash: String,
}

pub(crate) async fn password_of(pool: &PgPool, login: &Login) -> Result<Option<Password>, StoreError> {
    let found = sqlx::query_as!(
        Password,
        r#"SELECT id AS "id: OperatorId", password_hash FROM operator WHERE login = $1"#,
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

/// An operator as they are, locked until the end of the change: sessions that open meanwhile wait.
pub(crate) async fn lock(change: &mut Change, id: OperatorId) -> Result<Option<Operator>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, login, name, roles, languages, capacity, active FROM operator WHERE id = $1 FOR UPDATE",
        id.0,
    )
    .fetch_optional(change.conn())
    .await?;
    row.map(Row::operator).transpose()
}

/// Writes an operator back; the password only where a new hash is given.
pub(crate) async fn update(
    change: &mut Change,
    operator: &Operator,
    password_hash: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE operator SET name = $2, roles = $3, languages = $4, capacity = $5, active = $6,
                             password_hash = coalesce($7, password_hash)
         WHERE id = $1",
        operator.id.0,
        operator.name,
        &role_words(operator),
        &language_words(operator),
        i32::from(operator.capacity),
        operator.active,
        password_hash,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) async fn all(pool: &PgPool) -> Result<Vec<Operator>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, login, name, roles, languages, capacity, active FROM operator ORDER BY login",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::operator).collect()
}

pub(crate) async fn colleagues(pool: &PgPool) -> Result<Vec<Colleague>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT o.id, o.name, o.languages, o.capacity, p.state, p.open
           FROM operator o JOIN presence p ON p.operator_id = o.id
           WHERE o.active AND o.roles && ARRAY['operator', 'admin']
           ORDER BY p.state <> 'ready', p.state = 'offline', o.capacity - p.open DESC, o.name, o.id"#,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Colleague {
                id: OperatorId(row.id),
                name: row.name,
                presence: parsed(&row.state)?,
                languages: languages(&row.languages)?,
                load: u16::try_from(row.open).unwrap_or(u16::MAX),
                capacity: u16::try_from(row.capacity).unwrap_or_default(),
            })
        })
        .collect()
}

struct Row {
    id: Uuid,
    login: String,
    name: String,
    roles: Vec<String>,
    languages: Vec<String>,
    capacity: i32,
    active: bool,
}

impl Row {
    fn operator(self) -> Result<Operator, StoreError> {
        Ok(Operator {
            id: OperatorId(self.id),
            login: self.login,
            name: self.name,
            roles: roles(&self.roles)?,
            languages: languages(&self.languages)?,
            capacity: u16::try_from(self.capacity).unwrap_or_default(),
            active: self.active,
        })
    }
}

fn role_words(operator: &Operator) -> Vec<String> {
    operator.roles.all().map(|role| role.as_str().to_owned()).collect()
}

fn language_words(operator: &Operator) -> Vec<String> {
    operator.languages.iter().map(|language| language.as_str().to_owned()).collect()
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
        &role_words(operator),
        &language_words(operator),
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
