//! The customer's side of a played talk, on its own channel.

use std::time::Duration;

use pipelines::events::{Channel, ContactId};
use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::desk::Desk;
use super::dialogue::{Dialogue, Turn};
use super::tokens::app_user;
use super::{ReplayError, Stage};

/// Names that customers of the demonstration bear.
const NAMES: &[&str] = &[
    "Светлана",
    "Руслан",
    "Нодира",
    "Айгерим",
    "Бобур",
    "Пётр",
    "Ерлан",
    "Мадина",
    "Олег",
    "Дилноза",
    "Данияр",
    "Анна",
    "Жасур",
    "Ольга",
    "Тимур",
    "Гульнара",
    "Максим",
    "Камила",
    "Асель",
    "Виктор",
];

/// How often a request that comes too early is tried again, and how long it waits at most each time.
const WAITS: usize = 20;
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Somebody who writes or calls.
pub(super) struct Customer<'a> {
    stage: &'a Stage,
    http: &'a reqwest::Client,
    door: Door,
    name: String,
    said: u64,
}

enum Door {
    Telegram {
        chat: u64,
    },
    /// Site or app: a visitor with a token.
    Visitor {
        channel: Channel,
        slug: String,
        token: String,
    },
    Call {
        call: String,
        from: String,
        clock_ms: u32,
    },
}

impl<'a> Customer<'a> {
    /// Comes to the door of the talk's channel. A call rings and is answered by `login`.
    pub(super) async fn arrive(
        stage: &'a Stage,
        http: &'a reqwest::Client,
        dialogue: &Dialogue,
        number: u64,
        login: &str,
    ) -> Result<Self, ReplayError> {
        let place = usize::try_from(number).unwrap_or(0);
        let regular = place.checked_rem(stage.people.len()).map(|place| &stage.people[place]);
        let stranger = || format!("{} {}", NAMES[place % NAMES.len()], number + 1);
        let name = regular.map_or_else(stranger, |regular| regular.name.clone());
        let mut customer = Self { stage, http, door: Door::Telegram { chat: 0 }, name, said: 0 };
        customer.door = match dialogue.channel {
            Channel::Telegram | Channel::Replay => {
                Door::Telegram { chat: regular.map_or(stage.run * 100_000 + number + 1, |regular| regular.telegram) }
            }
            Channel::Site => {
                let slug = stage.doors.site.clone();
                let token = customer.register(Channel::Site, &slug, None).await?;
                Door::Visitor { channel: Channel::Site, slug, token }
            }
            Channel::App => {
                let (slug, key) = &stage.doors.app;
                let user = format!("replay-{}-{number}", stage.run);
                let app = app_user(key, &user, &customer.name, stage.began.as_second());
                let token = customer.register(Channel::App, slug, app.as_deref()).await?;
                Door::Visitor { channel: Channel::App, slug: slug.clone(), token }
            }
            Channel::Call => Door::Call {
                call: format!("replay-{}-{}", stage.run, dialogue.id),
                // a range of numbers that Russia gives to nobody's customers here: unique a run and a talk
                from: regular.map_or_else(
                    || format!("+7900{:07}", (stage.run * 1_000 + number) % 10_000_000),
                    |regular| regular.phone.clone(),
                ),
                clock_ms: 0,
            },
        };
        if dialogue.channel == Channel::Call {
            customer.call_event(json!({"event": "ringing"})).await?;
            customer.call_event(json!({"event": "answered", "operator_login": login})).await?;
        }
        Ok(customer)
    }

    /// Says the next turn; in a call both sides are heard.
    pub(super) async fn say(&mut self, turn: &Turn) -> Result<(), ReplayError> {
        self.said += 1;
        match &mut self.door {
            Door::Telegram { chat } => {
                let chat = *chat;
                let update = json!({
                    "update_id": self.stage.run * 1_000_000_000 + chat % 100_000 * 10_000 + self.said,
                    "message": {
                        "message_id": self.said,
                        "date": self.stage.began.as_second(),
                        "chat": {"id": chat, "type": "private", "first_name": self.name},
                        "from": {"id": chat, "is_bot": false, "first_name": self.name},
                        "text": turn.text,
                    },
                });
                let (slug, secret) = &self.stage.doors.telegram;
                let path = format!("/channels/telegram/{slug}");
                let request = self.http.post(self.url(&path));
                let request = request.header("x-telegram-bot-api-secret-token", secret.expose_secret()).json(&update);
                answered(request, &path).await.map(drop)
            }
            Door::Visitor { channel, slug, token } => {
                let path = format!("/channels/{}/{slug}/messages", channel.as_str());
                let body = json!({"id": format!("m{}", self.said), "text": turn.text});
                let request = self.http.post(format!("{}{path}", self.stage.url)).bearer_auth(token).json(&body);
                answered(request, &path).await.map(drop)
            }
            Door::Call { clock_ms, .. } => {
                let start_ms = *clock_ms;
                *clock_ms += 800 + 60 * u32::try_from(turn.text.chars().count()).unwrap_or(0);
                let speaker = if turn.by_customer { "customer" } else { "operator" };
                let body = json!({
                    "event": "segment", "segment_id": format!("s{}", self.said), "speaker": speaker, "text": turn.text,
                    "start_ms": start_ms, "end_ms": *clock_ms - 200, "final": true,
                });
                self.call_event(body).await
            }
        }
    }

    /// The contact that this customer's talk is, once there is one.
    pub(super) async fn contact(&self, desk: &mut Desk<'_>) -> Result<Option<ContactId>, ReplayError> {
        if self.said == 0 {
            return Ok(None);
        }
        match &self.door {
            Door::Telegram { .. } => desk.find_by_name(&self.name).await.map(Some),
            Door::Call { from, .. } => desk.find_by_phone(from).await.map(Some),
            Door::Visitor { channel, slug, token } => {
                let path = format!("/channels/{}/{slug}/messages?since=0", channel.as_str());
                let answer = answered(self.http.get(self.url(&path)).bearer_auth(token), &path).await?;
                let stream = answer["frames"][0]["stream"].as_str().unwrap_or_default();
                Ok(stream.strip_prefix("talk/").and_then(|id| id.parse().ok()))
            }
        }
    }

    /// Goes: a caller hangs up, the others just write no more.
    pub(super) async fn leave(&mut self) -> Result<(), ReplayError> {
        match self.door {
            Door::Call { .. } => self.call_event(json!({"event": "hangup"})).await,
            _ => Ok(()),
        }
    }

    async fn call_event(&self, mut event: Value) -> Result<(), ReplayError> {
        let Door::Call { call, from, .. } = &self.door else { return Ok(()) };
        event["call_id"] = json!(call);
        event["from"] = json!(from);
        let (slug, token) = &self.stage.doors.calls;
        let path = format!("/channels/calls/{slug}");
        let request = self.http.post(self.url(&path)).bearer_auth(token.expose_secret()).json(&event);
        answered(request, &path).await.map(drop)
    }

    async fn register(&self, channel: Channel, slug: &str, app: Option<&str>) -> Result<String, ReplayError> {
        let path = format!("/channels/{}/{slug}/visitors", channel.as_str());
        let request = self.http.post(self.url(&path)).json(&json!({}));
        let request = match app {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = answered(request, &path).await?;
        Ok(answer["visitor_token"].as_str().unwrap_or_default().to_owned())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stage.url)
    }
}

/// The JSON of a good answer; null where it has none. Told that it asks too often, it waits as long as it is told.
pub(super) async fn answered(request: reqwest::RequestBuilder, path: &str) -> Result<Value, ReplayError> {
    let mut answer = send(&request, path).await?;
    for _ in 0..WAITS {
        let Some(wait) = too_often(&answer) else { break };
        tokio::time::sleep(wait).await;
        answer = send(&request, path).await?;
    }
    let status = answer.status();
    let body = answer.text().await.map_err(|_| ReplayError::Unreachable(path.to_owned()))?;
    if !status.is_success() {
        return Err(ReplayError::Refused { path: path.to_owned(), status: status.as_u16(), body });
    }
    Ok(serde_json::from_str(&body).unwrap_or_default())
}

/// Every body of ours is in memory, so that a request can be sent again.
async fn send(request: &reqwest::RequestBuilder, path: &str) -> Result<reqwest::Response, ReplayError> {
    let unreachable = || ReplayError::Unreachable(path.to_owned());
    request.try_clone().ok_or_else(unreachable)?.send().await.map_err(|_| unreachable())
}

fn too_often(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    (answer.status() == StatusCode::TOO_MANY_REQUESTS)
        .then(|| Duration::from_secs(seconds.unwrap_or(1)).min(LONGEST_WAIT))
}
