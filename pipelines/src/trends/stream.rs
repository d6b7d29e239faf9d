//! The stream of alerts, numbered without gaps: each change of an alert is one number, and the alert bears its last.

use jiff::Timestamp;

use super::TrendError;
use super::alerts::{TrendAlert, of, require_sees};
use super::store::alerts as rows;
use crate::events::AlertId;
use crate::platform::store::{Store, StoreError};
use crate::workforce::{Actor, Right};

/// Alerts that one answer holds.
pub const PAGE: i64 = 100;

/// Whether somebody may follow the stream.
pub fn sees(actor: &Actor) -> bool {
    require_sees(actor).is_ok()
}

/// Whether somebody sees all alerts, those too that have ended, are muted or were called noise.
pub fn sees_all(actor: &Actor) -> bool {
    actor.can(Right::Analyse)
}

/// Whether somebody sees an alert as it stands: analysts see all, those who serve customers what is worth a look now.
pub fn shows(actor: &Actor, alert: &TrendAlert, now: Timestamp) -> bool {
    sees_all(actor) || (sees(actor) && alert.is_worth_a_look(now))
}

/// The last number of the stream.
pub async fn end(store: &Store) -> Result<i64, StoreError> {
    rows::last_seq(store.pool()).await
}

/// What goes on, the latest first, and the number of the stream from which on that changes. It may be newer than the
/// number: whoever holds an alert of a greater `seq` than a frame's keeps what they hold.
pub async fn now(store: &Store, actor: &Actor) -> Result<(i64, Vec<TrendAlert>), TrendError> {
    require_sees(actor)?;
    let seq = rows::last_seq(store.pool()).await?;
    let ids: Vec<_> = rows::open(store.pool()).await?.into_iter().map(|(id, ..)| id).collect();
    let mut alerts = of(store, &ids).await?;
    let now = store.clock().now();
    alerts.retain(|alert| shows(actor, alert, now));
    Ok((seq, alerts))
}

/// Alerts that changed after `since`, in the order of their last changes, [`PAGE`] at most, and the last number of the
/// stream: numbers between are those of changes that another came after. Whoever passes them on asks who [`shows`] them.
pub async fn since(store: &Store, since: i64) -> Result<(i64, Vec<TrendAlert>), StoreError> {
    let last = rows::last_seq(store.pool()).await?;
    let ids = rows::since(store.pool(), since, PAGE).await?;
    Ok((last, of(store, &ids).await?))
}

/// These alerts as they stand now.
pub async fn changed(store: &Store, ids: &[AlertId]) -> Result<Vec<TrendAlert>, StoreError> {
    of(store, ids).await
}
