//! The head of the queue, and what is offered too long.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use crate::events::ContactId;
use crate::platform::store::StoreError;
use crate::workforce::Actor;

/// Locks the contact that the actor is to serve next. None where another took it while this waited for the lock.
pub(super) async fn lock_head(conn: &mut PgConnection, actor: &Actor) -> Result<Option<ContactId>, StoreError> {
    let head = sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contact
           WHERE state = 'queued' AND (language IS NULL OR language = ANY($1))
           ORDER BY rank, queued_at, id LIMIT 1 FOR UPDATE"#,
        &languages(actor),
    )
    .fetch_optional(conn)
    .await?;
    Ok(head)
}

pub(super) async fn anybody_waits(conn: &mut PgConnection, actor: &Actor) -> Result<bool, StoreError> {
    let waits = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM contact
             WHERE state = 'queued' AND (language IS NULL OR language = ANY($1))) AS "waits!""#,
        &languages(actor),
    )
    .fetch_one(conn)
    .await?;
    Ok(waits)
}

/// Locks the contact that has been offered longest, since before a time; none where there is none, or only such as
/// somebody is answering or giving back at this moment.
pub(super) async fn lock_lapsed(conn: &mut PgConnection, before: Timestamp) -> Result<Option<ContactId>, StoreError> {
    let lapsed = sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contact
           WHERE state = 'offered' AND state_since < $1 ORDER BY state_since, id LIMIT 1 FOR UPDATE SKIP LOCKED"#,
        before.to_sqlx() as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(lapsed)
}

fn languages(actor: &Actor) -> Vec<String> {
    actor.languages.iter().map(|language| language.as_str().to_owned()).collect()
}
