//! Random counts.

use rand::Rng;
use rand_distr::{Distribution, Gamma, LogNormal, Poisson};

/// A count of this mean and of variance `spread` times the mean: Poisson at 1, negative binomial above.
///
/// The negative binomial of size `mean / (spread - 1)` is a Poisson count whose mean is a draw of the gamma distribution
/// of that shape and of scale `spread - 1`.
pub(super) fn count(mean: f64, spread: f64, random: &mut impl Rng) -> u64 {
    let mean = match spread > 1.0 {
        true => Gamma::new(mean / (spread - 1.0), spread - 1.0).map_or(mean, |gamma| gamma.sample(random)),
        false => mean,
    };
    // A mean of zero has no distribution there; its only count is zero.
    Poisson::new(mean).map_or(0, |poisson| poisson.sample(random) as u64)
}

/// How many of `size` cases come in each step from the start on: a case comes `LogNormal(0, 0.5)` units after it, and a
/// unit has `steps` steps.
pub(super) fn spread(size: u64, steps: f64, random: &mut impl Rng) -> Vec<u64> {
    let mut cases = Vec::new();
    let Ok(after) = LogNormal::new(0.0, 0.5) else { return cases };
    for _ in 0..size {
        let step = (after.sample(random) * steps) as usize;
        if step >= cases.len() {
            cases.resize(step + 1, 0);
        }
        cases[step] += 1;
    }
    cases
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn counts_have_the_mean_and_the_variance_that_were_asked_for() {
        let mut random = StdRng::seed_from_u64(1);
        for (mean, spread) in [(0.3, 2.0), (4.0, 1.0), (50.0, 3.0)] {
            let drawn: Vec<f64> = (0..200_000).map(|_| count(mean, spread, &mut random) as f64).collect();
            let average = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let variance = drawn.iter().map(|one| (one - average).powi(2)).sum::<f64>() / drawn.len() as f64;
            assert!((average / mean - 1.0).abs() < 0.02, "mean {average} for {mean}");
            assert!((variance / (mean * spread) - 1.0).abs() < 0.03, "variance {variance} for {}", mean * spread);
        }
    }

    #[test]
    fn half_of_an_outbreak_comes_in_its_first_unit() {
        let cases = spread(100_000, 4.0, &mut StdRng::seed_from_u64(1));
        assert_eq!(cases.iter().sum::<u64>(), 100_000);
        let first = cases[..4].iter().sum::<u64>() as f64;
        assert!((first / 100_000.0 - 0.5).abs() < 0.01, "{first}");
    }
}
