//! Products in eight bits: unsigned activations, one scale and zero a row, times signed weights, one scale a column
//! (Dettmers et al., 2022, 2.2). The processor multiplies 64 pairs and adds them by fours in one instruction (AVX-512 VNNI).

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::float;

/// Columns of a panel.
pub(super) const COLUMNS: usize = 32;

/// What is known of quantised rows besides their bytes: the value is `(byte - zero) * scale`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    pub(super) scale: f32,
    pub(super) zero: i32,
}

/// One panel of weights.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// [k / 4, COLUMNS, 4]
    pub(super) bytes: *const i8,
    /// Of each column: its scale, and the sum of its bytes.
    pub(super) scales: *const f32,
    pub(super) sums: *const i32,
}

/// `R` rows of `x` ([R, k], rows `stride` apart) times a panel, in real numbers again.
#[inline(always)]
pub(super) unsafe fn tile<const R: usize>(
    x: *const u8,
    stride: usize,
    k: usize,
    rows: *const Row,
    panel: Panel,
) -> float::Tile<__m512, R> {
    unsafe {
        let mut sums = [[_mm512_setzero_si512(); 2]; R];
        for at in (0..k).step_by(4) {
            let left = _mm512_loadu_si512(panel.bytes.add(at * COLUMNS).cast());
            let right = _mm512_loadu_si512(panel.bytes.add(at * COLUMNS + 64).cast());
            for (row, sums) in sums.iter_mut().enumerate() {
                let four = _mm512_set1_epi32(x.add(row * stride + at).cast::<i32>().read_unaligned());
                sums[0] = _mm512_dpbusd_epi32(sums[0], four, left);
                sums[1] = _mm512_dpbusd_epi32(sums[1], four, right);
            }
        }
        let mut out = [[_mm512_setzero_ps(); 2]; R];
        for side in 0..2 {
            let scales = _mm512_loadu_ps(panel.scales.add(16 * side));
            let column_sums = _mm512_loadu_si512(panel.sums.add(16 * side).cast());
            for row in 0..R {
                let Row { scale, zero } = *rows.add(row);
                let zeros = _mm512_mullo_epi32(column_sums, _mm512_set1_epi32(zero));
                let whole = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[row][side], zeros));
                out[row][side] = _mm512_mul_ps(whole, _mm512_mul_ps(scales, _mm512_set1_ps(scale)));
            }
        }
        out
    }
}

/// Quantises a row of `width` values, a multiple of 16; each is first multiplied by its column's factor.
#[inline(always)]
pub(super) unsafe fn quantise(x: *const f32, factors: *const f32, width: usize, out: *mut u8) -> Row {
    unsafe {
        let value = |at: usize| _mm512_mul_ps(_mm512_loadu_ps(x.add(at)), _mm512_loadu_ps(factors.add(at)));
        // Zero lies within the range, so that it is met exactly.
        let (mut low, mut high) = (_mm512_setzero_ps(), _mm512_setzero_ps());
        for at in (0..width).step_by(16) {
            low = _mm512_min_ps(low, value(at));
            high = _mm512_max_ps(high, value(at));
        }
        let (low, high) = (_mm512_reduce_min_ps(low), _mm512_reduce_max_ps(high));
        let scale = ((high - low) / 255.0).max(f32::MIN_POSITIVE);
        let zero = (-low / scale).round_ties_even();
        let (inverse, shift) = (_mm512_set1_ps(1.0 / scale), _mm512_set1_ps(zero));
        for at in (0..width).step_by(16) {
            let whole = _mm512_cvtps_epi32(_mm512_fmadd_ps(value(at), inverse, shift));
            // The conversion to bytes takes what lies above the highest byte as that; nothing lies below zero by more than
            // rounding.
            let whole = _mm512_max_epi32(whole, _mm512_setzero_si512());
            _mm_storeu_si128(out.add(at).cast(), _mm512_cvtusepi32_epi8(whole));
        }
        Row { scale, zero: zero as i32 }
    }
}
