//! One layer of the encoder before and after attention, and the embedding before the first (Devlin et al., 2019; norms
//! stand behind each sum, as in Vaswani et al., 2017).

use std::ops::Range;

use candle_core::Tensor;

use super::Texts;
use super::aligned::Aligned;
use super::attention::{Heads, Room};
use super::kernels::Kernels;
use super::linear::{Linear, Prepared};
use super::rows::Shared;
use crate::choice::Precision;
use crate::weights::{Table, Weights};
use crate::{EncoderConfig, InferenceError};

/// Rows that go through a layer together: their widest form stays in a core's own cache.
pub(super) const BLOCK: usize = 64;

pub(super) struct Layer {
    /// Query, key and value in one.
    enter: Linear,
    leave: Linear,
    attention_norm: Norm,
    widen: Linear,
    narrow: Linear,
    output_norm: Norm,
}

/// A thread's own memory.
pub(super) struct Scratch {
    prepared: Prepared,
    wide: Aligned<f32>,
    narrow: Aligned<f32>,
    pub(super) attention: Room,
}

impl Scratch {
    pub(super) fn new(longest: usize, hidden: usize, wide: usize, heads: Heads) -> Scratch {
        Scratch {
            prepared: Prepared::new(BLOCK, hidden.max(wide)),
            wide: Aligned::zeros(BLOCK * wide),
            narrow: Aligned::zeros(BLOCK * hidden),
            attention: Room::new(longest, heads),
        }
    }
}

impl Layer {
    /// `spread`: how far the values of each column of the layer's input reach.
    pub(super) fn take(
        weights: &mut Weights,
        number: usize,
        config: &EncoderConfig,
        kernels: &Kernels,
        precision: Precision,
        spread: &[f32],
    ) -> Result<Layer, InferenceError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let name = format!("encoder.layer.{number}");
        let attention_norm = Norm::take(weights, &format!("{name}.attention.output.LayerNorm"), config)?;
        let output_norm = Norm::take(weights, &format!("{name}.output.LayerNorm"), config)?;
        let mut linear = |parts: &[(&str, f32)], rows: usize, columns: usize, spread: Option<&[f32]>| {
            let (mut weight, mut bias) = (Vec::new(), Vec::new());
            for (part, scale) in parts {
                let rows_of = weights.take(&format!("{name}.{part}.weight"), &[rows, columns])?;
                weight.extend(floats(&(rows_of * f64::from(*scale))?)?);
                let bias_of = weights.take(&format!("{name}.{part}.bias"), &[rows])?;
                bias.extend(floats(&(bias_of * f64::from(*scale))?)?);
            }
            Ok::<_, InferenceError>(Linear::new(&weight, &bias, kernels, precision, spread))
        };
        // The scale of the scores goes into the query, once.
        let scale = ((hidden / config.num_attention_heads) as f32).sqrt().recip();
        let three = [("attention.self.query", scale), ("attention.self.key", 1.0), ("attention.self.value", 1.0)];
        let enter = linear(&three, hidden, hidden, Some(spread))?;
        // Of what attention gives and of the widened rows no norm says how far they reach.
        let leave = linear(&[("attention.output.dense", 1.0)], hidden, hidden, None)?;
        let narrow = linear(&[("output.dense", 1.0)], hidden, wide, None)?;
        let widen = linear(&[("intermediate.dense", 1.0)], wide, hidden, Some(&attention_norm.spread()))?;
        Ok(Layer { enter, leave, attention_norm, widen, narrow, output_norm })
    }

    pub(super) fn spread(&self) -> Vec<f32> {
        self.output_norm.spread()
    }

    /// Query, key and value of a thread's own rows.
    pub(super) fn enter(
        &self,
        kernels: &Kernels,
        own: Range<usize>,
        states: &Shared<'_>,
        seen: &Shared<'_>,
        scratch: &mut Scratch,
    ) {
        for block in blocks(own) {
            let count = block.len();
            // SAFETY: these rows are the thread's own.
            let (x, out) = unsafe { (states.read(block.clone()), seen.write(block)) };
            self.enter.apply(kernels, x, count, false, &mut scratch.prepared, out);
        }
    }

    /// All that follows attention, for a thread's own rows.
    pub(super) fn leave(
        &self,
        kernels: &Kernels,
        own: Range<usize>,
        context: &Shared<'_>,
        states: &Shared<'_>,
        scratch: &mut Scratch,
    ) {
        let Scratch { prepared, wide, narrow, .. } = scratch;
        for block in blocks(own) {
            let count = block.len();
            // SAFETY: these rows are the thread's own.
            let (context, x) = unsafe { (context.read(block.clone()), states.write(block)) };
            self.leave.apply(kernels, context, count, false, prepared, narrow);
            self.attention_norm.add(kernels, x, narrow);
            self.widen.apply(kernels, x, count, true, prepared, wide);
            self.narrow.apply(kernels, wide, count, false, prepared, narrow);
            self.output_norm.add(kernels, x, narrow);
        }
    }
}

/// Words and places as they enter the first layer.
pub(super) struct Embedding {
    words: Table,
    /// A place's vector, that of the only kind of text included.
    places: Vec<f32>,
    norm: Norm,
}

impl Embedding {
    pub(super) fn take(weights: &mut Weights, config: &EncoderConfig) -> Result<Embedding, InferenceError> {
        let hidden = config.hidden_size;
        let kind = weights.take("embeddings.token_type_embeddings.weight", &[1, hidden])?;
        let places =
            weights.take("embeddings.position_embeddings.weight", &[config.max_position_embeddings, hidden])?;
        Ok(Embedding {
            words: weights.take_rows("embeddings.word_embeddings.weight", &[config.vocab_size, hidden])?.table()?,
            places: floats(&places.broadcast_add(&kind)?)?,
            norm: Norm::take(weights, "embeddings.LayerNorm", config)?,
        })
    }

    pub(super) fn spread(&self) -> Vec<f32> {
        self.norm.spread()
    }

    /// Writes a thread's own rows of the states.
    pub(super) fn embed(&self, kernels: &Kernels, texts: &Texts<'_>, own: Range<usize>, states: &Shared<'_>) {
        let hidden = self.norm.weight.len();
        let mut text = texts.ends.partition_point(|end| *end <= own.start);
        for row in own {
            while texts.ends[text] <= row {
                text += 1;
            }
            let place = row - if text == 0 { texts.start } else { texts.ends[text - 1] };
            // SAFETY: this row is the thread's own.
            let x = unsafe { states.write(row..row + 1) };
            self.words.copy_row(texts.ids[row] as usize, x);
            self.norm.add(kernels, x, &self.places[place * hidden..][..hidden]);
        }
    }
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    fn take(weights: &mut Weights, name: &str, config: &EncoderConfig) -> Result<Norm, InferenceError> {
        let shape = [config.hidden_size];
        Ok(Norm {
            weight: floats(&weights.take(&format!("{name}.weight"), &shape)?)?,
            bias: floats(&weights.take(&format!("{name}.bias"), &shape)?)?,
            epsilon: config.layer_norm_eps as f32,
        })
    }

    /// `x = norm(x + y)`, row by row.
    fn add(&self, kernels: &Kernels, x: &mut [f32], y: &[f32]) {
        let width = self.weight.len();
        assert!(x.len() <= y.len(), "rows outside of their memory");
        let norm = (self.weight.as_ptr(), self.bias.as_ptr(), self.epsilon);
        for (x, y) in x.chunks_exact_mut(width).zip(y.chunks_exact(width)) {
            // SAFETY: both rows are as wide as the norm.
            unsafe { (kernels.add_norm)(x.as_mut_ptr(), y.as_ptr(), width, norm) }
        }
    }

    /// About how far each column reaches: normed values lie within some standard deviations.
    fn spread(&self) -> Vec<f32> {
        self.weight.iter().zip(&self.bias).map(|(weight, bias)| 3.0 * weight.abs() + bias.abs()).collect()
    }
}

/// Rows in blocks of at most [`BLOCK`].
pub(super) fn blocks(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    // As even as can be, so that no small rest runs slowly.
    let count = rows.len().div_ceil(BLOCK).max(1);
    (0..count).map(move |at| rows.start + rows.len() * at / count..rows.start + rows.len() * (at + 1) / count)
}

fn floats(tensor: &Tensor) -> candle_core::Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}
