//! Products in bf16 with sums in f32: two pairs a lane and instruction (AVX-512 BF16).

use std::arch::x86_64::*;

use super::float;

/// Columns of a panel.
pub(super) const COLUMNS: usize = 32;
/// How far ahead of the sums weights are fetched, in values of k.
const AHEAD: usize = 128;

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
            _mm_prefetch::<_MM_HINT_T0>(panel.wrapping_add((at + AHEAD) * COLUMNS).cast());
            _mm_prefetch::<_MM_HINT_T0>(panel.wrapping_add((at + AHEAD) * COLUMNS + 32).cast());
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

/// `e^(score - highest)` of `count` scores, rounded; zero behind them up to `stride`, a multiple of 16. Answers one by
/// their sum.
#[inline(always)]
pub(super) unsafe fn softmax(scores: *const f32, count: usize, stride: usize, out: *mut u16) -> f32 {
    unsafe {
        let inside =
            |at: usize| if at + 16 <= count { 0xffff } else { ((1_u32 << count.saturating_sub(at)) - 1) as u16 };
        let lowest = _mm512_set1_ps(f32::MIN);
        let mut highest = lowest;
        for at in (0..count).step_by(16) {
            highest = _mm512_max_ps(highest, _mm512_mask_loadu_ps(lowest, inside(at), scores.add(at)));
        }
        let by = _mm512_set1_ps(std::f32::consts::LOG2_E);
        let highest = _mm512_mul_ps(_mm512_set1_ps(_mm512_reduce_max_ps(highest)), by);
        let mut sum = _mm512_setzero_ps();
        for at in (0..stride).step_by(16) {
            let mask = inside(at);
            let score = _mm512_maskz_loadu_ps(mask, scores.add(at));
            let share = _mm512_maskz_mov_ps(mask, near_power(_mm512_fmsub_ps(score, by, highest)));
            sum = _mm512_add_ps(sum, share);
            let halves: __m256i = std::mem::transmute(_mm512_cvtneps_pbh(share));
            _mm256_storeu_si256(out.add(at).cast(), halves);
        }
        1.0 / _mm512_reduce_add_ps(sum)
    }
}

/// 2^x within 8e-5 of it, a fiftieth of what bf16 tells apart: a whole power of two times a polynomial of the rest, fitted
/// so that the largest error is least.
#[inline(always)]
unsafe fn near_power(x: __m512) -> __m512 {
    unsafe {
        let power = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(x);
        let rest = _mm512_sub_ps(x, power);
        let mut sum = _mm512_set1_ps(0.055_171_08);
        for factor in [0.242_610_77, 0.693_261, 0.999_928_1] {
            sum = _mm512_fmadd_ps(sum, rest, _mm512_set1_ps(factor));
        }
        _mm512_scalef_ps(sum, power)
    }
}
