//! How noisy the expected and the actual counts are.

use super::cells::{CellId, Cells};
use super::search::{self, Set};

/// Past counts at most that what is expected is taken to be the mean of, where it cannot be seen.
const MOST: f64 = 1000.0;
/// Up to so many past counts show in the fractions of their means.
const FRACTIONS: usize = 100;
/// Numbers with more decimal places are not rounded.
const DECIMALS: i32 = 6;
/// Cells tell how much counts vary where so much is expected of them, and how much parts move where so much is.
const COUNTS: f64 = 5.0;
const PARTS: f64 = 200.0;
/// Fewer cells do not tell.
const ENOUGH: usize = 12;
/// The third quartile of the square of a standard normal variable.
const QUARTILE: f64 = 1.3233;
/// Counts that vary up to so much more than chance lets them are taken as they are; the second is divided by the root of
/// how many cells tell it, since few show more by chance.
const CHANCE: [f64; 2] = [1.05, 3.0];
/// Causes stand out from how much parts move by so many standard deviations.
const APART: f64 = 3.0;

/// How counts vary beside what chance lets them, where the causes found are taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Noise {
    /// Their variance beside that of chance; 1 where it is no more.
    pub spread: f64,
    /// The factor that parts reach at most when nothing happens to them.
    pub usual: f64,
}

impl Noise {
    pub(super) fn uneven(self, least: f64) -> bool {
        self.spread > 1.0 || self.usual > least
    }

    /// The past counts of which the mean would leave as much to chance: the variance of actual less expected is
    /// `1 + 1/n` times their mean, and a negative binomial count of that variance is what comes beside `n` past ones.
    pub(super) fn worth(self, past: f64) -> f64 {
        1.0 / (self.spread * (1.0 + 1.0 / past) - 1.0)
    }
}

/// How many past counts each expected count is the mean of.
///
/// If it was not stated: means of `n` counts are multiples of `1/n`: the smallest `n` of which all expected counts are multiples, but for the
/// rounding that they show, if there is one; else `1/e` for the least expected count `e`, since `n` counts cannot show less.
pub(super) fn past(cells: &Cells) -> f64 {
    if let Some(past) = cells.leaves.past {
        return past;
    }
    let expected = &cells.leaves.expected;
    let near = |one: f64, step: f64, within: f64| (one - (one / step).round() * step).abs() <= within;
    let exact = |step: f64| expected.iter().all(|one| near(*one, step, 1e-9 * one.max(1.0)));
    let rounded = (0..=DECIMALS).map(|places| 10.0_f64.powi(-places)).find(|step| exact(*step));
    let within = rounded.map_or(1e-9, |step| 0.501 * step);
    // Multiples that are so dense that half of all numbers are near one show nothing.
    let most = FRACTIONS.min((0.25 / within) as usize);
    let lattice = |n: &usize| expected.iter().all(|one| near(*one, 1.0 / *n as f64, within + 1e-9 * one));
    if let Some(n) = (1..=most).find(lattice) {
        return n as f64;
    }
    let least = expected.iter().copied().filter(|one| *one > 0.0).fold(f64::INFINITY, f64::min);
    (1.0 / least).clamp(1.0, MOST)
}

/// Looks at what is left of each cell when the set is taken out.
pub(super) fn about(cells: &Cells, set: &Set, past: f64) -> Noise {
    let left = &Left::new(cells, set, past);
    let orders = |range: std::ops::RangeInclusive<usize>, least: f64| {
        let seen = move |id: &usize| range.contains(&cells.shape(*id as CellId).order()) && left.expected[*id] >= least;
        (0..cells.all.len()).filter(seen)
    };
    let spread = quartile(orders(2..=3, COUNTS).map(|id| left.squared(cells, id) / left.chance[id]));
    let usual = CHANCE[0] + CHANCE[1] / (orders(2..=3, COUNTS).count() as f64).sqrt();
    let spread = spread.filter(|spread| *spread > usual).unwrap_or(1.0);
    // The variance that chance leaves over, beside the square of what is expected.
    let over = |id: usize| (left.squared(cells, id) - spread * left.chance[id]) / left.expected[id].powi(2);
    let moved = quartile(orders(1..=2, PARTS).map(over)).map_or(0.0, |moved| moved.max(0.0).sqrt());
    Noise { spread, usual: (APART * moved).exp() }
}

/// What a model leaves of each cell.
struct Left {
    expected: Vec<f64>,
    /// The variance of actual less expected by chance.
    chance: Vec<f64>,
}

impl Left {
    fn new(cells: &Cells, set: &Set, past: f64) -> Self {
        let level = set.fit.level.exp();
        let mut expected: Vec<f64> = cells.all.iter().map(|cell| cell.sums.expected * level).collect();
        let mut chance: Vec<f64> = expected.iter().map(|expected| expected * (1.0 + level / past)).collect();
        for (leaf, mask) in search::marks(cells, &set.causes) {
            let held = (0..set.causes.len()).filter(|at| mask >> at & 1 == 1);
            let times = held.map(|at| set.fit.factors[at]).sum::<f64>().exp();
            let without = cells.leaf(leaf).expected * level;
            for id in cells.around(leaf) {
                expected[id as usize] += without * (times - 1.0);
                chance[id as usize] += without * (times * (1.0 + times * level / past) - (1.0 + level / past));
            }
        }
        Self { expected, chance }
    }

    /// The squared distance of what came from what is expected; its third quartile is the variance if both are as a normal
    /// variable's.
    fn squared(&self, cells: &Cells, id: usize) -> f64 {
        (cells.all[id].sums.actual - self.expected[id]).powi(2) / QUARTILE
    }
}

/// The third quartile, if there are values enough to speak of one; causes that were not found are above it.
fn quartile(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    let place = values.len() * 3 / 4;
    (values.len() >= ENOUGH).then(|| *values.select_nth_unstable_by(place, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::super::cube::Cube;
    use super::*;

    fn known(expected: &[f64]) -> f64 {
        let mut cube = Cube::new(vec!["city".into()]).expect("a name");
        for (at, expected) in expected.iter().enumerate() {
            cube.add(&[at.to_string()], *expected, 1.0).expect("a row");
        }
        past(&Cells::new(cube.leaves()))
    }

    #[test]
    fn how_many_past_counts_there_were_shows_in_the_fractions() {
        assert_eq!(known(&[0.125, 3.5, 0.0, 7.0]), 8.0);
        assert_eq!(known(&[1.0 / 3.0, 2.0 / 3.0, 41.0]), 3.0);
        assert_eq!(known(&[2.0, 3.0]), 1.0);
        // Eighths rounded to hundredths are eighths; a model's hundredths and exact ones tell by the least of them.
        assert_eq!(known(&[0.13, 0.25, 0.38, 0.63, 0.88, 3.5]), 8.0);
        assert_eq!(known(&[0.02, 0.31, 0.57, 1.13, 1.29, 2.43, 6.71]), 50.0);
        assert_eq!(known(&[std::f64::consts::PI / 100.0, 3.2]), 100.0 / std::f64::consts::PI);
        assert_eq!(known(&[1e-9, 3.211_111_1]), MOST);
    }
}
