//! The contact's row under its lock, and the load of operators.

use jiff_sqlx::ToSqlx;
use models::taxonomy::Outcome;
use sqlx::PgConnection;

use crate::conversations::life::Place;
use crate::events::{Channel, ContactId, ContactState, CustomerId, OperatorId, Step};
use crate::platform::store::{Change, StoreError};

/// A contact whose row is locked by the change that read it.
#[derive(Clone, Debug)]
pub(crate) struct Locked {
    pub(crate) customer: CustomerId,
    pub(crate) contact: ContactId,
    pub(crate) channel: Channel,
    pub(crate) place: Place,
    pub(crate) last_seq: i64,
}

/// The columns of [`Locked`] as they are read.
pub(super) struct LockedRow {
    pub(super) customer_id: CustomerId,
    pub(super) id: ContactId,
    pub(super) channel: Channel,
    pub(super) state: ContactState,
    pub(super) operator_id: Option<OperatorId>,
    pub(super) last_seq: i64,
}

impl TryFrom<LockedRow> for Locked {
    type Error = StoreError;

    fn try_from(row: LockedRow) -> Result<Self, StoreError> {
        let place = Place::stored(row.state, row.operator_id)
            .ok_or_else(|| StoreError::Decode(serde::de::Error::custom("a contact's state and owner disagree")))?;
        Ok(Self { customer: row.customer_id, contact: row.id, channel: row.channel, place, last_seq: row.last_seq })
    }
}

pub(crate) async fn lock(conn: &mut PgConnection, contact: ContactId) -> Result<Option<Locked>, StoreError> {
    let row = sqlx::query_as!(
        LockedRow,
        r#"SELECT customer_id AS "customer_id: CustomerId", id AS "id: ContactId", channel AS "channel: Channel",
                  state AS "state: ContactState", operator_id AS "operator_id: OperatorId", last_seq
           FROM contact WHERE id = $1 FOR UPDATE"#,
        contact.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Locked::try_from).transpose()
}

/// Moves one contact's weight between operators; false where the taker has no room.
pub(crate) async fn move_load(
    conn: &mut PgConnection,
    from: Option<OperatorId>,
    to: Option<OperatorId>,
) -> Result<bool, StoreError> {
    let both: Vec<_> = [from, to].into_iter().flatten().map(|operator| operator.0).collect();
    sqlx::query!("SELECT operator_id FROM presence WHERE operator_id = ANY($1) ORDER BY operator_id FOR UPDATE", &both)
        .fetch_all(&mut *conn)
        .await?;
    if let Some(to) = to {
        let taken = sqlx::query!(
            "UPDATE presence SET open = presence.open + 1 FROM operator
             WHERE presence.operator_id = $1 AND operator.id = $1 AND operator.active AND presence.open < operator.capacity",
            to.0,
        )
        .execute(&mut *conn)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
    }
    if let Some(from) = from {
        sqlx::query!("UPDATE presence SET open = open - 1 WHERE operator_id = $1", from.0).execute(&mut *conn).await?;
    }
    Ok(true)
}

/// Whether contacts may be offered to `operator` now.
pub(crate) async fn is_ready(conn: &mut PgConnection, operator: OperatorId) -> Result<bool, StoreError> {
    let ready = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM presence p JOIN operator o ON o.id = p.operator_id
             WHERE p.operator_id = $1 AND p.state = 'ready' AND o.active AND 'operator' = ANY(o.roles)) AS "ready!""#,
        operator.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(ready)
}

/// Writes where the contact stands now and records the step under the `seq` of its event.
pub(crate) async fn place(
    change: &mut Change,
    after: &Locked,
    step: Step,
    actor: Option<OperatorId>,
    waits_anew: bool,
) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "UPDATE contact SET state = $3, state_since = $4, operator_id = $5,
                closed_at = CASE WHEN $6 THEN $4::timestamptz END,
                waiting_since = CASE WHEN NOT $6 THEN waiting_since END,
                outcome = CASE WHEN $6 THEN outcome END,
                queued_at = CASE WHEN $7 THEN $4 ELSE queued_at END
         WHERE customer_id = $1 AND id = $2",
        after.customer.0,
        after.contact.0,
        after.place.state().as_str(),
        at.to_sqlx() as _,
        after.place.operator().map(|operator| operator.0),
        after.place.is_over(),
        waits_anew,
    )
    .execute(change.conn())
    .await?;
    record(change, after, step, actor).await
}

/// Records a step that the contact's row shows already.
pub(crate) async fn record(
    change: &mut Change,
    after: &Locked,
    step: Step,
    actor: Option<OperatorId>,
) -> Result<(), StoreError> {
    let at = change.at();
    sqlx::query!(
        "INSERT INTO contact_step (customer_id, contact_id, seq, step, state, operator_id, actor_id, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        after.customer.0,
        after.contact.0,
        after.last_seq,
        step.as_str(),
        after.place.state().as_str(),
        after.place.operator().map(|operator| operator.0),
        actor.map(|actor| actor.0),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) async fn conclude(conn: &mut PgConnection, locked: &Locked, outcome: Outcome) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE contact SET outcome = $3 WHERE customer_id = $1 AND id = $2",
        locked.customer.0,
        locked.contact.0,
        outcome.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Another contact of the same talk that is open or began later: there the talk goes on.
pub(crate) async fn other_open(conn: &mut PgConnection, locked: &Locked) -> Result<Option<ContactId>, StoreError> {
    let other = sqlx::query_scalar!(
        r#"SELECT other.id AS "id: ContactId" FROM contact this
           JOIN contact other ON other.account_id = this.account_id AND other.thread = this.thread AND other.id <> this.id
           WHERE this.id = $1 AND (other.state NOT IN ('closed', 'abandoned') OR other.opened_at > this.opened_at)
           ORDER BY other.opened_at DESC LIMIT 1"#,
        locked.contact.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(other)
}

/// The operator of a login who works here.
pub(crate) async fn operator_by_login(conn: &mut PgConnection, login: &str) -> Result<Option<OperatorId>, StoreError> {
    let found =
        sqlx::query_scalar!(r#"SELECT id AS "id: OperatorId" FROM operator WHERE login = $1 AND active"#, login,)
            .fetch_optional(conn)
            .await?;
    Ok(found)
}

/// Whether anybody of ours has spoken in the contact.
pub(crate) async fn was_answered(conn: &mut PgConnection, locked: &Locked) -> Result<bool, StoreError> {
    let answered = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM message WHERE customer_id = $1 AND contact_id = $2 AND author = 'operator') AS "answered!""#,
        locked.customer.0,
        locked.contact.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(answered)
}
