//! Positions of channels that are asked for news.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use crate::conversations::AccountId;
use crate::platform::store::StoreError;

/// Locks the account's news for as long as the connection lives; false where another has them.
pub(crate) async fn lock(conn: &mut PgConnection, account: AccountId) -> Result<bool, StoreError> {
    let locked = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_lock(hashtextextended('okno news of ' || $1::text, 0)) AS "locked!""#,
        account.to_string(),
    )
    .fetch_one(conn)
    .await?;
    Ok(locked)
}

pub(crate) async fn position(conn: &mut PgConnection, account: AccountId) -> Result<Option<i64>, StoreError> {
    let position = sqlx::query_scalar!("SELECT position FROM channel_position WHERE account_id = $1", account.0)
        .fetch_optional(conn)
        .await?;
    Ok(position)
}

pub(crate) async fn advance(
    conn: &mut PgConnection,
    account: AccountId,
    position: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO channel_position (account_id, position, at) VALUES ($1, $2, $3)
         ON CONFLICT (account_id) DO UPDATE SET position = excluded.position, at = excluded.at",
        account.0,
        position,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
