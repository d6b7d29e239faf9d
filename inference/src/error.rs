use std::path::PathBuf;

/// Why a text was not encoded. One batch may hold many callers, so an error can be given to each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InferenceError {
    #[error("{}: {reason}; restore the model folder from the release", path.display())]
    File { path: PathBuf, reason: String },
    #[error("the encoder's weights do not fit its configuration: {0}; restore the model folder from the release")]
    Weights(String),
    #[error("the precision `{0}` is not to be had on this processor; ask for auto, int8, bf16 or f32")]
    Precision(String),
    #[error("OKNO_INSTRUCTIONS is `{0}`; set it to avx512, avx2 or portable, or leave it out")]
    Instructions(String),
    #[error("the text could not be cut into tokens: {0}")]
    Tokens(String),
    #[error("the encoder failed on this batch: {0}; the next call is served as usual")]
    Batch(String),
    #[error("the encoder's queue is full; ask again in a moment")]
    Busy,
    #[error("the encoder has stopped; restart the process")]
    Stopped,
}

impl InferenceError {
    /// What was to be computed panicked.
    pub fn panicked() -> InferenceError {
        InferenceError::Batch("it panicked".to_owned())
    }
}

impl From<candle_core::Error> for InferenceError {
    fn from(error: candle_core::Error) -> Self {
        InferenceError::Batch(error.to_string())
    }
}
