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
    Ok(as_of(last, since, of(store, &ids).await?, ids.len()))
}

/// What was found of `asked` alerts after `since` as the stream stood at `last`. An alert that has changed beyond it
/// comes with the next answer: told now, it would pass over what others became between.
fn as_of(last: i64, since: i64, mut alerts: Vec<TrendAlert>, asked: usize) -> (i64, Vec<TrendAlert>) {
    alerts.retain(|alert| alert.seq <= last);
    alerts.sort_by_key(|alert| alert.seq);
    // a full page of which some are gone says nothing of what lies behind it
    let is_full = i64::try_from(asked).is_ok_and(|asked| asked >= PAGE);
    let end = if is_full && alerts.len() < asked { alerts.last().map_or(since, |alert| alert.seq) } else { last };
    (end, alerts)
}

/// These alerts as they stand now.
pub async fn changed(store: &Store, ids: &[AlertId]) -> Result<Vec<TrendAlert>, StoreError> {
    of(store, ids).await
}

#[cfg(test)]
mod tests {
    use models::trends::Step;
    use uuid::Uuid;

    use super::super::{AlertKind, AlertState};
    use super::*;

    fn alert(seq: i64) -> TrendAlert {
        let at = Timestamp::UNIX_EPOCH;
        TrendAlert {
            id: AlertId(Uuid::from_u128(seq.unsigned_abs().into())),
            seq,
            kind: AlertKind::Count,
            state: AlertState::Open,
            step: Step::Hour,
            topic: None,
            city: None,
            channel: None,
            restaurant: None,
            zone: "UTC".to_owned(),
            began: at,
            peak_at: at,
            ended: None,
            n: 9,
            expected: 2.0,
            lower: None,
            upper: None,
            p: 1e-6,
            causes: Vec::new(),
            words: Vec::new(),
            acknowledged_by: None,
            acknowledged_at: None,
            muted_until: None,
            verdict: None,
            comments: 0,
        }
    }

    #[test]
    fn what_changes_while_it_is_read_hides_no_other_change() {
        let read = |last: i64, seqs: &[i64], asked: usize| {
            let (end, alerts) = as_of(last, 5, seqs.iter().copied().map(alert).collect(), asked);
            (end, alerts.iter().map(|alert| alert.seq).collect::<Vec<_>>())
        };
        assert_eq!(read(8, &[6, 8], 2), (8, vec![6, 8]));
        assert_eq!(read(7, &[9, 7], 2), (7, vec![7]), "the first became the ninth, and another the eighth");
        assert_eq!(read(8, &[8, 7], 2), (8, vec![7, 8]), "the first became the eighth before all was read");
        let page: Vec<i64> = (6..6 + PAGE).collect();
        assert_eq!(read(300, &page, page.len()).0, 300);
        assert_eq!(read(300, &page[..99], page.len()).0, 104, "one was withdrawn; more may stand behind the page");
        assert_eq!(read(300, &[], page.len()), (5, Vec::new()));
    }
}
