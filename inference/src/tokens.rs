use std::path::Path;

use tokenizers::{Tokenizer, TruncationParams};

use crate::{EncoderConfig, InferenceError};

/// Of a longer text only the beginning is read: more than the longest message of any channel, and
/// already more tokens than the encoder takes.
const LONGEST_TEXT: usize = 8_192;

/// A text in tokens: never empty, never longer than the encoder takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens(Vec<u32>);

impl Tokens {
    /// Tokens made elsewhere; none unless the encoder of this configuration can take them.
    pub fn new(ids: Vec<u32>, config: &EncoderConfig) -> Option<Tokens> {
        let fits = !ids.is_empty() && ids.len() <= config.max_position_embeddings;
        (fits && ids.iter().all(|id| (*id as usize) < config.vocab_size)).then_some(Tokens(ids))
    }

    pub fn ids(&self) -> &[u32] {
        &self.0
    }

    /// How many tokens, those of the frame included.
    #[expect(clippy::len_without_is_empty, reason = "there are no empty tokens")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Cuts texts into the tokens of one model.
#[derive(Debug, Clone)]
pub struct Tokeniser {
    inner: Tokenizer,
    config: EncoderConfig,
}

impl Tokeniser {
    /// Reads a `tokenizer.json`.
    pub fn read(path: &Path, config: &EncoderConfig) -> Result<Tokeniser, InferenceError> {
        let fault = |reason: String| InferenceError::File { path: path.to_owned(), reason };
        let mut inner = Tokenizer::from_file(path).map_err(|e| fault(e.to_string()))?;
        let size = inner.get_vocab_size(true);
        if size > config.vocab_size {
            return Err(fault(format!("it has {size} pieces, the encoder knows {}", config.vocab_size)));
        }
        let truncation = TruncationParams { max_length: config.max_position_embeddings, ..Default::default() };
        inner.with_truncation(Some(truncation)).map_err(|e| fault(e.to_string()))?;
        Ok(Tokeniser { inner, config: config.clone() })
    }

    /// Any text has tokens: an empty one those of the frame, a very long one those of its beginning.
    pub fn tokens(&self, text: &str) -> Result<Tokens, InferenceError> {
        let end = text.char_indices().nth(LONGEST_TEXT).map_or(text.len(), |(at, _)| at);
        let encoding = self
            .inner
            .encode_fast(format!("{}{}", self.config.prefix, &text[..end]), true)
            .map_err(|e| InferenceError::Tokens(e.to_string()))?;
        Tokens::new(encoding.get_ids().to_vec(), &self.config)
            .ok_or_else(|| InferenceError::Tokens("the tokenizer does not belong to this encoder".to_owned()))
    }
}
