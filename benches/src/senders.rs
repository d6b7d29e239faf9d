//! Customers who write in Telegram at a steady rate, whatever the server does: a send that fails is tried again, as
//! Telegram tries, until it is taken.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::ledger::Ledger;
use crate::trouble::Trouble;

/// Between two tries of one message.
const AGAIN: Duration = Duration::from_millis(200);
/// A message that is not taken within this time is lost, and the measurement has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who writes what, and how fast.
#[derive(Clone, Debug)]
pub struct Senders {
    pub url: String,
    /// Talks at once.
    pub contacts: u64,
    /// Messages a second, of all together.
    pub rate: f64,
    pub texts: Arc<Vec<String>>,
}

impl Senders {
    /// Everybody writes once, so that every talk is there.
    pub async fn open(&self, ledger: &Arc<Ledger>) {
        self.send(ledger, 0..self.contacts, 4.0 * self.rate.max(10.0)).await;
    }

    /// Writes for `duration`; the messages go round among the customers.
    pub async fn run(&self, ledger: &Arc<Ledger>, duration: Duration) {
        self.run_from(ledger, self.contacts, duration).await;
    }

    /// Writes for `duration`, beginning with message `first`.
    pub async fn run_from(&self, ledger: &Arc<Ledger>, first: u64, duration: Duration) {
        let count = (self.rate * duration.as_secs_f64()) as u64;
        self.send(ledger, first..first + count, self.rate).await;
    }

    async fn send(&self, ledger: &Arc<Ledger>, marks: std::ops::Range<u64>, rate: f64) {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap_or_default();
        let mut turns = interval(Duration::from_secs_f64(1.0 / rate));
        turns.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut under_way = JoinSet::new();
        for mark in marks {
            turns.tick().await;
            let (senders, ledger, http) = (self.clone(), ledger.clone(), http.clone());
            under_way.spawn(async move { senders.deliver(&http, &ledger, mark).await });
        }
        under_way.join_all().await;
    }

    async fn deliver(&self, http: &reqwest::Client, ledger: &Ledger, mark: u64) {
        // A stride that shares no factor with the number of texts or talks mixes both.
        let text = &self.texts[(mark as usize).wrapping_mul(7_919) % self.texts.len()];
        let person = 8_000_000_000 + mark % self.contacts;
        let update = json!({"update_id": 1 + mark, "message": {
            "message_id": 1 + mark, "date": 1_790_000_000, "text": Ledger::marked(text, mark),
            "from": {"id": person, "is_bot": false, "first_name": format!("Гость {}", mark % self.contacts)},
            "chat": {"id": person, "type": "private", "first_name": "Гость"},
        }});
        ledger.sending(mark);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let sent = http
                .post(format!("{}/channels/telegram/demo-bot", self.url))
                .header("x-telegram-bot-api-secret-token", "demo-bot-secret")
                .json(&update)
                .send();
            if sent.await.is_ok_and(|answer| answer.status().is_success()) {
                return ledger.accepted(mark);
            }
            ledger.retrying();
            sleep(AGAIN).await;
        }
    }
}

pub const LANGUAGES: [&str; 4] = ["ru", "kk", "uz", "en"];

/// What customers write: our own labelled messages, all languages.
pub fn texts() -> Result<Arc<Vec<String>>, Trouble> {
    let folder = PathBuf::from("models/data");
    let mut texts = Vec::new();
    for language in LANGUAGES {
        texts.extend(texts_in(&folder, language)?);
    }
    if texts.is_empty() { Err(Trouble::NoTexts(folder)) } else { Ok(Arc::new(texts)) }
}

/// Our labelled messages of one language.
pub fn texts_in(folder: &Path, language: &str) -> std::io::Result<Vec<String>> {
    let file = std::fs::read_to_string(folder.join(format!("utterances-{language}.jsonl")))?;
    let rows = file.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    Ok(rows.filter_map(|row| row["text"].as_str().map(str::to_owned)).collect())
}
