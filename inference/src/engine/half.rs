//! Products in bf16 with sums in f32: two pairs a lane and instruction (AVX-512 BF16).

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::float;

/// Columns of a panel.
pub(super) const COLUMNS: usize = 32;

/// The nearest bf16 of a number, ties to even.
pub(super) fn from_f32(value: f32) -> u16 {
    let bits = value.to_bits();
    ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// `R` rows of `x` ([R, k], rows `stride` apart) times one panel of weights ([k / 2, COLUMNS, 2]).
#[inline(always)]
pub(super) unsafe fn tile<const R: usize>(
    x: *const u16,
    stride: usize,
    k: usize,
    panel: *const u16,
) -> float::Tile<__m512, R> {
    unsafe {
        let mut sums = [[_mm512_setzero_ps(); 2]; R];
        for at in (0..k).step_by(2) {
            let left: __m512bh = std::mem::transmute(_mm512_loadu_si512(panel.add(at * COLUMNS).cast()));
            let right: __m512bh = std::mem::transmute(_mm512_loadu_si512(panel.add(at * COLUMNS + 32).cast()));
            for (row, sums) in sums.iter_mut().enumerate() {
                let two = _mm512_set1_epi32(x.add(row * stride + at).cast::<i32>().read_unaligned());
                let two: __m512bh = std::mem::transmute(two);
                sums[0] = _mm512_dpbf16_ps(sums[0], two, left);
                sums[1] = _mm512_dpbf16_ps(sums[1], two, right);
            }
        }
        sums
    }
}

/// Rounds a row of `width` values, a multiple of 16.
#[inline(always)]
pub(super) unsafe fn round(x: *const f32, width: usize, out: *mut u16) {
    unsafe {
        for at in (0..width).step_by(16) {
            let halves: __m256i = std::mem::transmute(_mm512_cvtneps_pbh(_mm512_loadu_ps(x.add(at))));
            _mm256_storeu_si256(out.add(at).cast(), halves);
        }
    }
}
