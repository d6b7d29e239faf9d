//! How the states of a talk's turns look at each other: at those around, at the talk as it goes on, at the most of all that
//! came before and of all that follows. What each sees is added to it and brought to its norm.

use ndarray::{Array1, Array2, ArrayViewMut2, Axis, s};
use safetensors::SafeTensors;

use crate::reading::layers::{Layer, Norm, matrix, sigmoid, vector};

/// Turns before and after that a state looks at.
const AROUND: usize = 2;

#[derive(Debug)]
pub(super) struct Looks {
    around: Layer,
    /// The talk read from its begin, and from its end.
    through: [Gated; 2],
    over: Layer,
    norms: [Norm; 3],
}

/// Units that keep what they think worth keeping as they read on: GRU (Cho et al., 2014, 2.3), as PyTorch has it.
#[derive(Debug)]
struct Gated {
    /// Of the reset gates, the update gates and the new values: what a turn says to them, and what is known so far,
    /// which a vector is multiplied with: [out, in].
    told: Layer,
    known: (Array2<f32>, Array1<f32>),
    units: usize,
}

impl Looks {
    /// Takes those of member `number` out of the file; `width`: of a state.
    pub(super) fn load(file: &SafeTensors<'_>, number: usize, width: usize) -> Result<Looks, String> {
        let load =
            |name: &str, rows: usize, columns: usize| Layer::load(file, &format!("{number}.{name}"), rows, columns);
        let units = width / 2;
        let gated = |name: &str| -> Result<Gated, String> {
            let known = format!("{number}.through.{name}.known");
            let weight = matrix(file, &format!("{known}.weight"), 3 * units, units)?;
            let known = (weight, vector(file, &format!("{known}.bias"), 3 * units)?);
            Ok(Gated { told: load(&format!("through.{name}.told"), 3 * units, width)?, known, units })
        };
        let norm = |at: usize| Norm::load(file, &format!("{number}.norms.{at}"), width);
        Ok(Looks {
            around: load("around", width, (2 * AROUND + 1) * width)?,
            through: [gated("forward")?, gated("backward")?],
            over: load("over", width, 3 * width)?,
            norms: [norm(1)?, norm(2)?, norm(3)?],
        })
    }

    /// The states of a talk's turns, a row each, with what they see of the talk.
    pub(super) fn look(&self, states: Array2<f32>) -> Array2<f32> {
        let [around, through, over] = &self.norms;
        let bent = |seen: Array2<f32>| seen.mapv_into(|x| x.max(0.0));
        let seen = bent(self.around.forward_rows(&beside(&states)));
        let states = around.forward(states + seen);
        let seen = self.read(&states);
        let states = through.forward(states + seen);
        let seen = bent(self.over.forward_rows(&most(&states)));
        over.forward(states + seen)
    }

    /// Of each turn what the talk has come to there, read from both ends.
    fn read(&self, states: &Array2<f32>) -> Array2<f32> {
        let [forward, backward] = &self.through;
        let turns = states.nrows();
        let mut read = Array2::<f32>::zeros((turns, forward.units + backward.units));
        let (left, right) = read.view_mut().split_at(Axis(1), forward.units);
        forward.read(states, 0..turns, left);
        backward.read(states, (0..turns).rev(), right);
        read
    }
}

impl Gated {
    /// Reads turns in this order and writes to each what is known there.
    fn read(&self, states: &Array2<f32>, turns: impl Iterator<Item = usize>, mut out: ArrayViewMut2<'_, f32>) {
        let told = self.told.forward_rows(states);
        let (weight, bias) = &self.known;
        let mut kept = Array1::<f32>::zeros(self.units);
        for turn in turns {
            let (told, known) = (told.row(turn), weight.dot(&kept) + bias);
            for (unit, kept) in kept.iter_mut().enumerate() {
                let (update, value) = (self.units + unit, 2 * self.units + unit);
                let reset = sigmoid(told[unit] + known[unit]);
                let new = (told[value] + reset * known[value]).tanh();
                *kept = new + sigmoid(told[update] + known[update]) * (*kept - new);
            }
            out.row_mut(turn).assign(&kept);
        }
    }
}

/// Each state between those before and after it; beyond the ends there is nothing.
fn beside(states: &Array2<f32>) -> Array2<f32> {
    let (turns, width) = states.dim();
    let mut beside = Array2::<f32>::zeros((turns, (2 * AROUND + 1) * width));
    for (at, mut row) in beside.rows_mut().into_iter().enumerate() {
        for slot in 0..=2 * AROUND {
            if let Some(place) = (at + slot).checked_sub(AROUND).filter(|place| *place < turns) {
                row.slice_mut(s![slot * width..(slot + 1) * width]).assign(&states.row(place));
            }
        }
    }
    beside
}

/// Each state, and behind it the highest of each of its values in the turns before and in those after it; nothing where
/// there are none.
fn most(states: &Array2<f32>) -> Array2<f32> {
    let (turns, width) = states.dim();
    let mut most = Array2::<f32>::zeros((turns, 3 * width));
    most.slice_mut(s![.., ..width]).assign(states);
    let highest = |one: &mut Array1<f32>, other: usize| one.zip_mut_with(&states.row(other), |a, b| *a = a.max(*b));
    let lowest = || Array1::from_elem(width, f32::MIN);
    let (mut before, mut after) = (lowest(), lowest());
    for turn in 1..turns {
        highest(&mut before, turn - 1);
        most.slice_mut(s![turn, width..2 * width]).assign(&before);
        let turn = turns - 1 - turn;
        highest(&mut after, turn + 1);
        most.slice_mut(s![turn, 2 * width..]).assign(&after);
    }
    most
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_most_of_what_came_before_and_of_what_follows() {
        let states = array![[1.0, -5.0], [0.0, 2.0], [3.0, 1.0]];
        let expected =
            array![[1.0, -5.0, 0.0, 0.0, 3.0, 2.0], [0.0, 2.0, 1.0, -5.0, 3.0, 1.0], [3.0, 1.0, 1.0, 2.0, 0.0, 0.0]];
        assert_eq!(most(&states), expected);
        assert_eq!(most(&array![[1.0, 2.0]]), array![[1.0, 2.0, 0.0, 0.0, 0.0, 0.0]]);
    }

    #[test]
    fn a_state_lies_between_its_neighbours() {
        let states = array![[1.0], [2.0], [3.0], [4.0]];
        assert_eq!(beside(&states).row(0), array![0.0, 0.0, 1.0, 2.0, 3.0]);
        assert_eq!(beside(&states).row(3), array![2.0, 3.0, 4.0, 0.0, 0.0]);
    }

    #[test]
    fn a_gated_unit_by_hand() {
        // One unit that takes a turn as it is, keeps half of what it knew, and resets nothing.
        let told = Layer::of(array![[0.0], [0.0], [1.0]], array![100.0, 0.0, 0.0]);
        let known = (array![[0.0], [0.0], [1.0]], array![0.0, 0.0, 0.0]);
        let unit = Gated { told, known, units: 1 };
        let mut read = Array2::zeros((2, 1));
        unit.read(&array![[1.0], [0.5]], 0..2, read.view_mut());
        let first = 0.5 * 1.0_f32.tanh();
        let second = 0.5 * (0.5 + first).tanh() + 0.5 * first;
        assert!((read[[0, 0]] - first).abs() < 1e-6 && (read[[1, 0]] - second).abs() < 1e-6, "{read}");
        unit.read(&array![[1.0], [0.5]], (0..2).rev(), read.view_mut());
        assert!((read[[1, 0]] - 0.5 * 0.5_f32.tanh()).abs() < 1e-6, "{read}");
    }
}
