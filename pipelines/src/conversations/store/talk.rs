//! What was said in contacts, and what was understood of it.

use std::collections::HashMap;

use models::reading::{ModelId, Reading};
use serde::Deserialize;
use sqlx::PgPool;
use uuid::Uuid;

use super::parsed;
use crate::conversations::attachments::AttachmentState;
use crate::conversations::delivery::DeliveryProblem;
use crate::conversations::view::{
    Attachment, ContactReading, Corrections, Evidence, LifeStep, Message, MessageReading, Person, Seen, SegmentView,
    Suggestion, SuggestionKind,
};
use crate::events::{
    AttachmentId, Author, ContactId, ContactState, CustomerId, Delivery, InsightId, MessageId, MessageKind, OperatorId,
    Step, SuggestionId,
};
use crate::platform::page::Limit;
use crate::platform::store::StoreError;

/// The ids of the messages before a place in the talk, newest first, one more than the page holds.
pub(crate) async fn ids_before(
    pool: &PgPool,
    seen: &Seen,
    before: Option<i64>,
    limit: Limit,
) -> Result<Vec<(CustomerId, MessageId)>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: MessageId" FROM message
           WHERE customer_id = $1 AND contact_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4"#,
        seen.customer_id.0,
        seen.id.0,
        before.unwrap_or(i64::MAX),
        limit.one_more(),
    )
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(|id| (seen.customer_id, id)).collect())
}

/// Messages with their files and readings, in the order of their talks: two queries however many there are.
pub(crate) async fn messages(pool: &PgPool, ids: &[(CustomerId, MessageId)]) -> Result<Vec<Message>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (customers, messages): (Vec<Uuid>, Vec<Uuid>) = ids.iter().map(|(customer, id)| (customer.0, id.0)).unzip();
    let mut attachments = attachments(pool, &customers, &messages).await?;
    let rows = sqlx::query!(
        r#"SELECT m.id AS "id: MessageId", m.contact_id AS "contact_id: ContactId", m.seq, m.author AS "author: Author",
                  m.operator_id AS "operator_id: OperatorId", o.name AS "operator_name?", m.kind AS "kind: MessageKind",
                  m.text, m.at AS "at: jiff_sqlx::Timestamp", m.received_at AS "received_at: jiff_sqlx::Timestamp",
                  m.edited_at AS "edited_at: jiff_sqlx::Timestamp", m.delivery AS "delivery: Delivery",
                  m.delivery_error AS "delivery_error: DeliveryProblem", m.segment, m.template_id,
                  m.suggestion_id AS "suggestion_id: SuggestionId",
                  i.id AS "insight_id?: InsightId", i.as_of_seq AS "as_of_seq?", i.result AS "result?",
                  i.corrected AS "corrected?"
           FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[])) AS k(customer_id, id)
           JOIN message m ON m.customer_id = k.customer_id AND m.id = k.id
           LEFT JOIN operator o ON o.id = m.operator_id
           LEFT JOIN insight i ON i.customer_id = m.customer_id AND i.contact_id = m.contact_id AND i.message_id = m.id
           ORDER BY m.contact_id, m.seq"#,
        &customers,
        &messages,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let reading = match (row.insight_id, row.as_of_seq, row.result) {
                (Some(insight_id), Some(as_of_seq), Some(result)) => {
                    let reading: Reading = read(result)?;
                    Some(MessageReading {
                        insight_id,
                        as_of_seq,
                        class: reading.class(),
                        topics: reading.topics,
                        abstained: reading.abstained,
                        sentiment: reading.sentiment,
                        urgency: reading.urgency,
                        language: reading.language,
                        mixed: reading.mixed,
                        entities: reading.entities,
                        corrected: row.corrected.map(read).transpose()?.unwrap_or_default(),
                    })
                }
                _ => None,
            };
            Ok(Message {
                id: row.id,
                contact_id: row.contact_id,
                seq: row.seq,
                author: row.author,
                operator: Person::of(row.operator_id, row.operator_name),
                kind: row.kind,
                text: row.text,
                at: row.at.to_jiff(),
                received_at: row.received_at.to_jiff(),
                edited_at: row.edited_at.map(|at| at.to_jiff()),
                delivery: row.delivery,
                delivery_error: row.delivery_error,
                attachments: attachments.remove(&row.id).unwrap_or_default(),
                segment: row.segment.map(read::<SegmentView>).transpose()?,
                reading,
                template_id: row.template_id,
                suggestion_id: row.suggestion_id,
            })
        })
        .collect()
}

async fn attachments(
    pool: &PgPool,
    customers: &[Uuid],
    messages: &[Uuid],
) -> Result<HashMap<MessageId, Vec<Attachment>>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT a.message_id AS "message_id: MessageId", a.id AS "id: AttachmentId", a.name, a.media_type, a.size,
                  a.state AS "state: AttachmentState"
           FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[])) AS k(customer_id, id)
           JOIN attachment a ON a.customer_id = k.customer_id AND a.message_id = k.id ORDER BY a.id"#,
        customers,
        messages,
    )
    .fetch_all(pool)
    .await?;
    let mut by_message: HashMap<MessageId, Vec<Attachment>> = HashMap::new();
    for row in rows {
        let file =
            Attachment { id: row.id, name: row.name, media_type: row.media_type, size: row.size, state: row.state };
        by_message.entry(row.message_id).or_default().push(file);
    }
    Ok(by_message)
}

/// The readings of contacts so far.
pub(crate) async fn contact_readings(
    pool: &PgPool,
    ids: &[ContactId],
) -> Result<Vec<(ContactId, ContactReading)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT i.contact_id AS "contact_id: ContactId", i.id AS "id: InsightId", i.as_of_seq, i.model, i.version,
                  i.result, i.corrected, i.latency_us
           FROM unnest((SELECT $1::uuid[])) AS k(id)
           JOIN contact c ON c.id = k.id
           JOIN insight i ON i.customer_id = c.customer_id AND i.contact_id = c.id AND i.message_id IS NULL"#,
        &ids,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let reading: Reading = read(row.result)?;
            let shown = ContactReading {
                insight_id: row.id,
                as_of_seq: row.as_of_seq,
                class: reading.class(),
                topics: reading.topics,
                abstained: reading.abstained,
                sentiment: reading.sentiment,
                urgency: reading.urgency,
                language: reading.language,
                mixed: reading.mixed,
                corrected: read::<Corrections>(row.corrected)?,
                model: ModelId { id: row.model, version: row.version },
                latency_ms: row.latency_us as f64 / 1_000.0,
            };
            Ok((row.contact_id, shown))
        })
        .collect()
}

/// The suggestions that rest on the newest state of the contact, three at most.
pub(crate) async fn latest_suggestions(pool: &PgPool, seen: &Seen) -> Result<Vec<Suggestion>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT s.id AS "id: SuggestionId" FROM suggestion s
           WHERE s.customer_id = $1 AND s.contact_id = $2
             AND s.as_of_seq = (SELECT max(as_of_seq) FROM suggestion WHERE customer_id = $1 AND contact_id = $2)
             AND NOT EXISTS (SELECT FROM verdict v WHERE v.customer_id = s.customer_id AND v.contact_id = s.contact_id
                               AND v.suggestion_id = s.id)
           ORDER BY s.id LIMIT 3"#,
        seen.customer_id.0,
        seen.id.0,
    )
    .fetch_all(pool)
    .await?;
    let ids: Vec<_> = ids.into_iter().map(|id| (seen.customer_id, id)).collect();
    suggestions(pool, &ids).await
}

pub(crate) async fn suggestions(
    pool: &PgPool,
    ids: &[(CustomerId, SuggestionId)],
) -> Result<Vec<Suggestion>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (customers, ids): (Vec<Uuid>, Vec<Uuid>) = ids.iter().map(|(customer, id)| (customer.0, id.0)).unzip();
    let rows = sqlx::query!(
        r#"SELECT s.id AS "id: SuggestionId", s.kind AS "kind: SuggestionKind", s.text, s.evidence, s.as_of_seq
           FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[])) AS k(customer_id, id)
           JOIN suggestion s ON s.customer_id = k.customer_id AND s.id = k.id ORDER BY s.id"#,
        &customers,
        &ids,
    )
    .fetch_all(pool)
    .await?;
    #[derive(Deserialize)]
    struct Stored {
        of: Vec<Evidence>,
    }
    rows.into_iter()
        .map(|row| {
            let evidence = read::<Stored>(row.evidence)?.of;
            Ok(Suggestion { id: row.id, kind: row.kind, text: row.text, evidence, as_of_seq: row.as_of_seq })
        })
        .collect()
}

/// Every step of the contact's life.
pub(crate) async fn life(pool: &PgPool, seen: &Seen) -> Result<Vec<LifeStep>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT s.seq, s.state, s.step, s.at AS "at: jiff_sqlx::Timestamp", s.actor_id AS "actor_id: OperatorId",
                  o.name AS "actor_name?"
           FROM contact_step s LEFT JOIN operator o ON o.id = s.actor_id
           WHERE s.customer_id = $1 AND s.contact_id = $2 ORDER BY s.seq"#,
        seen.customer_id.0,
        seen.id.0,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(LifeStep {
                seq: row.seq,
                state: parsed::<ContactState>(&row.state)?,
                step: parsed::<Step>(&row.step)?,
                at: row.at.to_jiff(),
                by: Person::of(row.actor_id, row.actor_name),
            })
        })
        .collect()
}

/// Stored JSON carries a version beside its fields; this code reads version 1.
fn read<T: serde::de::DeserializeOwned>(stored: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(stored).map_err(StoreError::Decode)
}
