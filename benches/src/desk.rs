//! An operator's page as the server sees it: signed in, one WebSocket, every contact of the desk subscribed, and after a
//! cut it asks for what it missed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use tokio::time::{Interval, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::sync::CancellationToken;

use crate::ledger::Ledger;
use crate::trouble::Trouble;

/// Contacts that one operator holds: what a person who writes to several at once can bear.
pub const CAPACITY: u64 = 10;

/// A signed-in operator.
#[derive(Clone, Debug)]
pub struct Desk {
    url: String,
    cookie: String,
    http: reqwest::Client,
    contacts: Vec<String>,
}

impl Desk {
    pub async fn sign_in(url: &str, login: &str, password: &str) -> Result<Self, Trouble> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
        let body = json!({"login": login, "password": password});
        let answer = http.post(format!("{url}/api/session")).json(&body).send().await?;
        let cookie = answer.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok()?.split(';').next());
        let Some(cookie) = cookie.map(str::to_owned) else {
            return Err(Trouble::Refused { path: "/api/session".to_owned(), said: answer.text().await? });
        };
        Ok(Self { url: url.to_owned(), cookie, http, contacts: Vec::new() })
    }

    /// As many operators as `contacts` need, made by the demonstration's administrator, ready to serve.
    pub async fn enough(url: &str, contacts: u64) -> Result<Vec<Self>, Trouble> {
        let admin = Self::sign_in(url, "admin", pipelines::demonstration::PASSWORD).await?;
        let mut desks = Vec::new();
        for number in 1..=contacts.div_ceil(CAPACITY) {
            let login = format!("bench-{number}");
            let person = json!({"login": login, "name": format!("Оператор {number}"), "password": "bench-password",
                "roles": ["operator"], "languages": ["ru", "kk", "uz", "en"], "capacity": CAPACITY});
            admin.call(reqwest::Method::POST, "/api/admin/operators", &person).await?;
            let desk = Self::sign_in(url, &login, "bench-password").await?;
            desk.call(reqwest::Method::PUT, "/api/me/presence", &json!({"state": "ready"})).await?;
            desks.push(desk);
        }
        Ok(desks)
    }

    /// Takes the next of the queue; false where nobody waits or the desk is full.
    pub async fn take(&mut self) -> Result<bool, Trouble> {
        let contact = self.call(reqwest::Method::POST, "/api/contacts/next", &Value::Null).await;
        match contact {
            Ok(contact) => {
                let id = contact["id"].as_str().map(str::to_owned);
                self.contacts.extend(id.clone());
                Ok(id.is_some())
            }
            Err(Trouble::Refused { said, .. }) if said.contains("conflict") => Ok(false),
            Err(trouble) => Err(trouble),
        }
    }

    /// Asks for a summary of each contact of the desk, one in each of the turns.
    pub async fn summarise_all(&self, turns: &mut Interval) -> Result<(), Trouble> {
        for contact in &self.contacts {
            turns.tick().await;
            self.call(reqwest::Method::POST, &format!("/api/contacts/{contact}/summary"), &Value::Null).await?;
        }
        Ok(())
    }

    /// What the server holds of this desk's contacts: marks of customers' messages, with how often each stands there,
    /// and how many of them were read.
    pub async fn stored(&self) -> Result<(HashMap<u64, u64>, u64), Trouble> {
        let (mut marks, mut read) = (HashMap::new(), 0);
        for contact in &self.contacts {
            let mut path = format!("/api/contacts/{contact}/messages?limit=100");
            loop {
                let page = self.call(reqwest::Method::GET, &path, &Value::Null).await?;
                for message in page["items"].as_array().into_iter().flatten() {
                    if let Some(mark) = message["text"].as_str().and_then(Ledger::mark_of) {
                        *marks.entry(mark).or_default() += 1;
                        read += u64::from(message["reading"].is_object());
                    }
                }
                match page["next"].as_str() {
                    Some(next) => path = format!("/api/contacts/{contact}/messages?limit=100&before={next}"),
                    None => break,
                }
            }
        }
        Ok((marks, read))
    }

    /// Watches the desk until `stop`, and comes back after every cut.
    pub async fn watch(self, ledger: Arc<Ledger>, stop: CancellationToken) {
        let mut known: HashMap<String, i64> = self.contacts.iter().map(|contact| (contact.clone(), 0)).collect();
        while !stop.is_cancelled() {
            stop.run_until_cancelled(self.line(&ledger, &mut known)).await;
            stop.run_until_cancelled(sleep(Duration::from_millis(150))).await;
        }
    }

    /// One connection from its beginning to its end.
    async fn line(&self, ledger: &Ledger, known: &mut HashMap<String, i64>) -> Option<()> {
        let address = format!("{}/api/live", self.url.replacen("http", "ws", 1));
        let mut request = address.into_client_request().ok()?;
        request.headers_mut().insert("cookie", self.cookie.parse().ok()?);
        request.headers_mut().insert("origin", self.url.parse().ok()?);
        let (mut line, _) = tokio_tungstenite::connect_async(request).await.ok()?;
        for (contact, since) in known.iter() {
            let ask = json!({"type": "subscribe", "contact_id": contact, "since": since});
            line.send(Message::text(ask.to_string())).await.ok()?;
        }
        while let Some(Ok(message)) = line.next().await {
            if let Message::Text(text) = message
                && let Ok(frame) = serde_json::from_str::<Value>(&text)
            {
                note(ledger, known, &frame);
            }
        }
        None
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: &Value) -> Result<Value, Trouble> {
        let request = self.http.request(method, format!("{}{path}", self.url)).header(COOKIE, &self.cookie);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await?;
        let status = answer.status();
        let said = answer.text().await?;
        if !status.is_success() {
            return Err(Trouble::Refused { path: path.to_owned(), said });
        }
        Ok(serde_json::from_str(&said).unwrap_or_default())
    }
}

/// Takes a frame into the ledger. Each stream must be without hole and without repetition.
fn note(ledger: &Ledger, known: &mut HashMap<String, i64>, frame: &Value) {
    let stream = frame["stream"].as_str().and_then(|stream| stream.strip_prefix("contact/"));
    let (Some(contact), Some(seq)) = (stream, frame["seq"].as_i64()) else { return };
    let Some(last) = known.get_mut(contact) else { return };
    if seq <= *last {
        return ledger.repeat();
    }
    if seq > *last + 1 {
        ledger.hole();
    }
    *last = if frame["type"] == "skip" { frame["data"]["to"].as_i64().unwrap_or(seq) } else { seq };
    let data = &frame["data"];
    match frame["type"].as_str() {
        Some("message") => ledger.shown(&data["message"]),
        Some("insight") => {
            if let Some(id) = data["message_id"].as_str() {
                ledger.read(id);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_and_repetitions_are_counted_and_skips_are_none() {
        let (ledger, mut known) = (Ledger::default(), HashMap::from([("c".to_owned(), 0)]));
        let mut frame = |seq: i64, body: Value| {
            let mut frame = json!({"stream": "contact/c", "seq": seq, "v": 1});
            for (key, value) in body.as_object().into_iter().flatten() {
                frame[key] = value.clone();
            }
            note(&ledger, &mut known, &frame);
        };
        frame(1, json!({"type": "state", "data": {}}));
        frame(2, json!({"type": "skip", "data": {"to": 4}}));
        frame(5, json!({"type": "state", "data": {}}));
        assert_eq!((ledger.sums().holes, ledger.sums().repeats), (0, 0));
        let mut frame =
            |seq: i64| note(&ledger, &mut known, &json!({"stream": "contact/c", "seq": seq, "type": "read"}));
        frame(7);
        frame(7);
        assert_eq!((ledger.sums().holes, ledger.sums().repeats), (1, 1));
    }
}
