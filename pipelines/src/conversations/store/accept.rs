//! The claim on what came, and the contact that it belongs to.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::life::{self, Locked, LockedRow};
use crate::conversations::life::Place;
use crate::conversations::{Accepted, Account, AccountId, ExternalId, Thread};
use crate::events::{Channel, ContactId, ContactState, CustomerId, EventBody, MessageId, OperatorId, Step};
use crate::platform::store::{Change, StoreError};

/// Claims what came; some where it was accepted before. Waits for whoever is accepting the same now.
pub(crate) async fn claim(
    change: &mut Change,
    account: AccountId,
    external: &ExternalId,
) -> Result<Option<Accepted>, StoreError> {
    let at = change.at();
    let claimed = sqlx::query!(
        "INSERT INTO received (account_id, external_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        account.0,
        external.as_str(),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(None);
    }
    let before = sqlx::query!(
        r#"SELECT contact_id AS "contact_id!: ContactId", customer_id AS "customer_id!: CustomerId",
                  message_id AS "message_id: MessageId", seq AS "seq!"
           FROM received WHERE account_id = $1 AND external_id = $2"#,
        account.0,
        external.as_str(),
    )
    .fetch_one(change.conn())
    .await?;
    Ok(Some(Accepted {
        contact_id: before.contact_id,
        customer_id: before.customer_id,
        message_id: before.message_id,
        seq: before.seq,
        fresh: false,
    }))
}

/// Notes with the claim what became of it.
pub(crate) async fn settle(
    change: &mut Change,
    account: AccountId,
    external: &ExternalId,
    accepted: &Accepted,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE received SET customer_id = $3, contact_id = $4, message_id = $5, seq = $6
         WHERE account_id = $1 AND external_id = $2",
        account.0,
        external.as_str(),
        accepted.customer_id.0,
        accepted.contact_id.0,
        accepted.message_id.map(|id| id.0),
        accepted.seq,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// The message that came under `external`, and its contact.
pub(crate) async fn message_of(
    conn: &mut PgConnection,
    account: AccountId,
    external: &ExternalId,
) -> Result<Option<(MessageId, ContactId)>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT message_id AS "message_id!: MessageId", contact_id AS "contact_id!: ContactId" FROM received
           WHERE account_id = $1 AND external_id = $2 AND message_id IS NOT NULL"#,
        account.0,
        external.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.message_id, row.contact_id)))
}

/// The open contact of a talk, locked.
pub(crate) async fn open(
    conn: &mut PgConnection,
    account: AccountId,
    thread: &Thread,
) -> Result<Option<Locked>, StoreError> {
    let row = sqlx::query_as!(
        LockedRow,
        r#"SELECT customer_id AS "customer_id: CustomerId", id AS "id: ContactId", channel AS "channel: Channel",
                  state AS "state: ContactState", operator_id AS "operator_id: OperatorId", last_seq
           FROM contact WHERE account_id = $1 AND thread = $2 AND state NOT IN ('closed', 'abandoned') FOR UPDATE"#,
        account.0,
        thread.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    row.map(Locked::try_from).transpose()
}

/// Whose talk it is, if it has a contact.
pub(crate) async fn customer_of_thread(
    conn: &mut PgConnection,
    account: AccountId,
    thread: &Thread,
) -> Result<Option<CustomerId>, StoreError> {
    let customer = sqlx::query_scalar!(
        r#"SELECT customer_id AS "id: CustomerId" FROM contact
           WHERE account_id = $1 AND thread = $2 ORDER BY closed_at DESC NULLS FIRST LIMIT 1"#,
        account.0,
        thread.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(customer)
}

/// The contact of a talk that ended last, not before `since`, locked.
pub(crate) async fn latest_over(
    conn: &mut PgConnection,
    account: AccountId,
    thread: &Thread,
    since: Timestamp,
) -> Result<Option<Locked>, StoreError> {
    let row = sqlx::query_as!(
        LockedRow,
        r#"SELECT customer_id AS "customer_id: CustomerId", id AS "id: ContactId", channel AS "channel: Channel",
                  state AS "state: ContactState", operator_id AS "operator_id: OperatorId", last_seq
           FROM contact WHERE account_id = $1 AND thread = $2 AND closed_at >= $3 AND state IN ('closed', 'abandoned')
           ORDER BY closed_at DESC LIMIT 1 FOR UPDATE"#,
        account.0,
        thread.as_str(),
        since.to_sqlx() as _,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Locked::try_from).transpose()
}

/// Claims a talk for its customer: nobody else opens a contact of it before this change ends. Waits for whoever is
/// opening one now.
pub(crate) async fn claim_talk(
    change: &mut Change,
    account: AccountId,
    thread: &Thread,
    customer: CustomerId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO talk (account_id, thread, customer_id) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, thread) DO UPDATE SET customer_id = talk.customer_id",
        account.0,
        thread.as_str(),
        customer.0,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// As [`claim_talk`], the talk of a contact; before the contact is locked.
pub(crate) async fn claim_talk_of(change: &mut Change, contact: ContactId) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO talk (account_id, thread, customer_id)
         SELECT account_id, thread, customer_id FROM contact WHERE id = $1
         ON CONFLICT (account_id, thread) DO UPDATE SET customer_id = talk.customer_id",
        contact.0,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Opens a contact in the queue; none where the talk got an open one in the meantime.
pub(crate) async fn insert_contact(
    change: &mut Change,
    account: &Account,
    thread: &Thread,
    customer: CustomerId,
) -> Result<Option<Locked>, StoreError> {
    let (contact, at) = (ContactId::new(change.clock()), change.at());
    let inserted = sqlx::query!(
        "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, city_id, thread, state, state_since,
                              opened_at, queued_at)
         SELECT $1, $2, a.channel, a.id, a.brand_id, coalesce(a.city_id, c.city_id), $4, 'queued', $5, $5, $5
         FROM channel_account a JOIN customer c ON c.customer_id = $1 WHERE a.id = $3
         ON CONFLICT DO NOTHING",
        customer.0,
        contact.0,
        account.id.0,
        thread.as_str(),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(None);
    }
    let body =
        EventBody::StateChanged { from: None, to: ContactState::Queued, reason: Step::Opened, operator_id: None };
    let last_seq = change.append(customer, contact, None, body).await?;
    let new = Locked { customer, contact, channel: account.channel, place: Place::Queued, last_seq };
    life::record(change, &new, Step::Opened, None).await?;
    Ok(Some(new))
}
