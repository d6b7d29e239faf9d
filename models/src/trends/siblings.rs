//! What a new series takes from its siblings: it begins where they stand, as unsure as they differ (empirical Bayes, Efron
//! and Morris, Journal of the American Statistical Association 70 (1975), 311–319), instead of with silence or alarms.

use std::sync::Arc;

use super::counts::CountSeries;
use super::counts::belief::packed;
use super::counts::design::{self, LEVEL};
use super::counts::profile::{Effect, Small};
use super::counts::spread::Spread;
use super::{Holidays, Step};

/// Fewer siblings do not tell how series differ.
const LEAST: usize = 3;
/// A sibling has seen so many rows, else it is new itself.
const SEEN: u32 = 20;
/// So many rows of its own outweigh what siblings tell of the noise.
const WORTH: f32 = 30.0;
/// Least variance of the new level: series of one kind may differ by a half as far as one knows.
const LEVELS: f64 = 0.25;

impl CountSeries {
    /// A series without rows that expects what `siblings` of the same step show: their season, their week and their noise,
    /// and of their level as much as they have in common. None where too few of them have seen enough.
    pub fn among(step: Step, holidays: Arc<Holidays>, siblings: &[&CountSeries]) -> Option<CountSeries> {
        let mut series = CountSeries::new(step, holidays);
        let old: Vec<&CountSeries> =
            siblings.iter().copied().filter(|sibling| sibling.step == step && sibling.rows >= SEEN).collect();
        if old.len() < LEAST {
            return None;
        }
        for (at, wish) in design::wishes(step).iter().enumerate() {
            let told = old.iter().map(|s| (f64::from(s.belief.mean[at]), f64::from(s.belief.at(at, at))));
            let (mean, variance) = shared(told);
            let least = if at == LEVEL { LEVELS } else { 1e-6 };
            let most = (wish.deviation * wish.deviation).max(least);
            series.belief.mean[at] = mean as f32;
            series.belief.covariance[packed(at, at)] = variance.clamp(least, most) as f32;
        }
        for at in 0..series.profile.main.len() {
            let met = old.iter().map(|sibling| sibling.profile.main[at]).filter(|effect| effect.variance > 0.0);
            let told: Vec<_> = met.map(|effect| (f64::from(effect.mean), f64::from(effect.variance))).collect();
            if told.len() >= LEAST {
                let (mean, variance) = shared(told.into_iter());
                series.profile.main[at] = Effect { mean: mean as f32, variance: variance.clamp(1e-4, 1.0) as f32 };
            }
        }
        for at in 0..series.profile.own.len() {
            let most = series.profile.own[at].variance();
            let (mean, variance) = shared(old.iter().map(|sibling| sibling.profile.own[at].told()));
            series.profile.own[at] = Small::of(mean, variance.clamp(1e-4, most));
        }
        let count = old.len() as f32;
        let mut noise = [0.0; Spread::LENGTH];
        for figures in old.iter().map(|sibling| sibling.spread.figures()) {
            noise.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure / count);
        }
        let worth = (WORTH / noise[0].max(f32::MIN_POSITIVE)).min(1.0);
        series.spread = Spread::of(noise.map(|figure| figure * worth));
        Some(series)
    }
}

/// Mean of several beliefs (mean, variance), and the variance of one more of their kind: how they differ, and how unsure
/// they are themselves.
fn shared(told: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let count = told.clone().count() as f64;
    let mean = told.clone().map(|(mean, _)| mean).sum::<f64>() / count;
    let between = told.clone().map(|(of, _)| (of - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let within = told.map(|(_, variance)| variance).sum::<f64>() / count;
    (mean, between * (1.0 + 1.0 / count) + within)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::{DateTime, date};

    use super::*;

    /// Days of a city: a level, half of it on Sundays.
    fn count(level: u64, day: i64) -> u64 {
        let ripple = (day * 7 % 5) as u64;
        (if day % 7 == 6 { level / 2 } else { level }) + ripple
    }

    fn at(day: i64) -> DateTime {
        date(2026, 1, 5).at(0, 0, 0, 0).checked_add(day.days()).expect("it is a day")
    }

    fn city(level: u64, days: i64) -> CountSeries {
        let mut series = CountSeries::new(Step::Day, Arc::default());
        for day in 0..days {
            series.next(at(day), count(level, day)).expect("days follow each other");
        }
        series
    }

    #[test]
    fn a_new_series_begins_where_its_siblings_stand_with_a_wide_band_and_their_week() {
        let siblings: Vec<CountSeries> = [20, 30, 45, 60].map(|level| city(level, 70)).into();
        let siblings: Vec<&CountSeries> = siblings.iter().collect();
        let mut new = CountSeries::among(Step::Day, Arc::default(), &siblings).expect("they are enough");
        let monday = new.next(at(70), 33).expect("it is a day");
        assert!((20.0..60.0).contains(&monday.expected), "{monday:?}");
        assert!(monday.lower < 20.0 && monday.upper > 60.0, "as wide as they differ: {monday:?}");
        assert!(monday.p > 0.05 && !monday.alert, "{monday:?}");
        let mut plain = CountSeries::new(Step::Day, Arc::default());
        plain.next(at(70), 33).expect("it is a day");
        let mut sunday = [0.0; 2];
        for day in 71..77 {
            for (series, expected) in [&mut new, &mut plain].into_iter().zip(&mut sunday) {
                *expected = series.next(at(day), count(33, day)).expect("it is a day").expected;
            }
        }
        assert!(sunday[0] < 26.0 && sunday[1] > 28.0, "its first Sunday is no surprise: {sunday:?}");
    }

    #[test]
    fn a_burst_at_the_very_beginning_is_seen() {
        let siblings: Vec<CountSeries> = [20, 24, 28, 32].map(|level| city(level, 70)).into();
        let siblings: Vec<&CountSeries> = siblings.iter().collect();
        let mut new = CountSeries::among(Step::Day, Arc::default(), &siblings).expect("they are enough");
        let verdict = new.next(at(70), 2_000).expect("it is a day");
        assert!(verdict.p < 1e-3 && verdict.alert, "{verdict:?}");
    }

    #[test]
    fn what_siblings_told_is_kept_when_packed_and_few_or_young_ones_tell_nothing() {
        let siblings: Vec<CountSeries> = [20, 30, 45].map(|level| city(level, 70)).into();
        let all: Vec<&CountSeries> = siblings.iter().collect();
        let new = CountSeries::among(Step::Day, Arc::default(), &all).expect("they are enough");
        let again = CountSeries::unpack(&new.pack(), Step::Day, Arc::default()).expect("it is ours");
        let next = |mut series: CountSeries| series.next(at(70), 31).expect("it is a day");
        assert_eq!(next(again), next(new));
        assert!(CountSeries::among(Step::Day, Arc::default(), &all[..2]).is_none(), "two are too few");
        let young = [20, 30, 45].map(|level| city(level, 10));
        let young: Vec<&CountSeries> = young.iter().collect();
        assert!(CountSeries::among(Step::Day, Arc::default(), &young).is_none());
    }
}
