//! The head of the queue.

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

fn languages(actor: &Actor) -> Vec<String> {
    actor.languages.iter().map(|language| language.as_str().to_owned()).collect()
}
