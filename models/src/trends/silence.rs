//! A feed that has stopped: a run of zeros where contacts were expected. It is an alert of its own, and its zeros teach
//! the series nothing.

/// A run of zeros that goes on.
///
/// `p` is how often a negative binomial sum of this mean and variance is nothing at all: contacts that come in bunches,
/// and an expectation that is not sure yet, make a silence less strange than contacts that come by themselves would.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Silence {
    /// Rows without a contact.
    pub rows: u32,
    /// How many contacts were expected in them.
    pub missed: f32,
    /// Variance of that sum, as far as counts make it.
    pub(crate) noise: f32,
    /// Standard deviation of that sum, as far as the expectation is unsure.
    pub(crate) unsure: f32,
    /// How often so long a silence comes by chance; 1 where it has lasted so long that zeros are what is to be expected.
    pub p: f32,
}

/// Below this a feed has stopped: a feed whose silences could begin with each quarter of an hour would be called so by
/// chance once in three years.
const STOPPED: f32 = 1e-5;

impl Silence {
    /// Whether the feed has stopped, as far as its rows tell.
    pub fn stopped(&self) -> bool {
        self.rows > 1 && self.p < STOPPED
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::ToSpan;
    use jiff::civil::date;

    use crate::trends::{CountSeries, Step, Verdict};

    /// Rows of a step from a place on; the counts as `of` has them.
    fn read(series: &mut CountSeries, from: i64, rows: i64, of: impl Fn(i64) -> u64) -> Vec<Verdict> {
        let begin = date(2026, 1, 5).at(0, 0, 0, 0);
        (from..from + rows)
            .map(|row| series.next(begin.saturating_add(row.hours()), of(row)).expect("hours follow each other"))
            .collect()
    }

    #[test]
    fn a_feed_that_stops_is_one_alert_and_one_that_stays_away_is_not_expected_any_longer() {
        const WEEKS: i64 = 28 * 24;
        let mut series = CountSeries::new(Step::Hour, Arc::default());
        read(&mut series, 0, WEEKS, |row| 18 + (row * 7 % 5) as u64);
        let silent = read(&mut series, WEEKS, WEEKS + 72, |_| 0);
        let alerts: Vec<usize> = (0..silent.len()).filter(|row| silent[*row].alert).collect();
        assert_eq!(alerts, [1], "the second hour without a contact");
        assert!(silent[WEEKS as usize - 1].expected > 15.0, "its zeros teach nothing");
        assert!(silent[WEEKS as usize + 71].expected < 5.0, "{:?}", silent.last());
        assert!(series.silence().is_some_and(|silence| !silence.stopped()));
    }

    #[test]
    fn the_less_is_known_and_the_more_contacts_come_in_bunches_the_longer_silence_must_be() {
        let stops = |rows: i64, of: fn(i64) -> u64| {
            let mut series = CountSeries::new(Step::Hour, Arc::default());
            read(&mut series, 0, rows, of);
            let stops = (1..28 * 24).find(|row| {
                read(&mut series, rows + row - 1, 1, |_| 0);
                series.silence().is_some_and(super::Silence::stopped)
            });
            stops.unwrap_or(i64::MAX)
        };
        let even = |row: i64| 3 + (row % 2) as u64;
        let bunched = |row: i64| if row * 7 % 10 < 3 { 11 } else { 0 };
        let (known, new, bunched) = (stops(28 * 24, even), stops(30, even), stops(28 * 24, bunched));
        assert!(known < new && known < bunched, "{known} {new} {bunched}");
    }
}
