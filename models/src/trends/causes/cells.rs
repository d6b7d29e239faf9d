//! The cells of every cuboid of one to three attributes, and what each holds.

use std::collections::HashMap;
use std::ops::Range;

use super::cube::Leaves;

/// A conjunction holds at most so many values.
const ORDER: usize = 3;
/// Up to so many combinations of values, for each leaf, a table is faster than a map.
const TABLE: usize = 16;

/// A cell by its place in [`Cells::all`].
pub(super) type CellId = u32;

/// The leaves and, for each combination of attributes, the cells that they lie in.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    pub leaves: Leaves,
    shapes: Vec<Shape>,
    /// Of each shape, the cell of each leaf.
    of: Vec<Vec<CellId>>,
    pub all: Vec<Cell>,
    whole: Sums,
    /// What was expected of each leaf before falls were taken out.
    stated: Vec<f64>,
}

/// Which attributes a cell states.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    attributes: Vec<usize>,
    /// Its first cell, and how many with something in them it has.
    first: usize,
    cells: usize,
}

/// A conjunction of values, and what its leaves hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub shape: u32,
    /// Some leaf of it.
    leaf: u32,
    pub sums: Sums,
    /// What was expected of it before falls were taken out.
    pub stated: f64,
    /// What is usual of it, and of how many past counts that is as sure as the mean (`usual`).
    pub usual: f64,
    pub past: f64,
}

/// Counts of some leaves, and of how many past counts what is expected is the mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Region {
    pub expected: f64,
    pub actual: f64,
    pub past: f64,
}

/// Counts of some leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    pub expected: f64,
    pub actual: f64,
}

impl Cells {
    pub(super) fn new(leaves: Leaves) -> Self {
        let stated = leaves.expected.clone();
        let mut cells =
            Self { leaves, shapes: Vec::new(), of: Vec::new(), all: Vec::new(), whole: Sums::default(), stated };
        for attributes in combinations(cells.leaves.attributes.len()) {
            cells.look(attributes);
        }
        cells.sum();
        cells.all.iter_mut().for_each(|cell| cell.stated = cell.sums.expected);
        cells
    }

    /// Numbers the cells of a combination of attributes.
    fn look(&mut self, attributes: Vec<usize>) {
        let leaves = self.leaves.expected.len();
        let first = self.all.len();
        let mut of = vec![0; leaves];
        let (mut keys, mut places) = (vec![0_u64; leaves], 1);
        for at in &attributes {
            let size = self.leaves.values[*at].len() as u64;
            keys.iter_mut().zip(&self.leaves.codes[*at]).for_each(|(key, code)| *key = *key * size + u64::from(*code));
            places *= size;
        }
        let shape = self.shapes.len() as u32;
        let mut all = Vec::new();
        let mut number = |leaf: usize| {
            all.push(Cell { shape, leaf: leaf as u32, sums: Sums::default(), stated: 0.0, usual: 0.0, past: 0.0 });
            (first + all.len() - 1) as CellId
        };
        if places <= (leaves * TABLE) as u64 {
            let mut table = vec![CellId::MAX; places as usize];
            for ((leaf, cell), key) in of.iter_mut().enumerate().zip(keys) {
                let known = &mut table[key as usize];
                if *known == CellId::MAX {
                    *known = number(leaf);
                }
                *cell = *known;
            }
        } else {
            let mut map = HashMap::new();
            for ((leaf, cell), key) in of.iter_mut().enumerate().zip(keys) {
                *cell = *map.entry(key).or_insert_with(|| number(leaf));
            }
        }
        self.all.append(&mut all);
        self.shapes.push(Shape { attributes, first, cells: self.all.len() - first });
        self.of.push(of);
    }

    /// Sums up what each cell holds.
    pub(super) fn sum(&mut self) {
        let Leaves { expected, actual, .. } = &self.leaves;
        self.whole = Sums { expected: expected.iter().sum(), actual: actual.iter().sum() };
        self.all.iter_mut().for_each(|cell| cell.sums = Sums::default());
        for of in &self.of {
            for ((cell, expected), actual) in of.iter().zip(&self.leaves.expected).zip(&self.leaves.actual) {
                let sums = &mut self.all[*cell as usize].sums;
                sums.expected += expected;
                sums.actual += actual;
            }
        }
    }

    /// Multiplies what is expected of some leaves.
    pub(super) fn expect(&mut self, leaves: &[usize], times: f64) {
        leaves.iter().for_each(|leaf| self.leaves.expected[*leaf] *= times);
        self.sum();
    }

    pub(super) fn leaf(&self, leaf: usize) -> Sums {
        Sums { expected: self.leaves.expected[leaf], actual: self.leaves.actual[leaf] }
    }

    /// What came beyond what was stated to be expected.
    pub(super) fn beyond(&self, leaf: usize, level: f64) -> f64 {
        self.leaves.actual[leaf] - self.stated[leaf] * level
    }

    /// The sum of all leaves.
    pub(super) fn whole(&self) -> Sums {
        self.whole
    }

    pub(super) fn shape(&self, cell: CellId) -> &Shape {
        &self.shapes[self.all[cell as usize].shape as usize]
    }

    pub(super) fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The cells of a shape.
    pub(super) fn ids(&self, shape: usize) -> Range<CellId> {
        let Shape { first, cells, .. } = self.shapes[shape];
        first as CellId..(first + cells) as CellId
    }

    /// The shapes of one and, for a shape of three attributes, of two of its attributes.
    pub(super) fn within(&self, shape: usize) -> (Vec<usize>, Vec<usize>) {
        let attributes = &self.shapes[shape].attributes;
        let of = |order: usize| {
            let part = |other: &usize| {
                let other = &self.shapes[*other].attributes;
                other.len() == order && order < attributes.len() && other.iter().all(|at| attributes.contains(at))
            };
            (0..self.shapes.len()).filter(part).collect()
        };
        (of(1), of(2))
    }

    /// The cell of a smaller shape that holds a cell.
    pub(super) fn around_in(&self, id: CellId, shape: usize) -> CellId {
        self.of[shape][self.all[id as usize].leaf as usize]
    }

    /// What a cell holds, beside what is usual of it.
    pub(super) fn region(&self, id: CellId) -> Region {
        let cell = &self.all[id as usize];
        Region { expected: cell.usual, actual: cell.sums.actual, past: cell.past }
    }

    /// The cell of each leaf in the shape of this cell.
    pub(super) fn beside(&self, cell: CellId) -> &[CellId] {
        &self.of[self.all[cell as usize].shape as usize]
    }

    /// The cells that a leaf lies in, one of each shape.
    pub(super) fn around(&self, leaf: usize) -> impl Iterator<Item = CellId> {
        self.of.iter().map(move |of| of[leaf])
    }

    /// The leaves of a cell.
    pub(super) fn inside(&self, cell: CellId) -> impl Iterator<Item = usize> {
        self.beside(cell).iter().enumerate().filter(move |(_, other)| **other == cell).map(|(leaf, _)| leaf)
    }

    /// What a cell states: attributes and values in the order of the cube that was given.
    pub(super) fn place(&self, cell: CellId) -> Vec<(String, String)> {
        let leaf = self.all[cell as usize].leaf as usize;
        let mut attributes = self.shape(cell).attributes.clone();
        attributes.sort_by_key(|at| self.leaves.given[*at]);
        let value = |at: usize| self.leaves.values[at][self.leaves.codes[at][leaf] as usize].clone();
        attributes.into_iter().map(|at| (self.leaves.attributes[at].clone(), value(at))).collect()
    }
}

impl Sums {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { expected: self.expected + other.expected, actual: self.actual + other.actual }
    }

    /// What is left without a part of it; rounding leaves nothing below zero.
    pub(super) fn less(self, part: Self) -> Self {
        let left = |all: f64, part: f64| (all - part).max(0.0);
        Self { expected: left(self.expected, part.expected), actual: left(self.actual, part.actual) }
    }
}

impl Shape {
    /// How many values a cell of it states.
    pub(super) fn order(&self) -> usize {
        self.attributes.len()
    }
}

/// Sets of one to three of `many` attributes, the smallest first.
fn combinations(many: usize) -> Vec<Vec<usize>> {
    let (mut all, mut last) = (Vec::new(), vec![Vec::new()]);
    for _ in 0..ORDER {
        last = last.iter().flat_map(|set: &Vec<usize>| longer(set, many)).collect();
        all.extend_from_slice(&last);
    }
    all
}

/// The set with one later attribute more, each in turn.
fn longer(set: &[usize], many: usize) -> impl Iterator<Item = Vec<usize>> {
    let from = set.last().map_or(0, |last| last + 1);
    (from..many).map(move |next| [set, &[next]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_one_to_three_attributes_is_a_shape() {
        let four = combinations(4);
        assert_eq!(four.len(), 4 + 6 + 4);
        assert_eq!((&four[0], &four[4], &four[13]), (&vec![0], &vec![0, 1], &vec![1, 2, 3]));
        assert_eq!(combinations(0).len(), 0);
        assert_eq!(combinations(1), [[0]]);
    }
}
