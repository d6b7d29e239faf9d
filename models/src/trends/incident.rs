//! One incident, from its beginning over its peak to its end: one alert, however many rows it has.

use super::Step;

/// An incident that goes on. What begins one is the caller's to say: one series has its own threshold
/// (`Incident::begins_below`), of many series of one tick some stand out together ([`super::discoveries`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incident {
    /// The p-value of its strangest row.
    pub p: f64,
    /// Quiet rows since the last strange one.
    pub calm: u8,
}

/// What a row does to an incident that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// The row is the strangest so far.
    Peaks,
    /// It goes on.
    Lasts,
    /// It has ended before the last rows, of which this is the last: [`Incident::ends_after`] of them were quiet.
    Ends,
}

/// An incident that began goes on while an ordinary row shows as much no more often than this.
const LASTING: f64 = 0.1;

impl Incident {
    /// It begins with a row of this p-value.
    pub fn new(p: f64) -> Self {
        Self { p, calm: 0 }
    }

    /// Takes the p-value of the next row.
    pub fn advance(&mut self, step: Step, p: f64) -> Course {
        self.calm = if p < LASTING { 0 } else { self.calm.saturating_add(1) };
        if self.calm >= Self::ends_after(step) {
            return Course::Ends;
        }
        if p < self.p {
            self.p = p;
            return Course::Peaks;
        }
        Course::Lasts
    }

    /// How many quiet rows in a row end it: the longer a row, the more it says.
    pub fn ends_after(step: Step) -> u8 {
        match step {
            Step::Week => 1,
            Step::Day => 2,
            Step::Hour => 3,
            Step::QuarterHour => 4,
            Step::FiveMinutes => 6,
        }
    }

    /// Below which p-value an incident of one series begins: a false alarm in a hundred weeks or days, a few in a year of
    /// shorter steps.
    pub(super) fn begins_below(step: Step) -> f64 {
        match step {
            Step::Week | Step::Day => 0.01,
            Step::Hour => 0.001,
            Step::QuarterHour => 0.0003,
            Step::FiveMinutes => 0.0001,
        }
    }

    /// Takes the p-value of the next row of one series; `open` is the incident that goes on, if any does. True where one
    /// begins with the row.
    pub(super) fn begins(open: &mut Option<Incident>, step: Step, p: f64) -> bool {
        match open {
            Some(incident) => {
                if incident.advance(step, p) == Course::Ends {
                    *open = None;
                }
                false
            }
            None if p < Self::begins_below(step) => {
                *open = Some(Incident::new(p));
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_strange_rows_are_one_incident_with_a_beginning_a_peak_and_an_end() {
        use Course::{Ends, Lasts, Peaks};
        let mut incident = Incident::new(0.004);
        let course = [0.0001, 0.03, 0.4, 0.02, 0.3, 0.6].map(|p| incident.advance(Step::Day, p));
        assert_eq!(course, [Peaks, Lasts, Lasts, Lasts, Lasts, Ends]);
        assert_eq!(incident.p, 0.0001);
        let mut open = None;
        let begins = [0.5, 0.004, 0.0001, 0.03, 0.4, 0.02, 0.3, 0.6, 0.7, 0.002];
        let begins = begins.map(|p| Incident::begins(&mut open, Step::Day, p));
        assert_eq!(
            begins.iter().enumerate().filter(|(_, begins)| **begins).map(|(at, _)| at).collect::<Vec<_>>(),
            [1, 9]
        );
    }

    #[test]
    fn each_step_has_as_many_quiet_rows_as_it_takes() {
        for step in Step::ALL {
            let mut incident = Incident::new(1e-6);
            let rows = (1..).find(|_| incident.advance(*step, 0.5) == Course::Ends);
            assert_eq!(rows, Some(Incident::ends_after(*step)), "{step}");
        }
    }
}
