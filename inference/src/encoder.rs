//! The reference encoder: BERT (Devlin et al., 2019) with mean pooling, in candle on the processor.
//!
//! Texts of a batch lie packed one behind the other and are never padded: everything but attention
//! works on all tokens at once, attention on each text by itself. So a text's numbers do not depend
//! on its neighbours.

use std::path::Path;

use candle_core::{D, Device, Tensor};
use candle_nn::ops::{layer_norm, softmax_last_dim};
use rayon::prelude::*;

use crate::config::EncoderConfig;
use crate::weights::{Rows, Weights};
use crate::{InferenceError, Tokens};

/// Elements from which candle 0.11 spreads an elementwise operation over its own threads.
const SPREAD_FROM: usize = 64 * 1024;

/// What the encoder says of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The sentence vector, of length one.
    pub vector: Vec<f32>,
    /// The mean of the token states: what a model over several texts takes.
    pub pooled: Vec<f32>,
    /// Logits of each head, in the order of the configuration's heads.
    pub logits: Vec<Vec<f32>>,
    /// Logits of each token's label; empty for an encoder without a head on its tokens.
    pub tokens: Vec<Vec<f32>>,
}

/// A loaded encoder. Reads are `&self`; it uses at most the given number of threads.
pub struct Encoder {
    words: Rows,
    places: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    heads: Vec<Linear>,
    on_tokens: Option<Linear>,
    threads: rayon::ThreadPool,
}

impl Encoder {
    /// Loads `weights` (safetensors) in the shape that `config` says; computes on `threads` threads.
    pub fn load(weights: &Path, config: &EncoderConfig, threads: usize) -> Result<Encoder, InferenceError> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|n| format!("encoder-{n}"))
            .build()
            .map_err(|e| InferenceError::Weights(e.to_string()))?;
        let (hidden, positions) = (config.hidden_size, config.max_position_embeddings);
        let mut w = Weights::read(weights)?;
        let kind = w.take("embeddings.token_type_embeddings.weight", &[1, hidden])?;
        let places = w.take("embeddings.position_embeddings.weight", &[positions, hidden])?;
        let layers = (0..config.num_hidden_layers)
            .map(|n| Layer::load(&mut w, &format!("encoder.layer.{n}"), config))
            .collect::<Result<_, _>>()?;
        let heads = config
            .heads
            .iter()
            .map(|h| Linear::load(&mut w, &format!("heads.{}", h.name), h.labels, hidden))
            .collect::<Result<_, _>>()?;
        let on_tokens = match config.token_labels {
            0 => None,
            labels => Some(Linear::load(&mut w, "spans", labels, hidden)?),
        };
        Ok(Encoder {
            words: w.take_rows("embeddings.word_embeddings.weight", &[config.vocab_size, hidden])?,
            // There is one kind of text, so its vector belongs to every place.
            places: places.broadcast_add(&kind)?,
            norm: Norm::load(&mut w, "embeddings.LayerNorm", config)?,
            layers,
            heads,
            on_tokens,
            threads,
        })
    }

    /// Encodes a batch, answers in its order.
    pub fn encode(&self, batch: &[Tokens]) -> Result<Vec<Encoded>, InferenceError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.threads.install(|| self.forward(batch))?)
    }

    fn forward(&self, batch: &[Tokens]) -> candle_core::Result<Vec<Encoded>> {
        let ids: Vec<u32> = batch.iter().flat_map(|t| t.ids()).copied().collect();
        let places: Vec<u32> = batch.iter().flat_map(|t| 0..t.len() as u32).collect();
        let mut spans = Vec::with_capacity(batch.len());
        let mut start = 0;
        for tokens in batch {
            spans.push((start, tokens.len()));
            start += tokens.len();
        }
        let words = self.words.gather(&Tensor::from_vec(ids, start, &Device::Cpu)?)?;
        let places = self.places.index_select(&Tensor::from_vec(places, start, &Device::Cpu)?, 0)?;
        let mut x = self.norm.forward(&(words + places)?)?;
        for layer in &self.layers {
            x = layer.forward(&x, &spans)?;
        }
        self.judge(&x, &spans)
    }

    fn judge(&self, x: &Tensor, spans: &[(usize, usize)]) -> candle_core::Result<Vec<Encoded>> {
        let pooled =
            spans.iter().map(|&(start, len)| x.narrow(0, start, len)?.mean(0)).collect::<Result<Vec<_>, _>>()?;
        let pooled = Tensor::stack(&pooled, 0)?;
        let length = pooled.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        let vectors = pooled.broadcast_div(&length)?.to_vec2::<f32>()?;
        let mut heads = Vec::with_capacity(self.heads.len());
        for head in &self.heads {
            heads.push(head.forward(&pooled)?.to_vec2::<f32>()?.into_iter());
        }
        let tokens = self.on_tokens.as_ref().map(|head| head.forward(x)?.to_vec2::<f32>()).transpose()?;
        let mut tokens = tokens.unwrap_or_default().into_iter();
        Ok(vectors
            .into_iter()
            .zip(pooled.to_vec2::<f32>()?)
            .zip(spans)
            .map(|((vector, pooled), &(_, len))| Encoded {
                vector,
                pooled,
                logits: heads.iter_mut().filter_map(Iterator::next).collect(),
                tokens: tokens.by_ref().take(len).collect(),
            })
            .collect())
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Encoder").field("layers", &self.layers.len()).finish_non_exhaustive()
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
