//! What people do with alerts: acknowledge, comment, mute, and say whether there was something behind them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::alerts::{self, TrendAlert};
use super::store::{acts as rows, alerts as all};
use super::{ActId, AlertAct, AlertVerdict, TrendError};
use crate::events::{AlertChange, AlertId, EventBody};
use crate::platform::store::Store;
use crate::workforce::audit::{self, Action, ObjectKind};
use crate::workforce::{Actor, Right};

/// What is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Somebody looks into it. Who was first stays.
    Acknowledge,
    Comment(String),
    /// None: alarms of its series are shown again.
    Mute(Option<Timestamp>),
    /// The last word counts.
    Judge(AlertVerdict),
}

/// Does it and gives the alert as it stands then.
pub async fn act(store: &Store, actor: &Actor, id: AlertId, act: Act) -> Result<TrendAlert, TrendError> {
    actor.require(Right::Analyse)?;
    let mut change = store.begin().await?;
    let held = rows::hold(change.conn(), id).await?.ok_or(TrendError::NotFound)?;
    let nothing_new = match &act {
        Act::Acknowledge => held.acknowledged,
        Act::Judge(verdict) => held.verdict == Some(*verdict),
        Act::Comment(_) | Act::Mute(_) => false,
    };
    if !nothing_new {
        let at = change.at();
        match &act {
            Act::Acknowledge => rows::acknowledge(change.conn(), id, actor.id, at).await?,
            Act::Comment(_) => rows::comment(change.conn(), id).await?,
            Act::Mute(until) => rows::mute(change.conn(), id, *until).await?,
            Act::Judge(verdict) => {
                rows::judge(change.conn(), id, *verdict).await?;
                let shares = shares(&rows::verdicts(change.conn(), id).await?);
                rows::weigh(change.conn(), &shares).await?;
            }
        }
        let record = ActId::new(change.clock());
        rows::put(change.conn(), (record, id), actor.id, at, &act).await?;
        let seq = all::next_seq(change.conn()).await?;
        rows::renumber(change.conn(), id, seq).await?;
        let (what, action) = act.names();
        audit::write(&mut change, audit::Entry::by(actor, action).of(ObjectKind::Alert, id.0)).await?;
        change.append_to_nobody(Some(actor.id), EventBody::AlertChanged { alert_id: id, seq, change: what });
    }
    actor.commit(change).await?;
    alerts::of(store, &[id]).await?.pop().ok_or(TrendError::NotFound)
}

/// The share of the false-discovery rate that verdicts leave each series. They come with their series, in the order in
/// which its alerts began, as they stand and not from the share before: a bound forgets how far a changed one had gone.
fn shares(verdicts: &[(i64, AlertVerdict)]) -> BTreeMap<i64, f32> {
    let mut shares = BTreeMap::new();
    for (series, verdict) in verdicts {
        let share = shares.entry(*series).or_insert(1.0);
        *share = share_after(*share, *verdict);
    }
    shares
}

/// What a verdict leaves of a share of the rate of false alerts: noise halves it, real doubles it again, and it stays
/// between 1/16 and 1.
pub(super) fn share_after(share: f32, verdict: AlertVerdict) -> f32 {
    match verdict {
        AlertVerdict::Noise => (share / 2.0).max(1.0 / 16.0),
        AlertVerdict::Real => (share * 2.0).min(1.0),
    }
}

impl Act {
    pub(super) fn word(&self) -> AlertAct {
        match self {
            Self::Acknowledge => AlertAct::Acknowledged,
            Self::Comment(_) => AlertAct::Commented,
            Self::Mute(Some(_)) => AlertAct::Muted,
            Self::Mute(None) => AlertAct::Unmuted,
            Self::Judge(_) => AlertAct::Judged,
        }
    }

    fn names(&self) -> (AlertChange, Action) {
        match self.word() {
            AlertAct::Acknowledged => (AlertChange::Acknowledged, Action::AlertAcknowledged),
            AlertAct::Commented => (AlertChange::Commented, Action::AlertCommented),
            AlertAct::Muted => (AlertChange::Muted, Action::AlertMuted),
            AlertAct::Unmuted => (AlertChange::Unmuted, Action::AlertUnmuted),
            AlertAct::Judged => (AlertChange::Judged, Action::AlertJudged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_halves_and_real_doubles_within_bounds_for_each_series_by_itself() {
        use AlertVerdict::{Noise, Real};
        let share = |verdicts: &[AlertVerdict]| {
            let of_two: Vec<_> = verdicts.iter().flat_map(|verdict| [(7, *verdict), (8, Noise)]).collect();
            shares(&of_two).get(&7).copied()
        };
        assert_eq!((share(&[]), share(&[Noise]), share(&[Real])), (None, Some(0.5), Some(1.0)));
        assert_eq!(share(&[Noise; 6]), Some(1.0 / 16.0));
        assert_eq!(share(&[Noise, Noise, Noise, Noise, Noise, Real]), Some(1.0 / 8.0));
        assert_eq!(share(&[Real, Real, Noise]), Some(0.5));
    }
}
