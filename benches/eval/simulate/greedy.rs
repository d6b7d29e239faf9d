//! A peer that explains cubes: the cell that raises the likelihood most, then the next, and nothing is taken back.

use std::collections::HashMap;

use super::cubes::{ATTRIBUTES, Leaf, Place, holds};

/// Causes at most.
const MOST: usize = 3;
/// What a cause gains at least, beside the logarithm of the cells of its shape.
const GAIN: f64 = 8.0;
/// What is expected at least of a cell in which nothing was seen.
const UNSEEN: f64 = 0.1;

/// Up to three causes. Counts are Poisson, and what is expected is taken to be exact; a cause found raises it to what came.
pub fn causes(leaves: &[Leaf]) -> Vec<Place> {
    let mut leaves = leaves.to_vec();
    let mut found = Vec::new();
    while found.len() < MOST {
        let Some((place, times)) = best(&leaves) else { break };
        leaves.iter_mut().filter(|leaf| holds(&place, &leaf.values)).for_each(|leaf| leaf.expected *= times);
        found.push(place);
    }
    found
}

fn best(leaves: &[Leaf]) -> Option<(Place, f64)> {
    let mut best = None;
    let mut most = GAIN;
    for shape in (1..16_u32).filter(|shape| shape.count_ones() <= 3) {
        let stated = |at: usize| shape >> at & 1 == 1;
        let mut cells: HashMap<Place, (f64, f64)> = HashMap::new();
        for leaf in leaves {
            let place = std::array::from_fn(|at| stated(at).then_some(leaf.values[at]));
            let cell = cells.entry(place).or_default();
            *cell = (cell.0 + leaf.expected, cell.1 + leaf.actual);
        }
        let alike: usize = (0..4).filter(|at| stated(*at)).map(|at| ATTRIBUTES[at].1).product();
        for (place, (expected, actual)) in cells {
            let expected = expected.max(UNSEEN);
            let gain = actual * (actual / expected).ln() - (actual - expected) - (alike as f64).ln();
            if actual > expected && gain > most {
                most = gain;
                best = Some((place, actual / expected));
            }
        }
    }
    best
}
