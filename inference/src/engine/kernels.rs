//! What a processor can do: the kernels compiled for its instructions, chosen once when an encoder is loaded.

use std::arch::x86_64::*;

use super::amx::Tiles;
use super::byte::{self, Row};
use super::float::Bend;
use super::lanes::Lanes;
use super::{float, half, pairs};
use crate::choice::Instructions;

/// A product of rows with panels of weights: `out[r][c] = sum over k of x[r][k] * w[k][c]`, then what `end` says.
#[derive(Clone, Copy)]
pub(super) struct Product<X, W> {
    pub(super) x: *const X,
    /// Elements from one row of `x` to the next.
    pub(super) stride: usize,
    pub(super) rows: usize,
    pub(super) k: usize,
    pub(super) panels: *const W,
    pub(super) count: usize,
    pub(super) end: End,
    pub(super) out: *mut f32,
    pub(super) out_stride: usize,
}

/// What is done to a sum before it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Nothing,
    /// Each row is multiplied by its factor.
    Rows(*const f32),
    /// The bias of its column is added.
    Bias(*const f32),
    /// The same, and GELU applied.
    Gelu(*const f32),
}

impl End {
    /// Stores a tile that begins at `row` and `column`, finished.
    #[inline(always)]
    pub(super) unsafe fn store<L: Lanes, const R: usize>(
        self,
        tile: float::Tile<L, R>,
        gelu: Bend,
        (row, column): (usize, usize),
        out: *mut f32,
        stride: usize,
    ) {
        unsafe {
            let out = out.add(row * stride + column);
            match self {
                End::Nothing => float::store(tile, out, stride),
                End::Rows(rows) => float::scaled(tile, rows.add(row), out, stride),
                End::Bias(bias) => float::finish(tile, bias.add(column), Bend::Not, out, stride),
                End::Gelu(bias) => float::finish(tile, bias.add(column), gelu, out, stride),
            }
        }
    }

    /// The bias, and how a sum is bent, where it is by `gelu`: every map has a bias.
    pub(super) fn of_map(self, gelu: Bend) -> (*const f32, Bend) {
        match self {
            End::Bias(bias) => (bias, Bend::Not),
            End::Gelu(bias) => (bias, gelu),
            End::Nothing | End::Rows(_) => unreachable!("no map is without a bias"),
        }
    }
}

/// What a product in eight bits needs besides: of each row, and of each column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scales {
    pub(super) rows: *const Row,
    pub(super) columns: *const f32,
    pub(super) sums: *const f32,
}

/// Kernels of one instruction set. All are unsafe to call but on a processor that has it, and with pointers that are good
/// for what the arguments say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernels {
    /// Columns of a panel in f32.
    pub(super) columns: usize,
    /// Products in eight bits and in bf16 go by tiles, which the thread must hold ([`Kernels::hold`]).
    pub(super) tiles: bool,
    /// Products in eight bits go by pairs of sixteen.
    pub(super) pairs: bool,
    pub(super) product: unsafe fn(Product<f32, f32>),
    pub(super) add_norm: unsafe fn(*mut f32, *const f32, usize, (*const f32, *const f32, f32)),
    pub(super) softmax: unsafe fn(*mut f32, usize, usize, usize),
}

impl Kernels {
    /// None for what candle computes.
    pub(super) fn of(instructions: Instructions) -> Option<&'static Kernels> {
        match instructions {
            Instructions::Amx => Some(&AMX),
            Instructions::Avx512 => Some(&AVX512),
            Instructions::Avx2 => Some(&AVX2),
            Instructions::Portable => None,
        }
    }

    /// The tiles, for a thread that is going to compute.
    pub(super) fn hold(&self) -> Option<Tiles> {
        // SAFETY: these kernels were chosen because the tiles are there.
        self.tiles.then(|| unsafe { Tiles::take() })
    }
}

const AMX: Kernels = Kernels { tiles: true, ..AVX512 };
const AVX512: Kernels = Kernels {
    columns: 2 * <__m512 as Lanes>::COUNT,
    tiles: false,
    pairs: false,
    product: product_512,
    add_norm: add_norm_512,
    softmax: softmax_512,
};
const AVX2: Kernels = Kernels {
    columns: 2 * <__m256 as Lanes>::COUNT,
    tiles: false,
    pairs: true,
    product: product_256,
    add_norm: add_norm_256,
    softmax: softmax_256,
};

/// Splits rows into tiles of at most `$most`, as even as can be, and calls `$tile::<R>(first row, panel)` for each panel.
macro_rules! tiles {
    ($product:expr, $most:literal, [$($r:literal)*], |$row:ident, $panel:ident, $R:ident| $tile:expr) => {{
        let tiles = $product.rows.div_ceil($most);
        for $panel in 0..$product.count {
            let mut $row = 0;
            for left in (1..=tiles).rev() {
                let height = ($product.rows - $row).div_ceil(left);
                match height {
                    $($r => { const $R: usize = $r; $tile })*
                    _ => unreachable!("no tile is higher"),
                }
                $row += height;
            }
        }
    }};
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
unsafe fn product_512(p: Product<f32, f32>) {
    // SAFETY: the caller's pointers are good for the rows and panels that the product names.
    unsafe {
        tiles!(p, 8, [1 2 3 4 5 6 7 8], |row, panel, R| {
            let tile = float::tile::<__m512, R>(p.x.add(row * p.stride), p.stride, p.k, p.panels.add(panel * p.k * 32));
            p.end.store(tile, Bend::Gelu, (row, panel * 32), p.out, p.out_stride)
        });
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn product_256(p: Product<f32, f32>) {
    // SAFETY: as above.
    unsafe {
        tiles!(p, 6, [1 2 3 4 5 6], |row, panel, R| {
            let tile = float::tile::<__m256, R>(p.x.add(row * p.stride), p.stride, p.k, p.panels.add(panel * p.k * 16));
            p.end.store(tile, Bend::Gelu, (row, panel * 16), p.out, p.out_stride)
        });
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn product_half(p: Product<u16, u16>) {
    // SAFETY: as above.
    unsafe {
        tiles!(p, 8, [1 2 3 4 5 6 7 8], |row, panel, R| {
            let panels = p.panels.add(panel * p.k * half::COLUMNS);
            let tile = half::tile::<R>(p.x.add(row * p.stride), p.stride, p.k, panels);
            p.end.store(tile, Bend::NearGelu, (row, panel * 32), p.out, p.out_stride)
        });
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
pub(super) unsafe fn product_byte(p: Product<u8, i8>, scales: Scales) {
    let (bias, bend) = p.end.of_map(Bend::NearGelu);
    // SAFETY: as above.
    unsafe {
        tiles!(p, 8, [1 2 3 4 5 6 7 8], |row, panel, R| {
            let column = panel * byte::COLUMNS;
            let weights = byte::Panel::of(p.panels, p.k, column, scales, bias);
            let out = (p.out.add(row * p.out_stride + column), p.out_stride);
            byte::product::<R>((p.x.add(row * p.stride), p.stride, p.k), scales.rows.add(row), weights, bend, out)
        });
    }
}

/// `rows` and `columns`: the scale of each.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn product_pairs(p: Product<i16, i8>, rows: *const f32, columns: *const f32) {
    let (bias, bend) = p.end.of_map(Bend::Gelu);
    // SAFETY: as above.
    unsafe {
        tiles!(p, 6, [1 2 3 4 5 6], |row, panel, R| {
            let column = panel * pairs::COLUMNS;
            let ends = pairs::Columns { scales: columns.add(column), bias: bias.add(column) };
            let out = (p.out.add(row * p.out_stride + column), p.out_stride);
            let x = (p.x.add(row * p.stride), p.stride, p.k);
            pairs::product::<R>(x, rows.add(row), p.panels.add(p.k * column), ends, bend, out)
        });
    }
}

/// Quantises `rows` rows of `width` values for [`product_pairs`]; `scales`: of each.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn pair_rows(x: *const f32, rows: usize, width: usize, out: *mut i16, scales: *mut f32) {
    for row in 0..rows {
        // SAFETY: as above.
        unsafe {
            *scales.add(row) = pairs::quantise(x.add(row * width), width, pairs::levels(width), out.add(row * width));
        }
    }
}

/// Rounds `rows` rows of `width` values to bf16.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn round_rows(x: *const f32, rows: usize, stride: usize, width: usize, out: *mut u16) {
    for row in 0..rows {
        // SAFETY: as above.
        unsafe { half::round(x.add(row * stride), width, out.add(row * width)) }
    }
}

/// Keys ([count, size]) as panels of 32 tokens: [size / 2, 32, 2].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn pair_keys(rows: *const u16, count: usize, size: usize, out: *mut u16) {
    for token in 0..count {
        // SAFETY: as above: there is room for whole panels.
        unsafe {
            let from = rows.add(token * size).cast::<u32>();
            let to = out.add(token / 32 * size * 32).cast::<u32>().add(token % 32);
            for pair in 0..size / 2 {
                to.add(pair * 32).write_unaligned(from.add(pair).read_unaligned());
            }
        }
    }
}

/// Values ([count, size]) as panels of 32 places: [across / 2, 32, 2], zero behind the last token.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn pair_values(rows: *const u16, count: usize, across: usize, size: usize, out: *mut u16) {
    for panel in 0..size / 32 {
        for pair in 0..across / 2 {
            // SAFETY: as above: rows behind the last are not read.
            unsafe {
                let sixteen = |token: usize, first: usize| match token < count {
                    true => {
                        let from = rows.add(token * size + panel * 32 + first);
                        _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.cast()))
                    }
                    false => _mm512_setzero_si512(),
                };
                let to = out.add((panel * across + pair * 2) * 32);
                for first in [0, 16] {
                    let (one, next) = (sixteen(2 * pair, first), sixteen(2 * pair + 1, first));
                    let both = _mm512_or_si512(one, _mm512_slli_epi32::<16>(next));
                    _mm512_storeu_si512(to.add(2 * first).cast(), both);
                }
            }
        }
    }
}

/// Scores of `rows` rows become shares in bf16, not yet divided by their sums: `scales` takes one by each sum.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn softmax_half(
    scores: *const f32,
    rows: usize,
    count: usize,
    stride: usize,
    out: *mut u16,
    scales: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: as above.
        unsafe {
            let (scores, out) = (scores.add(row * stride), out.add(row * stride));
            *scales.add(row) = half::softmax(scores, count, stride, out);
        }
    }
}

/// Quantises `rows` rows of `width` values.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
pub(super) unsafe fn quantise_rows(
    x: *const f32,
    rows: usize,
    width: usize,
    factors: *const f32,
    out: *mut u8,
    known: *mut Row,
) {
    for row in 0..rows {
        // SAFETY: as above.
        unsafe { *known.add(row) = byte::quantise(x.add(row * width), factors, width, out.add(row * width)) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
unsafe fn add_norm_512(x: *mut f32, y: *const f32, width: usize, norm: (*const f32, *const f32, f32)) {
    // SAFETY: as above.
    unsafe { float::add_norm::<__m512>(x, y, width, norm) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn add_norm_256(x: *mut f32, y: *const f32, width: usize, norm: (*const f32, *const f32, f32)) {
    // SAFETY: as above.
    unsafe { float::add_norm::<__m256>(x, y, width, norm) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
unsafe fn softmax_512(scores: *mut f32, rows: usize, count: usize, stride: usize) {
    for row in 0..rows {
        // SAFETY: as above.
        unsafe { float::softmax::<__m512>(scores.add(row * stride), count, stride) }
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn softmax_256(scores: *mut f32, rows: usize, count: usize, stride: usize) {
    for row in 0..rows {
        // SAFETY: as above.
        unsafe { float::softmax::<__m256>(scores.add(row * stride), count, stride) }
    }
}
