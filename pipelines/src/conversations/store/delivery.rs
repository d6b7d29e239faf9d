//! How far outgoing messages have come.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use crate::conversations::AccountId;
use crate::conversations::delivery::{DeliveryProblem, Waiting};
use crate::events::{ContactId, CustomerId, Delivery, MessageId};
use crate::platform::store::StoreError;

pub(crate) struct ClaimedRow {
    pub(crate) contact_id: ContactId,
    pub(crate) account_id: AccountId,
    pub(crate) thread: String,
    pub(crate) text: Option<String>,
    pub(crate) parts_sent: i32,
    pub(crate) attempt: i32,
}

/// Takes a queued message that no earlier one of its contact holds up.
pub(crate) async fn claim(
    conn: &mut PgConnection,
    customer: CustomerId,
    message: MessageId,
    at: Timestamp,
) -> Result<Option<ClaimedRow>, StoreError> {
    let row = sqlx::query_as!(
        ClaimedRow,
        r#"UPDATE message m SET delivery = 'sending', delivery_since = $3, delivery_error = NULL, attempt = m.attempt + 1
           FROM contact c
           WHERE m.customer_id = $1 AND m.id = $2 AND m.delivery = 'queued'
             AND c.customer_id = m.customer_id AND c.id = m.contact_id
             AND NOT EXISTS (SELECT FROM message e WHERE e.customer_id = m.customer_id AND e.contact_id = m.contact_id
                               AND e.seq < m.seq AND e.delivery IN ('queued', 'sending'))
           RETURNING m.contact_id AS "contact_id: ContactId", c.account_id AS "account_id: AccountId", c.thread,
                     m.text, m.parts_sent, m.attempt"#,
        customer.0,
        message.0,
        at.to_sqlx() as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// Whether the message is still to be sent by whoever claims it next.
pub(crate) async fn waits(
    conn: &mut PgConnection,
    customer: CustomerId,
    message: MessageId,
) -> Result<bool, StoreError> {
    let waits = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM message WHERE customer_id = $1 AND id = $2 AND delivery = 'queued') AS "waits!""#,
        customer.0,
        message.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(waits)
}

/// Notes the event that changed the message last.
pub(crate) async fn stamp(
    conn: &mut PgConnection,
    customer: CustomerId,
    message: MessageId,
    seq: i64,
) -> Result<(), StoreError> {
    sqlx::query!("UPDATE message SET changed_seq = $3 WHERE customer_id = $1 AND id = $2", customer.0, message.0, seq,)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn part_sent(
    pool: &PgPool,
    customer: CustomerId,
    message: MessageId,
    attempt: i32,
    parts: u32,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE message SET parts_sent = $4 WHERE customer_id = $1 AND id = $2 AND attempt = $3 AND delivery = 'sending'",
        customer.0,
        message.0,
        attempt,
        i32::try_from(parts).unwrap_or(i32::MAX),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Ends a claim; false where it is no longer this one.
pub(crate) async fn settle(
    conn: &mut PgConnection,
    customer: CustomerId,
    message: MessageId,
    attempt: i32,
    delivery: Delivery,
    problem: Option<DeliveryProblem>,
    external: Option<&str>,
) -> Result<bool, StoreError> {
    let settled = sqlx::query!(
        "UPDATE message SET delivery = $4, delivery_error = $5, delivery_since = NULL, external_id = coalesce($6, external_id)
         WHERE customer_id = $1 AND id = $2 AND attempt = $3 AND delivery = 'sending'",
        customer.0,
        message.0,
        attempt,
        delivery.as_str(),
        problem.map(DeliveryProblem::as_str),
        external,
    )
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// Puts a message back into the queue of the sender, for a person who wants it sent (again).
pub(crate) async fn requeue(
    conn: &mut PgConnection,
    customer: CustomerId,
    message: MessageId,
    seq: i64,
    unknown_too: bool,
) -> Result<bool, StoreError> {
    let requeued = sqlx::query!(
        "UPDATE message SET delivery = 'queued', delivery_error = NULL, changed_seq = $3
         WHERE customer_id = $1 AND id = $2 AND (delivery = 'failed' OR ($4 AND delivery = 'unknown'))",
        customer.0,
        message.0,
        seq,
        unknown_too,
    )
    .execute(conn)
    .await?;
    Ok(requeued.rows_affected() == 1)
}

/// The first message of a contact that waits for a sender.
pub(crate) async fn next(
    pool: &PgPool,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Option<Waiting>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT id AS "id: MessageId", received_at AS "since: jiff_sqlx::Timestamp" FROM message
           WHERE customer_id = $1 AND contact_id = $2 AND delivery = 'queued' ORDER BY seq LIMIT 1"#,
        customer.0,
        contact.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Waiting {
        customer_id: customer,
        contact_id: contact,
        message_id: row.id,
        since: row.since.to_jiff(),
    }))
}

/// Messages that came before `before` and still wait, the first of each contact.
pub(crate) async fn left_waiting(pool: &PgPool, before: Timestamp) -> Result<Vec<Waiting>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (customer_id, contact_id) customer_id AS "customer_id: CustomerId",
                  contact_id AS "contact_id: ContactId", id AS "id: MessageId",
                  received_at AS "since: jiff_sqlx::Timestamp"
           FROM message WHERE delivery = 'queued' AND received_at < $1
           ORDER BY customer_id, contact_id, seq LIMIT 1000"#,
        before.to_sqlx() as _,
    )
    .fetch_all(pool)
    .await?;
    let waiting = rows.into_iter().map(|row| Waiting {
        customer_id: row.customer_id,
        contact_id: row.contact_id,
        message_id: row.id,
        since: row.since.to_jiff(),
    });
    Ok(waiting.collect())
}

pub(crate) async fn left_sending(
    pool: &PgPool,
    before: Timestamp,
) -> Result<Vec<(CustomerId, ContactId, MessageId)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT customer_id AS "customer_id: CustomerId", contact_id AS "contact_id: ContactId", id AS "id: MessageId"
           FROM message WHERE delivery = 'sending' AND delivery_since < $1 LIMIT 1000"#,
        before.to_sqlx() as _,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.contact_id, row.id)).collect())
}

pub(crate) async fn give_up(
    conn: &mut PgConnection,
    customer: CustomerId,
    message: MessageId,
    before: Timestamp,
) -> Result<bool, StoreError> {
    let given_up = sqlx::query!(
        "UPDATE message SET delivery = 'unknown', delivery_error = 'interrupted', delivery_since = NULL,
                attempt = attempt + 1
         WHERE customer_id = $1 AND id = $2 AND delivery = 'sending' AND delivery_since < $3",
        customer.0,
        message.0,
        before.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(given_up.rows_affected() == 1)
}
