//! The encoder by itself, driven by `benches/inference/compare.py`, which runs peers in turn with it: JSON requests in,
//! times or vectors out, one a line.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use candle_transformers::models::bert::{BertModel, Config, DTYPE, HiddenAct, PositionEmbeddingType};
use clap::Parser;
use inference::{Choice, Encoder, EncoderConfig, Instructions, Precision, Tokens};
use serde::{Deserialize, Serialize};

#[derive(Debug, Parser)]
struct Args {
    /// A folder with model.safetensors and config.json, without heads.
    #[arg(long)]
    model: PathBuf,
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

#[derive(Debug, Deserialize)]
struct Request {
    engine: Engine,
    /// Token ids of each text.
    texts: Vec<Vec<u32>>,
    /// How often to compute them; 0: answer the vectors.
    runs: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Engine {
    Int8,
    /// On AVX-512 alone.
    #[serde(rename = "int8 without tiles")]
    Int8Avx512,
    Bf16,
    F32,
    Avx2,
    /// Our own path in candle.
    Portable,
    /// The BERT of candle-transformers.
    Candle,
}

#[derive(Debug, Default, Serialize)]
struct Answer {
    nanoseconds: Vec<u64>,
    vectors: Vec<Vec<f32>>,
}

type Broken = Box<dyn std::error::Error>;

enum Loaded {
    Ours(Encoder),
    Candle(BertModel),
}

fn main() -> Result<(), Broken> {
    let args = Args::parse();
    let config = EncoderConfig::read(&args.model.join("config.json"))?;
    let mut loaded = HashMap::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line?)?;
        let engine = match loaded.entry(request.engine) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(load(request.engine, &args, &config)?),
        };
        let answer = answer(engine, &request, &config)?;
        serde_json::to_writer(&mut out, &answer)?;
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

fn load(engine: Engine, args: &Args, config: &EncoderConfig) -> Result<Loaded, Broken> {
    let weights = args.model.join("model.safetensors");
    let choice = match engine {
        Engine::Candle => return Ok(Loaded::Candle(candle(&weights, config)?)),
        Engine::Int8 => Choice::within(Precision::Int8, Instructions::Amx)?,
        Engine::Int8Avx512 => Choice::within(Precision::Int8, Instructions::Avx512)?,
        Engine::Bf16 => Choice::within(Precision::Bf16, Instructions::Amx)?,
        Engine::F32 => Choice::within(Precision::F32, Instructions::Amx)?,
        Engine::Avx2 => Choice::within(Precision::F32, Instructions::Avx2)?,
        Engine::Portable => Choice::PORTABLE,
    };
    Ok(Loaded::Ours(Encoder::load_for(&weights, config, args.threads, choice)?))
}

fn candle(weights: &Path, config: &EncoderConfig) -> Result<BertModel, Broken> {
    let tensors = candle_core::safetensors::load(weights, &Device::Cpu)?;
    let vars = candle_nn::VarBuilder::from_tensors(tensors, DTYPE, &Device::Cpu);
    let config = Config {
        vocab_size: config.vocab_size,
        hidden_size: config.hidden_size,
        num_hidden_layers: config.num_hidden_layers,
        num_attention_heads: config.num_attention_heads,
        intermediate_size: config.intermediate_size,
        hidden_act: HiddenAct::Gelu,
        hidden_dropout_prob: 0.0,
        max_position_embeddings: config.max_position_embeddings,
        type_vocab_size: 1,
        initializer_range: 0.02,
        layer_norm_eps: config.layer_norm_eps,
        pad_token_id: 1,
        position_embedding_type: PositionEmbeddingType::Absolute,
        use_cache: false,
        classifier_dropout: None,
        model_type: None,
    };
    Ok(BertModel::load(vars, &config)?)
}

fn answer(loaded: &Loaded, request: &Request, config: &EncoderConfig) -> Result<Answer, Broken> {
    let mut answer = Answer::default();
    let texts = request.texts.iter().map(|ids| Tokens::new(ids.clone(), config).ok_or("a text does not fit"));
    let texts: Vec<Tokens> = texts.collect::<Result<_, _>>()?;
    if request.runs == 0 {
        answer.vectors = match loaded {
            Loaded::Ours(encoder) => encoder.encode(&texts)?.into_iter().map(|encoded| encoded.vector).collect(),
            Loaded::Candle(_) => Vec::new(),
        };
    }
    for _ in 0..request.runs {
        let began = Instant::now();
        match loaded {
            Loaded::Ours(encoder) => drop(encoder.encode(&texts)?),
            Loaded::Candle(model) => drop(padded(model, &request.texts)?),
        }
        answer.nanoseconds.push(u64::try_from(began.elapsed().as_nanos())?);
    }
    Ok(answer)
}

/// Mean-pooled vectors of texts that are padded to the longest.
fn padded(model: &BertModel, texts: &[Vec<u32>]) -> candle_core::Result<Vec<Vec<f32>>> {
    let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
    let fill = |of: fn(&u32) -> u32, rest: u32| -> candle_core::Result<Tensor> {
        let all = texts.iter().flat_map(|ids| ids.iter().map(of).chain(std::iter::repeat_n(rest, longest - ids.len())));
        Tensor::from_vec(all.collect(), (texts.len(), longest), &Device::Cpu)
    };
    let (ids, mask) = (fill(|id| *id, 1)?, fill(|_| 1, 0)?);
    let states = model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
    let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
    let sums = states.broadcast_mul(&mask)?.sum(1)?;
    sums.broadcast_div(&mask.sum(1)?)?.to_vec2()
}
