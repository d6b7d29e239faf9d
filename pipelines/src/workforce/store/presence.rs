//! Presence now and over time, always written together.

use jiff_sqlx::ToSqlx;

use super::parsed;
use crate::events::OperatorId;
use crate::platform::store::{Change, StoreError};
use crate::workforce::{Presence, PresenceState};

/// Sets the state and writes its event; where it is the state already, changes nothing. Locks the presence row.
pub(crate) async fn set(
    change: &mut Change,
    operator: OperatorId,
    state: PresenceState,
    actor: Option<OperatorId>,
) -> Result<Presence, StoreError> {
    let (id, at) = (change.clock().id(), change.at());
    let row = sqlx::query!(
        r#"WITH changed AS (
             INSERT INTO presence (operator_id, state, since) VALUES ($1, $2, $3)
             ON CONFLICT (operator_id) DO UPDATE SET state = $2, since = $3 WHERE presence.state <> $2
             RETURNING state, since
           ), noted AS (
             INSERT INTO presence_event (operator_id, at, id, state, capacity, actor_id)
             SELECT $1, $3, $4, $2, operator.capacity, $5 FROM operator, changed WHERE operator.id = $1
           )
           SELECT state AS "state!", since AS "since!: jiff_sqlx::Timestamp" FROM changed
           UNION ALL
           SELECT state, since FROM presence WHERE operator_id = $1 AND NOT EXISTS (SELECT FROM changed)"#,
        operator.0,
        state.as_str(),
        at.to_sqlx() as _,
        id,
        actor.map(|actor| actor.0),
    )
    .fetch_one(change.conn())
    .await?;
    Ok(Presence { state: parsed(&row.state)?, since: row.since.to_jiff() })
}

/// Notes the capacity as it is now, in the state that stands.
pub(crate) async fn note_capacity(
    change: &mut Change,
    operator: OperatorId,
    actor: OperatorId,
) -> Result<(), StoreError> {
    let (id, at) = (change.clock().id(), change.at());
    sqlx::query!(
        "INSERT INTO presence_event (operator_id, at, id, state, capacity, actor_id)
         SELECT o.id, $2, $3, p.state, o.capacity, $4
         FROM operator o JOIN presence p ON p.operator_id = o.id WHERE o.id = $1",
        operator.0,
        at.to_sqlx() as _,
        id,
        actor.0,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}
