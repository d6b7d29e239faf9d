//! Plays written talks through the public addresses of a running server, as real clients would: customers by their
//! channels, operators by the operators' interface. Counts what was sent, stored, read and seen.

mod customer;
mod desk;
mod dialogue;
mod table;
mod telegram;
mod tokens;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use pipelines::events::Channel;
use secrecy::SecretString;
use tokio::sync::Mutex;

use self::customer::Customer;
use self::desk::Desk;
pub use self::dialogue::{Dialogue, Turn, parse};
pub use self::table::{Count, Table};
pub use self::telegram::{TelegramError, stand_in};

/// Where and how talks are played.
#[derive(Clone, Debug)]
pub struct Stage {
    /// `http://address:port` of the server.
    pub url: String,
    /// Times faster than people write; 0: without any pause.
    pub speed: f64,
    /// Talks at once.
    pub at_once: usize,
    /// Operators who serve, by login; talk number n is served by the (n mod count)th.
    pub logins: Vec<(String, SecretString)>,
    pub doors: Doors,
    /// Who writes and calls, in turn; none: people whom the server has never met.
    pub people: Vec<Regular>,
    /// Makes the ids of this run; another run with the same number would be taken for a repetition.
    pub run: u64,
    /// Whether contacts are finished and closed at the end.
    pub close: bool,
    pub began: Timestamp,
    /// The cookies of the operators who have signed in; begins empty.
    pub sessions: Arc<Mutex<BTreeMap<String, String>>>,
}

/// A customer whom the server knows by Telegram and by phone.
#[derive(Clone, Debug)]
pub struct Regular {
    pub name: String,
    /// Their id in Telegram.
    pub telegram: u64,
    /// E.164.
    pub phone: String,
}

/// The accounts through which talks come in, and what opens them.
#[derive(Clone, Debug)]
pub struct Doors {
    pub telegram: (String, SecretString),
    pub site: String,
    /// The key with which the app's backend signs for its users.
    pub app: (String, SecretString),
    pub calls: (String, SecretString),
}

/// Why a talk could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("the server at {0} did not answer; start it with `okno serve` or give another --url")]
    Unreachable(String),
    #[error("{path} was answered {status}: {body}")]
    Refused { path: String, status: u16, body: String },
    #[error("the talk's contact did not appear on the operator's desk within {0} s")]
    NoContact(u64),
    #[error("the live line broke off: {0}")]
    Line(String),
}

/// How long the last readings and frames of a talk may take: on a slow processor, beside other talks, a minute and more.
const PATIENCE: Duration = Duration::from_secs(300);
/// A letter takes a typist about this long.
const LETTER: Duration = Duration::from_millis(45);

/// Plays all talks; `done` is told of each that ended.
pub async fn replay(
    stage: &Stage,
    dialogues: Vec<Dialogue>,
    done: impl Fn(&Dialogue, &Result<Count, ReplayError>),
) -> Result<Table, ReplayError> {
    let http = reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .build()
        .map_err(|_| ReplayError::Unreachable(stage.url.clone()))?;
    let numbers = AtomicU64::new(0);
    let (numbers, done, http) = (&numbers, &done, &http);
    let outcomes = stream::iter(dialogues).map(|dialogue| async move {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let outcome = play(stage, http, &dialogue, number).await;
        done(&dialogue, &outcome);
        (dialogue.channel, dialogue.turns.len() as u64, outcome)
    });
    let mut outcomes = outcomes.buffer_unordered(stage.at_once.max(1));
    let mut table = Table::default();
    while let Some((channel, turns, outcome)) = outcomes.next().await {
        match outcome {
            Ok(count) => table.add(channel, count),
            Err(_) => table.fail(channel, turns),
        }
    }
    Ok(table)
}

/// Plays one talk: each turn is sent after the one before was taken.
async fn play(stage: &Stage, http: &reqwest::Client, dialogue: &Dialogue, number: u64) -> Result<Count, ReplayError> {
    let (login, password) = &stage.logins[usize::try_from(number).unwrap_or(0) % stage.logins.len()];
    let mut desk = Desk::open(stage, http, login, password).await?;
    let mut customer = Customer::arrive(stage, http, dialogue, number, login).await?;
    let is_call = dialogue.channel == Channel::Call;
    let mut waiting: Vec<&Turn> = Vec::new();
    // an operator who spoke before the customer wrote has to wait: the order of sending is not always that of the file
    let mut sent: Vec<&Turn> = Vec::with_capacity(dialogue.turns.len());
    for turn in &dialogue.turns {
        pause(stage, &turn.text).await;
        if turn.by_customer || is_call {
            customer.say(turn).await?;
            sent.push(turn);
        } else {
            waiting.push(turn);
        }
        if !desk.has_contact() {
            match customer.contact(&mut desk).await? {
                Some(contact) => desk.serve(contact, is_call).await?,
                None => continue,
            }
        }
        for turn in waiting.drain(..) {
            desk.reply(&turn.text).await?;
            sent.push(turn);
        }
    }
    let count = desk.settle(&sent, PATIENCE).await?;
    customer.leave().await?;
    if stage.close {
        desk.close(dialogue.outcome.as_deref()).await?;
    }
    Ok(count)
}

async fn pause(stage: &Stage, text: &str) {
    if stage.speed > 0.0 {
        let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        tokio::time::sleep((LETTER * letters).div_f64(stage.speed)).await;
    }
}
