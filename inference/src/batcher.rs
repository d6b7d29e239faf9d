//! One thread owns the encoder; calls in flight merge into one batch.
//!
//! There is no waiting time: the thread takes what is there, up to a budget of tokens, and computes. While it computes the
//! next calls gather, so batches grow with the load and only with it. Live calls go before bulk ones, and a batch of bulk
//! is smaller, because a live call may come while it is computed: no more than this machine computes in a moment.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::{Encoded, InferenceError, Tokens};

/// What computes a batch: one answer a text, in its order.
pub type Compute = Box<dyn FnMut(&[Tokens]) -> Result<Vec<Encoded>, InferenceError> + Send>;

/// Who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rank {
    /// A person looks on.
    #[default]
    Live,
    /// A file or an archive is worked through.
    Bulk,
}

/// How much the batcher takes on.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Calls of a rank that may wait; one more is answered [`InferenceError::Busy`] at once.
    pub waiting_calls: usize,
    /// Tokens computed together. A single longer text is computed alone.
    pub batch_tokens: usize,
    /// The same where nobody looks on.
    pub bulk_tokens: usize,
    /// And of these no more than take so long, for a live call may have to wait for them; one text at least.
    pub bulk_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { waiting_calls: 512, batch_tokens: 1_024, bulk_tokens: 512, bulk_time: Duration::from_millis(20) }
    }
}

impl Limits {
    /// `pace`: seconds that a token takes here; 0 where nothing was computed yet.
    fn tokens(self, rank: Rank, pace: f64) -> usize {
        match rank {
            Rank::Live => self.batch_tokens,
            Rank::Bulk if pace > 0.0 => self.bulk_tokens.min((self.bulk_time.as_secs_f64() / pace) as usize),
            Rank::Bulk => self.bulk_tokens,
        }
    }
}

/// How much of the pace the last batch decides.
const PACE: f64 = 0.2;

/// A handle to the thread; clones share it, and it ends when the last is dropped.
#[derive(Debug, Clone)]
pub struct Batcher {
    handle: Arc<Handle>,
    limits: Limits,
}

#[derive(Debug)]
struct Handle(Arc<Queue>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.come.notify_one();
    }
}

#[derive(Debug)]
struct Queue {
    state: Mutex<State>,
    come: Condvar,
}

#[derive(Debug, Default)]
struct State {
    live: VecDeque<Call>,
    bulk: VecDeque<Call>,
    /// The batch that is computed is of live calls.
    live_at_work: bool,
    /// When calls that a person waits for were last taken.
    live_at: Option<Instant>,
    /// Seconds that a token took lately; 0 where nothing was computed yet.
    pace: f64,
    closed: bool,
}

#[derive(Debug)]
struct Call {
    texts: Vec<Tokens>,
    answer: oneshot::Sender<Result<Vec<Encoded>, InferenceError>>,
    since: Instant,
}

impl Call {
    fn tokens(&self) -> usize {
        self.texts.iter().map(Tokens::len).sum()
    }
}

impl Batcher {
    /// Starts the thread that owns `compute`.
    pub fn start(compute: Compute, limits: Limits) -> Result<Batcher, InferenceError> {
        let queue = Arc::new(Queue { state: Mutex::default(), come: Condvar::new() });
        let own = queue.clone();
        std::thread::Builder::new()
            .name("encoder".to_owned())
            .spawn(move || serve(compute, &own, limits))
            .map_err(|e| InferenceError::Batch(format!("its thread did not start: {e}")))?;
        Ok(Batcher { handle: Arc::new(Handle(queue)), limits })
    }

    /// Encodes texts, answers in their order. A call larger than a batch goes in parts, one after the other, so that
    /// smaller calls get in between.
    pub async fn encode(&self, texts: Vec<Tokens>, rank: Rank) -> Result<Vec<Encoded>, InferenceError> {
        let mut answers = Vec::with_capacity(texts.len());
        let mut rest: VecDeque<Tokens> = texts.into();
        while !rest.is_empty() {
            let part = next_part(&mut rest, self.limits.tokens(rank, self.handle.0.state().pace));
            answers.append(&mut self.call(part, rank).await?);
        }
        Ok(answers)
    }

    /// Whether a person looks on while something is computed or waits.
    pub fn serves_live(&self) -> bool {
        let state = self.handle.0.state();
        state.live_at_work || !state.live.is_empty()
    }

    /// Whether something that a person waits for was computed in the last `time`.
    pub fn served_live_within(&self, time: Duration) -> bool {
        self.handle.0.state().live_at.is_some_and(|at| at.elapsed() < time)
    }

    async fn call(&self, texts: Vec<Tokens>, rank: Rank) -> Result<Vec<Encoded>, InferenceError> {
        let (answer, answered) = oneshot::channel();
        self.handle.0.put(Call { texts, answer, since: Instant::now() }, rank, self.limits.waiting_calls)?;
        answered.await.map_err(|_| InferenceError::Stopped)?
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // A state is never left half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, call: Call, rank: Rank, most: usize) -> Result<(), InferenceError> {
        let mut state = self.state();
        if state.closed {
            return Err(InferenceError::Stopped);
        }
        let waiting = state.of(rank);
        if waiting.len() >= most {
            // Who has gone away takes no room.
            waiting.retain(|call| !call.answer.is_closed());
        }
        if waiting.len() >= most {
            metrics::counter!("okno_inference_refused_total", "rank" => rank.as_str()).increment(1);
            return Err(InferenceError::Busy);
        }
        waiting.push_back(call);
        drop(state);
        self.come.notify_one();
        Ok(())
    }

    /// Waits for calls and takes those of the higher rank, as many as fit into a batch; none when the queue is closed.
    fn take(&self, limits: Limits) -> Option<Vec<Call>> {
        let mut state = self.state();
        state.live_at_work = false;
        while state.live.is_empty() && state.bulk.is_empty() {
            if state.closed {
                return None;
            }
            state = self.come.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let rank = if state.live.is_empty() { Rank::Bulk } else { Rank::Live };
        state.live_at_work = rank == Rank::Live;
        if state.live_at_work {
            state.live_at = Some(Instant::now());
        }
        let budget = limits.tokens(rank, state.pace);
        let waiting = state.of(rank);
        let (mut batch, mut tokens) = (Vec::new(), 0);
        while let Some(call) = waiting.front() {
            if call.answer.is_closed() {
                waiting.pop_front();
                continue;
            }
            tokens += call.tokens();
            if !batch.is_empty() && tokens > budget {
                break;
            }
            batch.extend(waiting.pop_front());
        }
        Some(batch)
    }
}

impl State {
    fn learn(&mut self, tokens: usize, time: Duration) {
        let pace = time.as_secs_f64() / tokens.max(1) as f64;
        self.pace = if self.pace > 0.0 { self.pace + PACE * (pace - self.pace) } else { pace };
    }

    fn of(&mut self, rank: Rank) -> &mut VecDeque<Call> {
        match rank {
            Rank::Live => &mut self.live,
            Rank::Bulk => &mut self.bulk,
        }
    }
}

impl Rank {
    fn as_str(self) -> &'static str {
        match self {
            Rank::Live => "live",
            Rank::Bulk => "bulk",
        }
    }
}

/// Takes texts up to the budget, at least one.
fn next_part(rest: &mut VecDeque<Tokens>, budget: usize) -> Vec<Tokens> {
    let mut part = Vec::new();
    let mut tokens = 0;
    while let Some(text) = rest.pop_front() {
        if !part.is_empty() && tokens + text.len() > budget {
            rest.push_front(text);
            break;
        }
        tokens += text.len();
        part.push(text);
    }
    part
}

fn serve(mut compute: Compute, queue: &Queue, limits: Limits) {
    while let Some(batch) = queue.take(limits) {
        let (tokens, began) = (batch.iter().map(Call::tokens).sum::<usize>(), Instant::now());
        answer(&mut compute, batch);
        queue.state().learn(tokens, began.elapsed());
    }
}

fn answer(compute: &mut Compute, batch: Vec<Call>) {
    let began = Instant::now();
    let mut texts = Vec::new();
    let mut callers = Vec::with_capacity(batch.len());
    for mut call in batch {
        metrics::histogram!("okno_inference_queue_seconds").record(began.duration_since(call.since).as_secs_f64());
        callers.push((call.answer, call.texts.len()));
        texts.append(&mut call.texts);
    }
    if texts.is_empty() {
        return;
    }
    let result = catch_unwind(AssertUnwindSafe(|| compute(&texts)))
        .unwrap_or_else(|_| Err(InferenceError::panicked()))
        .and_then(|all| match all.len() == texts.len() {
            true => Ok(all),
            false => Err(InferenceError::Batch(format!("{} answers to {} texts", all.len(), texts.len()))),
        });
    metrics::histogram!("okno_inference_compute_seconds").record(began.elapsed().as_secs_f64());
    metrics::counter!("okno_inference_tokens_total").increment(texts.iter().map(|text| text.len() as u64).sum());
    if let Err(error) = &result {
        tracing::error!(%error, texts = texts.len(), "a batch was not encoded");
    }
    let mut result = result.map(Vec::into_iter);
    for (caller, count) in callers {
        let part = match &mut result {
            Ok(all) => Ok(all.by_ref().take(count).collect()),
            Err(error) => Err(error.clone()),
        };
        // A caller that went away meanwhile misses nothing.
        let _ = caller.send(part);
    }
}
