//! One layer: attention over what was read so far, then the gated network, each between two norms and added to its
//! input (Gemma Team, 2025, "Gemma 3 Technical Report", 2; norms by root mean square: Zhang and Sennrich, 2019).

use super::arithmetic::{Arithmetic, BLOCK, Map, Room};
use super::attention::{Attention, Memory};
use super::file::{Shape, Weights};
use crate::InferenceError;

pub(super) struct Layer {
    before: Norm,
    /// Query of all heads, key and value in one.
    enter: Map,
    attention: Attention,
    leave: Map,
    after: Norm,
    before_inner: Norm,
    /// Gate and what it lets through in one.
    widen: Map,
    narrow: Map,
    after_inner: Norm,
    shape: Shape,
}

/// Memory of the thread that computes.
pub(super) struct Scratch {
    pub(super) room: Room,
    normed: Vec<f32>,
    seen: Vec<f32>,
    context: Vec<f32>,
    wide: Vec<f32>,
    gated: Vec<f32>,
    out: Vec<f32>,
    scores: Vec<f32>,
}

impl Scratch {
    /// For texts of at most `longest` tokens, a multiple of a panel's columns.
    pub(super) fn new(arithmetic: Arithmetic, shape: &Shape, longest: usize) -> Scratch {
        let zeros = |width: usize| vec![0.0; BLOCK * width];
        let heads = shape.heads * shape.head;
        Scratch {
            room: arithmetic.room(heads.max(shape.inner).max(shape.width)),
            normed: zeros(shape.width),
            seen: zeros(heads + 2 * shape.head),
            context: zeros(heads),
            wide: zeros(2 * shape.inner),
            gated: zeros(shape.inner),
            out: zeros(shape.width),
            scores: Attention::scores(shape, longest),
        }
    }
}

impl Layer {
    pub(super) fn take(
        weights: &mut Weights,
        number: usize,
        shape: Shape,
        arithmetic: Arithmetic,
        longest: usize,
    ) -> Result<Layer, InferenceError> {
        let Shape { width, inner, heads, head, epsilon, .. } = shape;
        let mut take = |part: &str, size: usize| weights.take(&format!("blk.{number}.{part}.weight"), size);
        let mut map = |parts: &[(&str, usize)], k: usize| {
            let mut all = Vec::new();
            for (part, rows) in parts {
                all.extend(take(part, rows * k)?);
            }
            Ok::<_, InferenceError>(arithmetic.map(&all, all.len() / k))
        };
        let enter = map(&[("attn_q", heads * head), ("attn_k", head), ("attn_v", head)], width)?;
        let leave = map(&[("attn_output", width)], heads * head)?;
        let widen = map(&[("ffn_gate", inner), ("ffn_up", inner)], width)?;
        let narrow = map(&[("ffn_down", width)], inner)?;
        let mut norm = |part: &str, size: usize| Ok::<_, InferenceError>(Norm { weight: take(part, size)?, epsilon });
        let (query, key) = (norm("attn_q_norm", head)?, norm("attn_k_norm", head)?);
        Ok(Layer {
            before: norm("attn_norm", width)?,
            enter,
            attention: Attention::new(shape, number, query, key, longest),
            leave,
            after: norm("post_attention_norm", width)?,
            before_inner: norm("ffn_norm", width)?,
            widen,
            narrow,
            after_inner: norm("post_ffw_norm", width)?,
            shape,
        })
    }

    /// Takes the states of tokens ([tokens, width], at most [`BLOCK`]) through the layer; the first of them is the
    /// `start`-th of its text, and the layer's memory holds those before it.
    pub(super) fn pass(
        &self,
        arithmetic: Arithmetic,
        states: &mut [f32],
        start: usize,
        memory: &mut Memory,
        scratch: &mut Scratch,
    ) {
        let Shape { width, inner, .. } = self.shape;
        let tokens = states.len() / width;
        let Scratch { room, normed, seen, context, wide, gated, out, scores } = scratch;
        let (normed, out) = (&mut normed[..tokens * width], &mut out[..tokens * width]);
        self.before.apply(states, normed);
        arithmetic.apply(&self.enter, normed, tokens, room, seen);
        self.attention.attend(arithmetic, seen, tokens, start, memory, scores, context);
        arithmetic.apply(&self.leave, context, tokens, room, out);
        self.after.add(out, states);
        self.before_inner.apply(states, normed);
        arithmetic.apply(&self.widen, normed, tokens, room, wide);
        for (gated, both) in gated.chunks_exact_mut(inner).zip(wide.chunks_exact(2 * inner)).take(tokens) {
            let (gate, up) = both.split_at(inner);
            for ((gated, gate), up) in gated.iter_mut().zip(gate).zip(up) {
                *gated = gelu(*gate) * up;
            }
        }
        arithmetic.apply(&self.narrow, gated, tokens, room, out);
        self.after_inner.add(out, states);
    }
}

/// Divides rows by their root mean square and multiplies each column by its weight.
pub(super) struct Norm {
    pub(super) weight: Vec<f32>,
    pub(super) epsilon: f32,
}

impl Norm {
    pub(super) fn apply(&self, x: &[f32], out: &mut [f32]) {
        let width = self.weight.len();
        for (x, out) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            let scale = self.scale(x);
            for ((out, x), weight) in out.iter_mut().zip(x).zip(&self.weight) {
                *out = x * scale * weight;
            }
        }
    }

    /// Adds the normed rows of `x` to `states`.
    fn add(&self, x: &[f32], states: &mut [f32]) {
        let width = self.weight.len();
        for (x, state) in x.chunks_exact(width).zip(states.chunks_exact_mut(width)) {
            let scale = self.scale(x);
            for ((state, x), weight) in state.iter_mut().zip(x).zip(&self.weight) {
                *state += x * scale * weight;
            }
        }
    }

    fn scale(&self, x: &[f32]) -> f32 {
        // Sums side by side, so that they are computed at once.
        let mut sums = [0.0_f32; 16];
        for part in x.chunks_exact(16) {
            sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value * value);
        }
        1.0 / (sums.iter().sum::<f32>() / x.len() as f32 + self.epsilon).sqrt()
    }
}

/// GELU by the hyperbolic tangent (Hendrycks and Gimpel, 2016), which is x times the logistic function of twice its
/// argument.
fn gelu(x: f32) -> f32 {
    let twice = 1.595_769 * (x + 0.044_715 * x * x * x);
    x / (1.0 + exp(-twice))
}

/// `e^x` to about 2e-6 of it, without a branch: a whole power of two and a polynomial of the rest. Beyond ±87 as there.
fn exp(x: f32) -> f32 {
    /// Added to a number of this size, the last bits of the sum hold it rounded.
    const WHOLE: f32 = 12_582_912.0;
    let x = if x > 87.0 { 87.0 } else { x };
    let x = if x < -87.0 { -87.0 } else { x };
    let held = x * std::f32::consts::LOG2_E + WHOLE;
    let power = held - WHOLE;
    let rest = x - power * 0.693_359_4 + power * 2.121_944_4e-4;
    let mut sum = 1.398_2e-3;
    for factor in [8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5] {
        sum = sum * rest + factor;
    }
    let value = sum * rest * rest + rest + 1.0;
    value * f32::from_bits((held.to_bits() << 23).wrapping_add(0x3f80_0000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gelu_is_that_of_the_library() {
        for at in -1_200..1_200 {
            let x = at as f32 / 100.0;
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (f64::from(x) + 0.044_715 * f64::from(x).powi(3));
            let wanted = 0.5 * f64::from(x) * (1.0 + inner.tanh());
            assert!((f64::from(gelu(x)) - wanted).abs() < 1e-5, "{x}: {} {wanted}", gelu(x));
        }
        // The power of e ends at 87.
        assert!(gelu(-1e30).abs() < 1e-7, "{}", gelu(-1e30));
        assert_eq!(gelu(1e6), 1e6);
    }
}
