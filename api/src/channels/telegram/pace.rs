//! How fast a bot may send (Bots FAQ, "My bot is hitting limits"): about one message a second in a chat, with short
//! bursts, and about thirty a second in all. Telegram's own word, the flood limit, stands above both.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::DefaultKeyedRateLimiter;
use pipelines::conversations::AccountId;
use tokio::time::Instant;

use crate::server::limits::limiter;

const IN_CHAT: (u32, Duration) = (3, Duration::from_millis(1_050));
const IN_ALL: (u32, Duration) = (5, Duration::from_millis(36));

/// Counts in this process; several workers may together meet the flood limit, which then holds each of them.
#[derive(Debug)]
pub(super) struct Pace {
    chats: DefaultKeyedRateLimiter<(AccountId, i64)>,
    bots: DefaultKeyedRateLimiter<AccountId>,
    held: Mutex<HashMap<AccountId, Instant>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { chats: limiter(IN_CHAT), bots: limiter(IN_ALL), held: Mutex::default() }
    }
}

impl Pace {
    /// Waits for the turn of one message; the rest of the time, where Telegram said how long to keep still.
    pub(super) async fn turn(&self, bot: AccountId, chat: i64) -> Result<(), Duration> {
        self.chats.until_key_ready(&(bot, chat)).await;
        self.bots.until_key_ready(&bot).await;
        let left = self.held().get(&bot).map(|until| until.saturating_duration_since(Instant::now()));
        match left.filter(|left| !left.is_zero()) {
            Some(left) => Err(left),
            None => Ok(()),
        }
    }

    /// Telegram asked the bot to keep still for so long.
    pub(super) fn hold(&self, bot: AccountId, time: Duration) {
        let until = Instant::now() + time;
        let mut held = self.held();
        let known = held.entry(bot).or_insert(until);
        *known = until.max(*known);
    }

    /// Forgets chats that were quiet for a while.
    pub(super) fn forget(&self) {
        self.chats.retain_recent();
        self.bots.retain_recent();
        self.held().retain(|_, until| *until > Instant::now());
    }

    fn held(&self) -> MutexGuard<'_, HashMap<AccountId, Instant>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
