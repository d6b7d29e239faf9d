use std::path::Path;

use serde::Deserialize;

use crate::InferenceError;

/// The shape of a BERT encoder with linear heads on its mean-pooled vector and on its tokens: `config.json` of a model.
/// Field names are those of Hugging Face's BERT configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct EncoderConfig {
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub vocab_size: usize,
    /// The longest text in tokens.
    pub max_position_embeddings: usize,
    pub layer_norm_eps: f64,
    /// Put before every text, as the encoder was trained.
    pub prefix: String,
    pub heads: Vec<Head>,
    /// How many labels the linear head on the tokens scores; 0: there is none.
    #[serde(default)]
    pub token_labels: usize,
}

/// A linear head: its name in the weights file and how many labels it scores.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Head {
    pub name: String,
    pub labels: usize,
}

impl EncoderConfig {
    pub fn read(path: &Path) -> Result<EncoderConfig, InferenceError> {
        let fault = |reason: String| InferenceError::File { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|e| fault(e.to_string()))?;
        let config: EncoderConfig = serde_json::from_str(&text).map_err(|e| fault(e.to_string()))?;
        if config.num_attention_heads == 0 || !config.hidden_size.is_multiple_of(config.num_attention_heads) {
            return Err(fault(format!(
                "hidden_size {} is no multiple of num_attention_heads {}",
                config.hidden_size, config.num_attention_heads
            )));
        }
        if config.max_position_embeddings < 2 {
            return Err(fault("max_position_embeddings leaves no room for a text".to_owned()));
        }
        Ok(config)
    }
}
