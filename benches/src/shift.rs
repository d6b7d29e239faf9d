//! A shift: operators at their desks with their pages open, customers who write, a ledger of what became of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::ledger::{Ledger, Sums};
use crate::senders::{Senders, texts};
use crate::trouble::Trouble;

#[derive(Debug)]
pub struct Shift {
    pub ledger: Arc<Ledger>,
    pub senders: Senders,
    pub desks: Vec<Desk>,
    pages: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

/// What the server holds at the end, against what was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored {
    /// Different messages.
    pub messages: u64,
    pub twice: u64,
    /// With a reading.
    pub read: u64,
}

impl Shift {
    /// Everybody has written once, every talk is taken, every page is open, and all of it is read. What comes from
    /// now on is timed.
    pub async fn begin(url: &str, contacts: u64, rate: f64) -> Result<Self, Trouble> {
        let ledger = Arc::new(Ledger::default());
        let senders = Senders { url: url.to_owned(), contacts, rate, texts: texts()? };
        senders.open(&ledger).await;
        let mut desks = Desk::enough(url, contacts).await?;
        for desk in &mut desks {
            while desk.take().await? {}
        }
        let stop = CancellationToken::new();
        let page = |desk: &Desk| tokio::spawn(desk.clone().watch(ledger.clone(), stop.clone()));
        let shift = Self { pages: desks.iter().map(page).collect(), ledger, senders, desks, stop };
        shift.settle(Duration::from_secs(120)).await;
        shift.ledger.time_from_here();
        Ok(shift)
    }

    /// Waits until everything that was sent is shown and read, at most so long.
    pub async fn settle(&self, patience: Duration) {
        let until = Instant::now() + patience;
        while !self.ledger.is_whole() && Instant::now() < until {
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asks for a summary of every contact, so many a second.
    pub async fn summarise_all(&self, rate: f64) -> Result<(), Trouble> {
        let mut turns = interval(Duration::from_secs_f64(1.0 / rate));
        for desk in &self.desks {
            desk.summarise_all(&mut turns).await?;
        }
        Ok(())
    }

    /// Closes the pages and asks the server what it holds.
    pub async fn end(self) -> Result<(Sums, Stored), Trouble> {
        self.settle(Duration::from_secs(120)).await;
        let mut stored = Stored::default();
        for desk in &self.desks {
            let (marks, read) = desk.stored().await?;
            stored.messages += marks.len() as u64;
            stored.twice += marks.values().map(|times| times - 1).sum::<u64>();
            stored.read += read;
        }
        self.stop.cancel();
        for page in self.pages {
            drop(page.await);
        }
        Ok((self.ledger.sums(), stored))
    }
}

impl Stored {
    /// Whether everything that was sent was stored once, read, and shown once and in order.
    pub fn is_whole(&self, sums: &Sums) -> bool {
        let all = [self.messages, self.read, sums.shown].iter().all(|count| *count == sums.sent);
        all && self.twice == 0 && sums.holes == 0 && sums.repeats == 0
    }
}
