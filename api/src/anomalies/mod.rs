//! Rows of series in, a verdict a row out: what `okno anomalies` and `POST /v1/anomalies` share.

mod figures;
mod moment;
mod series;

use std::collections::HashMap;
use std::sync::Arc;

use models::trends::{Holidays, Refused, Step};
use serde::Deserialize;

pub(crate) use figures::{Figures, significant};
use moment::moment;
use series::Series;

/// What the numbers are.
#[derive(Clone, Copy, Debug, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Counts of steps of the same length, in the order of time: a rise is what is looked for.
    #[default]
    Counts,
    /// Any measure at any times, repeated and backward ones too: what is unlike the rows before, up or down.
    Values,
}

/// Judges rows one after another, each by those of its series that came before it.
#[derive(Debug)]
pub(crate) struct Judge {
    kind: Kind,
    /// None: found from the first rows of each series.
    step: Option<Step>,
    holidays: Arc<Holidays>,
    series: HashMap<Box<str>, Series>,
    most: usize,
}

/// Why a row has no verdict; its series stays as it was. Says no words of the row.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadRow {
    #[error("`at` is no date or time; write 2026-03-21, 2026-03-21T18:00 or 2026-03-21 18:00:00+05:00")]
    NoTime,
    #[error("`count` is no number; leave the row out where nothing was counted")]
    NoNumber,
    #[error("`count` is below zero; a count is 0 or more, other numbers go with values instead of counts")]
    Negative,
    #[error("`count` has a fraction; a count is whole, other numbers go with values instead of counts")]
    Fraction,
    #[error("`count` is above 9007199254740992, more than can be told apart")]
    TooLarge,
    #[error("`series` would be one more than {0}; judge fewer at once")]
    TooMany(usize),
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Judge {
    pub(crate) fn new(kind: Kind, step: Option<Step>, holidays: Holidays) -> Self {
        Self { kind, step, holidays: Arc::new(holidays), series: HashMap::new(), most: usize::MAX }
    }

    /// The same for so many series at most.
    pub(crate) fn up_to(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// The verdict on a row, given as it was written.
    pub(crate) fn row(&mut self, name: &str, at: &str, count: &str) -> Result<Figures, BadRow> {
        let at = moment(at).ok_or(BadRow::NoTime)?;
        let count: f64 = count.trim().parse().map_err(|_| BadRow::NoNumber)?;
        if !count.is_finite() {
            return Err(BadRow::NoNumber);
        }
        if matches!(self.kind, Kind::Counts) {
            whole(count)?;
        }
        if let Some(series) = self.series.get_mut(name) {
            return Ok(series.next(at, count)?.into());
        }
        if self.series.len() >= self.most {
            return Err(BadRow::TooMany(self.most));
        }
        let mut series = match (self.kind, self.step) {
            (Kind::Counts, Some(step)) => Series::of_step(step, &self.holidays),
            (Kind::Counts, None) => Series::of_unknown_step(at, &self.holidays),
            (Kind::Values, _) => Series::of_values(),
        };
        let verdict = series.next(at, count)?;
        self.series.insert(name.into(), series);
        Ok(verdict.into())
    }
}

/// Up to 2^53 floating point numbers hold every whole one.
fn whole(count: f64) -> Result<(), BadRow> {
    match count {
        below if below < 0.0 => Err(BadRow::Negative),
        broken if broken.fract() != 0.0 => Err(BadRow::Fraction),
        large if large > 9_007_199_254_740_992.0 => Err(BadRow::TooLarge),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judge(step: Option<Step>) -> Judge {
        Judge::new(Kind::Counts, step, Holidays::none())
    }

    #[test]
    fn a_bad_row_is_told_and_the_series_goes_on_without_it() {
        let days = |from: i64| (from..from + 30).map(|day| format!("2026-01-{:02}", day + 1));
        let (mut with, mut without) = (judge(None), judge(None));
        for (row, at) in days(0).enumerate() {
            let count = (10 + row % 3).to_string();
            let verdict = without.row("a", &at, &count).ok();
            assert!(verdict.is_some(), "{at}");
            assert_eq!(with.row("a", &at, &count).ok(), verdict);
            for (at, count) in [
                ("yesterday", "1"),
                ("2026-13-01", "1"),
                (at.as_str(), "many"),
                (at.as_str(), "NaN"),
                (at.as_str(), "inf"),
                (at.as_str(), ""),
                (at.as_str(), "-1"),
                (at.as_str(), "1.5"),
                (at.as_str(), "1e300"),
                (at.as_str(), "1"),
                ("2025-12-01", "1"),
            ] {
                assert!(with.row("a", at, count).is_err(), "{at} {count}");
            }
        }
    }

    #[test]
    fn series_do_not_touch_each_other_and_there_are_no_more_than_may_be() {
        let mut together = judge(Some(Step::Day)).up_to(2);
        let (mut one, mut other) = (judge(Some(Step::Day)), judge(Some(Step::Day)));
        for day in 1..=28 {
            let (at, few, many) = (format!("2026-02-{day:02}"), (day % 4).to_string(), (100 + day).to_string());
            let alone = [one.row("few", &at, &few).ok(), other.row("many", &at, &many).ok()];
            assert!(alone.iter().all(Option::is_some), "{at}");
            assert_eq!([together.row("few", &at, &few).ok(), together.row("many", &at, &many).ok()], alone);
            assert!(matches!(together.row("third", &at, "1"), Err(BadRow::TooMany(2))));
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_panics_and_every_verdict_is_of_numbers(
            values in any::<bool>(),
            rows in prop::collection::vec(
                ("[ab]", "(2026-0[1-3]-0[1-9]( 0[0-9]:[0-5]0)?(Z|\\+05:00)?|.{0,12})", "(-?[0-9]{1,18}(\\.[0-9])?(e[0-9]{1,3})?|.{0,8})"),
                0..60,
            ),
        ) {
            let kind = if values { Kind::Values } else { Kind::Counts };
            let mut judge = Judge::new(kind, None, Holidays::none());
            for (series, at, count) in rows {
                if let Ok(figures) = judge.row(&series, &at, &count) {
                    prop_assert!(figures.all().iter().all(|figure| figure.is_finite()), "{figures:?}");
                    prop_assert!((0.0..=1.0).contains(&figures.p) && (0.0..=1.0).contains(&figures.score));
                }
            }
        }
    }
}
