//! What is usual of a cell, by its own past and by that of the cells about it.
//!
//! The past counts of a cell of two or three attributes are few. What its margins let expect of it (for two attributes
//! the product of the shares, for three Kirkwood's 1935 product of the pairs) is a second witness, and a shape's cells
//! show how far it can be trusted: if their means scatter about it as a gamma distribution of shape `k`, then the past `K`
//! of a cell with the mean `m` by its margins is negative binomial, and its own mean is `(k + K) / (k/m + n)`, as if it were
//! known from `n + k/m` past counts (Efron and Morris 1973, JASA 68:117; Clayton and Kaldor 1987, Biometrics 43:671). Where
//! attributes depend on each other `k` is small, and a cell is taken by its own past alone.

use super::cells::{CellId, Cells};

/// The margins say as much as so many times the cell's own past at most.
const WEIGHT: f64 = 4.0;
/// Cells of which less was to be seen in the past do not tell how far their margins can be trusted.
const SEEN: f64 = 5.0;
/// A cell whose past is so many squared standard deviations from what its margins let expect is on its own.
const ODD: f64 = 6.0;
/// Standard errors by which cells are taken to scatter more than they seem to.
const CAUTION: f64 = 2.0;

/// Sets what is usual of each cell.
pub(super) fn learn(cells: &mut Cells, past: f64) {
    let whole = cells.whole().expected;
    for shape in 0..cells.shapes().len() {
        let ids = cells.ids(shape);
        let order = cells.shapes()[shape].order();
        let within = cells.within(shape);
        let margins: Vec<f64> =
            ids.clone().map(|id| if order == 1 { 0.0 } else { margin(cells, id, &within, whole) }).collect();
        let scatter = if order == 1 { f64::INFINITY } else { scatter(cells, ids.clone(), &margins, past) };
        for (id, mean) in ids.zip(margins) {
            let cell = &mut cells.all[id as usize];
            let (seen, awaited) = (past * cell.sums.expected, past * mean);
            let odd = (seen - awaited).powi(2) > ODD * (awaited + awaited * awaited * scatter);
            (cell.usual, cell.past) = (cell.sums.expected, past);
            if mean > 0.0 && scatter.is_finite() && !odd {
                let weight = (1.0 / (scatter * mean)).min(WEIGHT * past);
                cell.usual = (weight * mean + seen) / (weight + past);
                cell.past = weight + past;
            }
        }
    }
}

/// Takes each cell by its own past, where counts vary in another way than by chance.
pub(super) fn forget(cells: &mut Cells, past: f64) {
    cells.all.iter_mut().for_each(|cell| (cell.usual, cell.past) = (cell.sums.expected, past));
}

/// What the margins of a cell of two or three attributes let expect of it; they are its cells in the shapes `within` its own.
fn margin(cells: &Cells, id: CellId, within: &(Vec<usize>, Vec<usize>), whole: f64) -> f64 {
    let usual = |shape: &usize| cells.all[cells.around_in(id, *shape) as usize].usual;
    let (singles, pairs) = within;
    let singles: f64 = singles.iter().map(usual).product();
    match pairs.len() {
        0 => singles / whole,
        _ if singles > 0.0 => pairs.iter().map(usual).product::<f64>() * whole / singles,
        _ => 0.0,
    }
}

/// The squared coefficient of variation of the cells' means about their margins, `1/k`, at the upper end of what the past
/// counts allow: Pearson's statistic has the mean `1 + μ/k` at the mean `μ`, and the variance `2 + 1/μ` about 1.
fn scatter(cells: &Cells, ids: std::ops::Range<CellId>, margins: &[f64], past: f64) -> f64 {
    let (mut over, mut variance, mut sum) = (0.0, 0.0, 0.0);
    for (id, mean) in ids.zip(margins) {
        let awaited = past * mean;
        if awaited >= SEEN {
            over += (past * cells.all[id as usize].sums.expected - awaited).powi(2) / awaited - 1.0;
            variance += 2.0 + 1.0 / awaited;
            sum += awaited;
        }
    }
    if sum > 0.0 { (over + CAUTION * variance.sqrt()).max(0.0) / sum } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::super::cube::Cube;
    use super::*;

    /// Eight past counts of 20 cities and 20 topics in which some pairs hold three times as much, in turn more and less
    /// than that by what chance gives.
    fn learnt(pairs: impl Fn(usize, usize) -> bool) -> Cells {
        let mut cube = Cube::new(vec!["city".into(), "topic".into()]).expect("two names");
        for at in 0..400 {
            let (city, topic) = (at % 20, at / 20);
            let mean: f64 = if pairs(city, topic) { 6.0 } else { 2.0 };
            let chance = (mean / 8.0).sqrt() * if (city + topic) % 2 == 0 { 1.0 } else { -1.0 };
            cube.add(&[city.to_string(), topic.to_string()], mean + chance, mean).expect("a row");
        }
        let mut cells = Cells::new(cube.leaves());
        learn(&mut cells, 8.0);
        cells
    }

    fn pair(cells: &Cells, city: &str, topic: &str) -> (f64, f64) {
        let is = |place: &[(String, String)]| place.len() == 2 && place[0].1 == city && place[1].1 == topic;
        let found = (0..cells.all.len() as CellId).find(|id| is(&cells.place(*id))).expect("it is there");
        (cells.all[found as usize].usual, cells.all[found as usize].past)
    }

    #[test]
    fn independent_attributes_lend_their_cells_what_they_know() {
        let (usual, past) = pair(&learnt(|_, _| false), "4", "8");
        assert!((1.9..2.2).contains(&usual) && past > 20.0, "{usual} by {past}");
    }

    #[test]
    fn dependent_ones_do_not() {
        let (usual, past) = pair(&learnt(|city, topic| (city * 7 + topic * 3) % 5 == 0), "5", "5");
        assert!((5.0..7.0).contains(&usual) && past < 10.0, "{usual} by {past}");
    }

    #[test]
    fn a_pair_of_its_own_kind_is_left_alone_among_others_that_are_not() {
        let (usual, past) = pair(&learnt(|city, topic| (city, topic) == (3, 3)), "3", "3");
        assert!((usual - 6.866).abs() < 0.01 && past == 8.0, "{usual} by {past}");
    }
}
