//! Suggestions, and what they are made from.

use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Matter;
use crate::conversations::store::parsed;
use crate::conversations::view::Evidence;
use crate::events::{Channel, ContactId, CustomerId, MessageId, SuggestionId};
use crate::platform::store::{Change, StoreError};

/// What the contact is about, where that is known and a message of its customer says so.
pub(super) async fn matter(
    pool: &PgPool,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Option<Matter>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT c.channel AS "channel: Channel", c.topic AS "topic!", c.language AS "language!", i.as_of_seq,
                  o.name AS "operator_name?", m.id AS "message_id: MessageId", m.text AS "text!"
           FROM contact c
           JOIN insight i ON i.customer_id = c.customer_id AND i.contact_id = c.id AND i.message_id IS NULL
           LEFT JOIN operator o ON o.id = c.operator_id
           JOIN LATERAL (
             SELECT m.id, m.text FROM insight said
             JOIN message m ON m.customer_id = said.customer_id AND m.id = said.message_id
             WHERE said.customer_id = c.customer_id AND said.contact_id = c.id AND m.text IS NOT NULL
               AND coalesce(said.corrected->>'topic', said.topic) = c.topic
             ORDER BY m.seq DESC LIMIT 1) m ON true
           WHERE c.customer_id = $1 AND c.id = $2 AND c.topic IS NOT NULL AND c.language IS NOT NULL"#,
        customer.0,
        contact.0,
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(Matter {
            channel: row.channel,
            as_of_seq: row.as_of_seq,
            topic: parsed(&row.topic)?,
            language: parsed(&row.language)?,
            operator_name: row.operator_name,
            message: row.message_id,
            text: row.text,
        })
    })
    .transpose()
}

/// Whether the contact is still read as it was at `as_of_seq`.
pub(super) async fn still_reads(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
    as_of_seq: i64,
) -> Result<bool, StoreError> {
    let still = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM insight WHERE customer_id = $1 AND contact_id = $2 AND message_id IS NULL
                          AND as_of_seq = $3) AS "still!""#,
        customer.0,
        contact.0,
        as_of_seq,
    )
    .fetch_one(conn)
    .await?;
    Ok(still)
}

/// Which of `templates` were proposed in the contact before.
pub(super) async fn proposed_before(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
    templates: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let before = sqlx::query_scalar!(
        r#"SELECT t.id AS "id!" FROM unnest($3::uuid[]) AS t(id)
           WHERE EXISTS (SELECT FROM suggestion s WHERE s.customer_id = $1 AND s.contact_id = $2
             AND s.evidence @> jsonb_build_object('of', jsonb_build_array(
                   jsonb_build_object('kind', 'template', 'id', t.id))))"#,
        customer.0,
        contact.0,
        templates,
    )
    .fetch_all(conn)
    .await?;
    Ok(before)
}

/// Keeps a proposed reply.
pub(super) async fn put(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    id: SuggestionId,
    text: &str,
    evidence: &[Evidence],
    as_of_seq: i64,
) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "INSERT INTO suggestion (customer_id, id, contact_id, kind, text, evidence, as_of_seq, made_at)
         VALUES ($1, $2, $3, 'reply', $4, $5, $6, $7)",
        customer.0,
        id.0,
        contact.0,
        text,
        json!({"v": 1, "of": evidence}),
        as_of_seq,
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}
