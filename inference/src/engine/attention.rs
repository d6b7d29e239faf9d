//! Attention of one text over itself (Vaswani et al., 2017, 3.2.1): for each head two products with panels that are packed
//! on the way, scores = Q Kᵀ and out = softmax(scores) V. The scale of the scores lies in the query's weights.

use std::ops::Range;

use super::aligned::Aligned;
use super::half;
use super::kernels::{self, End, Kernels, Product};
use super::tiles;

/// Queries whose scores are held at once.
const QUERIES: usize = 16;

/// Room for one text's keys, values and scores.
pub(super) struct Room {
    keys: Aligned<f32>,
    values: Aligned<f32>,
    halves: Halves,
    scores: Aligned<f32>,
}

struct Halves {
    keys: Aligned<u16>,
    values: Aligned<u16>,
    rows: Aligned<u16>,
    shares: Aligned<u16>,
}

/// The shape of the heads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads {
    pub(super) count: usize,
    /// A multiple of 32.
    pub(super) size: usize,
    pub(super) half: bool,
}

impl Heads {
    fn hidden(self) -> usize {
        self.count * self.size
    }
}

impl Room {
    /// For texts of at most `longest` tokens.
    pub(super) fn new(longest: usize, heads: Heads) -> Room {
        let longest = longest.next_multiple_of(half::COLUMNS);
        let (floats, bits) = if heads.half { (0, longest) } else { (longest, 0) };
        Room {
            keys: Aligned::zeros(floats * heads.size),
            values: Aligned::zeros(floats * heads.size),
            halves: Halves {
                keys: Aligned::zeros(bits * heads.size),
                values: Aligned::zeros(bits * heads.size),
                rows: Aligned::zeros(bits.max(QUERIES) * heads.size),
                shares: Aligned::zeros(QUERIES * bits),
            },
            scores: Aligned::zeros(QUERIES * longest),
        }
    }
}

/// Attention of the `queries` among the tokens of one text. `seen`: for each of its tokens query, key and value of all
/// heads, one behind the other; `out`: a row for each query.
pub(super) fn attend(
    kernels: &Kernels,
    heads: Heads,
    seen: &[f32],
    queries: Range<usize>,
    room: &mut Room,
    out: &mut [f32],
) {
    let (hidden, size) = (heads.hidden(), heads.size);
    let stride = 3 * hidden;
    let count = seen.len() / stride;
    assert!(queries.end <= count && out.len() == queries.len() * hidden, "queries outside of their text");
    for head in 0..heads.count {
        let (key, value) = (&seen[hidden + head * size..], &seen[2 * hidden + head * size..]);
        let across = if heads.half {
            pack_half(key, value, stride, count, size, &mut room.halves);
            count.next_multiple_of(half::COLUMNS)
        } else {
            pack(key, value, stride, count, size, kernels.columns, room);
            count.next_multiple_of(kernels.columns)
        };
        for first in queries.clone().step_by(QUERIES) {
            let rows = QUERIES.min(queries.end - first);
            let query = &seen[first * stride + head * size..];
            let out = &mut out[(first - queries.start) * hidden + head * size..];
            if heads.half {
                step_half(kernels, (query, rows, stride), (count, across), size, room, (out, hidden));
            } else {
                step(kernels, (query, rows, stride), (count, across), size, room, (out, hidden));
            }
        }
    }
}

/// The queries of one head: `count` keys, packed for `across`.
fn step(
    kernels: &Kernels,
    (query, rows, stride): (&[f32], usize, usize),
    (count, across): (usize, usize),
    size: usize,
    room: &mut Room,
    (out, out_stride): (&mut [f32], usize),
) {
    let scores = room.scores.as_mut_ptr();
    let columns = kernels.columns;
    assert!(query.len() >= (rows - 1) * stride + size && out.len() >= (rows - 1) * out_stride + size);
    // SAFETY: the rows lie within their slices (asserted), the panels were packed just now for these counts, and there is
    // room for the scores of this many queries.
    unsafe {
        let product = Product {
            x: query.as_ptr(),
            stride,
            rows,
            k: size,
            panels: room.keys.as_ptr(),
            count: across / columns,
            end: End::Nothing,
            out: scores,
            out_stride: across,
        };
        (kernels.product)(product);
        (kernels.softmax)(scores, rows, count, across);
        let product = Product {
            x: scores.cast_const(),
            stride: across,
            rows,
            k: count,
            panels: room.values.as_ptr(),
            count: size / columns,
            end: End::Nothing,
            out: out.as_mut_ptr(),
            out_stride,
        };
        (kernels.product)(product);
    }
}

/// The same in bf16.
fn step_half(
    kernels: &Kernels,
    (query, rows, stride): (&[f32], usize, usize),
    (count, across): (usize, usize),
    size: usize,
    room: &mut Room,
    (out, out_stride): (&mut [f32], usize),
) {
    let (scores, halves) = (room.scores.as_mut_ptr(), &mut room.halves);
    // Heads are multiples of 32, as tiles want them, and there is room for all rows that they read.
    let product_half = if kernels.tiles { tiles::product_half } else { kernels::product_half };
    assert!(query.len() >= (rows - 1) * stride + size && out.len() >= (rows - 1) * out_stride + size);
    // SAFETY: as above; this path is chosen only where the processor has bf16.
    unsafe {
        kernels::round_rows(query.as_ptr(), rows, stride, size, halves.rows.as_mut_ptr());
        product_half(Product {
            x: halves.rows.as_ptr(),
            stride: size,
            rows,
            k: size,
            panels: halves.keys.as_ptr(),
            count: across / half::COLUMNS,
            end: End::Nothing,
            out: scores,
            out_stride: across,
        });
        let mut scales = [0.0; QUERIES];
        kernels::softmax_half(scores, rows, count, across, halves.shares.as_mut_ptr(), scales.as_mut_ptr());
        product_half(Product {
            x: halves.shares.as_ptr(),
            stride: across,
            rows,
            k: across,
            panels: halves.values.as_ptr(),
            count: size / half::COLUMNS,
            end: End::Rows(scales.as_ptr()),
            out: out.as_mut_ptr(),
            out_stride,
        });
    }
}

/// Lays keys out as panels [size, columns] of `columns` tokens each, values as panels [tokens, columns] of `columns` places.
fn pack(key: &[f32], value: &[f32], stride: usize, count: usize, size: usize, columns: usize, room: &mut Room) {
    for token in 0..count {
        let panel = &mut room.keys[token / columns * size * columns..];
        for (place, key) in key[token * stride..][..size].iter().enumerate() {
            panel[place * columns + token % columns] = *key;
        }
        for (panel, values) in value[token * stride..][..size].chunks_exact(columns).enumerate() {
            room.values[(panel * count + token) * columns..][..columns].copy_from_slice(values);
        }
    }
}

/// The same in bf16: keys as [size / 2, 32, 2], values as [across / 2, 32, 2] with zeros behind the last token.
fn pack_half(key: &[f32], value: &[f32], stride: usize, count: usize, size: usize, halves: &mut Halves) {
    let across = count.next_multiple_of(half::COLUMNS);
    assert!(key.len() >= (count - 1) * stride + size && value.len() >= (count - 1) * stride + size);
    assert!(halves.rows.len() >= count * size, "a text was longer than said");
    // SAFETY: the rows lie within their slices and the room holds them (asserted).
    unsafe {
        kernels::round_rows(key.as_ptr(), count, stride, size, halves.rows.as_mut_ptr());
        kernels::pair_keys(halves.rows.as_ptr(), count, size, halves.keys.as_mut_ptr());
        kernels::round_rows(value.as_ptr(), count, stride, size, halves.rows.as_mut_ptr());
        kernels::pair_values(halves.rows.as_ptr(), count, across, size, halves.values.as_mut_ptr());
    }
}
