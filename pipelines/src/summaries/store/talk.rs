//! What a summary rests on: the turns of a contact.

use models::taxonomy::Speaker;
use sqlx::{PgConnection, PgExecutor, PgPool};

use crate::events::{ContactId, ContactState, CustomerId, MessageId};
use crate::platform::store::StoreError;

/// The turns of a talk in order with the messages that hold them, and the last event that changed what was said.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    pub(crate) turns: Vec<(Speaker, String)>,
    pub(crate) messages: Vec<MessageId>,
    pub(crate) as_of_seq: i64,
}

/// What the two said to each other; files without words, phones and inner notes are no turns. None where there are more
/// than `most`.
pub(crate) async fn of(
    store: impl PgExecutor<'_>,
    customer: CustomerId,
    contact: ContactId,
    most: usize,
) -> Result<Option<Talk>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: MessageId", author = 'customer' AS "customer!", text AS "text!",
                  CASE WHEN edited_at IS NULL THEN seq ELSE changed_seq END AS "said_seq!"
           FROM message
           WHERE customer_id = $1 AND contact_id = $2 AND author IN ('customer', 'operator')
             AND kind NOT IN ('phone', 'note') AND text IS NOT NULL ORDER BY seq LIMIT $3"#,
        customer.0,
        contact.0,
        i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1),
    )
    .fetch_all(store)
    .await?;
    if rows.len() > most {
        return Ok(None);
    }
    let mut talk = Talk::default();
    for row in rows {
        talk.turns.push((if row.customer { Speaker::Customer } else { Speaker::Operator }, row.text));
        talk.messages.push(row.id);
        // Deliveries and files change a message too, and nothing of what it says.
        talk.as_of_seq = talk.as_of_seq.max(row.said_seq);
    }
    Ok(Some(talk))
}

/// The last event that changed what was said; none where nothing was.
pub(crate) async fn as_of_seq(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Option<i64>, StoreError> {
    let seq = sqlx::query_scalar!(
        "SELECT max(CASE WHEN edited_at IS NULL THEN seq ELSE changed_seq END) FROM message
         WHERE customer_id = $1 AND contact_id = $2 AND author IN ('customer', 'operator')
           AND kind NOT IN ('phone', 'note') AND text IS NOT NULL",
        customer.0,
        contact.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(seq)
}

/// How far a talk has gone beyond its summary.
pub(crate) struct Progress {
    pub(crate) state: ContactState,
    pub(crate) turns: i64,
    /// Of the last turn.
    pub(crate) last_seq: i64,
    /// Turns that the current summary rests on.
    pub(crate) summarised: i64,
}

pub(crate) async fn progress(
    pool: &PgPool,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Option<Progress>, StoreError> {
    let progress = sqlx::query_as!(
        Progress,
        r#"SELECT c.state AS "state: ContactState", t.turns AS "turns!", t.last_seq AS "last_seq!",
                  coalesce(s.turns, 0)::bigint AS "summarised!"
           FROM contact c
           CROSS JOIN LATERAL (
             SELECT count(*) AS turns, coalesce(max(m.seq), 0) AS last_seq FROM message m
             WHERE m.customer_id = c.customer_id AND m.contact_id = c.id AND m.author IN ('customer', 'operator')
               AND m.kind NOT IN ('phone', 'note') AND m.text IS NOT NULL
           ) t
           LEFT JOIN summary s ON s.customer_id = c.customer_id AND s.contact_id = c.id
           WHERE c.customer_id = $1 AND c.id = $2"#,
        customer.0,
        contact.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(progress)
}
