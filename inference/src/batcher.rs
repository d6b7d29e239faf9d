//! One thread owns the encoder; calls in flight merge into one batch.
//!
//! There is no waiting time: the thread takes what is there, up to a budget of tokens, and computes.
//! While it computes the next calls gather, so batches grow with the load and only with it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::{mpsc, oneshot};

use crate::{Encoded, InferenceError, Tokens};

/// What computes a batch: one answer a text, in its order.
pub type Compute = Box<dyn FnMut(&[Tokens]) -> Result<Vec<Encoded>, InferenceError> + Send>;

/// How much the batcher takes on.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Calls that may wait; one more is answered [`InferenceError::Busy`] at once.
    pub waiting_calls: usize,
    /// Tokens computed together. A single longer text is computed alone.
    pub batch_tokens: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { waiting_calls: 512, batch_tokens: 1_024 }
    }
}

/// A handle to the thread; clones share it, and it ends when the last is dropped.
#[derive(Debug, Clone)]
pub struct Batcher {
    calls: mpsc::Sender<Call>,
    batch_tokens: usize,
}

#[derive(Debug)]
struct Call {
    texts: Vec<Tokens>,
    answer: oneshot::Sender<Result<Vec<Encoded>, InferenceError>>,
}

impl Call {
    fn tokens(&self) -> usize {
        self.texts.iter().map(Tokens::len).sum()
    }
}

impl Batcher {
    /// Starts the thread that owns `compute`.
    pub fn start(compute: Compute, limits: Limits) -> Result<Batcher, InferenceError> {
        let (calls, queue) = mpsc::channel(limits.waiting_calls.max(1));
        std::thread::Builder::new()
            .name("encoder".to_owned())
            .spawn(move || serve(compute, queue, limits.batch_tokens))
            .map_err(|e| InferenceError::Batch(format!("its thread did not start: {e}")))?;
        Ok(Batcher { calls, batch_tokens: limits.batch_tokens })
    }

    /// Encodes texts, answers in their order. A call larger than a batch goes in parts, one after the
    /// other, so that smaller calls get in between.
    pub async fn encode(&self, texts: Vec<Tokens>) -> Result<Vec<Encoded>, InferenceError> {
        let mut answers = Vec::with_capacity(texts.len());
        let mut rest: VecDeque<Tokens> = texts.into();
        while !rest.is_empty() {
            let part = next_part(&mut rest, self.batch_tokens);
            answers.append(&mut self.call(part).await?);
        }
        Ok(answers)
    }

    async fn call(&self, texts: Vec<Tokens>) -> Result<Vec<Encoded>, InferenceError> {
        let (answer, answered) = oneshot::channel();
        self.calls.try_send(Call { texts, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => InferenceError::Busy,
            mpsc::error::TrySendError::Closed(_) => InferenceError::Stopped,
        })?;
        answered.await.map_err(|_| InferenceError::Stopped)?
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

fn serve(mut compute: Compute, mut queue: mpsc::Receiver<Call>, budget: usize) {
    let mut kept = None;
    while let Some(first) = kept.take().or_else(|| queue.blocking_recv()) {
        let mut tokens = first.tokens();
        let mut batch = vec![first];
        while tokens < budget {
            let Ok(call) = queue.try_recv() else { break };
            if tokens + call.tokens() > budget {
                kept = Some(call);
                break;
            }
            tokens += call.tokens();
            batch.push(call);
        }
        // Who has gone away needs no answer.
        batch.retain(|call| !call.answer.is_closed());
        answer(&mut compute, batch);
    }
}

fn answer(compute: &mut Compute, batch: Vec<Call>) {
    let mut texts = Vec::new();
    let mut callers = Vec::with_capacity(batch.len());
    for mut call in batch {
        callers.push((call.answer, call.texts.len()));
        texts.append(&mut call.texts);
    }
    if texts.is_empty() {
        for (caller, _) in callers {
            // A caller that went away meanwhile misses nothing.
            let _ = caller.send(Ok(Vec::new()));
        }
        return;
    }
    let result = catch_unwind(AssertUnwindSafe(|| compute(&texts)))
        .unwrap_or_else(|_| Err(InferenceError::Batch("it panicked".to_owned())))
        .and_then(|all| match all.len() == texts.len() {
            true => Ok(all),
            false => Err(InferenceError::Batch(format!("{} answers to {} texts", all.len(), texts.len()))),
        });
    if let Err(error) = &result {
        tracing::error!(%error, texts = texts.len(), "a batch was not encoded");
    }
    let mut result = result.map(Vec::into_iter);
    for (caller, count) in callers {
        let part = match &mut result {
            Ok(all) => Ok(all.by_ref().take(count).collect()),
            Err(error) => Err(error.clone()),
        };
        let _ = caller.send(part);
    }
}
