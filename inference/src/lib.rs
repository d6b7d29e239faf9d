//! Tokens go in, vectors and logits come out: tokeniser, encoder and the batcher that keeps it busy.
//!
//! A caller makes [`Tokens`] with the [`Tokeniser`] and asks the [`Batcher`], whose thread owns an [`Encoder`]. Candle reads
//! the weights, computes the heads and, where there are no kernels for the processor or the shape, all of it; else the
//! layers are one operation of it (`engine`) on the processor's widest instructions.

mod background;
mod batcher;
mod choice;
mod config;
mod decoder;
mod encoder;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "kernels are instructions on memory that threads share; every use says why it is sound")]
mod engine;
mod error;
#[cfg_attr(target_os = "linux", expect(unsafe_code, reason = "the system is asked for a rank"))]
mod priority;
mod reference;
mod tokens;
mod weights;

pub use background::Background;
pub use batcher::{Batcher, Compute, Limits, Rank};
pub use choice::{Choice, INSTRUCTIONS, Instructions, Precision};
pub use config::{EncoderConfig, Head};
pub use decoder::{Context, Decoder, Pieces};
pub use encoder::{Encoded, Encoder};
#[cfg(target_arch = "x86_64")]
#[doc(hidden)]
pub use engine::measure;
pub use error::InferenceError;
pub use priority::go_last;
pub use tokens::{LONGEST_TEXT, Tokeniser, Tokens};
