//! How probable it is, before the counts are seen, that a cell is a cause.

use super::cells::{Cell, CellId, Cells, Shape};

/// The odds that there is one more cause.
const ODDS: f64 = 0.5;
/// Cells that hold less than this in the mean are less probable by as much; what holds little cannot rise so that it could
/// be seen, and should cost the others nothing (Tarone 1990, Biometrics 46:515).
const ENOUGH: f64 = 10.0;

/// Each order is as probable as the others, each shape as the others of its order, and each cell as the others of its
/// shape that hold enough.
#[derive(Debug, Clone)]
pub(super) struct Priors {
    /// Of each cell, its part of all; the parts sum up to one.
    parts: Vec<f64>,
}

impl Priors {
    pub(super) fn new(cells: &Cells, past: f64) -> Self {
        let of_order = |order: usize| cells.shapes().iter().filter(|shape| shape.order() == order).count();
        let orders = (1..=3).filter(|order| of_order(*order) > 0).count();
        // The mean of all its counts, the newest and the past ones: where nothing rose, it says nothing of the newest.
        let mean = |cell: &Cell| (cell.sums.actual + past * cell.sums.expected) / (1.0 + past);
        let weight = |cell: &Cell| (mean(cell) / ENOUGH).min(1.0);
        let mut sums = vec![0.0; cells.shapes().len()];
        cells.all.iter().for_each(|cell| sums[cell.shape as usize] += weight(cell));
        let alike = |(shape, sum): (&Shape, f64)| (orders * of_order(shape.order())) as f64 * sum;
        let alike: Vec<f64> = cells.shapes().iter().zip(sums).map(alike).collect();
        Self { parts: cells.all.iter().map(|cell| weight(cell) / alike[cell.shape as usize]).collect() }
    }

    /// The cell's part of all cells.
    pub(super) fn part(&self, cell: CellId) -> f64 {
        self.parts[cell as usize]
    }

    /// The logarithm of the odds that this cell is one more cause.
    pub(super) fn log(&self, cell: CellId) -> f64 {
        (ODDS * self.part(cell)).ln()
    }
}
