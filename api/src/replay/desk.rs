//! The operator's side of a played talk: signed in, with a live line, serving one contact.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use pipelines::events::ContactId;
use reqwest::header::{COOKIE, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::customer::answered;
use super::dialogue::Turn;
use super::table::Count;
use super::{ReplayError, Stage};

/// The cookie of a session. Operators sign in once a run: signing in is limited, serving is not.
async fn sign_in(
    stage: &Stage,
    http: &reqwest::Client,
    login: &str,
    secret: &SecretString,
) -> Result<String, ReplayError> {
    let mut sessions = stage.sessions.lock().await;
    if let Some(cookie) = sessions.get(login) {
        return Ok(cookie.clone());
    }
    let path = "/api/session";
    let body = json!({"login": login, "password": secret.expose_secret()});
    let answer = http.post(format!("{}{path}", stage.url)).json(&body).send().await;
    let answer = answer.map_err(|_| ReplayError::Unreachable(stage.url.clone()))?;
    let cookie = answer.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|value| value.split(';').next()).map(str::to_owned);
    let Some(cookie) = cookie.filter(|_| answer.status().is_success()) else {
        let status = answer.status().as_u16();
        return Err(ReplayError::Refused { path: path.to_owned(), status, body: String::new() });
    };
    sessions.insert(login.to_owned(), cookie.clone());
    Ok(cookie)
}

/// How long a contact may take from its first message to the desk.
const APPEARS_WITHIN: Duration = Duration::from_secs(15);

pub(super) struct Desk<'a> {
    stage: &'a Stage,
    http: &'a reqwest::Client,
    cookie: String,
    line: WebSocketStream<MaybeTlsStream<TcpStream>>,
    contact: Option<ContactId>,
    /// The last `seq` of the contact's stream.
    last_seq: i64,
    /// Messages that came as frames, by id, and readings of messages.
    seen: BTreeSet<String>,
    read: BTreeSet<String>,
    /// Contacts that the line has told of, by the customer's name.
    known: BTreeMap<String, ContactId>,
    replies: u64,
}

impl<'a> Desk<'a> {
    /// Signs in, is ready, and opens the live line.
    pub(super) async fn open(
        stage: &'a Stage,
        http: &'a reqwest::Client,
        login: &str,
        secret: &SecretString,
    ) -> Result<Self, ReplayError> {
        let cookie = sign_in(stage, http, login, secret).await?;
        let broken = |error: tokio_tungstenite::tungstenite::Error| ReplayError::Line(error.to_string());
        let mut request =
            format!("{}/api/live", stage.url.replacen("http", "ws", 1)).into_client_request().map_err(broken)?;
        if let Ok(value) = cookie.parse() {
            request.headers_mut().insert("cookie", value);
        }
        let (line, _) = tokio_tungstenite::connect_async(request).await.map_err(broken)?;
        let desk = Self {
            stage,
            http,
            cookie,
            line,
            contact: None,
            last_seq: 0,
            seen: BTreeSet::new(),
            read: BTreeSet::new(),
            known: BTreeMap::new(),
            replies: 0,
        };
        desk.call("PUT", "/api/me/presence", &json!({"state": "ready"})).await?;
        Ok(desk)
    }

    pub(super) fn has_contact(&self) -> bool {
        self.contact.is_some()
    }

    /// The contact of a customer of this name, as soon as the live line tells of it.
    pub(super) async fn find_by_name(&mut self, name: &str) -> Result<ContactId, ReplayError> {
        let until = Instant::now() + APPEARS_WITHIN;
        loop {
            if let Some(contact) = self.known.get(name) {
                return Ok(*contact);
            }
            if !self.hear(until).await? {
                return Err(ReplayError::NoContact(APPEARS_WITHIN.as_secs()));
            }
        }
    }

    /// The last contact of the customer with this number.
    pub(super) async fn find_by_phone(&self, phone: &str) -> Result<ContactId, ReplayError> {
        let query = phone.replace('+', "%2B");
        let found = self.call("GET", &format!("/api/customers?query={query}"), &Value::Null).await?;
        let customer = found["items"][0]["customer_id"].as_str().unwrap_or_default().to_owned();
        let card = self.call("GET", &format!("/api/customers/{customer}/card"), &Value::Null).await?;
        let contact = card["contacts"][0]["id"].as_str().and_then(|id| id.parse().ok());
        contact.ok_or(ReplayError::NoContact(0))
    }

    /// Takes the contact, unless the call already gave it, and listens to all of it.
    pub(super) async fn serve(&mut self, contact: ContactId, is_call: bool) -> Result<(), ReplayError> {
        if !is_call {
            self.call("POST", &format!("/api/contacts/{contact}/accept"), &Value::Null).await?;
        }
        self.contact = Some(contact);
        self.say(json!({"type": "subscribe", "contact_id": contact, "since": 0})).await
    }

    /// Replies as one who has read everything that was said.
    pub(super) async fn reply(&mut self, text: &str) -> Result<(), ReplayError> {
        let Some(contact) = self.contact else { return Ok(()) };
        self.replies += 1;
        let body = json!({"text": text, "seen_seq": i64::MAX, "confirm_stale": false});
        self.call("POST", &format!("/api/contacts/{contact}/messages"), &body).await.map(drop)
    }

    /// Waits for the frames and readings of the whole talk and compares them with what the server holds.
    pub(super) async fn settle(&mut self, turns: &[&Turn], patience: Duration) -> Result<Count, ReplayError> {
        let sent = turns.len() as u64;
        let readable = turns.iter().filter(|turn| turn.by_customer).count() as u64;
        let until = Instant::now() + patience;
        while (self.seen.len() as u64) < sent || (self.read.len() as u64) < readable {
            if !self.hear(until).await? {
                break;
            }
        }
        Ok(Count {
            sent,
            stored: self.stored(turns).await?,
            readable,
            classified: self.read.len() as u64,
            seen: self.seen.len() as u64,
        })
    }

    /// Finishes and closes the contact.
    pub(super) async fn close(&mut self, outcome: Option<&str>) -> Result<(), ReplayError> {
        let Some(contact) = self.contact else { return Ok(()) };
        let state = self.call("GET", &format!("/api/contacts/{contact}"), &Value::Null).await?;
        if matches!(state["state"].as_str(), Some("active" | "held")) {
            self.call("POST", &format!("/api/contacts/{contact}/finish"), &Value::Null).await?;
        }
        let body = json!({"outcome": outcome.unwrap_or("resolved")});
        self.call("POST", &format!("/api/contacts/{contact}/close"), &body).await.map(drop)
    }

    /// How many of the turns the server tells, in the order of sending and to the letter.
    async fn stored(&self, turns: &[&Turn]) -> Result<u64, ReplayError> {
        let Some(contact) = self.contact else { return Ok(0) };
        let mut texts = Vec::new();
        let mut before = String::new();
        loop {
            let path = format!("/api/contacts/{contact}/messages?limit=100{before}");
            let page = self.call("GET", &path, &Value::Null).await?;
            let items = page["items"].as_array().cloned().unwrap_or_default();
            texts.extend(items.iter().filter_map(|item| Some(item["text"].as_str()?.to_owned())));
            match page["next"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        texts.reverse();
        let same = texts.iter().zip(turns).filter(|(text, turn)| text.as_str() == turn.text.trim());
        Ok(if texts.len() == turns.len() { same.count() as u64 } else { texts.len() as u64 })
    }

    /// Waits for the next frame; false when the time is over.
    async fn hear(&mut self, until: Instant) -> Result<bool, ReplayError> {
        let Ok(heard) = tokio::time::timeout_at(until, self.line.next()).await else { return Ok(false) };
        match heard {
            Some(Ok(Message::Text(text))) => {
                if let Ok(frame) = serde_json::from_str::<Value>(&text) {
                    self.note(&frame);
                }
                Ok(true)
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(ReplayError::Line("closed by the server".to_owned())),
            Some(Ok(_)) => Ok(true),
        }
    }

    fn note(&mut self, frame: &Value) {
        let data = &frame["data"];
        match frame["type"].as_str() {
            Some("queue") => {
                for summary in data["queue"].as_array().into_iter().flatten() {
                    self.note_contact(summary);
                }
            }
            Some("contact") => self.note_contact(data),
            Some("message") if self.is_next(frame) => {
                self.seen.extend(data["message"]["id"].as_str().map(str::to_owned));
            }
            Some("insight") if self.is_next(frame) => self.read.extend(data["message_id"].as_str().map(str::to_owned)),
            _ => drop(self.is_next(frame)),
        }
    }

    /// Whether a frame of the contact follows on the last one: a hole or a repetition counts for nothing.
    fn is_next(&mut self, frame: &Value) -> bool {
        let of_contact = frame["stream"].as_str().is_some_and(|stream| stream.starts_with("contact/"));
        match frame["seq"].as_i64() {
            Some(seq) if of_contact && seq == self.last_seq + 1 => {
                self.last_seq = seq;
                true
            }
            _ => false,
        }
    }

    fn note_contact(&mut self, summary: &Value) {
        let name = summary["customer_name"].as_str();
        let id = summary["id"].as_str().and_then(|id| id.parse().ok());
        if let (Some(name), Some(id)) = (name, id) {
            self.known.insert(name.to_owned(), id);
        }
    }

    async fn say(&mut self, command: Value) -> Result<(), ReplayError> {
        let text = Message::Text(command.to_string().into());
        self.line.send(text).await.map_err(|error| ReplayError::Line(error.to_string()))
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, ReplayError> {
        let method = method.parse().unwrap_or(reqwest::Method::GET);
        let request = self.http.request(method, format!("{}{path}", self.stage.url)).header(COOKIE, &self.cookie);
        let request = if body.is_null() { request } else { request.json(body) };
        answered(request, path).await
    }
}
