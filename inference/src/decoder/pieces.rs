//! The pieces of a decoder's vocabulary, and texts cut into them.

use std::path::Path;

use tokenizers::Tokenizer;

use crate::InferenceError;

/// Cuts texts into the pieces of one decoder.
#[derive(Debug, Clone)]
pub struct Pieces {
    inner: Tokenizer,
}

impl Pieces {
    /// Reads a `tokenizer.json`.
    pub fn read(path: &Path) -> Result<Pieces, InferenceError> {
        let fault = |e: tokenizers::Error| InferenceError::File { path: path.to_owned(), reason: e.to_string() };
        let mut inner = Tokenizer::from_file(path).map_err(fault)?;
        // Whoever writes `<eos>` in a message has written five letters and two signs, not an end.
        inner.set_encode_special_tokens(true);
        Ok(Pieces { inner })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// A text's pieces, none before and none behind; marks that only the program sets are not among them.
    pub fn ids(&self, text: &str) -> Result<Vec<u32>, InferenceError> {
        let encoding = self.inner.encode_fast(text, false).map_err(|e| InferenceError::Tokens(e.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }

    pub fn id(&self, piece: &str) -> Option<u32> {
        self.inner.token_to_id(piece)
    }

    pub fn piece(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }
}
