//! Products in eight bits: unsigned activations, one scale and zero a row, times signed weights, one scale a column
//! (Dettmers et al., 2022, 2.2). The processor multiplies 64 pairs and adds them by fours in one instruction (AVX-512 VNNI).

use std::arch::x86_64::*;

use super::float::Bend;
use super::kernels::Scales;

/// Columns of a panel.
pub(super) const COLUMNS: usize = 32;
/// How far ahead of the sums weights are fetched, in values of k: they stream from beyond the core's own cache, and its
/// guesses alone leave a seventh of the time waiting.
const AHEAD: usize = 256;

/// What is known of a quantised row besides its bytes: the value is `byte * scale - shift`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    scale: f32,
    shift: f32,
}

/// One panel of weights.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// [k / 4, COLUMNS, 4]
    pub(super) bytes: *const i8,
    /// Of each column: its scale, and the sum of its bytes times that.
    pub(super) scales: *const f32,
    pub(super) sums: *const f32,
    pub(super) bias: *const f32,
}

impl Panel {
    /// The panel that begins at `column`, among panels of `k` rows.
    #[inline(always)]
    pub(super) unsafe fn of(panels: *const i8, k: usize, column: usize, scales: Scales, bias: *const f32) -> Panel {
        unsafe {
            Panel {
                bytes: panels.add(k * column),
                scales: scales.columns.add(column),
                sums: scales.sums.add(column),
                bias: bias.add(column),
            }
        }
    }

    /// The left or the right sixteen columns.
    #[inline(always)]
    pub(super) unsafe fn columns(&self, side: usize) -> Columns {
        let load = |from: *const f32| unsafe { _mm512_loadu_ps(from.add(16 * side)) };
        Columns { scales: load(self.scales), sums: load(self.sums), bias: load(self.bias) }
    }
}

/// What sixteen columns need at the end.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    scales: __m512,
    sums: __m512,
    bias: __m512,
}

impl Columns {
    /// A row's sums of bytes as real numbers, with the bias and bent: `(scale sum) * column scale - shift column sum + bias`.
    #[inline(always)]
    pub(super) unsafe fn real(self, sums: __m512i, Row { scale, shift }: Row, bend: Bend) -> __m512 {
        unsafe {
            let rest = _mm512_fnmadd_ps(_mm512_set1_ps(shift), self.sums, self.bias);
            let sum = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_set1_ps(scale));
            bend.of(_mm512_fmadd_ps(sum, self.scales, rest))
        }
    }
}

/// `R` rows of `x` ([R, k], rows `stride` apart) times a panel: in real numbers again, with the bias, bent and stored.
#[inline(always)]
pub(super) unsafe fn product<const R: usize>(
    (x, stride, k): (*const u8, usize, usize),
    rows: *const Row,
    panel: Panel,
    bend: Bend,
    (out, out_stride): (*mut f32, usize),
) {
    unsafe {
        let mut sums = [[_mm512_setzero_si512(); 2]; R];
        for at in (0..k).step_by(4) {
            _mm_prefetch::<_MM_HINT_T0>(panel.bytes.wrapping_add((at + AHEAD) * COLUMNS).cast());
            _mm_prefetch::<_MM_HINT_T0>(panel.bytes.wrapping_add((at + AHEAD) * COLUMNS + 64).cast());
            let left = _mm512_loadu_si512(panel.bytes.add(at * COLUMNS).cast());
            let right = _mm512_loadu_si512(panel.bytes.add(at * COLUMNS + 64).cast());
            for (row, sums) in sums.iter_mut().enumerate() {
                let four = _mm512_set1_epi32(x.add(row * stride + at).cast::<i32>().read_unaligned());
                sums[0] = _mm512_dpbusd_epi32(sums[0], four, left);
                sums[1] = _mm512_dpbusd_epi32(sums[1], four, right);
            }
        }
        for side in 0..2 {
            let columns = panel.columns(side);
            for (row, sums) in sums.iter().enumerate() {
                let value = columns.real(sums[side], *rows.add(row), bend);
                _mm512_storeu_ps(out.add(row * out_stride + 16 * side), value);
            }
        }
    }
}

/// Quantises a row of `width` values, a multiple of 32; each is first multiplied by its column's factor.
#[inline(always)]
pub(super) unsafe fn quantise(x: *const f32, factors: *const f32, width: usize, out: *mut u8) -> Row {
    unsafe {
        let value = |at: usize| _mm512_mul_ps(_mm512_loadu_ps(x.add(at)), _mm512_loadu_ps(factors.add(at)));
        // Zero lies within the range, so that it is met exactly.
        let (mut low, mut high) = ([_mm512_setzero_ps(); 2], [_mm512_setzero_ps(); 2]);
        for at in (0..width).step_by(32) {
            for half in 0..2 {
                let value = value(at + 16 * half);
                low[half] = _mm512_min_ps(low[half], value);
                high[half] = _mm512_max_ps(high[half], value);
            }
        }
        let low = _mm512_reduce_min_ps(_mm512_min_ps(low[0], low[1]));
        let high = _mm512_reduce_max_ps(_mm512_max_ps(high[0], high[1]));
        // One step less than there are, so that zero can be rounded up and nothing falls below the lowest byte.
        let scale = ((high - low) / 254.0).max(f32::MIN_POSITIVE);
        let zero = (-low / scale).ceil();
        let (inverse, shift) = (_mm512_set1_ps(1.0 / scale), _mm512_set1_ps(zero));
        for at in (0..width).step_by(16) {
            let whole = _mm512_cvtps_epi32(_mm512_fmadd_ps(value(at), inverse, shift));
            _mm_storeu_si128(out.add(at).cast(), _mm512_cvtusepi32_epi8(whole));
        }
        Row { scale, shift: scale * zero }
    }
}
