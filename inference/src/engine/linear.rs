//! A linear map with its weights packed once, panel by panel, in the form its precision multiplies in.

use super::aligned::Aligned;
use super::byte::{self, Row};
use super::half;
use super::kernels::{
    End, Kernels, Product, Scales, pair_rows, product_byte, product_half, product_pairs, quantise_rows, round_rows,
};
use super::pairs;
use super::tiles;
use crate::choice::Precision;

/// `y = x Wᵀ + b`.
pub(super) struct Linear {
    k: usize,
    columns: usize,
    bias: Aligned<f32>,
    packed: Packed,
}

enum Packed {
    /// [panels, k, columns of a panel]
    Float(Aligned<f32>),
    /// [panels, k / 2, 32, 2]
    Half(Aligned<u16>),
    Byte {
        /// [panels, k / 4, 32, 4]
        bytes: Aligned<i8>,
        scales: Aligned<f32>,
        /// Of each column the sum of its bytes, times its scale.
        sums: Aligned<f32>,
        /// What each column of the activations is multiplied by before it is quantised.
        factors: Aligned<f32>,
    },
    Pairs {
        /// [panels, k / 2, 16, 2]
        bytes: Aligned<i8>,
        scales: Aligned<f32>,
    },
}

/// Room for the rows of a block in the form that a product takes.
pub(crate) struct Prepared {
    halves: Aligned<u16>,
    bytes: Aligned<u8>,
    rows: Vec<Row>,
    words: Aligned<i16>,
    scales: Vec<f32>,
}

impl Prepared {
    /// For at most `rows` rows of at most `widest` values.
    pub(crate) fn new(rows: usize, widest: usize) -> Prepared {
        let room = tiles::read(rows) * widest;
        Prepared {
            halves: Aligned::zeros(room),
            bytes: Aligned::zeros(room),
            rows: vec![Row::default(); rows],
            words: Aligned::zeros(room),
            scales: vec![0.0; rows],
        }
    }
}

impl Linear {
    /// Packs weights ([n, k], row by row). n and k are multiples of 32. `spread`: where it is known, for each column of the
    /// activations about how far its values reach; products in eight bits even them out (Xiao et al., 2023, 4).
    pub(super) fn new(
        weight: &[f32],
        bias: &[f32],
        kernels: &Kernels,
        precision: Precision,
        spread: Option<&[f32]>,
    ) -> Linear {
        let (n, k) = (bias.len(), weight.len() / bias.len());
        assert!(n.is_multiple_of(32) && k.is_multiple_of(32), "the encoder was to be computed by candle");
        let mut biases = Aligned::zeros(n);
        biases.copy_from_slice(bias);
        let columns = match precision {
            Precision::F32 => kernels.columns,
            Precision::Auto | Precision::Int8 if kernels.pairs => pairs::COLUMNS,
            _ => half::COLUMNS,
        };
        let packed = match precision {
            Precision::F32 => {
                let mut out = Aligned::zeros(n * k);
                pack(weight, k, columns, 1, &mut out, |w, _, _| w);
                Packed::Float(out)
            }
            Precision::Bf16 => {
                let mut out = Aligned::zeros(n * k);
                pack(weight, k, columns, 2, &mut out, |w, _, _| half::from_f32(w));
                Packed::Half(out)
            }
            Precision::Auto | Precision::Int8 if kernels.pairs => in_pairs(weight, n, k),
            Precision::Auto | Precision::Int8 => bytes(weight, n, k, spread),
        };
        Linear { k, columns, bias: biases, packed }
    }

    /// Computes `rows` rows, which lie one behind the other in `x` as in `out`.
    pub(super) fn apply(
        &self,
        kernels: &Kernels,
        x: &[f32],
        rows: usize,
        bent: bool,
        prepared: &mut Prepared,
        out: &mut [f32],
    ) {
        let (k, n) = (self.k, self.bias.len());
        assert!(x.len() >= rows * k && out.len() >= rows * n, "rows outside of their memory");
        let end = if bent { End::Gelu(self.bias.as_ptr()) } else { End::Bias(self.bias.as_ptr()) };
        let (count, out) = (n / self.columns, out.as_mut_ptr());
        // SAFETY: x and out hold the rows (asserted), the weights were packed for k and n, and whoever chose this precision
        // has seen that the processor has the instructions.
        unsafe {
            match &self.packed {
                Packed::Float(panels) => {
                    let (x, panels) = (x.as_ptr(), panels.as_ptr());
                    (kernels.product)(Product { x, stride: k, rows, k, panels, count, end, out, out_stride: n });
                }
                Packed::Half(panels) => {
                    assert!(prepared.halves.len() >= tiles::read(rows) * k, "a block was larger than said");
                    round_rows(x.as_ptr(), rows, k, k, prepared.halves.as_mut_ptr());
                    let (x, panels) = (prepared.halves.as_ptr(), panels.as_ptr());
                    let product = Product { x, stride: k, rows, k, panels, count, end, out, out_stride: n };
                    if kernels.tiles && tiles::fit(2 * k) {
                        tiles::product_half(product);
                    } else {
                        product_half(product);
                    }
                }
                Packed::Byte { bytes, scales, sums, factors } => {
                    assert!(
                        prepared.bytes.len() >= tiles::read(rows) * k && prepared.rows.len() >= rows,
                        "a block was larger than said"
                    );
                    let (to, known) = (prepared.bytes.as_mut_ptr(), prepared.rows.as_mut_ptr());
                    quantise_rows(x.as_ptr(), rows, k, factors.as_ptr(), to, known);
                    let (x, panels) = (prepared.bytes.as_ptr(), bytes.as_ptr());
                    let scales = Scales { rows: known, columns: scales.as_ptr(), sums: sums.as_ptr() };
                    let product = Product { x, stride: k, rows, k, panels, count, end, out, out_stride: n };
                    if kernels.tiles && tiles::fit(k) {
                        tiles::product_byte(product, scales);
                    } else {
                        product_byte(product, scales);
                    }
                }
                Packed::Pairs { bytes, scales } => {
                    assert!(
                        prepared.words.len() >= rows * k && prepared.scales.len() >= rows,
                        "a block was larger than said"
                    );
                    let (to, known) = (prepared.words.as_mut_ptr(), prepared.scales.as_mut_ptr());
                    pair_rows(x.as_ptr(), rows, k, to, known);
                    let (x, panels) = (prepared.words.as_ptr(), bytes.as_ptr());
                    let product = Product { x, stride: k, rows, k, panels, count, end, out, out_stride: n };
                    product_pairs(product, known, scales.as_ptr());
                }
            }
        }
    }
}

/// Weights in eight bits for activations that lose nothing beside them.
fn in_pairs(weight: &[f32], n: usize, k: usize) -> Packed {
    let (bytes, scales) = rounded(weight, n, k, (pairs::COLUMNS, 2), &vec![1.0; k]);
    Packed::Pairs { bytes, scales }
}

/// Weights, each divided by the factor of its place, as bytes with one scale a row, in panels of so many columns with so
/// many of their values together.
fn rounded(
    weight: &[f32],
    n: usize,
    k: usize,
    (columns, together): (usize, usize),
    factors: &[f32],
) -> (Aligned<i8>, Aligned<f32>) {
    let mut scales = Aligned::<f32>::zeros(n);
    for (row, scale) in weight.chunks_exact(k).zip(scales.iter_mut()) {
        let most = row.iter().zip(factors).fold(0.0_f32, |most, (value, factor)| most.max((value / factor).abs()));
        *scale = most.max(f32::MIN_POSITIVE) / 127.0;
    }
    let mut bytes = Aligned::<i8>::zeros(n * k);
    pack(weight, k, columns, together, &mut bytes, |value, row, at| {
        (value / factors[at] / scales[row]).round_ties_even().clamp(-127.0, 127.0) as i8
    });
    (bytes, scales)
}

/// Lays weights out by panels: within one `together` values of a column lie side by side, then the columns, then k.
fn pack<T>(
    weight: &[f32],
    k: usize,
    columns: usize,
    together: usize,
    out: &mut [T],
    form: impl Fn(f32, usize, usize) -> T,
) {
    for (row, values) in weight.chunks_exact(k).enumerate() {
        let (panel, column) = (row / columns, row % columns);
        for (at, value) in values.iter().enumerate() {
            let place = panel * k * columns + (at / together * columns + column) * together + at % together;
            out[place] = form(*value, row, at);
        }
    }
}

/// Weights in eight bits: each column of the activations is made narrower by a factor and the weights wider by it, so that
/// both lose alike; then one scale a row of weights.
fn bytes(weight: &[f32], n: usize, k: usize, spread: Option<&[f32]>) -> Packed {
    let mut factors = Aligned::zeros(k);
    factors.fill(1.0);
    if let Some(spread) = spread {
        let mut heights = vec![0.0_f32; k];
        for row in weight.chunks_exact(k) {
            for (height, value) in heights.iter_mut().zip(row) {
                *height = height.max(value.abs());
            }
        }
        for ((factor, height), spread) in factors.iter_mut().zip(&heights).zip(spread) {
            *factor = (height.max(1e-6) / spread.max(1e-6)).sqrt();
        }
    }
    let (bytes, scales) = rounded(weight, n, k, (byte::COLUMNS, 4), &factors);
    let mut sums = Aligned::<f32>::zeros(n);
    for (panel, values) in bytes.chunks_exact(k * byte::COLUMNS).enumerate() {
        for (at, value) in values.iter().enumerate() {
            sums[panel * byte::COLUMNS + at / 4 % byte::COLUMNS] += f32::from(*value);
        }
    }
    for (sum, scale) in sums.iter_mut().zip(scales.iter()) {
        *sum *= scale;
    }
    Packed::Byte { bytes, scales, sums, factors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::{Choice, Instructions};

    #[test]
    fn the_largest_sums_in_pairs_fit_and_nothing_stays_nothing() {
        let Ok(choice) = Choice::within(Precision::Int8, Instructions::Avx2) else { return };
        let kernels = Kernels::of(choice.instructions).expect("they were chosen");
        for k in [32, 384, 1536, 4096] {
            let map = Linear::new(&vec![0.25; 32 * k], &[0.5; 32], kernels, choice.precision, None);
            let mut x = vec![-3.0; 3 * k];
            x[k..2 * k].fill(0.0);
            let mut out = vec![0.0; 3 * 32];
            map.apply(kernels, &x, 3, false, &mut Prepared::new(3, k), &mut out);
            let expected = 0.5 - 0.75 * k as f32;
            for sum in out[..32].iter().chain(&out[64..]) {
                assert!((sum / expected - 1.0).abs() < 1e-4, "{sum} for {expected}, {k} together");
            }
            assert_eq!(out[32..64], [0.5; 32], "{k} together");
        }
    }
}
