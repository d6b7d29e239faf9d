//! Summaries and their versions as they are written.

pub(super) mod dates;
pub(super) mod figures;
pub(super) mod quality;
pub(crate) mod read;
pub(super) mod talk;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::reading::ModelId;
use models::summary::Account;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use self::dates::dated;
use super::facts::money;
use super::{SummaryReason, Verdict};
use crate::events::{ContactId, CustomerId, MessageId, OperatorId, VerdictId};
use crate::platform::store::{Change, StoreError};

/// The current version, as far as others are weighed against it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current {
    pub(super) version: i32,
    pub(super) as_of_seq: i64,
    /// So many it rests on.
    pub(super) turns: i32,
    pub(super) reason: SummaryReason,
    pub(super) confirmed: bool,
    /// None where nobody edited or confirmed it.
    pub(super) kept: Option<Kept>,
}

/// That a person edited or confirmed the current version, and what became of the contact since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// The last time that somebody did.
    pub(super) since: Timestamp,
    /// Somebody opened the contact again; the customer who only writes on is nobody.
    pub(super) reopened: bool,
    /// It waited for an operator once more.
    pub(super) waited: bool,
}

/// A version on its way into the store.
pub(super) struct Made<'a> {
    pub(super) as_of_seq: i64,
    pub(super) reason: SummaryReason,
    /// The model that wrote it, or wrote what was edited.
    pub(super) model: &'a ModelId,
    /// Who edited, and how many characters away it is from what the model wrote.
    pub(super) edit: Option<(OperatorId, i32)>,
    pub(super) account: &'a Account,
    pub(super) messages: &'a [MessageId],
    pub(super) latency_us: i64,
}

pub(super) async fn current(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Option<Current>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT s.version, s.as_of_seq, s.turns, s.reason AS "reason: SummaryReason",
                  s.confirmed_at IS NOT NULL AS "confirmed!", k.since AS "since?: jiff_sqlx::Timestamp",
                  EXISTS (SELECT FROM contact_step t WHERE t.customer_id = $1 AND t.contact_id = $2 AND t.at > k.since
                            AND t.step = 'reopened' AND t.actor_id IS NOT NULL) AS "reopened!",
                  EXISTS (SELECT FROM contact_step t WHERE t.customer_id = $1 AND t.contact_id = $2 AND t.at > k.since
                            AND t.state IN ('queued', 'offered')) AS "waited!"
           FROM summary s
           CROSS JOIN LATERAL (
             SELECT CASE WHEN s.edited THEN greatest(s.changed_at, s.confirmed_at) ELSE s.confirmed_at END AS since
           ) k
           WHERE s.customer_id = $1 AND s.contact_id = $2"#,
        customer.0,
        contact.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Current {
        version: row.version,
        as_of_seq: row.as_of_seq,
        turns: row.turns,
        reason: row.reason,
        confirmed: row.confirmed,
        kept: row.since.map(|since| Kept { since: since.to_jiff(), reopened: row.reopened, waited: row.waited }),
    }))
}

/// Adds a version to the locked contact and makes it the current one; gives its number.
pub(super) async fn put(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    made: &Made<'_>,
) -> Result<i32, StoreError> {
    let at = change.at();
    let distance = made.edit.map(|(_, distance)| distance);
    let version = sqlx::query_scalar!(
        "INSERT INTO summary AS s (customer_id, contact_id, version, as_of_seq, turns, reason, language, topic, outcome,
                                   support, distance, operator_id, made_at, changed_at)
         VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10,
                 (SELECT operator_id FROM contact_step WHERE customer_id = $1 AND contact_id = $2
                    AND operator_id IS NOT NULL AND state <> 'offered' ORDER BY seq DESC LIMIT 1), $11, $11)
         ON CONFLICT (customer_id, contact_id) DO UPDATE SET
           version = s.version + 1, as_of_seq = excluded.as_of_seq, turns = excluded.turns, reason = excluded.reason,
           language = excluded.language, topic = excluded.topic, outcome = excluded.outcome, support = excluded.support,
           distance = excluded.distance, operator_id = excluded.operator_id, confirmed_by = NULL, confirmed_at = NULL,
           verdict = NULL, changed_at = excluded.changed_at
         RETURNING version",
        customer.0,
        contact.0,
        made.as_of_seq,
        i32::try_from(made.messages.len()).unwrap_or(i32::MAX),
        made.reason.as_str(),
        made.account.language.as_str(),
        made.account.topics.first().map(|topic| topic.as_str()),
        made.account.summary.outcome.as_str(),
        made.account.support.clamp(0.0, 1.0),
        distance,
        at.to_sqlx() as _,
    )
    .fetch_one(change.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO summary_version (customer_id, contact_id, version, as_of_seq, reason, model, model_version,
                                      operator_id, account, messages, distance, latency_us, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        customer.0,
        contact.0,
        version,
        made.as_of_seq,
        made.reason.as_str(),
        made.model.id,
        made.model.version,
        made.edit.map(|(operator, _)| operator.0),
        stored(made.account)?,
        &made.messages.iter().map(|message| message.0).collect::<Vec<_>>(),
        distance,
        made.latency_us,
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    put_facts(change.conn(), customer, contact, made).await?;
    Ok(version)
}

/// Replaces the facts of the contact by those of the current version.
async fn put_facts(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
    made: &Made<'_>,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM summary_fact WHERE customer_id = $1 AND contact_id = $2", customer.0, contact.0)
        .execute(&mut *conn)
        .await?;
    let place = |turn: u32| made.messages.get(turn as usize).map(|message| message.0);
    let facts: Vec<_> = made.account.facts.iter().filter_map(|fact| Some((fact, place(fact.turn)?))).collect();
    let sums: Vec<_> = facts.iter().map(|(fact, _)| fact.amount.as_deref().and_then(money)).collect();
    sqlx::query!(
        "INSERT INTO summary_fact (customer_id, contact_id, n, kind, type, amount, amount_minor, currency, due, code,
                                   accepted, message_id)
         SELECT $1, $2, f.n, f.kind, f.type, f.amount, f.amount_minor, f.currency, f.due, f.code, f.accepted, f.message_id
         FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[],
                     $10::boolean[], $11::uuid[])
           WITH ORDINALITY AS f (kind, type, amount, amount_minor, currency, due, code, accepted, message_id, n)",
        customer.0,
        contact.0,
        &facts.iter().map(|(fact, _)| fact.kind.as_str().to_owned()).collect::<Vec<_>>(),
        &facts.iter().map(|(fact, _)| fact.what.as_str().to_owned()).collect::<Vec<_>>(),
        &facts.iter().map(|(fact, _)| fact.amount.clone()).collect::<Vec<_>>() as _,
        &sums.iter().map(|sum| sum.map(|sum| sum.minor)).collect::<Vec<_>>() as _,
        &sums.iter().map(|sum| sum.map(|sum| sum.currency.as_str().to_owned())).collect::<Vec<_>>() as _,
        &facts.iter().map(|(fact, _)| fact.due.clone()).collect::<Vec<_>>() as _,
        &facts.iter().map(|(fact, _)| fact.code.clone()).collect::<Vec<_>>() as _,
        &facts.iter().map(|(fact, _)| fact.accepted).collect::<Vec<_>>() as _,
        &facts.iter().map(|(_, message)| *message).collect::<Vec<Uuid>>(),
    )
    .execute(&mut *conn)
    .await?;
    dated(conn, customer, contact).await
}

/// The current version whole, and the one that the model wrote last.
pub(super) struct Whole {
    pub(super) account: Account,
    pub(super) written: Account,
    pub(super) messages: Vec<MessageId>,
    pub(super) model: ModelId,
}

pub(super) async fn whole(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Option<Whole>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT v.account, v.messages, v.model, v.model_version,
                  (SELECT w.account FROM summary_version w
                   WHERE w.customer_id = s.customer_id AND w.contact_id = s.contact_id AND w.reason <> 'edited'
                   ORDER BY w.version DESC LIMIT 1) AS "written!"
           FROM summary s JOIN summary_version v USING (customer_id, contact_id, version)
           WHERE s.customer_id = $1 AND s.contact_id = $2"#,
        customer.0,
        contact.0,
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Whole {
        account: account(row.account)?,
        written: account(row.written)?,
        messages: row.messages.into_iter().map(MessageId).collect(),
        model: ModelId { id: row.model, version: row.model_version },
    }))
}

/// Notes that a person stands for the current version of the locked contact.
pub(super) async fn confirm(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    operator: OperatorId,
) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "UPDATE summary SET confirmed_by = $3, confirmed_at = $4 WHERE customer_id = $1 AND contact_id = $2",
        customer.0,
        contact.0,
        operator.0,
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Adds what somebody said of the current version of the locked contact.
pub(super) async fn put_verdict(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    id: VerdictId,
    operator: OperatorId,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "WITH given AS (
           INSERT INTO summary_verdict (customer_id, id, contact_id, version, verdict, field, comment, operator_id, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         )
         UPDATE summary SET verdict = $5 WHERE customer_id = $1 AND contact_id = $3",
        customer.0,
        id.0,
        contact.0,
        verdict.version,
        verdict.finding.as_str(),
        verdict.field.map(|field| field.as_str()),
        verdict.comment.as_deref(),
        operator.0,
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

fn stored(account: &Account) -> Result<Value, StoreError> {
    let mut value = serde_json::to_value(account).map_err(StoreError::Encode)?;
    value["v"] = json!(1);
    Ok(value)
}

/// Stored JSON carries a version beside its fields; this code reads version 1.
fn account(stored: Value) -> Result<Account, StoreError> {
    serde_json::from_value(stored).map_err(StoreError::Decode)
}
