//! What became of every message that was sent: when it was taken, when its frame came, when its reading came.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Shared by senders and pages.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    sent: HashMap<u64, Sent>,
    /// Which mark a stored message bears, by the server's id.
    marks: HashMap<String, u64>,
    read: HashMap<String, Instant>,
    /// Messages sent before are counted, not timed.
    timed_from: u64,
    holes: u64,
    repeats: u64,
    retried: u64,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    at: Instant,
    accepted: Option<Duration>,
    shown: Option<Duration>,
}

/// How long things took, in milliseconds from sending, and what was counted.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    pub sent: u64,
    pub shown: u64,
    pub until_stored: Vec<f64>,
    pub until_shown: Vec<f64>,
    pub until_read: Vec<f64>,
    /// Steps of a stream that were left out, or came twice, on one page.
    pub holes: u64,
    pub repeats: u64,
    /// Sends that had to be tried again, as Telegram does.
    pub retried: u64,
}

impl Ledger {
    /// Every message ends in its mark, by which it is known wherever it turns up.
    pub fn marked(text: &str, mark: u64) -> String {
        format!("{text} №{mark:07}")
    }

    pub fn mark_of(text: &str) -> Option<u64> {
        text.rsplit_once(" №")?.1.parse().ok()
    }

    pub fn sending(&self, mark: u64) {
        let sent = Sent { at: Instant::now(), accepted: None, shown: None };
        self.pages().sent.entry(mark).or_insert(sent);
    }

    pub fn retrying(&self) {
        self.pages().retried += 1;
    }

    pub fn accepted(&self, mark: u64) {
        if let Some(sent) = self.pages().sent.get_mut(&mark) {
            sent.accepted.get_or_insert(sent.at.elapsed());
        }
    }

    /// A page was shown a message of a customer.
    pub fn shown(&self, message: &Value) {
        let mark = message["text"].as_str().and_then(Self::mark_of);
        let (Some(mark), Some(id)) = (mark, message["id"].as_str()) else { return };
        let mut pages = self.pages();
        pages.marks.insert(id.to_owned(), mark);
        if let Some(sent) = pages.sent.get_mut(&mark) {
            sent.shown.get_or_insert(sent.at.elapsed());
        }
    }

    /// A page was shown the reading of a message.
    pub fn read(&self, message_id: &str) {
        self.pages().read.entry(message_id.to_owned()).or_insert_with(Instant::now);
    }

    pub fn hole(&self) {
        self.pages().holes += 1;
    }

    pub fn repeat(&self) {
        self.pages().repeats += 1;
    }

    /// Whether everything that was sent has been shown and read.
    pub fn is_whole(&self) -> bool {
        let pages = self.pages();
        let all = pages.sent.values().all(|sent| sent.shown.is_some() && sent.accepted.is_some());
        all && pages.marks.iter().filter(|(id, _)| pages.read.contains_key(*id)).count() >= pages.sent.len()
    }

    /// From the next message on, times count.
    pub fn time_from_here(&self) {
        let mut pages = self.pages();
        pages.timed_from = pages.sent.keys().max().map_or(0, |mark| mark + 1);
    }

    pub fn sums(&self) -> Sums {
        let pages = self.pages();
        let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
        let timed = || pages.sent.iter().filter(|(mark, _)| **mark >= pages.timed_from).map(|(_, sent)| sent);
        let read = pages.marks.iter().filter(|(_, mark)| **mark >= pages.timed_from).filter_map(|(id, mark)| {
            let sent = pages.sent.get(mark)?;
            Some(millis(pages.read.get(id)?.duration_since(sent.at)))
        });
        Sums {
            sent: pages.sent.len() as u64,
            shown: pages.sent.values().filter(|sent| sent.shown.is_some()).count() as u64,
            until_stored: timed().filter_map(|sent| sent.accepted.map(millis)).collect(),
            until_shown: timed().filter_map(|sent| sent.shown.map(millis)).collect(),
            until_read: read.collect(),
            holes: pages.holes,
            repeats: pages.repeats,
            retried: pages.retried,
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `percent`th of a hundred of `values` (nearest rank); none of none.
pub fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&values, 50.0), Some(100.0));
        assert_eq!(percentile(&values, 99.0), Some(198.0));
        assert_eq!(percentile(&[7.0], 99.0), Some(7.0));
        assert_eq!(percentile(&[], 50.0), None);
    }

    #[test]
    fn a_message_is_whole_when_it_was_taken_shown_and_read() {
        let ledger = Ledger::default();
        ledger.sending(7);
        let text = Ledger::marked("где заказ №5", 7);
        assert!(!ledger.is_whole());
        ledger.accepted(7);
        ledger.shown(&serde_json::json!({"id": "m", "text": text}));
        assert!(!ledger.is_whole());
        ledger.read("m");
        assert!(ledger.is_whole());
        ledger.sending(8);
        assert!(!ledger.is_whole());
    }
}
