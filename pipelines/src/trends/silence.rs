//! A feed that stands still: an alert of its own, and no zeros for the series that hang on it.

use jiff::Timestamp;
use models::trends::Step;

use super::Scope;
use super::atlas::after;
use super::incident::Peak;
use crate::events::AlertId;

/// The step in which feeds are watched.
pub(super) const WATCHED: Step = Step::QuarterHour;

/// So many contacts must be missing before silence is believed: where contacts come by themselves, no such gap comes by
/// chance once in three million times, and where they come in twos once in thirty thousand.
const MISSED: f64 = 15.0;
/// Steps in a row without a contact, at least.
const STEPS: u32 = 2;

/// Steps of a feed without a contact that go on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Quiet {
    began: Option<Timestamp>,
    steps: u32,
    missed: f64,
}

impl Quiet {
    /// Takes the next step of the feed, and what was expected of it.
    pub(super) fn add(&mut self, at: Timestamp, n: u64, expected: f64) {
        if n > 0 {
            *self = Self::default();
            return;
        }
        self.began = self.began.or(Some(at));
        self.steps += 1;
        self.missed += expected;
    }

    /// Since when the feed stands still; none: it may be chance.
    pub(super) fn stands(&self) -> Option<Timestamp> {
        self.began.filter(|_| self.steps >= STEPS && self.missed >= MISSED)
    }

    /// What is shown of it: that none came where so many were expected.
    pub(super) fn peak(&self, at: Timestamp) -> Peak {
        let missed = self.missed;
        Peak {
            at,
            n: 0,
            expected: missed,
            lower: missed - 2.33 * missed.sqrt(),
            upper: missed + 2.33 * missed.sqrt(),
            p: (-missed).exp(),
        }
    }
}

/// A feed that stood still; its times are keys of the watched step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Silence {
    pub(super) alert: AlertId,
    pub(super) scope: Scope,
    pub(super) began: Timestamp,
    pub(super) peak: Peak,
    pub(super) ended: Option<Timestamp>,
}

impl Silence {
    /// Whether all that a series counts in a step had to come over the feed while it stood still.
    pub(super) fn covers(&self, scope: &Scope, (from, to): (Timestamp, Timestamp)) -> bool {
        let over = self.scope.channel.is_none() || self.scope.channel == scope.channel;
        over && self.began <= from && self.ended.is_none_or(|ended| ended >= to)
    }
}

/// Whether a series of the watched step is a feed: all contacts, or those of one channel.
pub(super) fn is_feed(scope: &Scope) -> bool {
    scope.topic.is_none() && scope.city.is_none() && scope.restaurant.is_none()
}

/// From when to when a step with that key lasts, in instants.
pub(super) fn span(atlas: &super::atlas::Atlas, scope: &Scope, step: Step, key: Timestamp) -> (Timestamp, Timestamp) {
    (atlas.instant(scope, step, key), atlas.instant(scope, step, after(step, key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_believed_when_enough_is_missing_in_more_than_one_step() {
        let at: Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
        let mut quiet = Quiet::default();
        quiet.add(at, 0, 40.0);
        assert_eq!(quiet.stands(), None, "one step may be anything");
        quiet.add(after(WATCHED, at), 0, 40.0);
        assert_eq!(quiet.stands(), Some(at));
        quiet.add(after(WATCHED, at), 1, 40.0);
        assert_eq!(quiet, Quiet::default());
        for _ in 0..7 {
            quiet.add(at, 0, 2.0);
            assert_eq!(quiet.stands(), None, "at night few are expected");
        }
        quiet.add(at, 0, 2.0);
        assert_eq!(quiet.stands(), Some(at));
    }
}
