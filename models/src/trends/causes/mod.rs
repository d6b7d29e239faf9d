//! Which part of a cube of counts explains that it holds more than was expected.
//!
//! A cube has a leaf for each combination of the values of its attributes; a leaf has the count that was expected and
//! the count that came. A cause is a conjunction of one to three values, and it multiplies what is expected of the
//! leaves it holds. The causes are those of the most probable regression of the counts on such conjunctions (`fit`,
//! `search`); there are none unless some cell holds more than chance allows among all cells looked at (`chance`).
//!
//! What is expected is taken to be a mean of past counts and as noisy as that, which the leaves show (`noise`); a cell of
//! several attributes is known by its margins too, as far as these are to be trusted (`usual`).
//!
//! Rises only: a part that fell is taken out of what is expected before rises are sought, so that it hides none, and is
//! not named. A rise of everything by the same factor is no cause but the `level`.

mod cells;
mod chance;
mod cube;
mod falls;
mod fit;
mod noise;
mod prior;
mod search;
#[cfg(test)]
mod tests;
mod usual;

pub use cube::{Cube, Refused};

use cells::{CellId, Cells};
use fit::Model;
use search::{Search, Set};

/// Causes named at most.
pub const MOST: usize = 3;

/// What explains that a cube holds more than was expected.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Explanation {
    /// Actual less expected of the whole cube; below zero where it fell.
    pub excess: f64,
    /// The factor by which everything rose that no cause holds; 1 where nothing speaks for one.
    pub level: f64,
    /// The surest first; empty where nothing is found.
    pub causes: Vec<Cause>,
}

/// A conjunction of values whose leaves rose together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Cause {
    /// Attributes and their values, in the order of the attributes.
    pub place: Vec<(String, String)>,
    /// Contacts beyond those expected; where causes overlap, each has its part.
    pub excess: f64,
    /// Its part of the whole excess, from 0 to 1.
    pub share: f64,
    /// How probable it is that just this conjunction is a cause, from 0 to 1.
    pub score: f64,
    /// The factor by which it multiplies what is expected.
    pub times: f64,
}

/// A cause raises what is expected by a fifth at least.
const LEAST: f64 = 1.2;
/// What came so many times as often as it was expected may have a factor of any size, by these odds.
const FAR: f64 = 16.0;
const WILD_ODDS: f64 = 0.1;

/// Explains a cube.
pub fn explain(cube: &Cube) -> Explanation {
    let mut cells = Cells::new(cube.leaves());
    let whole = cells.whole();
    let excess = whole.actual - whole.expected;
    if whole.expected <= 0.0 {
        // With nothing to compare with, nothing rose more than the rest.
        return Explanation { excess, level: 1.0, causes: Vec::new() };
    }
    let past = noise::past(&cells);
    falls::take_out(&mut cells, past);
    usual::learn(&mut cells, past);
    let mut found = look(&cells, past, LEAST);
    let noise = noise::about(&cells, &found.set, past);
    if noise.uneven(LEAST) {
        // Counts vary more than chance lets them: each says less, and parts that move as others do are no causes.
        let past = noise.worth(past);
        usual::forget(&mut cells, past);
        found = look(&cells, past, LEAST.max(noise.usual));
    }
    let Found { set, scores } = found;
    Explanation { excess, level: set.fit.level.exp(), causes: causes(&cells, &set, &scores, excess) }
}

/// The most probable set and how probable each of its causes is; no cause where chance shows as much.
struct Found {
    set: Set,
    scores: Vec<f64>,
}

fn look(cells: &Cells, past: f64, least: f64) -> Found {
    let found = among(cells, past, Model::PLAIN, least);
    let is_far = |cause: &CellId| {
        let sums = cells.all[*cause as usize].sums;
        sums.actual > FAR * (sums.expected + 1.0 / past)
    };
    if !found.set.causes.iter().any(is_far) {
        return found;
    }
    // Else one cause would be taken for several that hold each other, so that each had a factor that is not too strange.
    let wild = among(cells, past, Model::WILD, least);
    if wild.set.score + WILD_ODDS.ln() > found.set.score { wild } else { found }
}

fn among(cells: &Cells, past: f64, model: Model, least: f64) -> Found {
    let mut search = Search::new(cells, past, model, least);
    let hopeless = !chance::exceeded(cells, &search, 1.0);
    let mut set = if hopeless { search.none() } else { search.best() };
    if search.levelled(&set) || search.levelled(&search.none()) {
        let mut other = Search::new(cells, past, Model { level: true, ..model }, least);
        let with = if hopeless { other.none() } else { other.best() };
        if with.score > set.score {
            (search, set) = (other, with);
        }
    }
    if !chance::exceeded(cells, &search, set.fit.level.exp().max(1.0)) {
        set = search.none();
    }
    let scores = set.causes.iter().map(|cause| search.probability(*cause)).collect();
    Found { set, scores }
}

/// The causes of a set in words, each with its part of the excess.
fn causes(cells: &Cells, set: &Set, scores: &[f64], excess: f64) -> Vec<Cause> {
    let mut parts = vec![0.0; set.causes.len()];
    for (leaf, mask) in search::marks(cells, &set.causes) {
        let held = |at: &usize| mask >> at & 1 == 1;
        let logs: f64 = (0..parts.len()).filter(held).map(|at| set.fit.factors[at]).sum();
        for at in (0..parts.len()).filter(held) {
            parts[at] += cells.beyond(leaf, set.fit.level.exp().max(1.0)) * set.fit.factors[at] / logs;
        }
    }
    let all = excess.max(parts.iter().sum());
    let one = |(at, cell): (usize, &u32)| Cause {
        place: cells.place(*cell),
        excess: parts[at],
        share: if all > 0.0 { (parts[at] / all).clamp(0.0, 1.0) } else { 0.0 },
        score: scores[at],
        times: set.fit.factors[at].exp(),
    };
    let mut causes: Vec<Cause> = set.causes.iter().enumerate().map(one).collect();
    causes.sort_by(|left, right| right.score.total_cmp(&left.score).then(right.excess.total_cmp(&left.excess)));
    causes
}
