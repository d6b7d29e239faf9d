//! Customers who have written and whom nobody has taken: there are always some to look at and to take.

use std::time::Duration;

use pipelines::demonstration::{PASSWORD, Writer, secret_of};
use pipelines::platform::clock::Clock;
use reqwest::header::{COOKIE, SET_COOKIE};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::talks::openings;

/// As many wait at least.
const WAITING: usize = 6;
/// Between two customers who come, and between the words of one.
const EVERY: Duration = Duration::from_secs(9);
const PAUSE: Duration = Duration::from_secs(2);
/// Who looks how long the queue is; somebody who speaks all languages.
const LOOKS: &str = "marina";

/// Lets customers come whenever fewer than [`WAITING`] wait. The second half of the writers is for this.
pub(super) async fn fill(url: &str, clock: &Clock, writers: &[Writer]) {
    let Ok(http) = reqwest::Client::builder().timeout(Duration::from_secs(30)).build() else { return };
    let writers = &writers[writers.len() / 2..];
    let openings = openings();
    // From the middle on: the colleagues serve the first talks at that time.
    let middle = openings.len() / 2;
    let mut openings = openings.into_iter().enumerate().cycle().skip(middle);
    let mut cookie = None;
    loop {
        match waiting(&http, url, &mut cookie).await {
            Some(waiting) if waiting < WAITING => {
                let Some((number, (language, words))) = openings.next() else { return };
                let number = number + usize::try_from(clock.now().as_second() / 60).unwrap_or_default();
                let speakers: Vec<&Writer> = writers.iter().filter(|writer| writer.language == language).collect();
                let writer = speakers[number % speakers.len()];
                write(&http, url, clock, writer, &words).await;
            }
            _ => tokio::time::sleep(EVERY).await,
        }
    }
}

/// How many wait; none while the server does not say.
async fn waiting(http: &reqwest::Client, url: &str, cookie: &mut Option<String>) -> Option<usize> {
    if cookie.is_none() {
        let body = json!({"login": LOOKS, "password": PASSWORD});
        let answer = http.post(format!("{url}/api/session")).json(&body).send().await.ok()?;
        let set = answer.headers().get(SET_COOKIE)?.to_str().ok()?;
        *cookie = set.split(';').next().map(str::to_owned);
    }
    let asked = http.get(format!("{url}/api/contacts?scope=queue&limit=100")).header(COOKIE, cookie.as_deref()?);
    let answer = asked.send().await.ok()?;
    if !answer.status().is_success() {
        *cookie = None;
        return None;
    }
    let list: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
    Some(list["items"].as_array()?.len())
}

/// A customer writes their first words in Telegram, one message after another.
async fn write(http: &reqwest::Client, url: &str, clock: &Clock, writer: &Writer, words: &[String]) {
    let bot = "demo-bot";
    for text in words {
        let now = clock.now();
        let id = now.as_millisecond() % i64::from(u32::MAX);
        let person = json!({"id": writer.telegram, "is_bot": false, "first_name": writer.name});
        let update = json!({"update_id": id, "message": {
            "message_id": id % i64::from(i32::MAX), "date": now.as_second(), "from": person, "text": text,
            "chat": {"id": writer.telegram, "type": "private", "first_name": writer.name},
        }});
        let secret = secret_of(bot);
        let sent = http
            .post(format!("{url}/channels/telegram/{bot}"))
            .header("x-telegram-bot-api-secret-token", secret.expose_secret())
            .json(&update)
            .send();
        if sent.await.is_err() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
