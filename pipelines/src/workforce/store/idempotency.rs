//! Writes by their key. A status of 0 stands for a write that runs, 1 for one that is done and not answered.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use crate::events::OperatorId;
use crate::platform::store::StoreError;
use crate::workforce::idempotency::{Answer, IdempotencyKey};

/// Takes the key where it is free, or held for the same request by a write that broke off.
pub(crate) async fn claim(
    pool: &PgPool,
    operator: OperatorId,
    key: &IdempotencyKey,
    request: &[u8; 32],
    now: Timestamp,
    broken_off_before: Timestamp,
) -> Result<bool, StoreError> {
    let claimed = sqlx::query!(
        r#"INSERT INTO idempotent_write (operator_id, key, request, status, answer, at) VALUES ($1, $2, $3, 0, '{"v": 1}', $4)
           ON CONFLICT (operator_id, key) DO UPDATE SET at = $4
           WHERE idempotent_write.status = 0 AND idempotent_write.request = $3 AND idempotent_write.at < $5"#,
        operator.0,
        key.as_str(),
        request,
        now.to_sqlx() as _,
        broken_off_before.to_sqlx() as _,
    )
    .execute(pool)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

pub(crate) struct Stored {
    pub(crate) request: Vec<u8>,
    pub(crate) at: Timestamp,
    pub(crate) stage: Stage,
}

/// How far a write has come.
pub(crate) enum Stage {
    Running,
    Done,
    Answered(Answer),
}

pub(crate) async fn find(
    pool: &PgPool,
    operator: OperatorId,
    key: &IdempotencyKey,
) -> Result<Option<Stored>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT request, status, answer, at AS "at: jiff_sqlx::Timestamp" FROM idempotent_write
           WHERE operator_id = $1 AND key = $2"#,
        operator.0,
        key.as_str(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        let stage = match u16::try_from(row.status) {
            Err(_) | Ok(0) => Stage::Running,
            Ok(1) => Stage::Done,
            Ok(status) => Stage::Answered(Answer { status, body: row.answer }),
        };
        Stored { request: row.request, at: row.at.to_jiff(), stage }
    }))
}

/// Notes, within the change that does it, that a write is done.
pub(crate) async fn done(
    conn: &mut PgConnection,
    operator: OperatorId,
    key: &IdempotencyKey,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE idempotent_write SET status = 1 WHERE operator_id = $1 AND key = $2 AND status = 0",
        operator.0,
        key.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn finish(
    pool: &PgPool,
    operator: OperatorId,
    key: &IdempotencyKey,
    request: &[u8; 32],
    answer: &Answer,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE idempotent_write SET status = $4, answer = $5 WHERE operator_id = $1 AND key = $2 AND request = $3",
        operator.0,
        key.as_str(),
        request,
        i16::try_from(answer.status).unwrap_or(i16::MAX),
        answer.body,
    )
    .execute(pool)
    .await?;
    Ok(())
}

pub(crate) async fn abandon(
    pool: &PgPool,
    operator: OperatorId,
    key: &IdempotencyKey,
    request: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM idempotent_write WHERE operator_id = $1 AND key = $2 AND request = $3 AND status = 0",
        operator.0,
        key.as_str(),
        request,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets answers that nobody will ask for again.
pub(crate) async fn forget_before(pool: &PgPool, before: Timestamp) -> Result<u64, StoreError> {
    let gone = sqlx::query!("DELETE FROM idempotent_write WHERE at < $1", before.to_sqlx() as _).execute(pool).await?;
    Ok(gone.rows_affected())
}
