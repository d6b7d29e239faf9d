//! Long polling, for bots that Telegram cannot call: behind a firewall, on a laptop.

use std::time::Duration;

use pipelines::conversations::accounts::{self, Account};
use pipelines::conversations::{AcceptError, position};
use pipelines::events::Channel;
use pipelines::platform::stage::StageError;
use pipelines::platform::store::Store;
use tokio_util::sync::CancellationToken;

use super::bot::Bot;
use super::deliver;
use super::inbound;
use super::update::read;

/// How long Telegram holds a question open when it has no update.
const HOLD: Duration = Duration::from_secs(25);
/// Between two looks for accounts that poll, and after an error.
const PAUSE: Duration = Duration::from_secs(5);

/// Polls for every account that asks for it, until `stop`. One process at a time polls for an account.
pub async fn poll(store: Store, http: reqwest::Client, stop: CancellationToken) {
    let mut polled = std::collections::HashMap::new();
    while !stop.is_cancelled() {
        match accounts::active(&store, Channel::Telegram).await {
            Ok(found) => {
                for account in found.into_iter().filter(|account| account.settings.polling) {
                    let running =
                        polled.get(&account.id).is_some_and(|task: &tokio::task::JoinHandle<()>| !task.is_finished());
                    if !running {
                        let (store, http, stop) = (store.clone(), http.clone(), stop.clone());
                        polled.insert(account.id, tokio::spawn(poll_account(store, http, account, stop)));
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "accounts could not be read; polling waits"),
        }
        stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
    }
}

async fn poll_account(store: Store, http: reqwest::Client, account: Account, stop: CancellationToken) {
    let outcome = stop.run_until_cancelled(ask_on(&store, &http, &account)).await;
    if let Some(Err(error)) = outcome {
        tracing::warn!(%error, bot = account.slug, "polling broke off and begins again");
    }
}

/// Asks until something goes wrong. The position moves only after what came is committed.
async fn ask_on(store: &Store, http: &reqwest::Client, account: &Account) -> Result<(), StageError> {
    let Some(bot) = deliver::bot(store, http, account.id).await? else {
        return Err(StageError::discard("the account has no token"));
    };
    let Some(mut lease) = position::lease(store, account.id).await? else {
        return Ok(()); // another process polls
    };
    loop {
        let updates = ask(&bot, lease.position()).await?;
        for update in updates {
            let Some(id) = update.get("update_id").and_then(serde_json::Value::as_i64) else { continue };
            if let Ok((_, reading)) = read(update, account.language) {
                let as_text = reading.clone().without_edit();
                let taken = match inbound::take(store, account, reading).await {
                    // they come in order here: the message was written before the bot was ours
                    Err(AcceptError::MessageMissing) => inbound::take(store, account, as_text).await,
                    taken => taken,
                };
                match taken {
                    Ok(_) => {}
                    Err(error) if error.is_retryable() => return Err(StageError::retry(error)),
                    Err(error) => tracing::warn!(%error, bot = account.slug, "an update was refused for good"),
                }
            }
            lease.advance(id + 1).await?;
        }
    }
}

async fn ask(bot: &Bot, offset: Option<i64>) -> Result<Vec<serde_json::Value>, StageError> {
    bot.updates(offset, HOLD).await.map_err(StageError::retry)
}
