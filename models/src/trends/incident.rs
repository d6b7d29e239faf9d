//! One incident, from its beginning over its peak to its end: one alert, however many rows it has.

use super::Step;

/// An incident that goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Incident {
    /// Rows since it began; its first row has 0.
    pub(super) age: u32,
    /// How many rows after the first the strangest one came.
    pub(super) peak: u32,
    /// The p-value of that row.
    pub(super) p: f32,
    /// Quiet rows since the last strange one.
    pub(super) calm: u8,
}

/// What a row does to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// There is none.
    Quiet,
    /// It begins with this row.
    Begins,
    /// It goes on.
    Lasts,
    /// It has ended: this row is the last of enough quiet ones.
    Ends,
}

/// An incident that began goes on while an ordinary row shows as much no more often than this.
const LASTING: f64 = 0.1;

impl Incident {
    /// Below which p-value an incident begins: a false alarm in a hundred weeks or days, a few in a year of shorter steps.
    pub(super) fn begins_below(step: Step) -> f64 {
        match step {
            Step::Week | Step::Day => 0.01,
            Step::Hour => 0.001,
            Step::QuarterHour => 0.0003,
            Step::FiveMinutes => 0.0001,
        }
    }

    /// How many quiet rows end it.
    pub(super) fn ends_after(step: Step) -> u8 {
        match step {
            Step::Week => 1,
            Step::Day => 2,
            Step::Hour => 3,
            Step::QuarterHour => 4,
            Step::FiveMinutes => 6,
        }
    }

    /// Takes the p-value of the next row; `open` is the incident that goes on, if any does.
    pub(super) fn advance(open: &mut Option<Incident>, step: Step, p: f64) -> Course {
        let Some(incident) = open else {
            if p < Self::begins_below(step) {
                *open = Some(Incident { age: 0, peak: 0, p: p as f32, calm: 0 });
                return Course::Begins;
            }
            return Course::Quiet;
        };
        incident.age = incident.age.saturating_add(1);
        if p < f64::from(incident.p) {
            (incident.peak, incident.p) = (incident.age, p as f32);
        }
        incident.calm = if p < LASTING { 0 } else { incident.calm + 1 };
        if incident.calm < Self::ends_after(step) {
            return Course::Lasts;
        }
        *open = None;
        Course::Ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_strange_rows_are_one_incident_with_a_beginning_a_peak_and_an_end() {
        let mut open = None;
        let mut peak = 0;
        let course: Vec<Course> = [0.5, 0.004, 0.0001, 0.03, 0.4, 0.02, 0.3, 0.6, 0.7, 0.002]
            .map(|p| {
                let course = Incident::advance(&mut open, Step::Day, p);
                peak = open.map_or(peak, |incident: Incident| incident.peak.max(peak));
                course
            })
            .to_vec();
        use Course::{Begins, Ends, Lasts, Quiet};
        assert_eq!(course, [Quiet, Begins, Lasts, Lasts, Lasts, Lasts, Lasts, Ends, Quiet, Begins]);
        assert_eq!(peak, 1);
    }
}
