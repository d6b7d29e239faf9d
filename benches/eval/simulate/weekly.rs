//! Weekly counts after Noufaily, Enki, Farrington, Garthwaite, Andrews, Charlett: An improved algorithm for outbreak
//! detection in multiple surveillance systems. Statistics in Medicine 32 (2013), 1206–1222, section 3.
//!
//! Taken from the paper: the mean (section 3.1) is `exp(θ + βt + Σⱼ (γ₁ cos(2πjt/52) + γ₂ sin(2πjt/52)))` over harmonics
//! j = 1…m, the variance φ times the mean (φ = 1: Poisson); t counts weeks from 1 to 624. Seven rows of parameters, each
//! with and without trend, and with 0, 1 and 2 harmonics, are the 42 scenarios. Weeks 313–575 hold four outbreaks, weeks
//! 576–624 are tested and hold one (section 3.2): its size is Poisson with mean k times the standard deviation of the
//! count in its starting week, its cases come `LogNormal(0, 0.5)` weeks later, rounded down.
//!
//! Where two readings are possible:
//! - k of a past outbreak is drawn from 2, 3, 5 and 10 with replacement (the other reading: each once).
//! - The standard deviation is the true one, `sqrt(φ mean)`, not that of the drawn series.
//! - Sizes are drawn anew until there are two cases at least, as the authors' program does for daily counts; an outbreak
//!   without a case could not be found by anything.
//! - Starting weeks of past outbreaks differ from each other, outbreaks may overlap.
//! - What would come after week 624 is left out.
//! - An outbreak lasts from its starting week (which may have no case) to its last case.
//! - Weeks bear the Mondays from 2010-01-04 on. A season of 52 weeks slips by 15 days in 12 years against the calendar:
//!   detectors that know the calendar have to bear that.

use std::f64::consts::TAU;

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, index};

use super::draws;
use super::series::{Outbreak, Simulated, Truth, random};

const WEEKS: usize = 624;
/// Weeks 313 to 575, counted from 0.
const PAST: std::ops::Range<usize> = 312..575;
const PAST_OUTBREAKS: usize = 4;
const PAST_TIMES: [u32; 4] = [2, 3, 5, 10];
/// Sizes of the current outbreaks.
pub const TIMES: std::ops::RangeInclusive<u32> = 1..=10;

/// θ, β, γ₁, γ₂, φ: table 1 of the paper.
const ROWS: [[f64; 5]; 7] = [
    [0.1, 0.0025, 0.6, 0.6, 1.5],
    [-2.0, 0.005, 0.1, 0.3, 2.0],
    [1.5, 0.003, 0.2, -0.4, 1.0],
    [0.5, 0.002, 0.5, 0.5, 5.0],
    [2.5, 0.001, 1.0, 0.1, 3.0],
    [3.75, 0.001, 0.1, -0.1, 1.1],
    [5.0, 0.0001, 0.05, 0.01, 1.2],
];

/// One of the 42.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Row of the table, from 0.
    pub row: usize,
    pub trend: bool,
    pub harmonics: u32,
}

impl Scenario {
    pub fn all() -> Vec<Self> {
        let rows = (0..ROWS.len()).flat_map(|row| [false, true].map(|trend| (row, trend)));
        rows.flat_map(|(row, trend)| [0, 1, 2].map(|harmonics| Self { row, trend, harmonics })).collect()
    }

    pub fn name(&self) -> String {
        let trend = if self.trend { "trend" } else { "no trend" };
        format!("{}, {trend}, {} harmonics", self.row_name(), self.harmonics)
    }

    /// Its row of the table.
    pub fn row_name(&self) -> String {
        let [theta, _, _, _, phi] = ROWS[self.row];
        format!("θ {theta}, φ {phi}")
    }

    /// Variance over mean.
    fn spread(&self) -> f64 {
        ROWS[self.row][4]
    }

    /// Of week `t`, counted from 1.
    fn mean(&self, t: usize) -> f64 {
        let [theta, beta, cosine, sine, _] = ROWS[self.row];
        let trend = if self.trend { beta * t as f64 } else { 0.0 };
        let season = (1..=self.harmonics).map(|j| {
            let angle = TAU * f64::from(j) * t as f64 / 52.0;
            cosine * angle.cos() + sine * angle.sin()
        });
        (theta + trend + season.sum::<f64>()).exp()
    }
}

/// The series of a scenario; the same arguments give the same one.
pub fn simulate(at: usize, scenario: &Scenario, seed: u64, repetition: u64) -> Simulated {
    let mut random = random(seed, at, repetition);
    let means: Vec<f64> = (1..=WEEKS).map(|t| scenario.mean(t)).collect();
    let spread = scenario.spread();
    let mut counts: Vec<u64> = means.iter().map(|mean| draws::count(*mean, spread, &mut random)).collect();
    for start in index::sample(&mut random, PAST.len(), PAST_OUTBREAKS) {
        let start = PAST.start + start;
        let times = *PAST_TIMES.choose(&mut random).unwrap_or(&PAST_TIMES[0]);
        add(&mut counts, start, &outbreak(means[start], spread, times, &mut random));
    }
    let tested = PAST.end..WEEKS;
    let outbreaks: Vec<_> = TIMES
        .map(|times| {
            let start = random.random_range(tested.clone());
            let cases = outbreak(means[start], spread, times, &mut random);
            let mut counts = counts.clone();
            add(&mut counts, start, &cases);
            let steps = start..(start + cases.len()).min(WEEKS);
            Outbreak { times, start, counts: counts.split_off(tested.start), steps }
        })
        .collect();
    let truths = means.into_iter().map(|mean| Truth { mean, scale: 1.0, added: 0.0 }).collect();
    Simulated { scenario: at, begins: begins(), counts, truths, spread, tested, outbreaks }
}

/// Cases of an outbreak by week from its start.
fn outbreak(mean: f64, spread: f64, times: u32, random: &mut StdRng) -> Vec<u64> {
    let mean = f64::from(times) * (spread * mean).sqrt();
    loop {
        let size = draws::count(mean, 1.0, random);
        if size >= 2 {
            return draws::spread(size, 1.0, random);
        }
    }
}

fn add(counts: &mut [u64], start: usize, cases: &[u64]) {
    counts[start..].iter_mut().zip(cases).for_each(|(count, cases)| *count += cases);
}

fn begins() -> Vec<DateTime> {
    let first = date(2010, 1, 4).at(0, 0, 0, 0);
    (0..WEEKS as i64).map(|week| first.saturating_add(week.weeks())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::peers::oracle;
    use crate::simulate::score::{Judged, Scores};

    #[test]
    fn the_same_seed_gives_the_same_counts_and_an_outbreak_adds_to_its_own_weeks_only() {
        for (at, scenario) in Scenario::all().iter().enumerate() {
            let simulated = simulate(at, scenario, 1, 0);
            assert_eq!(simulated.counts, simulate(at, scenario, 1, 0).counts);
            assert_ne!(simulated.counts, simulate(at, scenario, 1, 1).counts);
            for outbreak in &simulated.outbreaks {
                let added =
                    simulated.with(outbreak).into_iter().zip(&simulated.counts).map(|(with, clean)| with - clean);
                let weeks: Vec<usize> =
                    added.enumerate().filter(|(_, added)| *added > 0).map(|(week, _)| week).collect();
                assert!(weeks.iter().all(|week| outbreak.steps.contains(week)), "{weeks:?} {:?}", outbreak.steps);
            }
        }
    }

    /// Elsewhere such an oracle was measured at 0.552 and 0.452.
    #[test]
    fn who_knows_the_true_mean_finds_as_much_as_elsewhere() {
        let mut scores = Scores::default();
        for (at, scenario) in Scenario::all().iter().enumerate() {
            for repetition in 0..4 {
                let simulated = simulate(at, scenario, 1, repetition);
                scores.add(&simulated, &Judged::by(&simulated, |counts| oracle(&simulated, counts)), 1);
            }
        }
        let power = scores.power(scores.threshold(0.01), |_, _| true);
        assert!((power.ever - 0.552).abs() < 0.04 && (power.early - 0.452).abs() < 0.04, "{power:?}");
        let false_positives = scores.false_positives(0.01);
        assert!((0.005..0.011).contains(&false_positives), "{false_positives}");
    }
}
