//! The stream of alerts, numbered without gaps: each change of an alert is one number, and the alert bears its last.

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
    if !actor.can(Right::Analyse) {
        let now = store.clock().now();
        alerts.retain(|alert| alert.is_worth_a_look(now));
    }
    Ok((seq, alerts))
}

/// Alerts that changed after `since`, in the order of their last changes, [`PAGE`] at most, and the last number of the
/// stream: numbers between are those of changes that another came after.
pub async fn since(store: &Store, since: i64) -> Result<(i64, Vec<TrendAlert>), StoreError> {
    let last = rows::last_seq(store.pool()).await?;
    let ids = rows::since(store.pool(), since, PAGE).await?;
    Ok((last, of(store, &ids).await?))
}

/// These alerts as they stand now.
pub async fn changed(store: &Store, ids: &[AlertId]) -> Result<Vec<TrendAlert>, StoreError> {
    of(store, ids).await
}
