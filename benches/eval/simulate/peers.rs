//! Detectors to compare with, as simple as they are: they also show whether the simulations are like those of others.

use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc;
use statrs::function::gamma::gamma_lr;

use super::series::Simulated;

/// One who knows the true mean and variance of each count, and looks at one step only: what no detector of one step can
/// surpass.
pub fn oracle(simulated: &Simulated, counts: &[u64]) -> Vec<f64> {
    let judge = |step: usize| {
        let (count, truth) = (counts[step], simulated.truths[step]);
        // The least draw that is rounded to this count or more.
        let drawn = ((count as f64 - 0.5) / truth.scale - truth.added).ceil();
        match count {
            0 => 1.0,
            _ if drawn.is_finite() => tail(drawn.max(0.0) as u64, truth.mean, simulated.spread),
            _ => 0.0,
        }
    };
    simulated.tested.clone().map(judge).collect()
}

/// One who knows them too and looks at the newest step and at the newest two together: about what a detector could find
/// that had nothing to learn. Steps of equal spread add up to a negative binomial count of that spread, so both tails are
/// exact (half of what is just so counts); their harmonic mean has the weights of [`ONE_AND_TWO`].
pub fn oracle_of_two(simulated: &Simulated, counts: &[u64]) -> Vec<f64> {
    let half = |count: u64, mean: f64| {
        (tail(count, mean, simulated.spread) + tail(count.saturating_add(1), mean, simulated.spread)) / 2.0
    };
    let judge = |step: usize| {
        let [before, now] = [step - 1, step].map(|step| (counts[step], simulated.truths[step].mean));
        let tails = [half(now.0, now.1), half(now.0 + before.0, now.1 + before.1)];
        1.0 / ONE_AND_TWO.iter().zip(tails).map(|(weight, tail)| weight / tail.max(1e-300)).sum::<f64>()
    };
    simulated.tested.clone().map(judge).collect()
}

/// More for one step finds more in the starting week and less afterwards: 0.75 gives 0.006 less and 0.008 more.
const ONE_AND_TWO: [f64; 2] = [0.65, 0.35];

/// How often a count of this mean, and of variance `spread` times the mean, is so high or higher.
pub fn tail(count: u64, mean: f64, spread: f64) -> f64 {
    match count {
        0 => 1.0,
        _ if spread > 1.0 => beta_reg(count as f64, mean / (spread - 1.0), 1.0 - 1.0 / spread),
        _ => gamma_lr(count as f64, mean),
    }
}

/// EARS of the CDC: the count against mean and standard deviation of the seven steps that end `lag` steps before it: C1
/// with 0, C2 with 2.
pub fn ears(simulated: &Simulated, counts: &[u64], lag: usize) -> Vec<f64> {
    let judge = |step: usize| {
        let base = &counts[step - lag - 7..step - lag];
        let mean = base.iter().sum::<u64>() as f64 / 7.0;
        let variance = base.iter().map(|count| (*count as f64 - mean).powi(2)).sum::<f64>() / 6.0;
        let above = counts[step] as f64 - mean;
        match variance > 0.0 {
            true => normal_tail(above / variance.sqrt()),
            false => {
                if above > 0.0 {
                    0.0
                } else {
                    1.0
                }
            }
        }
    };
    simulated.tested.clone().map(judge).collect()
}

fn normal_tail(z: f64) -> f64 {
    erfc(z / std::f64::consts::SQRT_2) / 2.0
}
