//! A feed that stands still: an alert of its own, and no zeros for the series that hang on it.

use jiff::{SignedDuration, Timestamp};
use models::trends::{CountSeries, Step};

use super::Scope;
use super::atlas::after;
use super::incident::Peak;
use crate::events::AlertId;

/// The step in which feeds are watched.
pub(super) const WATCHED: Step = Step::QuarterHour;

/// Since when a feed has stopped as far as its series knows at the watched step `at`, and what is shown of it: that none
/// came where so many were expected. None: it speaks, or its silence may be chance.
pub(super) fn stopped(series: &CountSeries, at: Timestamp) -> Option<(Timestamp, Peak)> {
    let silence = series.silence().filter(|silence| silence.stopped())?;
    let before = SignedDuration::from_secs(WATCHED.seconds() * i64::from(silence.rows.saturating_sub(1)));
    let (lower, upper) = series.missed_band();
    let p = f64::from(silence.p).max(f64::MIN_POSITIVE);
    let peak = Peak { at, n: 0, expected: silence.missed.into(), lower, upper, p };
    Some((at.saturating_sub(before).unwrap_or(at), peak))
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
    use std::sync::Arc;

    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn silence_is_believed_when_enough_is_missing_in_more_than_one_step() {
        const EVEN: &[u64] = &[40, 41, 40];
        const BUNCHED: &[u64] = &[4, 0, 9, 2, 5, 11, 1, 3, 8, 0, 2, 6, 3];
        let begin: Timestamp = "2026-11-02T00:00:00Z".parse().unwrap();
        let at = |row: i64| begin.checked_add(SignedDuration::from_secs(row * WATCHED.seconds())).unwrap();
        for (counts, least, most) in [(EVEN, 2, 2), (BUNCHED, 3, 20)] {
            let mut series = CountSeries::new(WATCHED, Arc::default());
            let mut next = |row: i64, n: u64| {
                series.next(at(row).to_zoned(TimeZone::UTC).datetime(), n).unwrap();
                stopped(&series, at(row))
            };
            for (row, n) in (0..14 * 96).zip(counts.iter().cycle()) {
                assert_eq!(next(row, *n), None);
            }
            let known = (14 * 96..15 * 96).find_map(|row| Some((row, next(row, 0)?)));
            let (row, (began, peak)) = known.unwrap();
            let steps = row - 14 * 96 + 1;
            assert!((least..=most).contains(&steps), "{counts:?}: known after {steps}");
            assert_eq!((began, peak.at, peak.n), (at(14 * 96), at(row), 0));
            assert!(peak.lower > 0.0 && peak.expected > peak.lower && peak.p < 1e-5, "{peak:?}");
            assert_eq!(next(row + 1, 1), None, "it speaks again");
        }
    }
}
