//! What chance alone shows.
//!
//! Given all contacts of a cell, past and new, the new ones are binomial (`fit`), so chance is a tail of the beta
//! distribution (Abramowitz and Stegun 1964, 26.5.24).

use statrs::function::beta::checked_beta_reg;

use super::cells::{Cells, Region, Sums};
use super::search::Search;

/// The share of cubes in which nothing rose that may name a cause.
pub(super) const FALSE_ALARMS: f64 = 0.003;

/// Whether some cell holds more than chance allows where everything has this factor.
///
/// Each cell has its part of the false alarms allowed, larger where fewer cells are of its kind (Bonferroni's bound with
/// weights: Holm 1979, Scandinavian Journal of Statistics 6:65), so the bound holds however the cells overlap.
pub(super) fn exceeded(cells: &Cells, search: &Search<'_>, level: f64) -> bool {
    let allowed = |id: u32| FALSE_ALARMS * search.priors().part(id);
    search.candidates().iter().any(|id| upper(cells.region(*id), level) <= allowed(*id))
}

/// How often chance shows this count or more where the factor is `level`.
pub(super) fn upper(region: Region, level: f64) -> f64 {
    let Region { actual, expected, past } = region;
    if actual <= 0.0 {
        return 1.0;
    }
    let share = level / (level + past);
    checked_beta_reg(actual, past * expected + 1.0, share).unwrap_or(1.0).clamp(0.0, 1.0)
}

/// How often chance shows this count or less.
pub(super) fn lower(sums: Sums, past: f64) -> f64 {
    if sums.expected <= 0.0 {
        return 1.0;
    }
    let share = past / (1.0 + past);
    checked_beta_reg(past * sums.expected, sums.actual + 1.0, share).unwrap_or(1.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of three and more of ten, each with the chance of one in nine, by the binomial terms.
    #[test]
    fn the_tails_are_those_of_the_binomial() {
        let term = |k: i32, ways: f64| ways * (1.0f64 / 9.0).powi(k) * (8.0f64 / 9.0).powi(10 - k);
        let below = term(0, 1.0) + term(1, 10.0) + term(2, 45.0);
        // Seven past contacts in eight counts, and three new ones.
        let region = Region { expected: 0.875, actual: 3.0, past: 8.0 };
        assert!((upper(region, 1.0) - (1.0 - below)).abs() < 1e-12);
        let sums = Sums { expected: 0.875, actual: 3.0 };
        assert!((lower(sums, 8.0) - (below + term(3, 120.0))).abs() < 1e-12);
        // Twice as many everywhere is the odds of two to eight.
        let twice = upper(Region { actual: 1.0, expected: 0.0, past: 8.0 }, 2.0);
        assert!((twice - 0.2).abs() < 1e-12);
    }
}
