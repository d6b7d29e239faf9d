//! From series that stand out to alerts: what may be about the same contacts is one of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use models::trends::Step;

use super::Scope;
use super::atlas::after;
use super::engine::{Engine, Outcome};
use super::incident::{Incident, Peak};
use super::silence::span;
use crate::events::{AlertChange, AlertId};
use crate::platform::clock::Clock;

/// An alert that goes on, or went on of late.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Open {
    pub(super) step: Step,
    pub(super) scope: Scope,
    pub(super) began: Timestamp,
    pub(super) peak: Peak,
    pub(super) ended: Option<Timestamp>,
    /// Series that are in it now.
    pub(super) rising: usize,
    /// The end of the last step shorter than a day in which one of its series was at its strangest.
    pub(super) until: Timestamp,
}

impl Open {
    /// One of its series peaks in the step that begins at `at`.
    fn reach(&mut self, step: Step, at: Timestamp) {
        if step < Step::Day {
            self.until = self.until.max(after(step, at));
        }
    }

    /// Whether some of it lies between these times.
    fn lasts(&self, from: Timestamp, to: Timestamp) -> bool {
        self.began < to && (self.rising > 0 || self.ended.is_none_or(|ended| ended > from))
    }
}

impl Engine {
    /// An incident went on: so did its alert.
    pub(super) fn follow(&mut self, step: Step, place: usize, grew: bool, incident: Incident, outcome: &mut Outcome) {
        let scope = self.series(step)[place].scope;
        if let Some(alert) = self.alerts.get_mut(&incident.alert) {
            if grew {
                alert.reach(step, incident.peak.at);
                if (alert.step, alert.scope) == (step, scope) {
                    alert.peak = incident.peak;
                }
                outcome.changes.push((incident.alert, AlertChange::Grew));
            }
            if let Some(ended) = incident.ended {
                let ended = self.atlas.instant(&scope, step, ended);
                alert.rising = alert.rising.saturating_sub(1);
                let last = alert.ended.map_or(ended, |before| before.max(ended));
                alert.ended = Some(last.max(alert.began));
                if alert.rising == 0 {
                    outcome.changes.push((incident.alert, AlertChange::Ended));
                }
            }
        }
        outcome.incidents.push((place, incident));
    }

    /// Makes alerts of series that rose in one step. Those that may be about the same contacts are one alert, the strangest
    /// with a topic first; a total joins whatever may have made it rise.
    pub(super) fn raise(&mut self, step: Step, mut risen: Vec<(usize, Peak)>, clock: &Clock, outcome: &mut Outcome) {
        let scope_of = |engine: &Self, place: usize| engine.series(step)[place].scope;
        risen.sort_by(|(a, one), (b, other)| {
            let total = |place: usize| scope_of(self, place).topic.is_none();
            (total(*a), one.p).partial_cmp(&(total(*b), other.p)).unwrap_or(std::cmp::Ordering::Equal)
        });
        for (place, peak) in risen {
            let scope = scope_of(self, place);
            let (began, until) = span(&self.atlas, &scope, step, peak.at);
            let mut known: Vec<_> = self.alerts.iter().filter(|(_, alert)| alert.lasts(began, until)).collect();
            known.sort_by_key(|(id, alert)| (alert.rising == 0, alert.began, **id));
            let joins = known.iter().find(|(_, alert)| {
                alert.scope.meets(&scope) && (scope.topic.is_none() || alert.scope.topic == scope.topic)
            });
            let id = match joins {
                // a longer step tells late of what has ended meanwhile
                Some((id, alert)) if alert.rising == 0 => {
                    let over = Incident { ended: Some(after(step, peak.at)), ..Incident::new(**id, peak) };
                    outcome.incidents.push((place, over));
                    continue;
                }
                Some((id, _)) => **id,
                None => {
                    let id = AlertId::new(clock);
                    self.alerts.insert(id, Open { step, scope, began, peak, ended: None, rising: 0, until: began });
                    outcome.changes.push((id, AlertChange::Began));
                    id
                }
            };
            if let Some(alert) = self.alerts.get_mut(&id) {
                alert.rising += 1;
                alert.reach(step, peak.at);
            }
            let incident = Incident::new(id, peak);
            outcome.incidents.push((place, incident.clone()));
            self.series_mut(step)[place].incident = Some(incident);
        }
    }

    /// Alerts that changed, each once, those that began first.
    pub(super) fn changed(outcome: &Outcome) -> BTreeSet<AlertId> {
        outcome.changes.iter().map(|(id, _)| *id).collect()
    }

    /// Alerts that were loaded reach to the peaks of their series.
    pub(super) fn reach_peaks(&mut self) {
        for step in Step::ALL.iter().copied() {
            let peaks = self.series(step).iter().filter_map(|kept| kept.incident.as_ref());
            let peaks: Vec<_> = peaks.map(|incident| (incident.alert, incident.peak.at)).collect();
            for (id, at) in peaks {
                if let Some(alert) = self.alerts.get_mut(&id) {
                    alert.reach(step, at);
                }
            }
        }
    }

    /// Forgets what had ended before then.
    pub(super) fn settle(&mut self, before: Timestamp) {
        self.alerts.retain(|_, alert| alert.rising > 0 || alert.ended.is_some_and(|ended| ended > before));
    }
}
