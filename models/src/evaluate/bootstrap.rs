//! How far a figure can be trusted: percentile intervals by the bootstrap (Efron and Tibshirani, 1993, 13.3).

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;

/// Samples an interval is drawn from.
const SAMPLES: usize = 400;
/// The same rows give the same interval.
const SEED: u64 = 20;

/// A figure and its 95 % interval, all in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// `of` over the rows, and how it varies over rows drawn again with replacement; none where it has no value.
pub(super) fn figure<R>(rows: &[&R], of: impl Fn(&[&R]) -> Option<f64>) -> Option<Figure> {
    let value = of(rows)?;
    let mut chance = SmallRng::seed_from_u64(SEED);
    let mut drawn: Vec<f64> = (0..SAMPLES)
        .filter_map(|_| {
            let sample: Vec<&R> = rows.iter().map(|_| rows[chance.random_range(0..rows.len())]).collect();
            of(&sample)
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn[((drawn.len() - 1) as f64 * share).round() as usize];
    let (low, high) = if drawn.is_empty() { (value, value) } else { (at(0.025), at(0.975)) };
    Some(Figure { value, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_its_figure_and_narrows_with_the_rows() {
        let share = |rows: &[&bool]| Some(rows.iter().filter(|row| ***row).count() as f64 / rows.len() as f64);
        let few: Vec<bool> = (0..40).map(|n| n % 4 != 0).collect();
        let many: Vec<bool> = (0..4_000).map(|n| n % 4 != 0).collect();
        let few = figure(&few.iter().collect::<Vec<_>>(), share).expect("there are rows");
        let many = figure(&many.iter().collect::<Vec<_>>(), share).expect("there are rows");
        assert!((few.value, many.value) == (0.75, 0.75));
        // Three quarters of 40: a standard error of 0.068, so 0.13 to each side.
        assert!((0.58..0.67).contains(&few.low) && (0.83..0.92).contains(&few.high), "{few:?}");
        assert!(many.high - many.low < 0.04, "{many:?}");
        assert_eq!(figure(&[&true], |_| None), None);
    }
}
