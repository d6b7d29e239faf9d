//! False alarms and outbreaks found, as both papers count them.

use std::collections::BTreeMap;

use super::series::Simulated;

/// What a detector says of a simulated series: the smaller, the more suspicious.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Of each tested step without a current outbreak.
    pub clean: Vec<f64>,
    /// Of each tested step with each outbreak.
    pub outbreaks: Vec<Vec<f64>>,
}

impl Judged {
    /// By a detector that is given all counts and judges the tested steps.
    pub fn by(simulated: &Simulated, mut judge: impl FnMut(&[u64]) -> Vec<f64>) -> Self {
        let outbreaks = simulated.outbreaks.iter().map(|outbreak| judge(&simulated.with(outbreak))).collect();
        Self { clean: judge(&simulated.counts), outbreaks }
    }
}

/// Scores of a detector on many series.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    clean: BTreeMap<usize, Vec<f64>>,
    /// Of steps in yearly waves.
    waves: Vec<f64>,
    found: Vec<Found>,
}

/// How suspicious an outbreak looked at best.
#[derive(Clone, Copy, Debug)]
struct Found {
    scenario: usize,
    times: u32,
    /// In any of its steps.
    ever: f64,
    /// In its first steps.
    early: f64,
}

/// Shares of outbreaks found at a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    pub ever: f64,
    pub early: f64,
    pub outbreaks: usize,
}

impl Scores {
    /// `early`: how many steps of an outbreak count as its first.
    pub fn add(&mut self, simulated: &Simulated, judged: &Judged, early: usize) {
        let clean = self.clean.entry(simulated.scenario).or_default();
        for (truth, p) in simulated.truths[simulated.tested.clone()].iter().zip(&judged.clean) {
            if truth.waves() { self.waves.push(*p) } else { clean.push(*p) }
        }
        for (outbreak, judged) in simulated.outbreaks.iter().zip(&judged.outbreaks) {
            let first = outbreak.steps.start - simulated.tested.start;
            let of = &judged[first..outbreak.steps.end - simulated.tested.start];
            let least = |of: &[f64]| of.iter().copied().fold(f64::INFINITY, f64::min);
            self.found.push(Found {
                scenario: simulated.scenario,
                times: outbreak.times,
                ever: least(of),
                early: least(&of[..early.min(of.len())]),
            });
        }
    }

    pub fn merge(&mut self, other: Self) {
        for (scenario, clean) in other.clean {
            self.clean.entry(scenario).or_default().extend(clean);
        }
        self.waves.extend(other.waves);
        self.found.extend(other.found);
    }

    /// The share of steps without an outbreak or a wave below the threshold.
    pub fn false_positives(&self, threshold: f64) -> f64 {
        let clean = || self.clean.values().flatten();
        share(clean().filter(|p| **p < threshold).count(), clean().count())
    }

    /// The same where steps in yearly waves count as ordinary ones; none where there are no such steps.
    pub fn false_positives_with_waves(&self, threshold: f64) -> Option<f64> {
        let all = || self.clean.values().flatten().chain(&self.waves);
        (!self.waves.is_empty()).then(|| share(all().filter(|p| **p < threshold).count(), all().count()))
    }

    /// The scenario with the largest share, that share, and its standard error as if steps were independent.
    pub fn worst(&self, threshold: f64) -> Option<(usize, f64, f64)> {
        let of = |(scenario, clean): (&usize, &Vec<f64>)| {
            let share = share(clean.iter().filter(|p| **p < threshold).count(), clean.len());
            (*scenario, share, (share * (1.0 - share) / clean.len() as f64).sqrt())
        };
        self.clean.iter().map(of).max_by(|left, right| left.1.total_cmp(&right.1))
    }

    /// The highest threshold below which lies no more than this share of the steps without an outbreak.
    pub fn threshold(&self, share: f64) -> f64 {
        let mut clean: Vec<f64> = self.clean.values().flatten().copied().collect();
        let place = ((clean.len() as f64 * share) as usize).min(clean.len().saturating_sub(1));
        match clean.is_empty() {
            true => 0.0,
            false => *clean.select_nth_unstable_by(place, f64::total_cmp).1,
        }
    }

    /// Outbreaks found, of the scenarios and sizes that are asked for.
    pub fn power(&self, threshold: f64, of: impl Fn(usize, u32) -> bool) -> Power {
        let found: Vec<_> = self.found.iter().filter(|found| of(found.scenario, found.times)).collect();
        let ever = found.iter().filter(|found| found.ever < threshold).count();
        let early = found.iter().filter(|found| found.early < threshold).count();
        Power { ever: share(ever, found.len()), early: share(early, found.len()), outbreaks: found.len() }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
