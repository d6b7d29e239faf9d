//! The writer: a small generator that tells a contact in two or three sentences. Its text leaves the process only if the
//! check finds all of it in the turns; else that of the frame does.
//!
//! One text is written at a time, on a thread that the system lets go last, which stands still while the reading model
//! serves a live call.

mod given;
mod greedy;
mod judge;
mod numbers;
mod vocabulary;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use inference::{Decoder, InferenceError, Pieces};
use tokio::sync::oneshot;

use crate::manifest::{self, LoadError};
use crate::reading::{ModelId, ReadError, ReadingModel};
use crate::summary::check::Fault;
use crate::summary::frame::Part;
use crate::summary::{Account, TextAuthor};
use crate::taxonomy::Outcome;
use greedy::{Draft, ROOM};
use numbers::Numbers;
use vocabulary::Vocabulary;

/// The files of a writer's folder.
pub(crate) const FILES: [&str; 2] = [WEIGHTS, PIECES];
const WEIGHTS: &str = "model.gguf";
const PIECES: &str = "tokenizer.json";
/// Pieces of a talk that is written about; of a longer one the frame tells.
const LONGEST: usize = 1_500;
/// Texts that may wait.
const WAITING: usize = 64;
/// After so long a text is given up: on a machine that has no time for it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks whether the live call is over.
const LOOK: Duration = Duration::from_millis(1);

/// A generator in memory. Clones share it; its thread ends when the last is dropped.
#[derive(Debug, Clone)]
pub struct Writer {
    desk: Arc<Desk>,
}

#[derive(Debug)]
struct Desk {
    model: ModelId,
    vocabulary: Arc<Vocabulary>,
    queue: Queue,
    over: Arc<AtomicBool>,
}

/// What is to be written, one text after the other.
#[derive(Debug)]
struct Queue {
    /// None: nothing is written any more.
    jobs: Mutex<Option<Sender<Job>>>,
    waiting: Arc<AtomicUsize>,
}

struct Job {
    prompt: Vec<u32>,
    numbers: Numbers,
    answer: oneshot::Sender<Result<Draft, InferenceError>>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Writer {
    /// Loads the writer in `folder` after checking each of its files; none where there is no such folder. It gives way to
    /// `beside`, where that is in this process.
    pub fn load(folder: &Path, beside: &ReadingModel) -> Result<Option<Writer>, LoadError> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let manifest = manifest::verify(folder)?;
        let decoder = Decoder::load(&folder.join(WEIGHTS), LONGEST + ROOM)?;
        let vocabulary = Arc::new(Vocabulary::new(Pieces::read(&folder.join(PIECES))?, decoder.pieces())?);
        let (jobs, come) = channel();
        let over = Arc::new(AtomicBool::new(false));
        let queue = Queue { jobs: Mutex::new(Some(jobs)), waiting: Arc::default() };
        let model = manifest.model();
        tracing::info!(model = %model.id, version = %model.version, ?decoder, "the writer is loaded");
        let thread = Thread { decoder, vocabulary: vocabulary.clone(), over: over.clone(), beside: beside.clone() };
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || thread.run(&come))
            .map_err(|e| InferenceError::Batch(format!("its thread did not start: {e}")))?;
        Ok(Some(Writer { desk: Arc::new(Desk { model, vocabulary, queue, over }) }))
    }

    /// Which model this is.
    pub fn model(&self) -> &ModelId {
        &self.desk.model
    }

    /// Breaks off what is being written; from now on nothing is.
    pub fn stop(&self) {
        self.desk.over.store(true, Ordering::Relaxed);
        self.desk.queue.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Replaces the text of the account by one of its own, where that passes the check; else says why not.
    pub(crate) async fn tell(
        &self,
        reader: &ReadingModel,
        parts: &[Part],
        account: &mut Account,
    ) -> Result<Result<(), Fault>, ReadError> {
        let text = match self.draft(parts, account).await? {
            Ok(text) => text,
            Err(fault) => return Ok(Err(fault)),
        };
        let named = reader.read_again(std::slice::from_ref(&text)).await?;
        let named = named.into_iter().next().map(|reading| reading.entities).unwrap_or_default();
        Ok(judge::judge(&text, &named, account, parts).map(|sentences| {
            account.summary.text = text;
            account.sentences = sentences;
            account.author = TextAuthor::Generator;
            account.writer = Some(self.desk.model.clone());
        }))
    }

    async fn draft(&self, parts: &[Part], account: &Account) -> Result<Result<String, Fault>, ReadError> {
        if account.summary.outcome == Outcome::NoMatter {
            return Ok(Err(Fault::NoMatter));
        }
        // A letter is never more than three pieces, and seldom less than a fourth: what is too long is not cut at all.
        if parts.iter().map(|part| part.text.len()).sum::<usize>() > 16 * LONGEST {
            return Ok(Err(Fault::Long));
        }
        let prompt = self.desk.vocabulary.prompt(account.language, parts)?;
        if prompt.len() > LONGEST {
            return Ok(Err(Fault::Long));
        }
        let numbers = Numbers::of(parts.iter().map(|part| part.text.as_str()));
        Ok(self.desk.queue.write(prompt, numbers).await.text())
    }
}

impl Queue {
    /// The draft to a prompt. Where too many wait, nothing is written any more, or the writing fails, it is broken off:
    /// the frame tells it then, for a summary never fails by the writer.
    async fn write(&self, prompt: Vec<u32>, numbers: Numbers) -> Draft {
        let Some(waiting) = Waiting::enter(&self.waiting) else { return Draft::BrokenOff };
        let (answer, answered) = oneshot::channel();
        let job = Job { prompt, numbers, answer };
        let sent = match &*self.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(jobs) => jobs.send(job).is_ok(),
            None => false,
        };
        let draft = if sent { answered.await.unwrap_or(Ok(Draft::BrokenOff)) } else { Ok(Draft::BrokenOff) };
        drop(waiting);
        draft.unwrap_or_else(|error| {
            tracing::error!(%error, "a text was not written");
            Draft::BrokenOff
        })
    }
}

/// A place among those that wait.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn enter(count: &Arc<AtomicUsize>) -> Option<Waiting> {
        let waiting = Waiting(count.clone());
        (count.fetch_add(1, Ordering::Relaxed) < WAITING).then_some(waiting)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Thread {
    decoder: Decoder,
    vocabulary: Arc<Vocabulary>,
    over: Arc<AtomicBool>,
    beside: ReadingModel,
}

impl Thread {
    fn run(self, jobs: &Receiver<Job>) {
        inference::go_last();
        let mut context = self.decoder.context();
        while let Ok(job) = jobs.recv() {
            let Job { prompt, numbers, answer } = job;
            let began = Instant::now();
            let mut go_on = || self.may_go_on(began, &answer);
            let write = || greedy::write(&self.decoder, &mut context, &self.vocabulary, &prompt, &numbers, &mut go_on);
            let draft = catch_unwind(AssertUnwindSafe(write))
                .unwrap_or_else(|_| Err(InferenceError::Batch("the writer panicked".to_owned())));
            metrics::histogram!("okno_writer_seconds").record(began.elapsed().as_secs_f64());
            // Whoever went away meanwhile misses nothing.
            let _ = answer.send(draft);
        }
    }

    /// Stands still while a person waits for the reading model; false where nobody waits for the text.
    fn may_go_on(&self, began: Instant, answer: &oneshot::Sender<Result<Draft, InferenceError>>) -> bool {
        loop {
            if self.over.load(Ordering::Relaxed) || answer.is_closed() || began.elapsed() > PATIENCE {
                return false;
            }
            if !self.beside.serves_live() {
                return true;
            }
            std::thread::sleep(LOOK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_too_many_wait_or_nothing_is_written_the_frame_tells_it() {
        let (jobs, come) = channel::<Job>();
        let queue = Queue { jobs: Mutex::new(Some(jobs)), waiting: Arc::default() };
        let full: Vec<_> = (0..WAITING).map(|_| Waiting::enter(&queue.waiting).expect("there is a place")).collect();
        assert_eq!(queue.write(Vec::new(), Numbers::of([].into_iter())).await.text(), Err(Fault::BrokenOff));
        assert!(come.try_recv().is_err(), "it does not even wait");
        drop(full);
        assert_eq!(queue.waiting.load(Ordering::Relaxed), 0, "who was refused holds no place");
        drop(come);
        assert_eq!(queue.write(Vec::new(), Numbers::of([].into_iter())).await.text(), Err(Fault::BrokenOff));
    }
}
