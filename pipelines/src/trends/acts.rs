//! What people do with alerts: acknowledge, comment, mute, and say whether there was something behind them.

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
                rows::weigh(change.conn(), id, factor(held.verdict, *verdict)).await?;
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

/// What a verdict does to the share of the false-discovery rate that each series of the alert has: noise halves it, a real
/// one doubles it, and a verdict that is changed first takes back what it did. The share stays between 1/16 and 1.
fn factor(before: Option<AlertVerdict>, now: AlertVerdict) -> f32 {
    let does = |verdict| match verdict {
        AlertVerdict::Noise => 0.5,
        AlertVerdict::Real => 2.0,
    };
    does(now) / before.map_or(1.0, does)
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
    fn a_verdict_that_is_changed_takes_back_what_it_did() {
        use AlertVerdict::{Noise, Real};
        assert_eq!((factor(None, Noise), factor(None, Real)), (0.5, 2.0));
        assert_eq!(factor(None, Noise) * factor(Some(Noise), Real), factor(None, Real));
        assert_eq!(factor(None, Real) * factor(Some(Real), Noise), factor(None, Noise));
    }
}
