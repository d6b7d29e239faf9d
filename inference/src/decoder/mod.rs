//! A small decoder (Gemma 3) that one thread computes, a block or a token at a time: ids go in, what may follow comes out.

mod arithmetic;
mod attention;
mod file;
mod layer;
mod pieces;

use std::path::Path;

use crate::InferenceError;
use crate::choice::{Choice, Precision};
use arithmetic::{Arithmetic, BLOCK, Map};
use attention::Memory;
use file::{Shape, Weights};
use layer::{Layer, Norm, Scratch};
pub use pieces::Pieces;

/// A loaded decoder.
pub struct Decoder {
    arithmetic: Arithmetic,
    shape: Shape,
    /// The pieces' vectors, as f32 and as what logits are made with.
    pieces: usize,
    vectors: Vec<f32>,
    logits: Map,
    layers: Vec<Layer>,
    norm: Norm,
    longest: usize,
}

/// What was read of one text.
pub struct Context {
    memories: Vec<Memory>,
    scratch: Scratch,
    states: Vec<f32>,
    logits: Vec<f32>,
    read: usize,
}

/// Panels are of at most so many columns.
const COLUMNS: usize = 32;

impl Decoder {
    /// Loads a GGUF file of the architecture `gemma3` for texts of at most `longest` tokens.
    pub fn load(path: &Path, longest: usize) -> Result<Decoder, InferenceError> {
        // What eight bits round off is too much for the wide values of a decoder.
        let choice = Choice::new(Precision::Bf16).or_else(|_| Choice::new(Precision::F32))?;
        Decoder::load_for(path, longest, choice)
    }

    /// The same with chosen kernels.
    pub fn load_for(path: &Path, longest: usize, choice: Choice) -> Result<Decoder, InferenceError> {
        let arithmetic = Arithmetic::of(choice);
        let (mut weights, shape) = Weights::open(path)?;
        let longest = longest.next_multiple_of(COLUMNS);
        let pieces = weights.rows("token_embd.weight");
        let mut vectors = weights.take("token_embd.weight", pieces * shape.width)?;
        // Panels are whole: behind the last piece stand some that are never asked for.
        vectors.resize(pieces.next_multiple_of(COLUMNS) * shape.width, 0.0);
        let logits = arithmetic.map(&vectors, vectors.len() / shape.width);
        let layers = (0..shape.layers).map(|number| Layer::take(&mut weights, number, shape, arithmetic, longest));
        let layers = layers.collect::<Result<_, _>>()?;
        let norm = Norm { weight: weights.take("output_norm.weight", shape.width)?, epsilon: shape.epsilon };
        Ok(Decoder { arithmetic, shape, pieces, vectors, logits, layers, norm, longest })
    }

    /// How many pieces it knows: ids are below.
    pub fn pieces(&self) -> usize {
        self.pieces
    }

    /// Tokens of the longest text.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Memory for a text; it can serve one after the other.
    pub fn context(&self) -> Context {
        Context {
            memories: self.layers.iter().map(|_| Memory::new(self.longest, &self.shape)).collect(),
            scratch: Scratch::new(self.arithmetic, &self.shape, self.longest),
            states: Vec::new(),
            logits: vec![0.0; self.vectors.len() / self.shape.width],
            read: 0,
        }
    }

    /// Reads on; answers how likely each piece follows (logits), or none where `go_on`, which is asked every few
    /// milliseconds, breaks it off. A text is begun by [`Context::clear`].
    pub fn read<'a>(
        &self,
        context: &'a mut Context,
        ids: &[u32],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<&'a [f32]>, InferenceError> {
        if ids.is_empty() || context.read + ids.len() > self.longest {
            return Err(InferenceError::Tokens(format!("{} more than there is room for", ids.len())));
        }
        if ids.iter().any(|id| *id as usize >= self.pieces) {
            return Err(InferenceError::Tokens("the tokenizer does not belong to this decoder".to_owned()));
        }
        let _held = self.arithmetic.hold();
        let width = self.shape.width;
        let scale = (width as f32).sqrt();
        for block in ids.chunks(BLOCK) {
            let Context { memories, scratch, states, read, .. } = &mut *context;
            states.clear();
            for id in block {
                states.extend(self.vectors[*id as usize * width..][..width].iter().map(|value| value * scale));
            }
            for (layer, memory) in self.layers.iter().zip(memories) {
                if !go_on() {
                    return Ok(None);
                }
                layer.pass(self.arithmetic, states, *read, memory, scratch);
            }
            *read += block.len();
        }
        let Context { states, logits, scratch, .. } = &mut *context;
        let mut last = vec![0.0; width];
        self.norm.apply(&states[states.len() - width..], &mut last);
        self.arithmetic.apply(&self.logits, &last, 1, &mut scratch.room, logits);
        Ok(Some(&context.logits[..self.pieces]))
    }
}

impl Context {
    /// Forgets what was read.
    pub fn clear(&mut self) {
        self.read = 0;
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Decoder")
            .field("arithmetic", &self.arithmetic)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Context").field("read", &self.read).finish_non_exhaustive()
    }
}
