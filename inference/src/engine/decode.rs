//! What a decoder multiplies with: maps of its weights, and products with panels that grow by a token at a time.

use super::amx::Tiles;
use super::kernels::{End, Kernels, Product};
use super::linear::{Linear, Prepared};
use crate::choice::{Choice, Precision};

/// Kernels for one thread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arithmetic {
    kernels: &'static Kernels,
    precision: Precision,
}

/// `y = x Wᵀ`, its weights packed.
pub(crate) struct Map(Linear);

/// Rows of `x` that begin `stride` values apart, of which `k` are multiplied.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) stride: usize,
    pub(crate) rows: usize,
    pub(crate) k: usize,
}

impl Arithmetic {
    /// None where there are no kernels for the processor.
    pub(crate) fn of(choice: Choice) -> Option<Arithmetic> {
        Some(Arithmetic { kernels: Kernels::of(choice.instructions)?, precision: choice.precision })
    }

    /// To be kept by the thread while it computes.
    pub(crate) fn hold(self) -> Option<Tiles> {
        self.kernels.hold()
    }

    /// Columns of a panel in [`Arithmetic::product`].
    pub(crate) fn columns(self) -> usize {
        self.kernels.columns
    }

    /// Packs weights ([n, k], row by row); n and k are multiples of 32.
    pub(crate) fn map(self, weight: &[f32], n: usize) -> Map {
        Map(Linear::new(weight, &vec![0.0; n], self.kernels, self.precision, None))
    }

    /// `rows` rows that lie one behind the other in `x` as in `out`.
    pub(crate) fn apply(self, map: &Map, x: &[f32], rows: usize, prepared: &mut Prepared, out: &mut [f32]) {
        map.0.apply(self.kernels, x, rows, false, prepared, out);
    }

    /// `out[r][c] = sum over k of x[r][k] panels[k][c]` for the first `count` panels ([count, k, columns]).
    pub(crate) fn product(self, x: Rows<'_>, panels: &[f32], count: usize, out: &mut [f32], out_stride: usize) {
        let Rows { x, stride, rows, k } = x;
        let wide = count * self.columns();
        assert!(rows > 0 && x.len() >= (rows - 1) * stride + k, "rows outside of their memory");
        assert!(
            panels.len() >= k * wide && out.len() >= (rows - 1) * out_stride + wide,
            "panels outside of their memory"
        );
        let (x, panels, out) = (x.as_ptr(), panels.as_ptr(), out.as_mut_ptr());
        // SAFETY: rows, panels and answers lie within their slices (asserted), and the kernels were chosen for this processor.
        unsafe {
            (self.kernels.product)(Product { x, stride, rows, k, panels, count, end: End::Nothing, out, out_stride });
        }
    }

    /// Turns the first `count` scores of each row into shares of one; the rest of the row, `stride` values long, a multiple
    /// of [`Arithmetic::columns`], into shares too small to count.
    pub(crate) fn softmax(self, scores: &mut [f32], count: usize, stride: usize) {
        assert!(stride.is_multiple_of(self.columns()) && count <= stride, "rows of another width");
        // SAFETY: whole rows of the slice, and the kernels were chosen for this processor.
        unsafe { (self.kernels.softmax)(scores.as_mut_ptr(), scores.len() / stride, count, stride) }
    }
}
