//! A series in an incident, from its beginning over its peak to its end.

use jiff::{SignedDuration, Timestamp};
use models::trends::{self, Course, Step, Verdict};

use super::atlas::after;
use crate::events::AlertId;

/// The strangest step of an incident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    /// The key of the step.
    pub(super) at: Timestamp,
    pub(super) n: i32,
    pub(super) expected: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) p: f64,
}

impl Peak {
    pub(super) fn of(at: Timestamp, n: u64, verdict: &Verdict) -> Self {
        let n = i32::try_from(n).unwrap_or(i32::MAX);
        Self { at, n, expected: verdict.expected, lower: verdict.lower, upper: verdict.upper, p: verdict.p }
    }
}

/// An incident of one series; its times are keys of steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Incident {
    pub(super) alert: AlertId,
    pub(super) began: Timestamp,
    pub(super) peak: Peak,
    /// The first step after it.
    pub(super) ended: Option<Timestamp>,
    /// Quiet steps since the last that stood out.
    pub(super) calm: u8,
}

impl Incident {
    pub(super) fn new(alert: AlertId, peak: Peak) -> Self {
        Self { alert, began: peak.at, peak, ended: None, calm: 0 }
    }

    /// Takes the next step of the series; true where it is the strangest so far.
    pub(super) fn advance(&mut self, step: Step, at: Timestamp, now: Peak) -> bool {
        let mut known = trends::Incident { p: self.peak.p, calm: self.calm };
        let course = known.advance(step, now.p);
        self.calm = known.calm;
        match course {
            Course::Peaks => self.peak = now,
            Course::Lasts => {}
            Course::Ends => {
                let quiet = SignedDuration::from_secs(step.seconds() * i64::from(self.calm));
                self.ended = Some(after(step, at).saturating_sub(quiet).unwrap_or(at));
            }
        }
        course == Course::Peaks
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_incident_peaks_rests_and_ends_where_its_last_rest_began() {
        let begin: Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
        let peak = |hour: i64, p: f64| {
            let at = begin.checked_add(hour.hours()).unwrap();
            Peak { at, n: 9, expected: 2.0, lower: 0.0, upper: 6.0, p }
        };
        let mut incident = Incident::new(AlertId(Uuid::nil()), peak(0, 1e-4));
        let grew: Vec<bool> = [1e-6, 0.2, 0.01, 0.3, 0.4, 0.5]
            .into_iter()
            .zip(1..)
            .map(|(p, hour)| incident.advance(Step::Hour, peak(hour, p).at, peak(hour, p)))
            .collect();
        assert_eq!(grew, [true, false, false, false, false, false]);
        assert_eq!((incident.peak.at, incident.began), (peak(1, 0.0).at, begin));
        assert_eq!(incident.ended, Some(peak(4, 0.0).at));
    }
}
