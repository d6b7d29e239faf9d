//! The encoder's layers on the processor's widest instructions, as one operation of candle: token ids in, states out.
//!
//! Texts lie packed one behind the other and are never padded. Many texts are cut into groups of about [`GROUP`] tokens,
//! whose rows stay in a core's cache, and the threads take groups as they come; few texts are split over the threads by
//! rows, which then meet once a layer, because attention looks at the keys of the whole text.

mod aligned;
pub(crate) mod amx;
mod attention;
mod byte;
mod crew;
mod decode;
mod float;
mod half;
mod kernels;
mod lanes;
mod layer;
mod linear;
pub mod measure;
mod pairs;
mod rows;
mod tiles;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp1, Layout, Shape};

use crate::choice::Choice;
use crate::weights::Weights;
use crate::{EncoderConfig, InferenceError};
pub(crate) use amx::Tiles;
use attention::Heads;
use crew::{Crew, Meeting};
pub(crate) use decode::{Arithmetic, Map, Rows as DecodeRows};
use kernels::Kernels;
use layer::{Embedding, Layer, Scratch};
pub(crate) use linear::Prepared;
use rows::{Memory, Shared};

/// Tokens that one thread computes together when there are many.
const GROUP: usize = 128;

/// The layers with their weights packed, and the threads that compute them.
pub(crate) struct Engine {
    embedding: Embedding,
    layers: Vec<Layer>,
    shape: EngineShape,
    crew: Crew,
    memory: Mutex<Memory>,
    /// One for each thread.
    scratch: Vec<Mutex<Scratch>>,
}

#[derive(Debug, Clone, Copy)]
struct EngineShape {
    hidden: usize,
    heads: Heads,
    kernels: &'static Kernels,
}

impl Engine {
    /// Takes the encoder's tensors out of `weights`. None where these kernels do not take the shape or the processor: its
    /// widths must be multiples of 32.
    pub(crate) fn load(
        weights: &mut Weights,
        config: &EncoderConfig,
        choice: Choice,
        threads: usize,
    ) -> Result<Option<Engine>, InferenceError> {
        let size = config.hidden_size / config.num_attention_heads;
        let fits = [size, config.hidden_size, config.intermediate_size].iter().all(|width| width.is_multiple_of(32));
        let Some(kernels) = Kernels::of(choice.instructions).filter(|_| fits) else { return Ok(None) };
        let heads = Heads { count: config.num_attention_heads, size, half: choice.half_attention };
        let shape = EngineShape { hidden: config.hidden_size, heads, kernels };
        let embedding = Embedding::take(weights, config)?;
        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        let mut spread = embedding.spread();
        for number in 0..config.num_hidden_layers {
            let layer = Layer::take(weights, number, config, kernels, choice.precision, &spread)?;
            spread = layer.spread();
            layers.push(layer);
        }
        let crew = Crew::new(threads).map_err(|e| InferenceError::Batch(format!("its threads did not start: {e}")))?;
        let longest = config.max_position_embeddings;
        let scratch = || Mutex::new(Scratch::new(longest, config.hidden_size, config.intermediate_size, heads));
        let scratch = (0..crew.size()).map(|_| scratch()).collect();
        Ok(Some(Engine { embedding, layers, shape, crew, memory: Mutex::default(), scratch }))
    }

    /// The last layer's states, a row for each id, then their mean over each text. `ends`: where each text ends among the
    /// ids.
    fn run(&self, ids: &[u32], ends: &[usize], out: &mut [f32]) {
        let hidden = self.shape.hidden;
        let (states, means) = out.split_at_mut(ids.len() * hidden);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = memory.of(ids.len(), hidden);
        let rows = Rows {
            states: Shared::new(states, hidden),
            seen: memory.seen.map(|seen| Shared::new(seen, 3 * hidden)),
            context: Shared::new(memory.context, hidden),
            means: Shared::new(means, hidden),
        };
        let threads = self.crew.size();
        let groups = groups(ends);
        if threads == 1 || groups.len() >= 2 * threads {
            let next = AtomicUsize::new(0);
            let alone = Meeting::new(1);
            self.crew.run(&|number| {
                while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let texts = Texts { ids, ends: &ends[group.clone()], start: start_of(ends, group.start) };
                    let own = texts.start..ends[group.end - 1];
                    self.pass(number, &texts, own, &rows, &alone);
                    group.clone().for_each(|text| rows.mean(text, ends));
                }
            });
        } else {
            let texts = Texts { ids, ends, start: 0 };
            let meeting = Meeting::new(threads);
            self.crew.run(&|number| {
                let _presence = meeting.presence();
                let own = ids.len() * number / threads..ids.len() * (number + 1) / threads;
                self.pass(number, &texts, own, &rows, &meeting);
                meeting.wait();
                (number..ends.len()).step_by(threads).for_each(|text| rows.mean(text, ends));
            });
        }
    }

    /// Takes a thread's `own` rows through all layers. Between two meetings no thread writes what another reads: the rows
    /// of query, key and value change places from layer to layer, all others are the thread's own.
    fn pass(&self, number: usize, texts: &Texts<'_>, own: Range<usize>, rows: &Rows<'_>, meeting: &Meeting) {
        let mut scratch = self.scratch[number].lock().unwrap_or_else(PoisonError::into_inner);
        let shape = &self.shape;
        let _tiles = shape.kernels.hold();
        self.embedding.embed(shape.kernels, texts, own.clone(), &rows.states);
        for (at, layer) in self.layers.iter().enumerate() {
            // Alone, the same memory again: it is in the cache.
            let seen = &rows.seen[if meeting.is_alone() { 0 } else { at % 2 }];
            layer.enter(shape.kernels, own.clone(), &rows.states, seen, &mut scratch);
            meeting.wait();
            let mut first = texts.start;
            for &end in texts.ends {
                let queries = own.start.max(first)..own.end.min(end);
                if !queries.is_empty() {
                    let inside = queries.start - first..queries.end - first;
                    // SAFETY: these rows of `seen` were written before the meeting and are not written before the next
                    // but one; the rows of the context are this thread's own.
                    let (text, out) = unsafe { (seen.read(first..end), rows.context.write(queries)) };
                    attention::attend(shape.kernels, shape.heads, text, inside, &mut scratch.attention, out);
                }
                first = end;
            }
            layer.leave(shape.kernels, own.clone(), &rows.context, &rows.states, &mut scratch);
        }
    }
}

/// Memory that threads share by rows.
struct Rows<'a> {
    states: Shared<'a>,
    seen: [Shared<'a>; 2],
    context: Shared<'a>,
    means: Shared<'a>,
}

impl Rows<'_> {
    /// Writes the mean of a text's states, which are all there.
    fn mean(&self, text: usize, ends: &[usize]) {
        let tokens = start_of(ends, text)..ends[text];
        let share = 1.0 / tokens.len() as f32;
        // SAFETY: each text's mean is written by one thread, its states by none any more.
        let (states, mean) = unsafe { (self.states.read(tokens), self.means.write(text..text + 1)) };
        mean.fill(0.0);
        for state in states.chunks_exact(mean.len()) {
            mean.iter_mut().zip(state).for_each(|(mean, value)| *mean += value * share);
        }
    }
}

/// Some texts of a batch: all its ids, where these texts end, and where the first of them starts.
struct Texts<'a> {
    ids: &'a [u32],
    ends: &'a [usize],
    start: usize,
}

/// Texts in groups of about [`GROUP`] tokens.
fn groups(ends: &[usize]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut first = 0;
    for text in 0..ends.len() {
        if ends[text] - start_of(ends, first) > GROUP && text > first {
            groups.push(first..text);
            first = text;
        }
    }
    groups.push(first..ends.len());
    groups
}

fn start_of(ends: &[usize], text: usize) -> usize {
    if text == 0 { 0 } else { ends[text - 1] }
}

/// The engine over one batch, as candle calls it: ids ([tokens], u32) to states and means ([tokens + texts, hidden], f32).
pub(crate) struct Forward<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) ends: &'a [usize],
}

impl CustomOp1 for Forward<'_> {
    fn name(&self) -> &'static str {
        "encoder"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let ids = storage.as_slice::<u32>()?;
        let Some((start, end)) = layout.contiguous_offsets() else { candle_core::bail!("ids lie apart") };
        let ids = &ids[start..end];
        let rows = ids.len() + self.ends.len();
        let mut out = vec![0.0; rows * self.engine.shape.hidden];
        self.engine.run(ids, self.ends, &mut out);
        Ok((CpuStorage::F32(out), Shape::from((rows, self.engine.shape.hidden))))
    }
}
