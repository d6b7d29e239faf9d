//! A cube of counts, row by row.

use std::collections::HashMap;

/// Attributes at most: the conjunctions of three of more would be too many to look at.
const ATTRIBUTES: usize = 8;

/// Expected and actual counts of leaves. The order of rows and of attributes does not matter, and a leaf may come in
/// several rows; leaves with nothing in them may be left out.
#[derive(Debug, Clone)]
pub struct Cube {
    attributes: Vec<String>,
    /// Of each attribute.
    values: Vec<Values>,
    rows: usize,
    /// Codes of the values, a row after another.
    codes: Vec<u32>,
    expected: Vec<f64>,
    actual: Vec<f64>,
    past: Option<f64>,
}

#[derive(Debug, Clone, Default)]
struct Values {
    names: Vec<String>,
    codes: HashMap<String, u32>,
    /// Of the last row: most rows have the value of the row before.
    last: u32,
}

/// Why a cube or a row of it was not taken. The cube stays as it was and takes the next row.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// More than can be looked at.
    #[error("{attributes} attributes are too many; give at most 8")]
    TooMany { attributes: usize },
    /// A name twice.
    #[error("the attribute {name} is there twice; give each its own name")]
    Repeated { name: String },
    /// A row of another cube.
    #[error("row {row} has {values} values; give one for each of the {attributes} attributes")]
    Values { row: usize, values: usize, attributes: usize },
    /// Not a count.
    #[error("row {row}: the {column} count is {value}; give a finite number that is not negative")]
    Count { row: usize, column: &'static str, value: f64 },
}

/// The leaves in an order of their own, each once, and only those with something in them.
#[derive(Debug, Clone)]
pub(super) struct Leaves {
    /// Names of the attributes, sorted.
    pub attributes: Vec<String>,
    /// Of each attribute, its values, sorted.
    pub values: Vec<Vec<String>>,
    /// Of each attribute, the value of each leaf.
    pub codes: Vec<Vec<u32>>,
    pub expected: Vec<f64>,
    pub actual: Vec<f64>,
    /// For each attribute here, its place in the cube.
    pub given: Vec<usize>,
    /// Of how many past counts what is expected is the mean, if that was stated.
    pub past: Option<f64>,
}

impl Cube {
    /// An empty cube with these attributes.
    pub fn new(attributes: Vec<String>) -> Result<Self, Refused> {
        if attributes.len() > ATTRIBUTES {
            return Err(Refused::TooMany { attributes: attributes.len() });
        }
        if let Some(at) = (1..attributes.len()).find(|at| attributes[..*at].contains(&attributes[*at])) {
            return Err(Refused::Repeated { name: attributes[at].clone() });
        }
        let values = vec![Values::default(); attributes.len()];
        let (codes, expected, actual) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { attributes, values, rows: 0, codes, expected, actual, past: None })
    }

    /// States of how many past counts, from 1 to 1000, the expected ones are the mean; else it is told by their fractions.
    pub fn mean_of(mut self, past: f64) -> Self {
        self.past = past.is_finite().then(|| past.clamp(1.0, 1000.0));
        self
    }

    /// Takes a row; rows are numbered from 1, those refused too.
    pub fn add<V: AsRef<str>>(&mut self, values: &[V], expected: f64, actual: f64) -> Result<(), Refused> {
        self.rows += 1;
        let row = self.rows;
        if values.len() != self.attributes.len() {
            return Err(Refused::Values { row, values: values.len(), attributes: self.attributes.len() });
        }
        for (column, value) in [("expected", expected), ("actual", actual)] {
            // Sums of larger numbers would not be exact.
            if !(0.0..=1e15).contains(&value) {
                return Err(Refused::Count { row, column, value });
            }
        }
        for (known, value) in self.values.iter_mut().zip(values) {
            self.codes.push(known.code(value.as_ref()));
        }
        self.expected.push(expected);
        self.actual.push(actual);
        Ok(())
    }

    /// The leaves in an order that does not depend on that of rows and attributes.
    pub(super) fn leaves(&self) -> Leaves {
        let width = self.attributes.len();
        let mut given: Vec<usize> = (0..width).collect();
        given.sort_by_key(|at| &self.attributes[*at]);
        let (mut values, mut ranks) = (Vec::new(), Vec::new());
        for at in &given {
            let names = &self.values[*at].names;
            let mut order: Vec<u32> = (0..names.len() as u32).collect();
            order.sort_by_key(|code| &names[*code as usize]);
            let mut rank = vec![0; names.len()];
            order.iter().enumerate().for_each(|(place, code)| rank[*code as usize] = place as u32);
            values.push(order.iter().map(|code| names[*code as usize].clone()).collect());
            ranks.push(rank);
        }
        let rank = |row: usize, at: usize| ranks[at][self.codes[row * width + given[at]] as usize];
        let mut order: Vec<usize> =
            (0..self.expected.len()).filter(|row| self.expected[*row] > 0.0 || self.actual[*row] > 0.0).collect();
        // By counting, from the last attribute to the first: each keeps the order of those after it.
        for at in (0..width).rev() {
            order = counted(&order, ranks[at].len(), |row| rank(row, at));
        }
        let same = |left: &usize, right: &usize| (0..width).all(|at| rank(*left, at) == rank(*right, at));
        let (mut codes, mut expected, mut actual) = (vec![Vec::new(); width], Vec::new(), Vec::new());
        for rows in order.chunk_by_mut(same) {
            // Sums depend on the order of what is summed up.
            rows.sort_unstable_by(|left, right| {
                let counts = self.expected[*left].total_cmp(&self.expected[*right]);
                counts.then(self.actual[*left].total_cmp(&self.actual[*right]))
            });
            codes.iter_mut().enumerate().for_each(|(at, codes)| codes.push(rank(rows[0], at)));
            expected.push(rows.iter().fold(0.0, |sum, row| sum + self.expected[*row]));
            actual.push(rows.iter().fold(0.0, |sum, row| sum + self.actual[*row]));
        }
        Leaves {
            attributes: given.iter().map(|at| self.attributes[*at].clone()).collect(),
            values,
            codes,
            expected,
            actual,
            given,
            past: self.past,
        }
    }
}

/// Rows in the order of their ranks, which are below `ranks`; rows of one rank stay as they are.
fn counted(rows: &[usize], ranks: usize, rank: impl Fn(usize) -> u32) -> Vec<usize> {
    let mut places = vec![0; ranks + 1];
    rows.iter().for_each(|row| places[rank(*row) as usize + 1] += 1);
    (1..places.len()).for_each(|at| places[at] += places[at - 1]);
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        let place = &mut places[rank(*row) as usize];
        sorted[*place] = *row;
        *place += 1;
    }
    sorted
}

impl Values {
    fn code(&mut self, name: &str) -> u32 {
        if self.names.get(self.last as usize).is_some_and(|last| last == name) {
            return self.last;
        }
        self.last = match self.codes.get(name) {
            Some(code) => *code,
            None => {
                let code = self.names.len() as u32;
                self.names.push(name.to_owned());
                self.codes.insert(name.to_owned(), code);
                code
            }
        };
        self.last
    }
}
