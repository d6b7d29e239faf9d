//! BERT (Devlin et al., 2019) with mean pooling and linear heads, in candle on the processor.
//!
//! Texts of a batch lie packed one behind the other and are never padded: everything but attention works on all tokens at
//! once, attention on each text by itself. So a text's numbers do not depend on its neighbours.

use std::path::Path;

use candle_core::{D, Device, Tensor};

use crate::choice::{Choice, Precision};
use crate::config::EncoderConfig;
#[cfg(target_arch = "x86_64")]
use crate::engine::{Engine, Forward};
use crate::reference::Reference;
use crate::weights::Weights;
use crate::{InferenceError, Tokens};

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
    layers: Layers,
    /// Weight and bias of all heads in one, [hidden, labels] and [labels], and how many labels each has.
    heads: Option<(Tensor, Tensor)>,
    labels: Vec<usize>,
    on_tokens: Option<(Tensor, Tensor)>,
    choice: Choice,
}

enum Layers {
    #[cfg(target_arch = "x86_64")]
    Engine(Box<Engine>),
    Candle(Reference),
}

impl Encoder {
    /// Loads `weights` (safetensors) in the shape that `config` says, to compute on `threads` threads as exactly as
    /// `precision` says and as fast as the processor can.
    pub fn load(
        weights: &Path,
        config: &EncoderConfig,
        threads: usize,
        precision: Precision,
    ) -> Result<Encoder, InferenceError> {
        Encoder::load_for(weights, config, threads, Choice::new(precision)?)
    }

    /// The same with chosen kernels. Where they do not take the encoder's shape, candle computes in f32.
    pub fn load_for(
        weights: &Path,
        config: &EncoderConfig,
        threads: usize,
        choice: Choice,
    ) -> Result<Encoder, InferenceError> {
        let hidden = config.hidden_size;
        let mut w = Weights::read(weights)?;
        let mut head = |name: &str, labels: usize| -> Result<(Tensor, Tensor), InferenceError> {
            let weight = w.take(&format!("{name}.weight"), &[labels, hidden])?;
            Ok((weight, w.take(&format!("{name}.bias"), &[labels])?))
        };
        let heads = config.heads.iter().map(|h| head(&format!("heads.{}", h.name), h.labels));
        let (weights, biases): (Vec<_>, Vec<_>) = heads.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let heads = match weights.is_empty() {
            true => None,
            false => Some(transposed(Tensor::cat(&weights, 0)?, Tensor::cat(&biases, 0)?)?),
        };
        let on_tokens = match config.token_labels {
            0 => None,
            labels => {
                let (weight, bias) = head("spans", labels)?;
                Some(transposed(weight, bias)?)
            }
        };
        let labels = config.heads.iter().map(|head| head.labels).collect();
        let layers = Layers::load(&mut w, config, threads, choice)?;
        Ok(Encoder { choice: layers.choice(choice), layers, heads, labels, on_tokens })
    }

    /// What computes: narrower than was asked for where the kernels do not take the encoder's shape.
    pub fn choice(&self) -> Choice {
        self.choice
    }

    /// Encodes a batch, answers in its order.
    pub fn encode(&self, batch: &[Tokens]) -> Result<Vec<Encoded>, InferenceError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.forward(batch)?)
    }

    fn forward(&self, batch: &[Tokens]) -> candle_core::Result<Vec<Encoded>> {
        let ids: Vec<u32> = batch.iter().flat_map(|t| t.ids()).copied().collect();
        let mut spans = Vec::with_capacity(batch.len());
        let mut start = 0;
        for tokens in batch {
            spans.push((start, tokens.len()));
            start += tokens.len();
        }
        let (states, pooled) = self.layers.forward(Tensor::from_vec(ids, start, &Device::Cpu)?, &spans)?;
        self.judge(&states, &pooled, &spans)
    }

    fn judge(&self, states: &Tensor, pooled: &Tensor, spans: &[(usize, usize)]) -> candle_core::Result<Vec<Encoded>> {
        let length = pooled.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        let vectors = pooled.broadcast_div(&length)?.to_vec2::<f32>()?;
        let mut heads = logits(self.heads.as_ref(), pooled)?.into_iter();
        let mut tokens = logits(self.on_tokens.as_ref(), states)?.into_iter();
        Ok(vectors
            .into_iter()
            .zip(pooled.to_vec2::<f32>()?)
            .zip(spans)
            .map(|((vector, pooled), &(_, len))| {
                let mut said = heads.next().unwrap_or_default().into_iter();
                let logits = self.labels.iter().map(|labels| said.by_ref().take(*labels).collect()).collect();
                Encoded { vector, pooled, logits, tokens: tokens.by_ref().take(len).collect() }
            })
            .collect())
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Encoder").field("choice", &self.choice).finish_non_exhaustive()
    }
}

/// A head as rows are multiplied with it: its weight [hidden, labels].
fn transposed(weight: Tensor, bias: Tensor) -> candle_core::Result<(Tensor, Tensor)> {
    Ok((weight.t()?.contiguous()?, bias))
}

/// A linear head on rows; nothing where there is none.
fn logits(head: Option<&(Tensor, Tensor)>, x: &Tensor) -> candle_core::Result<Vec<Vec<f32>>> {
    match head {
        Some((weight, bias)) => x.matmul(weight)?.broadcast_add(bias)?.to_vec2(),
        None => Ok(Vec::new()),
    }
}

impl Layers {
    #[cfg(target_arch = "x86_64")]
    fn load(w: &mut Weights, config: &EncoderConfig, threads: usize, choice: Choice) -> Result<Layers, InferenceError> {
        match Engine::load(w, config, choice, threads)? {
            Some(engine) => Ok(Layers::Engine(Box::new(engine))),
            None => Ok(Layers::Candle(Reference::load(w, config, threads)?)),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn load(w: &mut Weights, config: &EncoderConfig, threads: usize, _: Choice) -> Result<Layers, InferenceError> {
        Ok(Layers::Candle(Reference::load(w, config, threads)?))
    }

    fn choice(&self, asked: Choice) -> Choice {
        match self {
            #[cfg(target_arch = "x86_64")]
            Layers::Engine(_) => asked,
            Layers::Candle(_) => Choice::PORTABLE,
        }
    }

    /// The last layer's states, [tokens, hidden], and their mean over each text, [texts, hidden].
    fn forward(&self, ids: Tensor, spans: &[(usize, usize)]) -> candle_core::Result<(Tensor, Tensor)> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Layers::Engine(engine) => {
                let ends: Vec<usize> = spans.iter().map(|(start, len)| start + len).collect();
                let tokens = ids.elem_count();
                let out = ids.apply_op1_no_bwd(&Forward { engine, ends: &ends })?;
                Ok((out.narrow(0, 0, tokens)?, out.narrow(0, tokens, spans.len())?))
            }
            Layers::Candle(reference) => {
                let states = reference.forward(ids, spans)?;
                let means = spans.iter().map(|&(start, len)| states.narrow(0, start, len)?.mean(0));
                let means = Tensor::stack(&means.collect::<Result<Vec<_>, _>>()?, 0)?;
                Ok((states, means))
            }
        }
    }
}
