//! The head of the queue, and what is offered too long.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use crate::conversations::store::life::Locked;
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

/// Contacts that have been offered since before a time, the oldest first.
pub(super) async fn offered_before(pool: &PgPool, before: Timestamp) -> Result<Vec<ContactId>, StoreError> {
    let offered = sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contact
           WHERE state = 'offered' AND state_since < $1 ORDER BY state_since, id"#,
        before.to_sqlx() as _,
    )
    .fetch_all(pool)
    .await?;
    Ok(offered)
}

/// Whether a locked contact is among them still.
pub(super) async fn is_offered_before(
    conn: &mut PgConnection,
    contact: &Locked,
    before: Timestamp,
) -> Result<bool, StoreError> {
    let offered = sqlx::query_scalar!(
        r#"SELECT state = 'offered' AND state_since < $3 AS "offered!" FROM contact WHERE customer_id = $1 AND id = $2"#,
        contact.customer.0,
        contact.contact.0,
        before.to_sqlx() as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(offered)
}

fn languages(actor: &Actor) -> Vec<String> {
    actor.languages.iter().map(|language| language.as_str().to_owned()).collect()
}
