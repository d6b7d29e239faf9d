//! The most probable set of causes.
//!
//! Sets grow by one cause at a time from the best of each size; then single causes of the best are exchanged against
//! every other cell (which has the more general, the more special and the other values among them) until nothing gains.

use std::collections::{BTreeMap, BTreeSet};

use super::MOST;
use super::cells::{CellId, Cells, Region, Sums};
use super::fit::{Fit, Model};
use super::prior::Priors;

/// Sets of each size from which longer ones grow.
const KEPT: [usize; MOST] = [10, 6, 3];
/// Cells tried in earnest beside each of these.
const TRIED: usize = 8;
/// Cells that alone are so much less probable than none (as a logarithm) are not looked at.
const HOPELESS: f64 = -6.0;
/// What margins add to the evidence for a cause, or take from it, at most: enough where it is in doubt, and too little to
/// speak against a larger cell that has no margins.
const MARGINS: f64 = 3.0;

/// Some cells and how well they explain the counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Set {
    /// Sorted.
    pub causes: Vec<CellId>,
    pub fit: Fit,
    /// Logarithm of its probability, beside that of no cause.
    pub score: f64,
}

/// What was looked at.
#[derive(Debug)]
pub(super) struct Search<'a> {
    cells: &'a Cells,
    past: f64,
    model: Model,
    /// The least factor of a cause.
    least: f64,
    priors: Priors,
    /// Cells that may be a cause.
    candidates: Vec<CellId>,
    /// Of each cell, its place among the candidates.
    slots: Vec<u32>,
    seen: BTreeMap<Vec<CellId>, Set>,
    /// The sets to which every candidate was held.
    grown: BTreeSet<Vec<CellId>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(cells: &'a Cells, past: f64, model: Model, least: f64) -> Self {
        let priors = Priors::new(cells, past);
        let whole = cells.whole();
        let hopeful = |id: &CellId| {
            let cell = &cells.all[*id as usize];
            let (sums, region) = (cell.sums, cells.region(*id));
            // What holds all that came or all that was expected cannot be told from the whole.
            let part = sums.actual < whole.actual || sums.expected < whole.expected;
            let enough = |evidence: f64| evidence + priors.log(*id) > HOPELESS;
            part && sums.actual > least * cell.stated.max(cell.usual)
                && enough(model.alone_at_most(region, 1.0))
                && enough(model.alone(region, 1.0))
        };
        let candidates: Vec<CellId> = (0..cells.all.len() as CellId).filter(hopeful).collect();
        let mut slots = vec![u32::MAX; cells.all.len()];
        candidates.iter().enumerate().for_each(|(slot, id)| slots[*id as usize] = slot as u32);
        Self { cells, past, model, least, priors, candidates, slots, seen: BTreeMap::new(), grown: BTreeSet::new() }
    }

    pub(super) fn candidates(&self) -> &[CellId] {
        &self.candidates
    }

    pub(super) fn priors(&self) -> &Priors {
        &self.priors
    }

    /// The set of no cause.
    pub(super) fn none(&self) -> Set {
        self.fit(&[self.cells.whole()], &[])
    }

    /// The most probable set.
    pub(super) fn best(&mut self) -> Set {
        let none = self.none();
        self.seen.insert(Vec::new(), none.clone());
        let mut layer = vec![Vec::new()];
        for kept in KEPT {
            for base in &layer {
                self.grow(base);
            }
            layer = self.top(layer.first().map_or(0, Vec::len) + 1, kept);
        }
        for size in 1..=MOST {
            for set in self.top(size, 2) {
                self.exchange(set);
            }
        }
        let best = self.seen.values().max_by(|left, right| order(left, right));
        best.cloned().unwrap_or(none)
    }

    /// The set with a factor of the whole beside it, if that is the more probable; else as it is.
    pub(super) fn levelled(&self, set: &Set) -> bool {
        let regions = self.beside(&set.causes).regions;
        let regions: Vec<Region> = regions.into_iter().map(|sums| self.raw(sums)).collect();
        let with = Model { level: true, ..self.model }.fit(&regions, set.causes.len());
        with.evidence > self.model.fit(&regions, set.causes.len()).evidence
    }

    /// How probable it is that a cell is one of the causes, by the sets that were looked at.
    pub(super) fn probability(&self, cell: CellId) -> f64 {
        let best = self.seen.values().map(|set| set.score).fold(0.0, f64::max);
        let weight = |set: &Set| (set.score - best).exp();
        let all: f64 = self.seen.values().map(weight).sum();
        let with: f64 = self.seen.values().filter(|set| set.causes.contains(&cell)).map(weight).sum();
        (with / all).clamp(0.0, 1.0)
    }

    /// The best sets of a size.
    fn top(&self, size: usize, most: usize) -> Vec<Vec<CellId>> {
        let mut sets: Vec<&Set> = self.seen.values().filter(|set| set.causes.len() == size).collect();
        sets.sort_by(|left, right| order(right, left));
        sets.iter().take(most).map(|set| set.causes.clone()).collect()
    }

    /// Puts something else in the place of each cause, as long as that gains.
    fn exchange(&mut self, mut causes: Vec<CellId>) {
        loop {
            for at in 0..causes.len() {
                let mut base = causes.clone();
                base.remove(at);
                self.grow(&base);
            }
            let score = self.seen.get(&causes).map_or(f64::NEG_INFINITY, |set| set.score);
            let beside = |set: &&Set| {
                set.causes.len() == causes.len()
                    && set.causes.iter().filter(|cause| !causes.contains(cause)).count() == 1
            };
            let better = self.seen.values().filter(beside).max_by(|left, right| order(left, right));
            match better {
                Some(better) if better.score > score + 1e-9 => causes = better.causes.clone(),
                _ => return,
            }
        }
    }

    /// Looks at the set with one more cause, for each cell that seems worth it.
    fn grow(&mut self, base: &[CellId]) {
        if !self.grown.insert(base.to_vec()) {
            return;
        }
        let beside = self.beside(base);
        let fit = self.fit(&beside.regions, base);
        let width = beside.regions.len();
        let times: Vec<f64> = (0..width)
            .map(|mask| {
                let logs = (0..base.len()).filter(|cause| mask >> cause & 1 == 1).map(|cause| fit.fit.factors[cause]);
                (fit.fit.level + logs.sum::<f64>()).exp()
            })
            .collect();
        // The best so far, the best first.
        let mut hopes: Vec<(f64, usize)> = Vec::with_capacity(TRIED + 1);
        for (slot, id) in self.candidates.iter().enumerate() {
            let parts = &beside.parts[slot * width..(slot + 1) * width];
            let sums = self.cells.all[*id as usize].sums;
            let expected: f64 = parts.iter().zip(&times).map(|(part, times)| part.expected * times).sum();
            let known = if sums.expected > 0.0 { expected / sums.expected } else { 1.0 };
            if sums.actual <= self.least * expected || base.contains(id) {
                continue;
            }
            let prior = self.priors.log(*id);
            let least = if hopes.len() < TRIED { f64::NEG_INFINITY } else { hopes[TRIED - 1].0 };
            if self.model.alone_at_most(self.raw(sums), known) + MARGINS + prior < least {
                continue;
            }
            let (own, margins) = self.hope(*id, known);
            let hope = own + margins + prior;
            hopes.insert(hopes.partition_point(|(other, _)| *other >= hope), (hope, slot));
            hopes.truncate(TRIED);
        }
        for (_, slot) in hopes {
            self.look(base, slot, &beside);
        }
    }

    /// Fits the set with this candidate, unless that was done.
    fn look(&mut self, base: &[CellId], slot: usize, beside: &Beside) {
        let mut causes = [base, &[self.candidates[slot]]].concat();
        causes.sort_unstable();
        if self.seen.contains_key(&causes) {
            return;
        }
        let width = beside.regions.len();
        let with = &beside.parts[slot * width..(slot + 1) * width];
        let without = beside.regions.iter().zip(with).map(|(region, part)| region.less(*part));
        let regions: Vec<Sums> = without.chain(with.iter().copied()).collect();
        let unsorted = [base, &[self.candidates[slot]]].concat();
        let mut set = self.fit(&regions, &unsorted);
        // Factors in the order of the sorted causes.
        let factors = set.fit.factors;
        for (place, cause) in causes.iter().enumerate() {
            let at = unsorted.iter().position(|other| other == cause).unwrap_or(place);
            set.fit.factors[place] = factors[at];
        }
        if set.fit.factors[..causes.len()].iter().any(|log| *log < self.least.ln()) {
            set.score = f64::NEG_INFINITY;
        }
        set.causes.clone_from(&causes);
        self.seen.insert(causes, set);
    }

    fn fit(&self, regions: &[Sums], causes: &[CellId]) -> Set {
        let raw: Vec<Region> = regions.iter().map(|sums| self.raw(*sums)).collect();
        let fit = self.model.fit(&raw, causes.len());
        let priors: f64 = causes.iter().map(|cause| self.priors.log(*cause)).sum();
        Set { causes: causes.to_vec(), fit, score: fit.evidence + priors + self.margins(causes, regions, &fit) }
    }

    /// What the margins of each cause add to its evidence beside the other causes.
    fn margins(&self, causes: &[CellId], sums: &[Sums], fit: &Fit) -> f64 {
        let held = |mask: usize, at: usize| mask >> at & 1 == 1;
        let one = |(at, cause): (usize, &CellId)| {
            let times = |mask: usize| {
                let others = (0..causes.len()).filter(|other| *other != at && held(mask, *other));
                (fit.level + others.map(|other| fit.factors[other]).sum::<f64>()).exp()
            };
            let inside = || sums.iter().enumerate().filter(|(mask, _)| held(*mask, at));
            let expected: f64 = inside().map(|(_, sums)| sums.expected).sum();
            let raised: f64 = inside().map(|(mask, sums)| sums.expected * times(mask)).sum();
            self.hope(*cause, if expected > 0.0 { raised / expected } else { 1.0 }).1
        };
        causes.iter().enumerate().map(one).sum()
    }

    /// The evidence for one more cause by its own past, where the factor of what it holds is known without it; and what
    /// its margins add.
    fn hope(&self, id: CellId, known: f64) -> (f64, f64) {
        let usual = self.cells.region(id);
        let sums = self.cells.all[id as usize].sums;
        let own = self.model.alone(self.raw(sums), known);
        if usual.past <= self.past {
            return (own, 0.0);
        }
        (own, (self.model.alone(usual, known) - own).clamp(-MARGINS, MARGINS))
    }

    fn raw(&self, sums: Sums) -> Region {
        Region { expected: sums.expected, actual: sums.actual, past: self.past }
    }

    /// What every region of some causes holds, and what each candidate holds of each region.
    fn beside(&self, base: &[CellId]) -> Beside {
        let width = 1 << base.len();
        let mut regions = vec![Sums::default(); width];
        let mut parts = vec![Sums::default(); width * self.candidates.len()];
        regions[0] = self.cells.whole();
        for (slot, id) in self.candidates.iter().enumerate() {
            parts[slot * width] = self.cells.all[*id as usize].sums;
        }
        for (leaf, mask) in marks(self.cells, base) {
            let sums = self.cells.leaf(leaf);
            regions[0] = regions[0].less(sums);
            regions[mask] = regions[mask].plus(sums);
            for cell in self.cells.around(leaf) {
                let slot = self.slots[cell as usize];
                if slot != u32::MAX {
                    let at = slot as usize * width;
                    parts[at] = parts[at].less(sums);
                    parts[at + mask] = parts[at + mask].plus(sums);
                }
            }
        }
        Beside { regions, parts }
    }
}

/// Regions of some causes.
#[derive(Debug)]
struct Beside {
    regions: Vec<Sums>,
    /// Of each candidate, what it holds of each region.
    parts: Vec<Sums>,
}

/// The leaves in any of some cells, with a bit for each that holds them.
pub(super) fn marks(cells: &Cells, base: &[CellId]) -> Vec<(usize, usize)> {
    let sides: Vec<&[CellId]> = base.iter().map(|cell| cells.beside(*cell)).collect();
    let mask = |leaf: usize| (0..base.len()).map(|at| usize::from(sides[at][leaf] == base[at]) << at).sum::<usize>();
    (0..cells.leaves.expected.len()).map(|leaf| (leaf, mask(leaf))).filter(|(_, mask)| *mask > 0).collect()
}

/// By score, then by the cells, so that equal scores have an order too.
fn order(left: &Set, right: &Set) -> std::cmp::Ordering {
    left.score.total_cmp(&right.score).then_with(|| right.causes.cmp(&left.causes))
}
