//! `GET /channels/{site|app}/{account}/live?token=…`: the visitor's WebSocket.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::SignedDuration;
use pipelines::conversations::view::{self, Seen};
use pipelines::conversations::{Content, Text};
use pipelines::events::{Author, ContactId};
use pipelines::platform::signals::Signal;
use serde::Deserialize;
use uuid::Uuid;

use super::talk::{self, TalkBody, TalkFrame};
use super::visitor::{Guest, Peer, guest, may_show};
use super::{Place, rest};
use crate::live::{Frame, Push};
use crate::server::body::Query;
use crate::server::{ApiError, State};

/// A message of 20,000 characters, escaped, fits.
const LONGEST: usize = 256 * 1024;
const BEAT: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_secs(65);
/// A flood is answered so often before the line is cut (RFC 6455, 7.4.1: policy violation).
const WARNINGS: u32 = 30;
const POLICY: u16 = 1008;
const TRY_AGAIN: u16 = 1013;
const GOING_AWAY: u16 = 1001;
const TYPING_FOR: SignedDuration = SignedDuration::from_secs(6);

#[derive(Debug, Deserialize)]
pub(super) struct Ticket {
    token: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Say {
    Message {
        id: String,
        text: String,
    },
    /// Send what came after number `since` of the talk.
    Subscribe {
        since: i64,
    },
    Typing,
    Ping,
}

/// Opens the visitor's line.
pub(super) async fn live(
    Shared(state): Shared<State>,
    place: Place,
    headers: HeaderMap,
    Peer(address): Peer,
    Query(ticket): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let guest = guest(&state, place.channel, &place.slug, &ticket.token).await?;
    may_show(&guest.account, &headers)?;
    let upgrade = upgrade.max_message_size(LONGEST).max_frame_size(LONGEST);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let id = state.store.clock().id();
        let mut line = Line { id, guest, state, address, followed: None, told: None, warnings: 0 };
        line.serve(socket).await;
    }))
}

struct Line {
    id: Uuid,
    guest: Guest,
    state: State,
    address: IpAddr,
    /// The contact whose frames are sent.
    followed: Option<Seen>,
    /// The last number of the talk that was sent; none until the visitor asks.
    told: Option<i64>,
    warnings: u32,
}

impl Line {
    async fn serve(&mut self, mut socket: WebSocket) {
        let mut pushes = self.state.hub.listen(self.id, false);
        let code = self.talk(&mut socket, &mut pushes).await;
        self.state.hub.close(self.id);
        if let Some(code) = code {
            drop(socket.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await);
        }
    }

    async fn talk(&mut self, socket: &mut WebSocket, pushes: &mut tokio::sync::mpsc::Receiver<Push>) -> Option<u16> {
        let mut beat = tokio::time::interval(BEAT);
        let mut heard = tokio::time::Instant::now();
        loop {
            let frames = tokio::select! {
                () = self.state.stopping.cancelled() => return Some(GOING_AWAY),
                push = pushes.recv() => match push {
                    Some(push) => self.pass_on(push).await,
                    None => return Some(TRY_AGAIN),
                },
                said = socket.recv() => {
                    heard = tokio::time::Instant::now();
                    match said {
                        Some(Ok(Message::Text(text))) => self.obey(&text).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Vec::new()),
                        Some(Ok(Message::Binary(_))) => Ok(self.warn(ApiError::bad_request("send text frames"), None)),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    }
                },
                _ = beat.tick() => {
                    if heard.elapsed() > SILENCE || socket.send(Message::Ping(Default::default())).await.is_err() {
                        return None;
                    }
                    // another window of the same visitor may have begun a new contact
                    self.keep_up().await
                },
            };
            let Ok(frames) = frames else { return Some(TRY_AGAIN) };
            for frame in frames {
                let Ok(text) = serde_json::to_string(&frame) else { return Some(TRY_AGAIN) };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    return None;
                }
            }
            if self.warnings > WARNINGS {
                return Some(POLICY);
            }
        }
    }

    async fn obey(&mut self, text: &str) -> Result<Vec<TalkFrame>, ApiError> {
        let said = serde_json::from_str::<Say>(text);
        if !matches!(said, Ok(Say::Message { .. }))
            && let Err(error) = self.state.limits.try_command(self.id)
        {
            return Ok(self.warn(error, None));
        }
        match said {
            Ok(Say::Message { id, text }) => self.take(id, &text).await,
            Ok(Say::Subscribe { since }) => {
                self.told = Some(since.max(0));
                self.followed = self.find().await?;
                self.listen();
                self.catch_up().await
            }
            Ok(Say::Typing) => {
                self.say_typing().await;
                Ok(Vec::new())
            }
            Ok(Say::Ping) => Ok(Vec::new()),
            Err(_) => Ok(self.warn(ApiError::bad_request("this is not understood; reload the page"), None)),
        }
    }

    /// Tells what was wrong; who does not listen is cut off in the end.
    fn warn(&mut self, error: ApiError, id: Option<String>) -> Vec<TalkFrame> {
        self.warnings += 1;
        vec![refusal(&error, id)]
    }

    async fn take(&mut self, id: String, text: &str) -> Result<Vec<TalkFrame>, ApiError> {
        if let Err(error) = self.state.limits.try_write(self.guest.thread.as_str(), self.address) {
            return Ok(self.warn(error, Some(id)));
        }
        let text = match Text::new(text) {
            Ok(text) => text,
            Err(error) => return Ok(vec![refusal(&ApiError::bad_request(error.to_string()), Some(id))]),
        };
        let stored = match rest::take(&self.state, &self.guest, id.clone(), Content::Text(text)).await {
            Ok(stored) => stored,
            Err(error) => return Ok(vec![refusal(&error, Some(id))]),
        };
        let mut frames = self.keep_up().await?;
        if let Some(contact) = &self.followed {
            frames.push(TalkFrame::of(contact.id, None, TalkBody::Accepted { id: stored.id, seq: stored.seq }));
        }
        Ok(frames)
    }

    /// A message may have opened a new contact: then the talk goes on there.
    async fn keep_up(&mut self) -> Result<Vec<TalkFrame>, ApiError> {
        let now = self.find().await?;
        if now.map(|contact| contact.id) == self.followed.map(|contact| contact.id) {
            return Ok(Vec::new());
        }
        let mut frames = self.catch_up().await?;
        if let Some(before) = std::mem::replace(&mut self.followed, now) {
            self.state.hub.unsubscribe(self.id, before.id);
        }
        self.listen();
        frames.extend(self.catch_up().await?);
        Ok(frames)
    }

    async fn find(&self) -> Result<Option<Seen>, ApiError> {
        Ok(view::of_thread(&self.state.store, self.guest.account.id, &self.guest.thread).await?)
    }

    fn listen(&self) {
        if let Some(contact) = &self.followed {
            self.state.hub.subscribe(self.id, contact.id);
        }
    }

    /// All of the followed contact that the visitor has not been sent.
    async fn catch_up(&mut self) -> Result<Vec<TalkFrame>, ApiError> {
        let mut frames = Vec::new();
        while let (Some(contact), Some(told)) = (&self.followed, &mut self.told) {
            let page = talk::after(&self.state.store, contact, *told).await?;
            let Some(seq) = page.last().and_then(|frame| frame.seq) else { break };
            *told = seq;
            frames.extend(page);
        }
        Ok(frames)
    }

    async fn pass_on(&mut self, push: Push) -> Result<Vec<TalkFrame>, ApiError> {
        match push {
            Push::Frames { contact, frames } => self.next_of(contact, &frames).await,
            Push::Signal(Signal::Typing { contact_id, who: Author::Operator, until, .. }) => {
                Ok(vec![TalkFrame::of(contact_id, None, TalkBody::Typing { until })])
            }
            Push::Signal(_) | Push::Summaries(_) | Push::Alerts(_) => Ok(Vec::new()),
        }
    }

    async fn next_of(&mut self, contact: ContactId, pushed: &[Frame]) -> Result<Vec<TalkFrame>, ApiError> {
        let (Some(followed), Some(told)) = (&self.followed, &mut self.told) else { return Ok(Vec::new()) };
        if followed.id != contact {
            return Ok(Vec::new());
        }
        let mut frames = Vec::new();
        for frame in pushed.iter().filter_map(|frame| TalkFrame::seen(followed, frame)) {
            match frame.seq {
                Some(seq) if seq <= *told => {}
                Some(seq) if seq == *told + 1 => {
                    *told = seq;
                    frames.push(frame);
                }
                _ => {
                    frames.extend(self.catch_up().await?);
                    break;
                }
            }
        }
        Ok(frames)
    }

    async fn say_typing(&self) {
        let Some(contact) = &self.followed else { return };
        let until = self.state.store.clock().now().saturating_add(TYPING_FOR).unwrap_or_default();
        let name = self.guest.visitor.name.clone();
        let signal = Signal::Typing { contact_id: contact.id, who: Author::Customer, operator_id: None, name, until };
        if let Err(error) = self.state.hub.signals().send(signal).await {
            tracing::debug!(%error, "a typing mark was lost");
        }
    }
}

fn refusal(error: &ApiError, id: Option<String>) -> TalkFrame {
    let body = TalkBody::Error { code: error.code.as_str(), message: error.message.to_string(), id };
    TalkFrame { stream: "talk".to_owned(), seq: None, v: Frame::VERSION, body }
}
