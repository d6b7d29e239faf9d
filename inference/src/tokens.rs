use std::ops::Range;
use std::path::Path;

use tokenizers::{Tokenizer, TruncationParams};

use crate::{EncoderConfig, InferenceError};

/// Of a longer text only the beginning is read: more than the longest message of any channel, and
/// already more tokens than the encoder takes.
pub const LONGEST_TEXT: usize = 8_192;

/// A text in tokens: never empty, never longer than the encoder takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    ids: Vec<u32>,
    places: Vec<Range<usize>>,
}

impl Tokens {
    /// Tokens made elsewhere; none unless the encoder of this configuration can take them.
    pub fn new(ids: Vec<u32>, config: &EncoderConfig) -> Option<Tokens> {
        let fits = !ids.is_empty() && ids.len() <= config.max_position_embeddings;
        let places = vec![0..0; ids.len()];
        (fits && ids.iter().all(|id| (*id as usize) < config.vocab_size)).then_some(Tokens { ids, places })
    }

    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// For each token where it stands in the text, in bytes; empty for those of the frame.
    pub fn places(&self) -> &[Range<usize>] {
        &self.places
    }

    /// How many tokens, those of the frame included.
    #[expect(clippy::len_without_is_empty, reason = "there are no empty tokens")]
    pub fn len(&self) -> usize {
        self.ids.len()
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
            .encode(format!("{}{}", self.config.prefix, &text[..end]), true)
            .map_err(|e| InferenceError::Tokens(e.to_string()))?;
        let mut tokens = Tokens::new(encoding.get_ids().to_vec(), &self.config)
            .ok_or_else(|| InferenceError::Tokens("the tokenizer does not belong to this encoder".to_owned()))?;
        let before = self.config.prefix.len();
        let place = |&(from, to): &(usize, usize)| from.saturating_sub(before)..to.saturating_sub(before);
        tokens.places = encoding.get_offsets().iter().map(place).collect();
        Ok(tokens)
    }
}
