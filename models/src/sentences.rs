//! Sentence vectors for retrieval across languages: the base encoder as it is.
//!
//! The reading model grew out of the same base, but what it learned of labels cost it what it knew of sentences:
//! parallel sentences found each other far less often. So vectors have a model of their own (see its card).

use std::path::Path;
use std::sync::Arc;

use inference::{Batcher, Encoder, EncoderConfig, Limits, Precision, Rank, Tokeniser, Tokens};

use crate::manifest::{self, LoadError};
use crate::reading::{ModelId, ReadError};
use crate::remote::Remote;

/// Texts that go through the encoder together when a call brings many.
const TEXTS_AT_ONCE: usize = 32;

/// A model of sentence vectors in memory. Clones share it.
#[derive(Debug, Clone)]
pub struct Sentences {
    loaded: Arc<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    model: ModelId,
    tokeniser: Tokeniser,
    batcher: Batcher,
}

impl Sentences {
    /// Loads the model in `folder` after checking each of its files; computes on `threads` threads, as exactly
    /// as `precision` says.
    pub fn load(folder: &Path, threads: usize, precision: Precision) -> Result<Sentences, LoadError> {
        let manifest = manifest::verify(folder)?;
        let config = EncoderConfig::read(&folder.join("config.json"))?;
        let tokeniser = Tokeniser::read(&folder.join("tokenizer.json"), &config)?;
        let encoder = Encoder::load(&folder.join("model.safetensors"), &config, threads, precision)?;
        let batcher = Batcher::start(Box::new(move |batch| encoder.encode(batch)), Limits::default())?;
        Ok(Sentences { loaded: Arc::new(Loaded { model: manifest.model(), tokeniser, batcher }) })
    }

    pub fn model(&self) -> &ModelId {
        &self.loaded.model
    }

    /// The vector of each text, of length one, in their order, and how many tokens all texts had; near ones mean nearly
    /// the same, in whatever language.
    pub async fn vectors(&self, texts: &[String]) -> Result<(Vec<Vec<f32>>, usize), ReadError> {
        // One text is a question, many are an archive.
        let rank = if texts.len() == 1 { Rank::Live } else { Rank::Bulk };
        let (mut vectors, mut tokens) = (Vec::with_capacity(texts.len()), 0);
        for part in texts.chunks(TEXTS_AT_ONCE) {
            let part = part.iter().map(|text| self.loaded.tokeniser.tokens(text)).collect::<Result<Vec<_>, _>>()?;
            tokens += part.iter().map(Tokens::len).sum::<usize>();
            vectors.extend(self.loaded.batcher.encode(part, rank).await?.into_iter().map(|encoded| encoded.vector));
        }
        Ok((vectors, tokens))
    }
}

/// A model of sentence vectors in this process or behind an address. Clones share it.
#[derive(Debug, Clone)]
pub enum SentenceModel {
    Here(Sentences),
    Elsewhere(Remote),
}

/// Vectors of one model; those of two tell nothing about each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vectors {
    /// Its id; empty where there was no text.
    pub model: String,
    /// One a text, of length one, in their order.
    pub of: Vec<Vec<f32>>,
}

impl SentenceModel {
    /// The vector of each text; see [`Sentences::vectors`].
    pub async fn vectors(&self, texts: &[String]) -> Result<Vectors, ReadError> {
        match self {
            Self::Here(_) if texts.is_empty() => Ok(Vectors::default()),
            Self::Here(here) => Ok(Vectors { model: here.model().id.clone(), of: here.vectors(texts).await?.0 }),
            Self::Elsewhere(remote) => remote.vectors(texts).await,
        }
    }
}
