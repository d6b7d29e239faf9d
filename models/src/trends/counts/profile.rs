//! The shape of a week: what each weekday, or each hour of the week, has over the level.
//!
//! Effects are Gaussians of their own beside the coefficients and learn their share of what a row taught. An hour of the
//! week has the effect of its hour of the day and a smaller one that is its own, so that quiet series share what they
//! know. Days on which nothing ever comes (closed weekends, nights) need no rule: their effect falls with each zero.

use jiff::civil::DateTime;

use super::super::Step;

/// What is believed of one effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::trends) struct Effect {
    pub(in crate::trends) mean: f32,
    pub(in crate::trends) variance: f32,
}

/// An hour's own effect, in four bytes: its steps of 1/2048 and 1/32768 are far below what a row teaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::trends) struct Small {
    pub(in crate::trends) mean: i16,
    pub(in crate::trends) deviation: u16,
}

/// The effects of a step: none for weeks, 7 weekdays for days, 24 hours and 168 hours of the week below that.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::trends) struct Profile {
    pub(in crate::trends) main: Vec<Effect>,
    pub(in crate::trends) own: Vec<Small>,
}

/// Which effects a row has, and how much of each.
#[derive(Debug, Clone, Copy)]
pub(in crate::trends) struct Share {
    places: [(usize, usize, f64); 2],
    length: usize,
}

const MAIN: f64 = 1.0;
const OWN: f64 = 0.25;

impl Small {
    fn mean(self) -> f64 {
        f64::from(self.mean) / 2048.0
    }

    pub(in crate::trends) fn variance(self) -> f64 {
        (f64::from(self.deviation) / 32768.0).powi(2)
    }

    /// Mean and variance.
    pub(in crate::trends) fn told(self) -> (f64, f64) {
        (self.mean(), self.variance())
    }

    pub(in crate::trends) fn of(mean: f64, variance: f64) -> Small {
        Small { mean: (mean * 2048.0).round() as i16, deviation: (variance.max(0.0).sqrt() * 32768.0).round() as u16 }
    }
}

impl Profile {
    pub(in crate::trends) fn new(step: Step) -> Profile {
        let (main, own) = sizes(step);
        // A variance of zero says that the effect was not met yet.
        Profile { main: vec![Effect { mean: 0.0, variance: 0.0 }; main], own: vec![Small::of(0.0, OWN * OWN); own] }
    }

    /// The effects of the row that begins at `at`; neighbouring hours share a step that is shorter.
    pub(in crate::trends) fn share(step: Step, at: DateTime) -> Share {
        let day = at.weekday().to_monday_zero_offset() as usize;
        match step {
            Step::Week => Share { places: [(0, 0, 0.0); 2], length: 0 },
            Step::Day => Share { places: [(day, 0, 1.0); 2], length: 1 },
            Step::Hour => {
                let hour = at.hour() as usize;
                Share { places: [(hour, day * 24 + hour, 1.0); 2], length: 1 }
            }
            Step::FiveMinutes | Step::QuarterHour => {
                let middle = f64::from(at.minute()) / 60.0 + step.seconds() as f64 / 7_200.0 - 0.5;
                let hours = day * 24 + at.hour() as usize + 168;
                let (first, second, part) =
                    if middle < 0.0 { (hours - 1, hours, 1.0 + middle) } else { (hours, hours + 1, middle) };
                let place = |hours: usize, part: f64| (hours % 24, hours % 168, part);
                Share { places: [place(first, 1.0 - part), place(second, part)], length: 2 }
            }
        }
    }

    /// Gives effects that were not met yet what their neighbours have.
    pub(in crate::trends) fn meet(&mut self, share: &Share) {
        for (main, _, _) in &share.places[..share.length] {
            if self.main[*main].variance > 0.0 {
                continue;
            }
            let hours = self.main.len();
            // Yesterday and tomorrow tell little of today; the hour before tells much of this one.
            let near = [hours - 1, 1].map(|off| self.main[(main + off) % hours]);
            let known = near.iter().find(|effect| hours == 24 && effect.variance > 0.0);
            self.main[*main] = match known {
                Some(effect) => Effect { mean: effect.mean, variance: (0.8 * 0.8) as f32 },
                None => Effect { mean: 0.0, variance: (MAIN * MAIN) as f32 },
            };
        }
    }

    /// Mean and variance of the row's effects.
    pub(in crate::trends) fn offset(&self, share: &Share) -> (f64, f64) {
        let (mut mean, mut variance) = (0.0, 0.0);
        for (main, own, part) in &share.places[..share.length] {
            let effect = self.main[*main];
            mean += part * f64::from(effect.mean);
            variance += part * part * f64::from(effect.variance);
            if let Some(small) = self.own.get(*own) {
                mean += part * small.mean();
                variance += part * part * small.variance();
            }
        }
        (mean, variance)
    }

    /// Learns that the row's logarithm moved by `step` and lost `shrink`, both for each unit of variance.
    pub(in crate::trends) fn learn(&mut self, share: &Share, step: f64, shrink: f64, memory: f64) {
        let kept = 1.0 + 1.0 / memory;
        for (main, own, part) in &share.places[..share.length] {
            let effect = self.main[*main];
            let variance = f64::from(effect.variance);
            let along = variance * part;
            let left = (variance - along * along * shrink) * (1.0 + (kept - 1.0) * part);
            self.main[*main] = Effect {
                mean: (f64::from(effect.mean) + along * step).clamp(-20.0, 20.0) as f32,
                variance: left.clamp(1e-8, MAIN * MAIN) as f32,
            };
            if let Some(small) = self.own.get_mut(*own) {
                let along = small.variance() * part;
                let left = (small.variance() - along * along * shrink) * (1.0 + (kept - 1.0) * part);
                *small = Small::of((small.mean() + along * step).clamp(-15.0, 15.0), left.clamp(1e-6, OWN * OWN));
            }
        }
    }
}

/// How many effects a step has, of both kinds.
pub(in crate::trends) const fn sizes(step: Step) -> (usize, usize) {
    match step {
        Step::Week => (0, 0),
        Step::Day => (7, 0),
        Step::Hour | Step::QuarterHour | Step::FiveMinutes => (24, 168),
    }
}
