//! Sessions by the SHA-256 of their token.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use super::operators::Password;
use super::{languages, roles};
use crate::events::OperatorId;
use crate::platform::store::{Change, StoreError};
use crate::workforce::Actor;

/// Opens a session of an operator who is active and whose password is still the one found; else false.
pub(crate) async fn open(
    change: &mut Change,
    token_sha256: &[u8],
    operator: &Password,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let at = change.at();
    // The lock makes a deactivation that runs beside wait, and then end this session too.
    let opened = sqlx::query!(
        "INSERT INTO session (token_sha256, operator_id, created_at, seen_at, expires_at)
         SELECT $1, id, $3, $3, $4 FROM operator WHERE id = $2 AND active AND password_hash = $5 FOR SHARE",
        token_sha256,
        operator.id.0,
        at.to_sqlx() as _,
        expires_at.to_sqlx() as _,
        operator.password_hash,
    )
    .execute(change.conn())
    .await?;
    Ok(opened.rows_affected() == 1)
}

pub(crate) struct Session {
    pub(crate) actor: Actor,
    pub(crate) created_at: Timestamp,
    pub(crate) seen_at: Timestamp,
}

/// The live session of a token, with its operator as they are now.
pub(crate) async fn find(pool: &PgPool, token_sha256: &[u8], now: Timestamp) -> Result<Option<Session>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT o.id, o.name, o.roles, o.languages, o.capacity,
                  s.created_at AS "created_at: jiff_sqlx::Timestamp", s.seen_at AS "seen_at: jiff_sqlx::Timestamp"
           FROM session s JOIN operator o ON o.id = s.operator_id
           WHERE s.token_sha256 = $1 AND s.expires_at > $2 AND o.active"#,
        token_sha256,
        now.to_sqlx() as _,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let actor = Actor {
        id: OperatorId(row.id),
        roles: roles(&row.roles)?,
        name: row.name,
        languages: languages(&row.languages)?,
        capacity: u16::try_from(row.capacity).unwrap_or_default(),
        request_id: None,
        write: None,
    };
    Ok(Some(Session { actor, created_at: row.created_at.to_jiff(), seen_at: row.seen_at.to_jiff() }))
}

/// Moves the end of a session; a request that saw an older time moves nothing back.
pub(crate) async fn slide(
    pool: &PgPool,
    token_sha256: &[u8],
    seen_at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE session SET seen_at = $2, expires_at = $3 WHERE token_sha256 = $1 AND seen_at < $2",
        token_sha256,
        seen_at.to_sqlx() as _,
        expires_at.to_sqlx() as _,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Ends a session and says whose it was.
pub(crate) async fn close(change: &mut Change, token_sha256: &[u8]) -> Result<Option<OperatorId>, StoreError> {
    let closed = sqlx::query_scalar!(
        r#"DELETE FROM session WHERE token_sha256 = $1 RETURNING operator_id AS "operator: OperatorId""#,
        token_sha256,
    )
    .fetch_optional(change.conn())
    .await?;
    Ok(closed)
}

pub(crate) async fn any_live(change: &mut Change, operator: OperatorId, now: Timestamp) -> Result<bool, StoreError> {
    let live = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM session WHERE operator_id = $1 AND expires_at > $2) AS "live!""#,
        operator.0,
        now.to_sqlx() as _,
    )
    .fetch_one(change.conn())
    .await?;
    Ok(live)
}

/// Ends every session of an operator.
pub(crate) async fn close_all(change: &mut Change, operator: OperatorId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM session WHERE operator_id = $1", operator.0).execute(change.conn()).await?;
    Ok(())
}

pub(crate) struct Ended {
    pub(crate) rows: u64,
    pub(crate) operators: Vec<OperatorId>,
}

/// Removes sessions whose time is over and says whose they were.
pub(crate) async fn remove_ended(change: &mut Change, now: Timestamp) -> Result<Ended, StoreError> {
    let mut operators = sqlx::query_scalar!(
        r#"DELETE FROM session WHERE expires_at <= $1 RETURNING operator_id AS "operator: OperatorId""#,
        now.to_sqlx() as _,
    )
    .fetch_all(change.conn())
    .await?;
    let rows = operators.len() as u64;
    operators.sort_unstable();
    operators.dedup();
    Ok(Ended { rows, operators })
}

/// Those of `operators` who have no session, in the order of their ids.
pub(crate) async fn without_any(change: &mut Change, operators: &[OperatorId]) -> Result<Vec<OperatorId>, StoreError> {
    let ids: Vec<_> = operators.iter().map(|operator| operator.0).collect();
    let without = sqlx::query_scalar!(
        r#"SELECT id AS "id: OperatorId" FROM operator o
           WHERE id = ANY($1) AND NOT EXISTS (SELECT FROM session s WHERE s.operator_id = o.id) ORDER BY id"#,
        &ids,
    )
    .fetch_all(change.conn())
    .await?;
    Ok(without)
}
