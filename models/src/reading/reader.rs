//! The loaded model: texts in, readings out.

use std::path::Path;
use std::sync::Arc;

use inference::{Batcher, Encoded, Encoder, EncoderConfig, InferenceError, Limits, Tokeniser};

use crate::entities::{self, MenuWords};
use crate::manifest::{self, LoadError};
use crate::reading::judge::Judge;
use crate::reading::{ModelId, Reading};

/// Texts that go through tokeniser and encoder together when a call brings many.
const TEXTS_AT_ONCE: usize = 32;

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Too many calls wait; nothing was lost, the same call can be made again.
    #[error("the reading model is busy; ask again in a moment")]
    Busy,
    #[error(transparent)]
    Inference(InferenceError),
}

impl From<InferenceError> for ReadError {
    fn from(error: InferenceError) -> Self {
        match error {
            InferenceError::Busy => ReadError::Busy,
            other => ReadError::Inference(other),
        }
    }
}

/// A reading model in memory. Clones share it.
#[derive(Debug, Clone)]
pub struct Reader {
    loaded: Arc<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    model: ModelId,
    tokeniser: Tokeniser,
    batcher: Batcher,
    judge: Judge,
    menu: MenuWords,
}

impl Reader {
    /// Loads the model in `folder` after checking each of its files against the manifest.
    ///
    /// `menu` holds the dishes and ingredients to be found in texts; `threads` is how many threads the
    /// encoder may compute on.
    pub fn load(folder: &Path, menu: MenuWords, threads: usize) -> Result<Reader, LoadError> {
        let manifest = manifest::verify(folder)?;
        let config_path = folder.join("config.json");
        let config = EncoderConfig::read(&config_path)?;
        let tokeniser = Tokeniser::read(&folder.join("tokenizer.json"), &config)?;
        let model = manifest.model();
        let judge = Judge::new(manifest, &config, &config_path)?;
        let encoder = Encoder::load(&folder.join("model.safetensors"), &config, threads)?;
        let batcher = Batcher::start(Box::new(move |batch| encoder.encode(batch)), Limits::default())?;
        tracing::info!(model = %model.id, version = %model.version, threads, "the reading model is loaded");
        Ok(Reader { loaded: Arc::new(Loaded { model, tokeniser, batcher, judge, menu }) })
    }

    /// Which model this is: to be stored with whatever it says.
    pub fn model(&self) -> &ModelId {
        &self.loaded.model
    }

    /// Reads texts, answers in their order. Calls in flight merge into one batch.
    ///
    /// Any text has a reading. One with nothing to read in it (empty, white space, zero-width
    /// characters) is abstained on, with no topic. Of a text over 8,192 characters the beginning is read.
    pub async fn read(&self, texts: Vec<String>) -> Result<Vec<Reading>, ReadError> {
        let mut readings = Vec::with_capacity(texts.len());
        for part in texts.chunks(TEXTS_AT_ONCE) {
            let encoded = self.encode(part).await?;
            readings.extend(part.iter().zip(&encoded).map(|(text, encoded)| self.judge(text, encoded)));
        }
        Ok(readings)
    }

    /// The sentence vector of each text, of length one, for retrieval by cosine.
    pub async fn vectors(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ReadError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for part in texts.chunks(TEXTS_AT_ONCE) {
            vectors.extend(self.encode(part).await?.into_iter().map(|e| e.vector));
        }
        Ok(vectors)
    }

    /// What the encoder says of texts, before any label: for tests and evaluation.
    pub async fn encode(&self, texts: &[String]) -> Result<Vec<Encoded>, ReadError> {
        let tokens = texts.iter().map(|text| self.loaded.tokeniser.tokens(text)).collect::<Result<_, _>>()?;
        Ok(self.loaded.batcher.encode(tokens).await?)
    }

    fn judge(&self, text: &str, encoded: &Encoded) -> Reading {
        if !text.chars().any(is_visible) {
            return self.loaded.judge.nothing();
        }
        self.loaded.judge.read(encoded, entities::find(text, &self.loaded.menu))
    }
}

/// False for white space, controls and the characters that take no room.
fn is_visible(c: char) -> bool {
    let no_room = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}');
    !(c.is_whitespace() || c.is_control() || no_room)
}
