//! Read marks and drafts.

use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use super::life::Locked;
use crate::conversations::view::{Draft, Seen};
use crate::events::OperatorId;
use crate::platform::store::StoreError;

/// True where that moved the mark of the owner.
pub(crate) async fn read_up_to(
    conn: &mut PgConnection,
    seen: &Seen,
    operator: OperatorId,
    seq: i64,
) -> Result<bool, StoreError> {
    let moved = sqlx::query!(
        "UPDATE contact SET read_seq = $4
         WHERE customer_id = $1 AND id = $2 AND operator_id = $3 AND read_seq < $4 AND $4 <= last_seq",
        seen.customer_id.0,
        seen.id.0,
        operator.0,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

pub(crate) async fn draft(pool: &PgPool, seen: &Seen, operator: OperatorId) -> Result<Option<Draft>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT text, saved_at AS "saved_at: jiff_sqlx::Timestamp" FROM draft
           WHERE customer_id = $1 AND contact_id = $2 AND operator_id = $3"#,
        seen.customer_id.0,
        seen.id.0,
        operator.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Draft { text: row.text, saved_at: row.saved_at.to_jiff() }))
}

pub(crate) async fn keep_draft(
    pool: &PgPool,
    seen: &Seen,
    operator: OperatorId,
    draft: &Draft,
) -> Result<(), StoreError> {
    if draft.text.is_empty() {
        sqlx::query!(
            "DELETE FROM draft WHERE customer_id = $1 AND contact_id = $2 AND operator_id = $3",
            seen.customer_id.0,
            seen.id.0,
            operator.0,
        )
        .execute(pool)
        .await?;
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO draft (customer_id, contact_id, operator_id, text, saved_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (customer_id, contact_id, operator_id) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at",
        seen.customer_id.0,
        seen.id.0,
        operator.0,
        draft.text,
        draft.saved_at.to_sqlx() as _,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The words were sent.
pub(crate) async fn forget_draft(
    conn: &mut PgConnection,
    contact: &Locked,
    operator: OperatorId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM draft WHERE customer_id = $1 AND contact_id = $2 AND operator_id = $3",
        contact.customer.0,
        contact.contact.0,
        operator.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}
