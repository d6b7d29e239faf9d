use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use crate::{InferenceError, go_last};

type Work = Box<dyn FnOnce() + Send>;

/// A thread for work that nobody waits for, one piece behind the other: the system lets every other thread go before it.
/// Clones share it; it ends when the last is dropped and its work is done.
#[derive(Debug, Clone)]
pub struct Background {
    work: Sender<Work>,
}

impl Background {
    /// Starts the thread.
    pub fn start() -> Result<Background, InferenceError> {
        let (work, come) = channel();
        std::thread::Builder::new()
            .name("background".to_owned())
            .spawn(move || serve(&come))
            .map_err(|e| InferenceError::Batch(format!("its thread did not start: {e}")))?;
        Ok(Background { work })
    }

    /// What the work gives; an error where it panicked. Work whose caller went away before it began is not done.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, InferenceError> {
        let (answer, answered) = oneshot::channel();
        let work = move || {
            if !answer.is_closed() {
                // A caller that went away meanwhile misses nothing.
                let _ = answer.send(work());
            }
        };
        self.work.send(Box::new(work)).map_err(|_| InferenceError::Stopped)?;
        answered.await.map_err(|_| InferenceError::panicked())
    }
}

fn serve(come: &Receiver<Work>) {
    go_last();
    while let Ok(work) = come.recv() {
        // Whoever waits for it learns of a panic: its answer is dropped.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_in_its_order_and_a_panic_fails_its_own_alone() {
        let background = Background::start().expect("the thread starts");
        let (report, done) = channel();
        let reported = report.clone();
        let (first, broken, last) = tokio::join!(
            background.run(move || report.send(1).expect("the test listens")),
            background.run(|| panic!("a piece of work that fails")),
            background.run(move || reported.send(3).expect("the test listens")),
        );
        assert_eq!((first, last), (Ok(()), Ok(())));
        assert!(matches!(broken, Err(InferenceError::Batch(_))), "{broken:?}");
        assert_eq!(done.iter().collect::<Vec<_>>(), [1, 3]);
    }

    #[tokio::test]
    async fn work_whose_caller_went_away_is_not_done() {
        let background = Background::start().expect("the thread starts");
        let (open, gate) = channel::<()>();
        let (report, done) = channel();
        let held = background.clone();
        let first = tokio::spawn(async move { held.run(move || gate.recv().is_ok()).await });
        tokio::task::yield_now().await;
        let gone = background.clone();
        let gone = tokio::spawn(async move { gone.run(move || report.send(())).await });
        tokio::task::yield_now().await;
        gone.abort();
        assert!(gone.await.expect_err("it was dropped").is_cancelled());
        open.send(()).expect("the work waits");
        assert_eq!(first.await.expect("no panic"), Ok(true));
        assert_eq!(background.run(|| 2).await, Ok(2));
        assert!(done.recv().is_err(), "it was not done");
    }
}
