//! One series of a file: counts of a step that is given or found, or values.

use std::sync::Arc;

use jiff::civil::DateTime;
use models::trends::{CountSeries, Holidays, Refused, Step, ValueSeries, Verdict};

/// Rows from whose distances the step is found; it stays as these say.
const FIRST: usize = 9;

#[derive(Debug)]
pub(super) enum Series {
    Counts(Box<CountSeries>),
    Finding(Box<Finding>),
    Values(Box<ValueSeries>),
}

impl Series {
    pub(super) fn of_step(step: Step, holidays: &Arc<Holidays>) -> Self {
        Self::Counts(Box::new(CountSeries::new(step, Arc::clone(holidays))))
    }

    /// `at`: the time of its first row.
    pub(super) fn of_unknown_step(at: DateTime, holidays: &Arc<Holidays>) -> Self {
        Self::Finding(Box::new(Finding::new(finest(at), holidays)))
    }

    pub(super) fn of_values() -> Self {
        Self::Values(Box::new(ValueSeries::new()))
    }

    /// The verdict on the next row. A count is whole and not below zero.
    pub(super) fn next(&mut self, at: DateTime, count: f64) -> Result<Verdict, Refused> {
        match self {
            Self::Counts(series) => series.next(at, count as u64),
            Self::Values(series) => series.next(at, count),
            Self::Finding(finding) => {
                let verdict = finding.next(at, count as u64)?;
                if finding.rows.len() == FIRST {
                    *self = Self::Counts(Box::new(finding.series.clone()));
                }
                Ok(verdict)
            }
        }
    }
}

/// Counts whose step is not certain yet: after every row it is what most of the distances so far say, and when that
/// changes, the rows so far are read again with the new step. So no verdict rests on a later row.
#[derive(Debug)]
pub(super) struct Finding {
    step: Step,
    holidays: Arc<Holidays>,
    rows: Vec<(DateTime, u64)>,
    series: CountSeries,
}

impl Finding {
    fn new(step: Step, holidays: &Arc<Holidays>) -> Self {
        let series = CountSeries::new(step, Arc::clone(holidays));
        Self { step, holidays: Arc::clone(holidays), rows: Vec::new(), series }
    }

    fn next(&mut self, at: DateTime, count: u64) -> Result<Verdict, Refused> {
        let times: Vec<DateTime> = self.rows.iter().map(|(at, _)| *at).chain([at]).collect();
        let gaps = times.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs());
        let step = Step::of_gaps(gaps).unwrap_or(self.step);
        let mut series = self.series.clone();
        if step != self.step {
            series = CountSeries::new(step, Arc::clone(&self.holidays));
            for (at, count) in &self.rows {
                // A row that does not lie on the new step had its verdict; those to come are not judged by it.
                let _ = series.next(*at, *count);
            }
        }
        let verdict = series.next(at, count)?;
        self.rows.push((at, count));
        (self.step, self.series) = (step, series);
        Ok(verdict)
    }
}

/// The longest step that can begin at this time: what to think of a series of one row.
fn finest(at: DateTime) -> Step {
    let seconds = at.duration_since(at.date().to_datetime(jiff::civil::Time::midnight())).as_secs();
    match seconds {
        0 => Step::Day,
        on if on % Step::Hour.seconds() == 0 => Step::Hour,
        on if on % Step::QuarterHour.seconds() == 0 => Step::QuarterHour,
        _ => Step::FiveMinutes,
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_step_is_found_while_rows_come_and_no_later_row_changes_an_earlier_verdict() {
        let holidays = Arc::new(Holidays::none());
        let begin = date(2026, 1, 5).at(0, 0, 0, 0);
        // The second day is missing: after two rows it looks like steps of two days, which there are not.
        for step in Step::ALL {
            let times: Vec<_> = (0..40)
                .filter(|row| *row != 1)
                .map(|row| begin.saturating_add((row * step.seconds()).seconds()))
                .collect();
            let (mut found, mut given) = (Series::of_unknown_step(begin, &holidays), Series::of_step(*step, &holidays));
            for (row, at) in times.into_iter().enumerate() {
                let count = (20 + row * 7 % 5) as f64;
                let (found, given) = (found.next(at, count).ok(), given.next(at, count).ok());
                assert!(found.is_some(), "{step} row {row}");
                assert!(row < 2 || found == given, "{step} row {row}: {found:?}, not {given:?}");
            }
        }
    }

    #[test]
    fn a_time_between_steps_is_refused_and_changes_nothing() {
        let holidays = Arc::new(Holidays::none());
        let begin = date(2026, 1, 5).at(0, 0, 0, 0);
        let mut series = Series::of_unknown_step(begin, &holidays);
        for day in 0..20 {
            let at = begin.saturating_add(day.days());
            assert!(series.next(at, 5.0).is_ok(), "{day}");
            assert!(series.next(at.saturating_add(61.seconds()), 5.0).is_err(), "{day}");
        }
    }
}
