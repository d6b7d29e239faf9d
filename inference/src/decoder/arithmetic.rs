//! What a decoder multiplies with: the engine's kernels, or plain loops where it has none for the processor.

use crate::choice::Choice;
#[cfg(target_arch = "x86_64")]
use crate::engine::{self, Prepared};

/// Columns of a panel in plain loops.
const COLUMNS: usize = 32;
/// Rows that go through a map together.
pub(super) const BLOCK: usize = 128;

#[derive(Debug, Clone, Copy)]
pub(super) enum Arithmetic {
    #[cfg(target_arch = "x86_64")]
    Engine(engine::Arithmetic),
    Plain,
}

/// `y = x Wᵀ`, its weights packed.
pub(super) enum Map {
    #[cfg(target_arch = "x86_64")]
    Engine(engine::Map),
    /// Panels as [`Arithmetic::product`] takes them.
    Plain { panels: Vec<f32>, k: usize },
}

/// Room for the rows of a block in the form that a map takes.
pub(super) enum Room {
    #[cfg(target_arch = "x86_64")]
    Engine(Box<Prepared>),
    Plain,
}

/// Rows of `x` that begin `stride` values apart, of which `k` are multiplied.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) x: &'a [f32],
    pub(super) stride: usize,
    pub(super) rows: usize,
    pub(super) k: usize,
}

impl Arithmetic {
    #[cfg(target_arch = "x86_64")]
    pub(super) fn of(choice: Choice) -> Arithmetic {
        engine::Arithmetic::of(choice).map_or(Arithmetic::Plain, Arithmetic::Engine)
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn of(_: Choice) -> Arithmetic {
        Arithmetic::Plain
    }

    /// To be kept by the thread while it computes.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn hold(self) -> Option<engine::Tiles> {
        match self {
            Arithmetic::Engine(engine) => engine.hold(),
            Arithmetic::Plain => None,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn hold(self) {}

    pub(super) fn columns(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Arithmetic::Engine(engine) => engine.columns(),
            Arithmetic::Plain => COLUMNS,
        }
    }

    /// Room for rows of at most `widest` values.
    pub(super) fn room(self, widest: usize) -> Room {
        match self {
            #[cfg(target_arch = "x86_64")]
            Arithmetic::Engine(_) => Room::Engine(Box::new(Prepared::new(BLOCK, widest))),
            Arithmetic::Plain => {
                let _ = widest;
                Room::Plain
            }
        }
    }

    /// Packs weights ([n, k], row by row); n and k are multiples of 32.
    pub(super) fn map(self, weight: &[f32], n: usize) -> Map {
        match self {
            #[cfg(target_arch = "x86_64")]
            Arithmetic::Engine(engine) => Map::Engine(engine.map(weight, n)),
            Arithmetic::Plain => {
                let k = weight.len() / n;
                let mut panels = vec![0.0; weight.len()];
                for (row, values) in weight.chunks_exact(k).enumerate() {
                    for (at, value) in values.iter().enumerate() {
                        panels[(row / COLUMNS * k + at) * COLUMNS + row % COLUMNS] = *value;
                    }
                }
                Map::Plain { panels, k }
            }
        }
    }

    /// `rows` rows, at most [`BLOCK`], that lie one behind the other in `x` as in `out`.
    pub(super) fn apply(self, map: &Map, x: &[f32], rows: usize, room: &mut Room, out: &mut [f32]) {
        match (self, map, room) {
            #[cfg(target_arch = "x86_64")]
            (Arithmetic::Engine(engine), Map::Engine(map), Room::Engine(room)) => engine.apply(map, x, rows, room, out),
            (_, Map::Plain { panels, k }, _) => {
                let n = panels.len() / k;
                plain(Rows { x, stride: *k, rows, k: *k }, panels, n / COLUMNS, out, n);
            }
            #[cfg(target_arch = "x86_64")]
            _ => unreachable!("a map is packed by the arithmetic that applies it"),
        }
    }

    /// `out[r][c] = sum over k of x[r][k] panels[k][c]` for the first `count` panels ([count, k, columns]).
    pub(super) fn product(self, x: Rows<'_>, panels: &[f32], count: usize, out: &mut [f32], out_stride: usize) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Arithmetic::Engine(engine) => {
                let Rows { x, stride, rows, k } = x;
                engine.product(engine::DecodeRows { x, stride, rows, k }, panels, count, out, out_stride);
            }
            Arithmetic::Plain => plain(x, panels, count, out, out_stride),
        }
    }

    /// Turns the first `count` scores of each row of `stride` into shares of one, the rest into nothing that counts.
    pub(super) fn softmax(self, scores: &mut [f32], count: usize, stride: usize) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Arithmetic::Engine(engine) => engine.softmax(scores, count, stride),
            Arithmetic::Plain => {
                for row in scores.chunks_exact_mut(stride) {
                    let (row, rest) = row.split_at_mut(count);
                    let most = row.iter().copied().fold(f32::MIN, f32::max);
                    row.iter_mut().for_each(|score| *score = (*score - most).exp());
                    let by = 1.0 / row.iter().sum::<f32>();
                    row.iter_mut().for_each(|share| *share *= by);
                    rest.fill(0.0);
                }
            }
        }
    }
}

fn plain(Rows { x, stride, rows, k }: Rows<'_>, panels: &[f32], count: usize, out: &mut [f32], out_stride: usize) {
    for (at, panel) in panels.chunks_exact(k * COLUMNS).take(count).enumerate() {
        for row in 0..rows {
            let mut sums = [0.0_f32; COLUMNS];
            for (value, weights) in x[row * stride..][..k].iter().zip(panel.chunks_exact(COLUMNS)) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
            out[row * out_stride + at * COLUMNS..][..COLUMNS].copy_from_slice(&sums);
        }
    }
}
