//! Products of rows with panels by tiles: the sums of 32 rows and 32 columns at once, then what `end` says.

use std::arch::x86_64::*;
use std::mem::MaybeUninit;

use super::amx::{self, Factors, HIGH, ROWS, STEP, WIDE};
use super::byte::{Panel, Row};
use super::float::Bend;
use super::kernels::{End, Product, Scales};

/// Bytes from one row of sums to the next.
const LINE: usize = WIDE * size_of::<f32>();

#[repr(C, align(64))]
struct Sums(MaybeUninit<[[f32; WIDE]; HIGH]>);

impl Sums {
    fn room() -> Sums {
        Sums(MaybeUninit::uninit())
    }

    fn start(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}

/// Whether rows of so many bytes are cut by tiles.
pub(super) fn fit(bytes: usize) -> bool {
    bytes > 0 && bytes.is_multiple_of(STEP)
}

/// So many rows are read where there are `rows`.
pub(super) fn read(rows: usize) -> usize {
    rows.next_multiple_of(ROWS)
}

/// As `kernels::product_byte`; k is a multiple of [`STEP`], and of x as many rows as [`read`] says can be read, and the
/// thread holds the tiles.
///
/// While the tiles multiply, the sums before are finished: both take about as long, in different parts of the processor.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
pub(super) unsafe fn product_byte(p: Product<u8, i8>, scales: Scales) {
    let (bias, bend) = p.end.of_map(Bend::NearGelu);
    let (mut one, mut other) = (Sums::room(), Sums::room());
    let (mut now, mut before) = (one.start(), other.start());
    let mut waiting = None;
    // SAFETY: the caller's pointers are good for the rows and panels that the product names, and it holds the tiles.
    unsafe {
        for column in (0..p.count * WIDE).step_by(WIDE) {
            let panel = Panel::of(p.panels, p.k, column, scales, bias);
            for row in (0..p.rows).step_by(HIGH) {
                let rows = HIGH.min(p.rows - row);
                let x = p.x.add(row * p.stride);
                let factors = Factors { x, stride: p.stride, steps: p.k / STEP, panel: panel.bytes.cast() };
                amx::bytes(factors, rows, now, LINE);
                let out = p.out.add(row * p.out_stride + column);
                if let Some(done) = waiting.replace((panel, scales.rows.add(row), rows, out)) {
                    finish(before, done, bend, p.out_stride);
                }
                (now, before) = (before, now);
            }
        }
        if let Some(done) = waiting {
            finish(before, done, bend, p.out_stride);
        }
    }
}

/// Sums of bytes of `rows` rows and a panel as real numbers.
#[inline(always)]
unsafe fn finish(
    sums: *const u8,
    (panel, known, rows, out): (Panel, *const Row, usize, *mut f32),
    bend: Bend,
    stride: usize,
) {
    unsafe {
        for side in 0..2 {
            let columns = panel.columns(side);
            for row in 0..rows {
                let sum = _mm512_load_si512(sums.add(row * LINE + side * LINE / 2).cast());
                let value = columns.real(sum, *known.add(row), bend);
                _mm512_storeu_ps(out.add(row * stride + side * 16), value);
            }
        }
    }
}

/// As `kernels::product_half`; 2 k is a multiple of [`STEP`], and of x as many rows as [`read`] says can be read, and the
/// thread holds the tiles. Where nothing follows the sums, as many rows are written as are read.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn product_half(p: Product<u16, u16>) {
    let mut room = Sums::room();
    // SAFETY: as above.
    unsafe {
        for column in (0..p.count * WIDE).step_by(WIDE) {
            for row in (0..p.rows).step_by(HIGH) {
                let rows = HIGH.min(p.rows - row);
                let factors = Factors {
                    x: p.x.add(row * p.stride).cast(),
                    stride: 2 * p.stride,
                    steps: 2 * p.k / STEP,
                    panel: p.panels.add(p.k * column).cast(),
                };
                let (sums, line) = match p.end {
                    End::Nothing => (p.out.add(row * p.out_stride + column).cast(), size_of::<f32>() * p.out_stride),
                    End::Rows(_) | End::Bias(_) | End::Gelu(_) => (room.start(), LINE),
                };
                amx::halves(factors, rows, sums, line);
                if !matches!(p.end, End::Nothing) {
                    for at in 0..rows {
                        let from = sums.add(at * LINE).cast::<f32>();
                        let tile = [[_mm512_load_ps(from), _mm512_load_ps(from.add(16))]];
                        p.end.store(tile, Bend::NearGelu, (row + at, column), p.out, p.out_stride);
                    }
                }
            }
        }
    }
}
