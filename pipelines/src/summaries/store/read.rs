//! Summaries as they are shown.

use models::reading::ModelId;
use models::summary::{Summary, TextAuthor};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::account;
use crate::conversations::store::{parsed, parsed_some};
use crate::conversations::view::{Person, Seen};
use crate::customers::CardSummary;
use crate::events::{ContactId, CustomerId, MessageId, OperatorId};
use crate::platform::store::StoreError;
use crate::summaries::SummaryReason;
use crate::summaries::view::{SummaryVersion, SummaryView, changed};

pub(crate) async fn views(pool: &PgPool, ids: &[(CustomerId, ContactId)]) -> Result<Vec<SummaryView>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (customers, contacts): (Vec<Uuid>, Vec<Uuid>) = ids.iter().map(|(customer, id)| (customer.0, id.0)).unzip();
    let rows = sqlx::query!(
        r#"SELECT s.contact_id AS "contact_id: ContactId", s.version, s.reason AS "reason: SummaryReason",
                  v.at AS "at: jiff_sqlx::Timestamp", v.operator_id AS "by: OperatorId", e.name AS "by_name?", v.model,
                  v.model_version, s.as_of_seq, s.edited AS "edited!", s.confirmed_by AS "confirmed_by: OperatorId",
                  c.name AS "confirmed_name?", s.confirmed_at AS "confirmed_at: jiff_sqlx::Timestamp", v.account,
                  v.messages,
                  CASE WHEN s.edited THEN (
                    SELECT w.account->'summary' FROM summary_version w
                    WHERE w.customer_id = s.customer_id AND w.contact_id = s.contact_id AND w.reason <> 'edited'
                    ORDER BY w.version DESC LIMIT 1
                  ) END AS written
           FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[])) AS k (customer_id, contact_id)
           JOIN summary s USING (customer_id, contact_id)
           JOIN summary_version v USING (customer_id, contact_id, version)
           LEFT JOIN operator e ON e.id = v.operator_id
           LEFT JOIN operator c ON c.id = s.confirmed_by"#,
        &customers,
        &contacts,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let account = account(row.account)?;
            let written: Option<Summary> =
                row.written.map(serde_json::from_value).transpose().map_err(StoreError::Decode)?;
            Ok(SummaryView {
                contact_id: row.contact_id,
                version: row.version,
                reason: row.reason,
                made_at: row.at.to_jiff(),
                by: Person::of(row.by, row.by_name),
                model: ModelId { id: row.model, version: row.model_version },
                as_of_seq: row.as_of_seq,
                edited: row.edited,
                changed: written.map_or_else(Vec::new, |written| changed(&written, &account.summary)),
                confirmed_by: Person::of(row.confirmed_by, row.confirmed_name),
                confirmed_at: row.confirmed_at.map(|at| at.to_jiff()),
                account,
                messages: row.messages.into_iter().map(MessageId).collect(),
            })
        })
        .collect()
}

/// Versions of a summary, newest first.
pub(crate) async fn versions(
    pool: &PgPool,
    seen: &Seen,
    before: Option<i32>,
    rows: i64,
) -> Result<Vec<SummaryVersion>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT v.version, v.reason AS "reason: SummaryReason", v.at AS "at: jiff_sqlx::Timestamp",
                  v.operator_id AS "by: OperatorId", e.name AS "by_name?", v.model, v.model_version, v.as_of_seq, v.distance,
                  v.account->'author' AS author, (v.account->>'support')::real AS "support!",
                  v.account->'summary' AS "summary!"
           FROM summary_version v LEFT JOIN operator e ON e.id = v.operator_id
           WHERE v.customer_id = $1 AND v.contact_id = $2 AND ($3::integer IS NULL OR v.version < $3)
           ORDER BY v.version DESC LIMIT $4"#,
        seen.customer_id.0,
        seen.id.0,
        before,
        rows,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SummaryVersion {
                version: row.version,
                reason: row.reason,
                made_at: row.at.to_jiff(),
                by: Person::of(row.by, row.by_name),
                model: ModelId { id: row.model, version: row.model_version },
                as_of_seq: row.as_of_seq,
                distance: row.distance,
                author: author(row.author)?,
                support: row.support,
                summary: serde_json::from_value(row.summary).map_err(StoreError::Decode)?,
            })
        })
        .collect()
}

/// The last summaries of a person, latest first.
pub(crate) async fn of_person(pool: &PgPool, person: &[CustomerId], rows: i64) -> Result<Vec<CardSummary>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT s.contact_id AS "contact_id!: ContactId", s.changed_at AS "at!: jiff_sqlx::Timestamp", s.topic,
                  s.outcome AS "outcome!", v.account#>>'{summary,text}' AS "text!",
                  v.account->'author' AS author
           FROM unnest($1::uuid[]) AS whose (id)
           CROSS JOIN LATERAL (
             SELECT s.* FROM summary s WHERE s.customer_id = whose.id
             ORDER BY s.changed_at DESC, s.contact_id DESC LIMIT $2
           ) s
           JOIN summary_version v USING (customer_id, contact_id, version)
           ORDER BY s.changed_at DESC, s.contact_id DESC LIMIT $2"#,
        &person.iter().map(|customer| customer.0).collect::<Vec<_>>(),
        rows,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(CardSummary {
                contact_id: row.contact_id,
                at: row.at.to_jiff(),
                topic: parsed_some(row.topic.as_deref())?,
                outcome: parsed(&row.outcome)?,
                text: row.text,
                author: author(row.author)?,
            })
        })
        .collect()
}

/// Versions from before there was a writer do not say who wrote their text.
fn author(stored: Option<Value>) -> Result<TextAuthor, StoreError> {
    stored.map_or(Ok(TextAuthor::default()), serde_json::from_value).map_err(StoreError::Decode)
}
