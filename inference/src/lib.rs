//! Tokens go in, vectors and logits come out: tokeniser, encoder and the batcher that keeps it busy.
//!
//! A caller makes [`Tokens`] with the [`Tokeniser`] and asks the [`Batcher`]; what computes behind it
//! (today [`Encoder`], in candle) can be replaced without a caller noticing.

mod batcher;
mod config;
mod encoder;
mod error;
mod tokens;
mod weights;

pub use batcher::{Batcher, Compute, Limits};
pub use config::{EncoderConfig, Head};
pub use encoder::{Encoded, Encoder};
pub use error::InferenceError;
pub use tokens::{Tokeniser, Tokens};
