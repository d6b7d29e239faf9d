//! The list of the quality team, and what stands beside a summary there.

use jiff_sqlx::ToSqlx;
use models::taxonomy::Speaker;
use sqlx::{PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::conversations::store::{parsed, parsed_some};
use crate::conversations::view::Person;
use crate::events::{Channel, ContactId, CustomerId, MessageId, OperatorId, VerdictId};
use crate::platform::page::Cursor;
use crate::platform::store::StoreError;
use crate::summaries::quality::{Filter, ReviewTurn, SummaryItem, SummaryVerdict};
use crate::summaries::{Finding, SummaryField, SummaryReason};

/// Where the summaries of a page stand in the list, and whose they are.
pub(crate) async fn page(
    pool: &PgPool,
    filter: Filter,
    after: Option<Cursor>,
    rows: i64,
) -> Result<Vec<(CustomerId, Cursor)>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT customer_id, changed_at, contact_id FROM summary WHERE true");
    narrow(&mut query, filter);
    if let Some(after) = after {
        query.push(" AND (changed_at, contact_id) < (").push_bind(after.at.to_sqlx()).push(", ");
        query.push_bind(after.id).push(")");
    }
    query.push(" ORDER BY changed_at DESC, contact_id DESC LIMIT ").push_bind(rows);
    let places: Vec<(Uuid, jiff_sqlx::Timestamp, Uuid)> = query.build_query_as().fetch_all(pool).await?;
    Ok(places.into_iter().map(|(customer, at, id)| (CustomerId(customer), Cursor { at: at.to_jiff(), id })).collect())
}

/// Adds what the filter asks of `summary` to the end of a WHERE clause.
pub(super) fn narrow(query: &mut QueryBuilder<Postgres>, filter: Filter) {
    if let Some(topic) = filter.topic {
        query.push(" AND topic = ").push_bind(topic.as_str());
    }
    if let Some(operator) = filter.operator {
        query.push(" AND operator_id = ").push_bind(operator.0);
    }
    if let Some(outcome) = filter.outcome {
        query.push(" AND outcome = ").push_bind(outcome.as_str());
    }
    if let Some(most) = filter.max_support {
        query.push(" AND support <= ").push_bind(most);
    }
    // written out, not bound: the partial indexes are for these very words
    match filter.edited {
        Some(true) => drop(query.push(" AND edited")),
        Some(false) => drop(query.push(" AND NOT edited")),
        None => {}
    }
    match filter.confirmed {
        Some(true) => drop(query.push(" AND confirmed_at IS NOT NULL")),
        Some(false) => drop(query.push(" AND confirmed_at IS NULL")),
        None => {}
    }
    match filter.judged {
        Some(true) => drop(query.push(" AND verdict IS NOT NULL")),
        Some(false) => drop(query.push(" AND verdict IS NULL")),
        None => {}
    }
    if let Some(verdict) = filter.verdict {
        query.push(" AND verdict = ").push_bind(verdict.as_str());
    }
}

/// The summaries at these places, in their order.
pub(crate) async fn items(pool: &PgPool, places: &[(CustomerId, Cursor)]) -> Result<Vec<SummaryItem>, StoreError> {
    let (customers, contacts): (Vec<Uuid>, Vec<Uuid>) = places.iter().map(|(customer, at)| (customer.0, at.id)).unzip();
    let rows = sqlx::query!(
        r#"SELECT s.contact_id AS "contact_id: ContactId", c.channel AS "channel: Channel",
                  s.operator_id AS "operator_id: OperatorId", o.name AS "operator_name?", s.version,
                  s.reason AS "reason: SummaryReason", s.language, s.topic, s.outcome,
                  v.account#>>'{summary,text}' AS "text!", s.support, s.edited AS "edited!", s.distance,
                  s.confirmed_at IS NOT NULL AS "confirmed!", s.verdict AS "verdict: Finding",
                  s.changed_at AS "changed_at: jiff_sqlx::Timestamp"
           FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS k (customer_id, contact_id, n)
           JOIN summary s USING (customer_id, contact_id)
           JOIN summary_version v USING (customer_id, contact_id, version)
           JOIN contact c ON c.customer_id = s.customer_id AND c.id = s.contact_id
           LEFT JOIN operator o ON o.id = s.operator_id
           ORDER BY k.n"#,
        &customers,
        &contacts,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SummaryItem {
                contact_id: row.contact_id,
                channel: row.channel,
                operator: Person::of(row.operator_id, row.operator_name),
                version: row.version,
                reason: row.reason,
                language: parsed(&row.language)?,
                topic: parsed_some(row.topic.as_deref())?,
                outcome: parsed(&row.outcome)?,
                text: row.text,
                support: row.support,
                edited: row.edited,
                distance: row.distance,
                confirmed: row.confirmed,
                verdict: row.verdict,
                changed_at: row.changed_at.to_jiff(),
            })
        })
        .collect()
}

/// What is known of the contact of a summary.
pub(crate) struct About {
    pub(crate) channel: Channel,
    pub(crate) operator: Option<Person>,
    pub(crate) distance: Option<i32>,
}

pub(crate) async fn about(
    pool: &PgPool,
    (customer, contact): (CustomerId, ContactId),
) -> Result<Option<About>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT c.channel AS "channel: Channel", s.operator_id AS "operator_id: OperatorId", o.name AS "operator_name?",
                  s.distance
           FROM summary s
           JOIN contact c ON c.customer_id = s.customer_id AND c.id = s.contact_id
           LEFT JOIN operator o ON o.id = s.operator_id
           WHERE s.customer_id = $1 AND s.contact_id = $2"#,
        customer.0,
        contact.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| About {
        channel: row.channel,
        operator: Person::of(row.operator_id, row.operator_name),
        distance: row.distance,
    }))
}

/// What these messages say now, in their order.
pub(crate) async fn turns(
    pool: &PgPool,
    customer: CustomerId,
    messages: &[MessageId],
) -> Result<Vec<ReviewTurn>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT m.id AS "id: MessageId", m.author = 'customer' AS "customer!", coalesce(m.text, '') AS "text!",
                  m.at AS "at: jiff_sqlx::Timestamp"
           FROM unnest($2::uuid[]) WITH ORDINALITY AS k (id, n)
           JOIN message m ON m.customer_id = $1 AND m.id = k.id ORDER BY k.n"#,
        customer.0,
        &messages.iter().map(|message| message.0).collect::<Vec<_>>(),
    )
    .fetch_all(pool)
    .await?;
    let speaker = |customer: bool| if customer { Speaker::Customer } else { Speaker::Operator };
    Ok(rows
        .into_iter()
        .map(|row| ReviewTurn {
            message_id: row.id,
            speaker: speaker(row.customer),
            text: row.text,
            at: row.at.to_jiff(),
        })
        .collect())
}

/// What was said of the contact's summary, latest first.
pub(crate) async fn verdicts(
    pool: &PgPool,
    (customer, contact): (CustomerId, ContactId),
) -> Result<Vec<SummaryVerdict>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT v.id AS "id: VerdictId", v.version, v.verdict AS "verdict: Finding", v.field AS "field: SummaryField",
                  v.comment, v.operator_id AS "operator_id: OperatorId", o.name, v.at AS "at: jiff_sqlx::Timestamp"
           FROM summary_verdict v JOIN operator o ON o.id = v.operator_id
           WHERE v.customer_id = $1 AND v.contact_id = $2 ORDER BY v.id DESC LIMIT 100"#,
        customer.0,
        contact.0,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SummaryVerdict {
            id: row.id,
            version: row.version,
            verdict: row.verdict,
            field: row.field,
            comment: row.comment,
            by: Person { id: row.operator_id, name: row.name },
            at: row.at.to_jiff(),
        })
        .collect())
}
