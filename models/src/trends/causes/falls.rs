//! Parts of a cube that fell.

use super::cells::{CellId, Cells, Region};
use super::chance;
use super::fit::Model;
use super::prior::Priors;

/// Falls taken out at most.
const MOST: usize = 3;
/// What fell holds less than this part of what was expected.
const FALLEN: f64 = 0.7;

/// Lowers what is expected where a part fell beyond chance, so that what rose within it or across it is seen against
/// what is left: in a city whose feed stopped, no topic is as it was.
pub(super) fn take_out(cells: &mut Cells, past: f64) {
    let model = Model::PLAIN;
    for _ in 0..MOST {
        let priors = Priors::new(cells, past);
        let whole = cells.whole();
        let mut best: Option<(f64, f64, CellId)> = None;
        for (id, cell) in (0..).zip(&cells.all) {
            let region = Region { expected: cell.sums.expected, actual: cell.sums.actual, past };
            let least = best.map_or(0.0, |best| best.0);
            if cell.sums.actual < FALLEN * cell.sums.expected
                && cell.sums.expected < whole.expected
                && model.fallen_at_most(region) + priors.log(id) > least
            {
                let (times, evidence) = model.fallen(region);
                let score = evidence + priors.log(id);
                if times < 1.0 && score > least {
                    best = Some((score, times, id));
                }
            }
        }
        let Some((_, times, id)) = best else { return };
        if chance::lower(cells.all[id as usize].sums, past) > chance::FALSE_ALARMS * priors.part(id) {
            return;
        }
        let inside: Vec<usize> = cells.inside(id).collect();
        cells.expect(&inside, times);
    }
}
