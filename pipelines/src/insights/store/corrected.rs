//! Insights that people corrected, in pages.

use sqlx::PgPool;
use uuid::Uuid;

use super::Known;
use crate::events::ContactId;
use crate::platform::store::StoreError;

/// Corrections read together.
pub(in crate::insights) const PAGE: i64 = 200;

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub(in crate::insights) customer: Uuid,
    verdict: Uuid,
}

/// A corrected insight.
pub(in crate::insights) struct Row {
    pub(in crate::insights) place: Place,
    /// Of the message, or of the contact where the whole was corrected.
    pub(in crate::insights) id: Uuid,
    pub(in crate::insights) contact: ContactId,
    pub(in crate::insights) channel: String,
    pub(in crate::insights) text: Option<String>,
    pub(in crate::insights) known: Known,
}

/// Each corrected insight once, at its last verdict.
pub(in crate::insights) async fn page(pool: &PgPool, after: Option<Place>) -> Result<Vec<Row>, StoreError> {
    let after = after.unwrap_or(Place { customer: Uuid::nil(), verdict: Uuid::nil() });
    let rows = sqlx::query!(
        r#"SELECT v.customer_id, v.id, v.contact_id AS "contact_id: ContactId", i.message_id, c.channel, m.text AS "text?",
                  i.as_of_seq, i.result, i.corrected
           FROM verdict v
           JOIN insight i ON i.customer_id = v.customer_id AND i.id = v.insight_id
           JOIN contact c ON c.customer_id = v.customer_id AND c.id = v.contact_id
           LEFT JOIN message m ON m.customer_id = i.customer_id AND m.id = i.message_id
           WHERE (v.customer_id, v.id) > ($1, $2) AND v.act = 'corrected'
             AND (i.message_id IS NULL OR m.text IS NOT NULL)
             AND NOT EXISTS (SELECT FROM verdict later WHERE later.customer_id = v.customer_id
                               AND later.contact_id = v.contact_id AND later.insight_id = v.insight_id AND later.id > v.id)
           ORDER BY v.customer_id, v.id LIMIT $3"#,
        after.customer,
        after.verdict,
        PAGE,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Row {
                place: Place { customer: row.customer_id, verdict: row.id },
                id: row.message_id.unwrap_or(row.contact_id.0),
                contact: row.contact_id,
                channel: row.channel,
                text: row.text,
                known: Known {
                    as_of_seq: row.as_of_seq,
                    reading: serde_json::from_value(row.result).map_err(StoreError::Decode)?,
                    corrections: serde_json::from_value(row.corrected).map_err(StoreError::Decode)?,
                },
            })
        })
        .collect()
}
