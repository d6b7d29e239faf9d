//! The encoder's layers in candle: what the engine's numbers are measured against, and what computes on processors and
//! shapes that it has no kernels for.

use candle_core::{Device, Tensor};
use candle_nn::ops::{layer_norm, softmax_last_dim};
use rayon::prelude::*;

use crate::weights::{Rows, Weights};
use crate::{EncoderConfig, InferenceError};

/// Elements from which candle 0.11 spreads an elementwise operation over its own threads.
const SPREAD_FROM: usize = 64 * 1024;

/// Embedding and layers. It uses at most the given number of threads.
pub(crate) struct Reference {
    words: Rows,
    places: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    threads: rayon::ThreadPool,
}

impl Reference {
    /// Takes the encoder's tensors out of `w`.
    pub(crate) fn load(w: &mut Weights, config: &EncoderConfig, threads: usize) -> Result<Reference, InferenceError> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|n| format!("encoder-{n}"))
            .build()
            .map_err(|e| InferenceError::Weights(e.to_string()))?;
        let (hidden, positions) = (config.hidden_size, config.max_position_embeddings);
        let kind = w.take("embeddings.token_type_embeddings.weight", &[1, hidden])?;
        let places = w.take("embeddings.position_embeddings.weight", &[positions, hidden])?;
        let layers = (0..config.num_hidden_layers)
            .map(|n| Layer::load(w, &format!("encoder.layer.{n}"), config))
            .collect::<Result<_, _>>()?;
        Ok(Reference {
            words: w.take_rows("embeddings.word_embeddings.weight", &[config.vocab_size, hidden])?,
            // There is one kind of text, so its vector belongs to every place.
            places: places.broadcast_add(&kind)?,
            norm: Norm::load(w, "embeddings.LayerNorm", config)?,
            layers,
            threads,
        })
    }

    /// The last layer's states, [tokens, hidden], of texts that lie one behind the other in `ids`.
    pub(crate) fn forward(&self, ids: Tensor, spans: &[(usize, usize)]) -> candle_core::Result<Tensor> {
        self.threads.install(|| {
            let places: Vec<u32> = spans.iter().flat_map(|&(_, len)| 0..len as u32).collect();
            let places = self.places.index_select(&Tensor::new(places, &Device::Cpu)?, 0)?;
            let mut x = self.norm.forward(&(self.words.gather(&ids)? + places)?)?;
            for layer in &self.layers {
                x = layer.forward(&x, spans)?;
            }
            Ok(x)
        })
    }
}

struct Layer {
    /// Query, key and value in one product.
    entry: Linear,
    exit: Linear,
    attention_norm: Norm,
    widen: Linear,
    narrow: Linear,
    output_norm: Norm,
    heads: usize,
}

impl Layer {
    fn load(w: &mut Weights, name: &str, config: &EncoderConfig) -> Result<Layer, InferenceError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let mut weights = Vec::with_capacity(3);
        let mut biases = Vec::with_capacity(3);
        // The scale of the scores goes into the query, once.
        let scale = ((hidden / config.num_attention_heads) as f64).sqrt().recip();
        for (part, scale) in [("query", scale), ("key", 1.0), ("value", 1.0)] {
            weights.push((w.take(&format!("{name}.attention.self.{part}.weight"), &[hidden, hidden])? * scale)?);
            biases.push((w.take(&format!("{name}.attention.self.{part}.bias"), &[hidden])? * scale)?);
        }
        Ok(Layer {
            entry: Linear::new(Tensor::cat(&weights, 0)?, Tensor::cat(&biases, 0)?)?,
            exit: Linear::load(w, &format!("{name}.attention.output.dense"), hidden, hidden)?,
            attention_norm: Norm::load(w, &format!("{name}.attention.output.LayerNorm"), config)?,
            widen: Linear::load(w, &format!("{name}.intermediate.dense"), wide, hidden)?,
            narrow: Linear::load(w, &format!("{name}.output.dense"), hidden, wide)?,
            output_norm: Norm::load(w, &format!("{name}.output.LayerNorm"), config)?,
            heads: config.num_attention_heads,
        })
    }

    fn forward(&self, x: &Tensor, spans: &[(usize, usize)]) -> candle_core::Result<Tensor> {
        let entry = self.entry.forward(x)?;
        let seen = spans.par_iter().map(|&span| self.attend(&entry, span)).collect::<Result<Vec<_>, _>>()?;
        let seen = self.exit.product(&Tensor::cat(&seen, 0)?)?;
        let x = in_blocks(&[x, &seen], |rows| self.attention_norm.forward(&(&rows[0] + self.exit.biased(&rows[1])?)?))?;
        let wide = in_blocks(&[&self.widen.product(&x)?], |rows| self.widen.biased(&rows[0])?.gelu_erf())?;
        let out = self.narrow.product(&wide)?;
        in_blocks(&[&x, &out], |rows| self.output_norm.forward(&(&rows[0] + self.narrow.biased(&rows[1])?)?))
    }

    /// Attention of one text over itself.
    fn attend(&self, entry: &Tensor, (start, len): (usize, usize)) -> candle_core::Result<Tensor> {
        let hidden = entry.dim(1)? / 3;
        let size = hidden / self.heads;
        // [len, 3 * hidden] -> three times [heads, len, size]
        let parts =
            entry.narrow(0, start, len)?.reshape((len, 3, self.heads, size))?.permute((1, 2, 0, 3))?.contiguous()?;
        let (query, key, value) = (parts.get(0)?, parts.get(1)?, parts.get(2)?);
        let seen = softmax_last_dim(&query.matmul(&key.t()?)?)?.matmul(&value)?;
        seen.transpose(0, 1)?.contiguous()?.reshape((len, hidden))
    }
}

/// Applies an operation to blocks of rows on the threads of the encoder.
///
/// Candle spreads elementwise work of this size over threads of its own, which no argument limits and
/// which wait spinning; smaller pieces stay where they are.
fn in_blocks<F>(inputs: &[&Tensor], apply: F) -> candle_core::Result<Tensor>
where
    F: Fn(&[Tensor]) -> candle_core::Result<Tensor> + Sync,
{
    let rows = inputs[0].dim(0)?;
    let mut widest = 1;
    for input in inputs {
        widest = widest.max(input.dim(1)?);
    }
    let height = (SPREAD_FROM / widest).saturating_sub(1).max(1);
    let starts: Vec<usize> = (0..rows).step_by(height).collect();
    let blocks = starts
        .par_iter()
        .map(|&start| {
            let len = height.min(rows - start);
            apply(&inputs.iter().map(|input| input.narrow(0, start, len)).collect::<Result<Vec<_>, _>>()?)
        })
        .collect::<Result<Vec<_>, _>>()?;
    match blocks.as_slice() {
        [only] => Ok(only.clone()),
        _ => Tensor::cat(&blocks, 0),
    }
}

/// Weight stored transposed: [in, out].
struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    fn new(weight: Tensor, bias: Tensor) -> candle_core::Result<Linear> {
        Ok(Linear { weight: weight.t()?.contiguous()?, bias })
    }

    fn load(w: &mut Weights, name: &str, rows: usize, columns: usize) -> Result<Linear, InferenceError> {
        let weight = w.take(&format!("{name}.weight"), &[rows, columns])?;
        Ok(Linear::new(weight, w.take(&format!("{name}.bias"), &[rows])?)?)
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        in_blocks(&[&self.product(x)?], |rows| self.biased(&rows[0]))
    }

    fn product(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        x.matmul(&self.weight)
    }

    fn biased(&self, product: &Tensor) -> candle_core::Result<Tensor> {
        product.broadcast_add(&self.bias)
    }
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f32,
}

impl Norm {
    fn load(w: &mut Weights, name: &str, config: &EncoderConfig) -> Result<Norm, InferenceError> {
        let shape = [config.hidden_size];
        Ok(Norm {
            weight: w.take(&format!("{name}.weight"), &shape)?,
            bias: w.take(&format!("{name}.bias"), &shape)?,
            epsilon: config.layer_norm_eps as f32,
        })
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        layer_norm(x, &self.weight, &self.bias, self.epsilon)
    }
}
