//! Messages as they are written.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::life::Locked;
use crate::conversations::{Segment, Text};
use crate::events::{Author, CustomerId, Delivery, EventBody, MessageId, MessageKind, OperatorId, SuggestionId};
use crate::platform::store::{Change, StoreError};

/// A message to be stored under the `seq` of its event.
#[derive(Debug)]
pub(crate) struct NewMessage<'a> {
    pub(crate) id: MessageId,
    pub(crate) seq: i64,
    pub(crate) author: Author,
    pub(crate) operator: Option<OperatorId>,
    pub(crate) kind: MessageKind,
    pub(crate) text: Option<&'a str>,
    pub(crate) at: Timestamp,
    pub(crate) external_id: Option<&'a str>,
    pub(crate) segment: Option<&'a Segment>,
    pub(crate) delivery: Delivery,
    pub(crate) template: Option<Uuid>,
    pub(crate) suggestion: Option<SuggestionId>,
}

pub(crate) async fn insert(change: &mut Change, contact: &Locked, new: &NewMessage<'_>) -> Result<(), StoreError> {
    let received_at = change.at();
    let segment = new.segment.map(
        |segment| json!({"v": 1, "speaker": segment.speaker, "start_ms": segment.start_ms, "end_ms": segment.end_ms}),
    );
    sqlx::query!(
        "INSERT INTO message (customer_id, id, contact_id, seq, author, operator_id, kind, text, at, received_at,
                              changed_seq, external_id, delivery, segment, template_id, suggestion_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $4, $11, $12, $13, $14, $15)",
        contact.customer.0,
        new.id.0,
        contact.contact.0,
        new.seq,
        new.author.as_str(),
        new.operator.map(|operator| operator.0),
        new.kind.as_str(),
        new.text,
        new.at.to_sqlx() as _,
        received_at.to_sqlx() as _,
        new.external_id,
        new.delivery.as_str(),
        segment,
        new.template,
        new.suggestion.map(|suggestion| suggestion.0),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Notes on the contact that somebody spoke: a customer begins to wait when it reaches us (clocks of channels go
/// astray), and stops when a person of ours answers.
pub(crate) async fn touch(change: &mut Change, contact: &Locked, author: Author) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "UPDATE contact SET last_message_at = $3,
                waiting_since = CASE $4 WHEN 'customer' THEN coalesce(waiting_since, $3)
                                        WHEN 'operator' THEN NULL ELSE waiting_since END
         WHERE customer_id = $1 AND id = $2",
        contact.customer.0,
        contact.contact.0,
        at.to_sqlx() as _,
        author.as_str(),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Stores a note: colleagues see it, the customer never does, and nobody stops waiting by it.
pub(crate) async fn note(
    change: &mut Change,
    contact: &Locked,
    operator: OperatorId,
    text: &Text,
) -> Result<MessageId, StoreError> {
    let id = MessageId::new(change.clock());
    let body = EventBody::MessageReceived { message_id: id, author: Author::Operator, kind: MessageKind::Note };
    let seq = change.append(contact.customer, contact.contact, Some(operator), body).await?;
    let new = NewMessage {
        id,
        seq,
        author: Author::Operator,
        operator: Some(operator),
        kind: MessageKind::Note,
        text: Some(text.as_str()),
        at: change.at(),
        external_id: None,
        segment: None,
        delivery: Delivery::None,
        template: None,
        suggestion: None,
    };
    insert(change, contact, &new).await?;
    Ok(id)
}

/// Replaces the text and keeps the former one. The contact is locked, so edits follow one another.
pub(crate) async fn edit(
    change: &mut Change,
    contact: &Locked,
    message: MessageId,
    seq: i64,
    text: &Text,
    edited_at: Timestamp,
) -> Result<(), StoreError> {
    let until = change.at();
    sqlx::query!(
        "WITH former AS (
           INSERT INTO message_edit (customer_id, message_id, edit, text, until)
           SELECT customer_id, id, edits + 1, text, $5 FROM message WHERE customer_id = $1 AND id = $2
         )
         UPDATE message SET text = $3, edited_at = $6, edits = edits + 1, changed_seq = $4
         WHERE customer_id = $1 AND id = $2",
        contact.customer.0,
        message.0,
        text.as_str(),
        seq,
        until.to_sqlx() as _,
        edited_at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// What others said to or for the customer after `seq`, an edit of something older included; notes are for colleagues
/// and do not count.
pub(crate) async fn said_since(
    conn: &mut PgConnection,
    contact: &Locked,
    seq: i64,
    but_by: OperatorId,
) -> Result<Vec<(CustomerId, MessageId)>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: MessageId" FROM message
           WHERE customer_id = $1 AND contact_id = $2 AND kind <> 'note' AND operator_id IS DISTINCT FROM $4
             AND (seq > $3 OR (edited_at IS NOT NULL AND changed_seq > $3))
           ORDER BY seq LIMIT 100"#,
        contact.customer.0,
        contact.contact.0,
        seq,
        but_by.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(|id| (contact.customer, id)).collect())
}

/// Whether what a reply was made from exists: the template, in use or not, and the suggestion of this contact.
pub(crate) async fn are_there(
    conn: &mut PgConnection,
    contact: &Locked,
    template: Option<Uuid>,
    suggestion: Option<SuggestionId>,
) -> Result<bool, StoreError> {
    let there = sqlx::query_scalar!(
        r#"SELECT ($3::uuid IS NULL OR EXISTS (SELECT FROM template WHERE id = $3))
              AND ($4::uuid IS NULL OR EXISTS (SELECT FROM suggestion
                     WHERE customer_id = $1 AND contact_id = $2 AND id = $4)) AS "there!""#,
        contact.customer.0,
        contact.contact.0,
        template,
        suggestion.map(|suggestion| suggestion.0),
    )
    .fetch_one(conn)
    .await?;
    Ok(there)
}
