//! Products of weights in eight bits, one scale a column, with activations in fifteen, one scale a row, where the processor
//! has no instruction for eight bits (AVX2): it multiplies sixteen pairs of sixteen bits and adds them by twos in one, twice
//! as many as in f32, and the weights take a quarter of the way from memory. Sums are whole numbers and exact.

use std::arch::x86_64::*;

use super::float::Bend;
use super::lanes::Lanes;

/// Columns of a panel.
pub(super) const COLUMNS: usize = 16;
/// How far ahead of the sums weights are fetched, in values of k.
const AHEAD: usize = 128;

/// The highest whole number that an activation becomes, so that a sum over `k` of them fits into 32 bits.
pub(super) fn levels(k: usize) -> f32 {
    (i32::MAX as usize / (127 * k)).min(i16::MAX as usize) as f32
}

/// What sixteen columns need at the end: of each its scale and its bias.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) scales: *const f32,
    pub(super) bias: *const f32,
}

/// `R` rows of `x` ([R, k], rows `stride` apart) times a panel ([k / 2, COLUMNS, 2]): in real numbers again, with the bias,
/// bent and stored. `rows`: the scale of each.
#[inline(always)]
pub(super) unsafe fn product<const R: usize>(
    (x, stride, k): (*const i16, usize, usize),
    rows: *const f32,
    panel: *const i8,
    columns: Columns,
    bend: Bend,
    (out, out_stride): (*mut f32, usize),
) {
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); 2]; R];
        for at in (0..k).step_by(4) {
            _mm_prefetch::<_MM_HINT_T0>(panel.wrapping_add((at + AHEAD) * COLUMNS).cast());
            for at in [at, at + 2] {
                let wide =
                    |side: usize| _mm256_cvtepi8_epi16(_mm_loadu_si128(panel.add(at * COLUMNS + 16 * side).cast()));
                let (left, right) = (wide(0), wide(1));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let two = _mm256_set1_epi32(x.add(row * stride + at).cast::<i32>().read_unaligned());
                    sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(two, left));
                    sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(two, right));
                }
            }
        }
        for side in 0..2 {
            let scales = _mm256_loadu_ps(columns.scales.add(8 * side));
            let bias = _mm256_loadu_ps(columns.bias.add(8 * side));
            for (row, sums) in sums.iter().enumerate() {
                let sum = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[side]), _mm256_set1_ps(*rows.add(row)));
                let value = bend.of(_mm256_fmadd_ps(sum, scales, bias));
                _mm256_storeu_ps(out.add(row * out_stride + 8 * side), value);
            }
        }
    }
}

/// Quantises a row of `width` values, a multiple of 16, to at most `levels`; answers the scale that brings them back.
#[inline(always)]
pub(super) unsafe fn quantise(x: *const f32, width: usize, levels: f32, out: *mut i16) -> f32 {
    unsafe {
        let mut most = _mm256_setzero_ps();
        for at in (0..width).step_by(8) {
            most = Lanes::max(most, Lanes::abs(_mm256_loadu_ps(x.add(at))));
        }
        // So high that one by it can be told.
        let most = Lanes::highest(most).max(1e-30);
        let inverse = _mm256_set1_ps(levels / most);
        for at in (0..width).step_by(16) {
            let whole = |at: usize| _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x.add(at)), inverse));
            // Packed within halves of a register: the middle two quarters change places.
            let packed = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(whole(at), whole(at + 8)));
            _mm256_storeu_si256(out.add(at).cast(), packed);
        }
        most / levels
    }
}
