//! The kernels in f32, written once for every width of register (see [`Lanes`]).
//!
//! All are `unsafe` and always inlined: they belong into functions that enable the instructions, and their pointers must
//! be good for what each says.

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use super::lanes::Lanes;

/// How far ahead of the sums weights are fetched, in values of k.
const AHEAD: usize = 64;

/// A tile of `R` rows and two registers of columns.
pub(super) type Tile<L, const R: usize> = [[L; 2]; R];

/// `R` rows of `x` ([R, k], rows `stride` apart) times one panel of weights ([k, 2 registers]).
#[inline(always)]
pub(super) unsafe fn tile<L: Lanes, const R: usize>(
    x: *const f32,
    stride: usize,
    k: usize,
    panel: *const f32,
) -> Tile<L, R> {
    unsafe {
        let mut sums = [[L::splat(0.0); 2]; R];
        for at in 0..k {
            let ahead = panel.wrapping_add((at + AHEAD) * 2 * L::COUNT);
            _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
            _mm_prefetch::<_MM_HINT_T0>(ahead.wrapping_add(L::COUNT).cast());
            let left = L::load(panel.add(at * 2 * L::COUNT));
            let right = L::load(panel.add(at * 2 * L::COUNT + L::COUNT));
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = L::splat(*x.add(row * stride + at));
                sums[0] = value.mul_add(left, sums[0]);
                sums[1] = value.mul_add(right, sums[1]);
            }
        }
        sums
    }
}

/// How a sum is bent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bend {
    Not,
    Gelu,
    /// GELU to about 1e-4: far below what the products in fewer bits round off.
    NearGelu,
}

impl Bend {
    #[inline(always)]
    pub(super) unsafe fn of<L: Lanes>(self, value: L) -> L {
        unsafe {
            match self {
                Bend::Not => value,
                Bend::Gelu => gelu(value),
                Bend::NearGelu => near_gelu(value),
            }
        }
    }
}

/// Adds the bias of the panel's columns, bends, and stores the tile (rows `stride` apart).
#[inline(always)]
pub(super) unsafe fn finish<L: Lanes, const R: usize>(
    tile: Tile<L, R>,
    bias: *const f32,
    bend: Bend,
    out: *mut f32,
    stride: usize,
) {
    unsafe {
        let biases = [L::load(bias), L::load(bias.add(L::COUNT))];
        for (row, sums) in tile.iter().enumerate() {
            for side in 0..2 {
                bend.of(sums[side].add(biases[side])).store(out.add(row * stride + side * L::COUNT));
            }
        }
    }
}

/// Stores the tile with each row multiplied by its factor.
#[inline(always)]
pub(super) unsafe fn scaled<L: Lanes, const R: usize>(
    tile: Tile<L, R>,
    rows: *const f32,
    out: *mut f32,
    stride: usize,
) {
    unsafe {
        for (row, sums) in tile.iter().enumerate() {
            let factor = L::splat(*rows.add(row));
            sums[0].mul(factor).store(out.add(row * stride));
            sums[1].mul(factor).store(out.add(row * stride + L::COUNT));
        }
    }
}

/// Stores the tile as it is.
#[inline(always)]
pub(super) unsafe fn store<L: Lanes, const R: usize>(tile: Tile<L, R>, out: *mut f32, stride: usize) {
    unsafe {
        for (row, sums) in tile.iter().enumerate() {
            sums[0].store(out.add(row * stride));
            sums[1].store(out.add(row * stride + L::COUNT));
        }
    }
}

/// `e^x` with an error under 3e-7 of it for x in -87..=0: x is split into a whole power of two and a rest within half of
/// ln 2, whose exponential is a polynomial (Cody and Waite, 1980, chapter 6; coefficients are those of 1/n!, the highest
/// fitted).
#[inline(always)]
pub(super) unsafe fn exp<L: Lanes>(x: L) -> L {
    unsafe {
        let x = x.max(L::splat(-87.0));
        let power = x.mul(L::splat(std::f32::consts::LOG2_E)).round();
        // ln 2 in two parts, the first with few bits, so that the products are exact.
        let rest = power.neg_mul_add(L::splat(0.693_359_4), x);
        let rest = power.neg_mul_add(L::splat(-2.121_944_4e-4), rest);
        let mut sum = L::splat(1.398_2e-3);
        for factor in [8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5] {
            sum = sum.mul_add(rest, L::splat(factor));
        }
        sum.mul_add(rest.mul(rest), rest.add(L::splat(1.0))).scale(power)
    }
}

/// x Φ(x) by the error function (Abramowitz and Stegun, 1964, 7.1.26: absolute error under 1.5e-7).
#[inline(always)]
pub(super) unsafe fn gelu<L: Lanes>(x: L) -> L {
    unsafe {
        let z = x.mul(L::splat(std::f32::consts::FRAC_1_SQRT_2));
        let t = z.abs().mul_add(L::splat(0.327_591_1), L::splat(1.0)).reciprocal();
        let mut sum = L::splat(1.061_405_4);
        for factor in [-1.453_152, 1.421_413_8, -0.284_496_74, 0.254_829_6] {
            sum = sum.mul_add(t, L::splat(factor));
        }
        let tail = exp(L::splat(0.0).sub(z.mul(z)));
        // Half of the complementary error function of |z|: how much of x is not passed on.
        let half = sum.mul(t).mul(tail).mul(L::splat(0.5)).mul(x);
        half.where_negative(x, x.sub(half))
    }
}

/// x Φ(x) with Φ as one half and an odd polynomial, fitted so that the largest error of the product is least: 8e-4 for
/// |x| ≤ 3.3; beyond, Φ stays where it was, 2.4e-4 from its end. A step of eight bits over widened rows is ten times that.
#[inline(always)]
pub(super) unsafe fn near_gelu<L: Lanes>(x: L) -> L {
    unsafe {
        let near = x.min(L::splat(3.3)).max(L::splat(-3.3));
        let square = near.mul(near);
        let mut sum = L::splat(1.188_270_8e-5);
        for factor in [-4.470_946_4e-4, 6.972_625e-3, -6.062_604e-2, 0.395_051_4] {
            sum = sum.mul_add(square, L::splat(factor));
        }
        near.mul_add(sum, L::splat(0.5)).mul(x)
    }
}

/// `x = norm(x + y)` over `width` elements, a multiple of the register (Ba et al., 2016).
#[inline(always)]
pub(super) unsafe fn add_norm<L: Lanes>(x: *mut f32, y: *const f32, width: usize, norm: (*const f32, *const f32, f32)) {
    unsafe {
        let (weight, bias, epsilon) = norm;
        let mut sum = L::splat(0.0);
        for at in (0..width).step_by(L::COUNT) {
            let value = L::load(x.add(at)).add(L::load(y.add(at)));
            value.store(x.add(at));
            sum = sum.add(value);
        }
        let mean = L::splat(sum.sum() / width as f32);
        let mut squares = L::splat(0.0);
        for at in (0..width).step_by(L::COUNT) {
            let off = L::load(x.add(at)).sub(mean);
            squares = off.mul_add(off, squares);
        }
        let scale = L::splat(1.0 / (squares.sum() / width as f32 + epsilon).sqrt());
        for at in (0..width).step_by(L::COUNT) {
            let value = L::load(x.add(at)).sub(mean).mul(scale);
            value.mul_add(L::load(weight.add(at)), L::load(bias.add(at))).store(x.add(at));
        }
    }
}

/// Turns `count` scores into shares of one, in place. The row is `stride` long, a multiple of the register; what lies behind
/// `count` becomes too small to count in the sum.
#[inline(always)]
pub(super) unsafe fn softmax<L: Lanes>(scores: *mut f32, count: usize, stride: usize) {
    unsafe {
        for at in count..stride {
            *scores.add(at) = f32::MIN;
        }
        let mut highest = L::splat(f32::MIN);
        for at in (0..stride).step_by(L::COUNT) {
            highest = highest.max(L::load(scores.add(at)));
        }
        let most = L::splat(highest.highest());
        let mut sum = L::splat(0.0);
        for at in (0..stride).step_by(L::COUNT) {
            let share = exp(L::load(scores.add(at)).sub(most));
            share.store(scores.add(at));
            sum = sum.add(share);
        }
        let scale = L::splat(1.0 / sum.sum());
        for at in (0..stride).step_by(L::COUNT) {
            L::load(scores.add(at)).mul(scale).store(scores.add(at));
        }
    }
}
