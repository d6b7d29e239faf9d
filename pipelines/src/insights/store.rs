//! Insights, verdicts, and what lists show of them.

pub(super) mod corrected;

use jiff_sqlx::ToSqlx;
use models::reading::{ModelId, Reading, Scored};
use models::taxonomy::{Speaker, Topic};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};

use crate::conversations::view::Corrections;
use crate::events::{ContactId, CustomerId, InsightId, MessageId, OperatorId, SuggestionId, VerdictId};
use crate::platform::store::{Change, StoreError};

/// The words of a customer's message and the event that they stand at.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) as_of_seq: i64,
}

/// A reading on its way into the store.
pub(super) struct Made<'a> {
    pub(super) as_of_seq: i64,
    pub(super) model: &'a ModelId,
    pub(super) reading: &'a Reading,
    pub(super) latency_us: i64,
}

/// A stored reading of a message, and what a person knew better.
pub(super) struct Known {
    pub(super) as_of_seq: i64,
    pub(super) reading: Reading,
    pub(super) corrections: Corrections,
}

impl Known {
    /// True where a person corrected what the message is about or how its writer felt.
    pub(super) fn is_about_something_else(&self) -> bool {
        self.corrections.topic.is_some() || self.corrections.sentiment.is_some()
    }

    /// The reading with the corrections in place; a person is sure.
    pub(super) fn corrected(&self) -> Reading {
        let mut reading = self.reading.clone();
        if let Some(topic) = self.corrections.topic {
            reading.topics = vec![Scored { value: topic, score: 1.0 }];
            reading.abstained = false;
        }
        if let Some(value) = self.corrections.sentiment {
            reading.sentiment = Scored { value, score: 1.0 };
        }
        if let Some(value) = self.corrections.urgency {
            reading.urgency = Scored { value, score: 1.0 };
        }
        if let Some(value) = self.corrections.language {
            reading.language = Scored { value, score: 1.0 };
        }
        reading
    }
}

/// What a customer wrote or said; none where the message is somebody else's or has no words.
pub(super) async fn text_of(
    pool: &PgPool,
    customer: CustomerId,
    message: MessageId,
) -> Result<Option<Said>, StoreError> {
    let said = sqlx::query_as!(
        Said,
        r#"SELECT text AS "text!", changed_seq AS "as_of_seq!" FROM message
           WHERE customer_id = $1 AND id = $2 AND author = 'customer' AND kind <> 'phone' AND text IS NOT NULL"#,
        customer.0,
        message.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(said)
}

/// The turns of a talk in order, and the last event that they stand at.
pub(super) struct Talk {
    pub(super) turns: Vec<(Speaker, String)>,
    pub(super) as_of_seq: i64,
}

/// Of a longer talk so many of its last turns are read.
const LONGEST_TALK: i64 = 512;

/// What the two said to each other; files without words, phones and inner notes are no turns.
pub(super) async fn talk_of(pool: &PgPool, customer: CustomerId, contact: ContactId) -> Result<Talk, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT author = 'customer' AS "customer!", text AS "text!", changed_seq FROM message
           WHERE customer_id = $1 AND contact_id = $2 AND author IN ('customer', 'operator')
             AND kind NOT IN ('phone', 'note') AND text IS NOT NULL ORDER BY seq DESC LIMIT $3"#,
        customer.0,
        contact.0,
        LONGEST_TALK,
    )
    .fetch_all(pool)
    .await?;
    let as_of_seq = rows.iter().map(|row| row.changed_seq).max().unwrap_or(0);
    let speaker = |customer: bool| if customer { Speaker::Customer } else { Speaker::Operator };
    let turns = rows.into_iter().rev().map(|row| (speaker(row.customer), row.text)).collect();
    Ok(Talk { turns, as_of_seq })
}

/// Keeps the reading of a message, or of the contact so far (none); none where a newer one is there already.
///
/// Of a message, one of the same text counts as there. Of the contact, which is locked, the one that comes later
/// knows more and replaces one of the same event.
pub(super) async fn put(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    message: Option<MessageId>,
    id: InsightId,
    made: &Made<'_>,
) -> Result<Option<InsightId>, StoreError> {
    let (at, result) = (change.at(), stored(made.reading)?);
    let id = sqlx::query_scalar!(
        r#"INSERT INTO insight AS i (customer_id, id, contact_id, message_id, as_of_seq, model, version, topic, class,
                                     abstained, sentiment, urgency, language, result, latency_us, made_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
           ON CONFLICT (customer_id, contact_id, message_id) DO UPDATE SET
             as_of_seq = excluded.as_of_seq, model = excluded.model, version = excluded.version, topic = excluded.topic,
             class = excluded.class, abstained = excluded.abstained, sentiment = excluded.sentiment,
             urgency = excluded.urgency, language = excluded.language, result = excluded.result,
             latency_us = excluded.latency_us, made_at = excluded.made_at
           WHERE i.as_of_seq < excluded.as_of_seq OR (i.message_id IS NULL AND i.as_of_seq = excluded.as_of_seq)
           RETURNING id AS "id: InsightId""#,
        customer.0,
        id.0,
        contact.0,
        message.map(|message| message.0),
        made.as_of_seq,
        made.model.id,
        made.model.version,
        made.reading.topic().map(Topic::as_str),
        made.reading.class().map(|class| class.as_str()),
        made.reading.abstained,
        made.reading.sentiment.value.as_str(),
        made.reading.urgency.value.as_str(),
        made.reading.language.value.as_str(),
        result,
        made.latency_us,
        at.to_sqlx() as _,
    )
    .fetch_optional(change.conn())
    .await?;
    Ok(id)
}

/// The readings of the customer's messages in the order of the talk.
pub(super) async fn readings_of(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Vec<Known>, StoreError> {
    let rows = sqlx::query!(
        "SELECT i.as_of_seq, i.result, i.corrected FROM insight i
         JOIN message m ON m.customer_id = i.customer_id AND m.id = i.message_id
         WHERE i.customer_id = $1 AND i.contact_id = $2 AND i.message_id IS NOT NULL ORDER BY m.seq",
        customer.0,
        contact.0,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Known {
                as_of_seq: row.as_of_seq,
                reading: serde_json::from_value(row.result).map_err(StoreError::Decode)?,
                corrections: serde_json::from_value(row.corrected).map_err(StoreError::Decode)?,
            })
        })
        .collect()
}

/// Takes back a person's word on how urgent the contact is where a message that came after it is more urgent: nobody can
/// have meant what was not yet said, and an allergy must not wait behind a correction.
pub(super) async fn let_urgency_rise(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE insight i SET corrected = i.corrected - 'urgency'
         WHERE i.customer_id = $1 AND i.contact_id = $2 AND i.message_id IS NULL AND i.corrected ? 'urgency'
           AND EXISTS (
             SELECT FROM insight said
             WHERE said.customer_id = i.customer_id AND said.contact_id = i.contact_id AND said.message_id IS NOT NULL
               AND array_position(ARRAY['critical', 'high', 'normal'], coalesce(said.corrected->>'urgency', said.urgency))
                 < array_position(ARRAY['critical', 'high', 'normal'], i.corrected->>'urgency')
               AND said.as_of_seq > (SELECT max((v.said->>'as_of_seq')::bigint) FROM verdict v
                                     WHERE v.customer_id = i.customer_id AND v.contact_id = i.contact_id
                                       AND v.insight_id = i.id AND v.field = 'urgency'))",
        customer.0,
        contact.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Copies what is known of the contact so far, corrections first, into the columns that lists read.
pub(super) async fn show_contact(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE contact c SET
           topic = coalesce(i.corrected->>'topic', i.topic),
           topic_score = CASE WHEN i.corrected ? 'topic' THEN NULL ELSE (i.result->'topics'->0->>'score')::real END,
           urgency = coalesce(i.corrected->>'urgency', i.urgency),
           urgency_score = CASE WHEN i.corrected ? 'urgency' THEN NULL ELSE (i.result->'urgency'->>'score')::real END,
           sentiment = coalesce(i.corrected->>'sentiment', i.sentiment),
           sentiment_score = CASE WHEN i.corrected ? 'sentiment' THEN NULL
                                  ELSE (i.result->'sentiment'->>'score')::real END,
           language = coalesce(i.corrected->>'language', i.language),
           read_as_of = i.as_of_seq
         FROM insight i
         WHERE c.customer_id = $1 AND c.id = $2 AND i.customer_id = c.customer_id AND i.contact_id = c.id
           AND i.message_id IS NULL",
        customer.0,
        contact.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An insight of a contact as a person judges it.
pub(super) struct Judged {
    pub(super) id: InsightId,
    pub(super) message_id: Option<MessageId>,
    pub(super) as_of_seq: i64,
    pub(super) model: ModelId,
    pub(super) result: Value,
    pub(super) corrected: Value,
    pub(super) latency_us: i64,
}

/// The insight by id, or (none) that of the contact so far.
pub(super) async fn insight(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
    id: Option<InsightId>,
) -> Result<Option<Judged>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT id AS "id: InsightId", message_id AS "message_id: MessageId", as_of_seq, model, version, result, corrected,
                  latency_us
           FROM insight WHERE customer_id = $1 AND contact_id = $2 AND (id = $3 OR ($3 IS NULL AND message_id IS NULL))"#,
        customer.0,
        contact.0,
        id.map(|id| id.0),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Judged {
        id: row.id,
        message_id: row.message_id,
        as_of_seq: row.as_of_seq,
        model: ModelId { id: row.model, version: row.version },
        result: row.result,
        corrected: row.corrected,
        latency_us: row.latency_us,
    }))
}

/// Puts one corrected field beside what the model said.
pub(super) async fn correct(
    conn: &mut PgConnection,
    customer: CustomerId,
    id: InsightId,
    field: &str,
    value: &Value,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE insight SET corrected = corrected || jsonb_build_object($3::text, $4::jsonb)
         WHERE customer_id = $1 AND id = $2",
        customer.0,
        id.0,
        field,
        value,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a verdict says of an insight or a suggestion.
pub(super) struct NewVerdict<'a> {
    pub(super) id: VerdictId,
    pub(super) insight: Option<InsightId>,
    pub(super) suggestion: Option<SuggestionId>,
    pub(super) field: Option<&'a str>,
    pub(super) said: Value,
    pub(super) act: &'a str,
    pub(super) corrected: Option<Value>,
    pub(super) operator: OperatorId,
}

pub(super) async fn put_verdict(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    new: &NewVerdict<'_>,
) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "INSERT INTO verdict (customer_id, id, contact_id, insight_id, suggestion_id, field, said, act, corrected,
                              operator_id, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        customer.0,
        new.id.0,
        contact.0,
        new.insight.map(|id| id.0),
        new.suggestion.map(|id| id.0),
        new.field,
        new.said,
        new.act,
        new.corrected,
        new.operator.0,
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// The text of a suggestion of this contact.
pub(super) async fn suggestion_text(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
    id: SuggestionId,
) -> Result<Option<String>, StoreError> {
    let text = sqlx::query_scalar!(
        "SELECT text FROM suggestion WHERE customer_id = $1 AND contact_id = $2 AND id = $3",
        customer.0,
        contact.0,
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(text)
}

/// What was already said of a suggestion of this contact.
pub(super) async fn verdict_on(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
    suggestion: SuggestionId,
) -> Result<Option<VerdictId>, StoreError> {
    let verdict = sqlx::query_scalar!(
        r#"SELECT id AS "id: VerdictId" FROM verdict
           WHERE customer_id = $1 AND contact_id = $2 AND suggestion_id = $3 LIMIT 1"#,
        customer.0,
        contact.0,
        suggestion.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(verdict)
}

/// A contact without a reading: the person's word is all there is.
pub(super) async fn show_topic(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
    topic: Topic,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE contact SET topic = $3, topic_score = NULL WHERE customer_id = $1 AND id = $2",
        customer.0,
        contact.0,
        topic.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn stored(reading: &Reading) -> Result<Value, StoreError> {
    let mut value = serde_json::to_value(reading).map_err(StoreError::Encode)?;
    value["v"] = json!(1);
    Ok(value)
}
