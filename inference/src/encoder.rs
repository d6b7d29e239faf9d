//! The reference encoder: BERT (Devlin et al., 2019) with mean pooling, in candle on the processor.
//!
//! Texts of a batch lie packed one behind the other and are never padded: everything but attention
//! works on all tokens at once, attention on each text by itself. So a text's numbers do not depend
//! on its neighbours.

use std::path::Path;

use candle_core::{D, Device, Tensor};
use candle_nn::ops::{layer_norm, softmax_last_dim};

use crate::config::EncoderConfig;
use crate::weights::{Rows, Weights};
use crate::{InferenceError, Tokens};

/// What the encoder says of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The sentence vector, of length one.
    pub vector: Vec<f32>,
    /// Logits of each head, in the order of the configuration's heads.
    pub logits: Vec<Vec<f32>>,
}

/// A loaded encoder. Reads are `&self`; it uses at most the given number of threads.
pub struct Encoder {
    words: Rows,
    places: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    heads: Vec<Linear>,
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
        Ok(Encoder {
            words: w.take_rows("embeddings.word_embeddings.weight", &[config.vocab_size, hidden])?,
            // There is one kind of text, so its vector belongs to every place.
            places: places.broadcast_add(&kind)?,
            norm: Norm::load(&mut w, "embeddings.LayerNorm", config)?,
            layers,
            heads,
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
        Ok(vectors
            .into_iter()
            .map(|vector| Encoded { vector, logits: heads.iter_mut().filter_map(Iterator::next).collect() })
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
        for part in ["query", "key", "value"] {
            weights.push(w.take(&format!("{name}.attention.self.{part}.weight"), &[hidden, hidden])?);
            biases.push(w.take(&format!("{name}.attention.self.{part}.bias"), &[hidden])?);
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
        let seen = spans.iter().map(|&span| self.attend(&entry, span)).collect::<Result<Vec<_>, _>>()?;
        let x = self.attention_norm.forward(&(x + self.exit.forward(&Tensor::cat(&seen, 0)?)?)?)?;
        let wide = self.widen.forward(&x)?.gelu_erf()?;
        self.output_norm.forward(&(&x + self.narrow.forward(&wide)?)?)
    }

    /// Attention of one text over itself.
    fn attend(&self, entry: &Tensor, (start, len): (usize, usize)) -> candle_core::Result<Tensor> {
        let hidden = entry.dim(1)? / 3;
        let size = hidden / self.heads;
        // [len, 3 * hidden] -> three times [heads, len, size]
        let parts =
            entry.narrow(0, start, len)?.reshape((len, 3, self.heads, size))?.permute((1, 2, 0, 3))?.contiguous()?;
        let (query, key, value) = (parts.get(0)?, parts.get(1)?, parts.get(2)?);
        let scores = (query.matmul(&key.t()?)? / (size as f64).sqrt())?;
        let seen = softmax_last_dim(&scores)?.matmul(&value)?;
        seen.transpose(0, 1)?.contiguous()?.reshape((len, hidden))
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
        x.matmul(&self.weight)?.broadcast_add(&self.bias)
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
