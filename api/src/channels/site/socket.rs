//! `GET /channels/{site|app}/{account}/live?token=…`: the visitor's WebSocket.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::SignedDuration;
use pipelines::conversations::view::{self, Seen};
use pipelines::conversations::{Content, Text};
use pipelines::events::{Author, ContactId};
use pipelines::platform::signals::Signal;
use serde::Deserialize;
use uuid::Uuid;

use super::talk::{TalkBody, TalkFrame};
use super::visitor::{Guest, guest, may_show};
use super::{Place, rest};
use crate::live::{self, Frame, FrameBody, Push};
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
    /// Send what came after `since` of the stream that was read last; another stream is sent from its beginning.
    Subscribe {
        since: i64,
        stream: Option<String>,
    },
    Typing,
    Ping,
}

/// Opens the visitor's line.
pub(super) async fn live(
    Shared(state): Shared<State>,
    place: Place,
    headers: HeaderMap,
    Query(ticket): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let guest = guest(&state, place.channel, &place.slug, &ticket.token).await?;
    may_show(&guest.account, &headers)?;
    let upgrade = upgrade.max_message_size(LONGEST).max_frame_size(LONGEST);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let id = state.store.clock().id();
        let mut line = Line { id, guest, state, followed: None, warnings: 0 };
        line.serve(socket).await;
    }))
}

struct Line {
    id: Uuid,
    guest: Guest,
    state: State,
    /// The contact whose stream is sent, and how far.
    followed: Option<(Seen, i64)>,
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
                        Some(Ok(Message::Binary(_))) => Ok(vec![self.error("bad_request", "send text frames", None)]),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    }
                },
                _ = beat.tick() => {
                    if heard.elapsed() > SILENCE || socket.send(Message::Ping(Default::default())).await.is_err() {
                        return None;
                    }
                    Ok(Vec::new())
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
        match serde_json::from_str::<Say>(text) {
            Ok(Say::Message { id, text }) => self.take(id, &text).await,
            Ok(Say::Subscribe { since, stream }) => self.follow(since, stream).await,
            Ok(Say::Typing) => {
                self.say_typing().await;
                Ok(Vec::new())
            }
            Ok(Say::Ping) => Ok(Vec::new()),
            Err(_) => {
                self.warnings += 1;
                Ok(vec![self.error("bad_request", "this is not understood; reload the page", None)])
            }
        }
    }

    async fn take(&mut self, id: String, text: &str) -> Result<Vec<TalkFrame>, ApiError> {
        if let Err(error) = self.state.limits.try_write(self.guest.thread.as_str()) {
            self.warnings += 1;
            return Ok(vec![self.error(error.code.as_str(), &error.message, Some(id))]);
        }
        let text = match Text::new(text) {
            Ok(text) => text,
            Err(error) => return Ok(vec![self.error("bad_request", &error.to_string(), Some(id))]),
        };
        let stored = match rest::take(&self.state, &self.guest, id.clone(), Content::Text(text)).await {
            Ok(stored) => stored,
            Err(error) => return Ok(vec![self.error(error.code.as_str(), &error.message, Some(id))]),
        };
        let mut frames = self.keep_up().await?;
        if let Some((seen, _)) = &self.followed {
            frames.push(TalkFrame::of(seen.id, None, TalkBody::Accepted { id: stored.id, seq: stored.seq }));
        }
        Ok(frames)
    }

    async fn follow(&mut self, since: i64, stream: Option<String>) -> Result<Vec<TalkFrame>, ApiError> {
        let (account, thread) = (self.guest.account.id, &self.guest.thread);
        let Some(seen) = view::of_thread(&self.state.store, account, thread).await? else { return Ok(Vec::new()) };
        let known = stream.is_none_or(|stream| stream == format!("talk/{}", seen.id));
        self.state.hub.subscribe(self.id, seen.id);
        self.followed = Some((seen, if known { since.max(0) } else { 0 }));
        self.catch_up().await
    }

    /// A message may have opened a new contact: then its stream is sent from the beginning.
    async fn keep_up(&mut self) -> Result<Vec<TalkFrame>, ApiError> {
        let (account, thread) = (self.guest.account.id, &self.guest.thread);
        let now = view::of_thread(&self.state.store, account, thread).await?;
        match (&self.followed, now) {
            (_, None) => Ok(Vec::new()),
            (Some((followed, _)), Some(seen)) if followed.id == seen.id => Ok(Vec::new()),
            (before, Some(seen)) => {
                if let Some((before, _)) = before {
                    self.state.hub.unsubscribe(self.id, before.id);
                }
                self.state.hub.subscribe(self.id, seen.id);
                self.followed = Some((seen, 0));
                self.catch_up().await
            }
        }
    }

    async fn catch_up(&mut self) -> Result<Vec<TalkFrame>, ApiError> {
        let mut frames = Vec::new();
        while let Some((seen, last)) = &mut self.followed {
            let page = live::since(&self.state.store, seen, *last).await?;
            let Some(seq) = page.last().and_then(|frame| frame.seq) else { break };
            *last = seq;
            let contact = seen.id;
            frames.extend(page.iter().filter_map(|frame| TalkFrame::seen(contact, frame)));
        }
        Ok(frames)
    }

    async fn pass_on(&mut self, push: Push) -> Result<Vec<TalkFrame>, ApiError> {
        match push {
            Push::Frames { contact, frames } => self.next_of(contact, &frames).await,
            Push::Signal(Signal::Typing { contact_id, who: Author::Operator, until, .. }) => {
                Ok(vec![TalkFrame::of(contact_id, None, TalkBody::Typing { until })])
            }
            Push::Signal(_) | Push::Summaries(_) => Ok(Vec::new()),
        }
    }

    async fn next_of(&mut self, contact: ContactId, pushed: &[Frame]) -> Result<Vec<TalkFrame>, ApiError> {
        let Some((seen, last)) = &mut self.followed else { return Ok(Vec::new()) };
        if seen.id != contact {
            return Ok(Vec::new());
        }
        let mut frames = Vec::new();
        for frame in pushed {
            match frame.seq {
                Some(seq) if seq <= *last => {}
                Some(seq) if seq == *last + 1 && !matches!(frame.body, FrameBody::Reset) => {
                    *last = seq;
                    frames.extend(TalkFrame::seen(contact, frame));
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
        let Some((seen, _)) = &self.followed else { return };
        let until = self.state.store.clock().now().saturating_add(TYPING_FOR).unwrap_or_default();
        let name = self.guest.visitor.name.clone();
        let signal = Signal::Typing { contact_id: seen.id, who: Author::Customer, operator_id: None, name, until };
        if let Err(error) = self.state.hub.signals().send(signal).await {
            tracing::debug!(%error, "a typing mark was lost");
        }
    }

    fn error(&self, code: &'static str, message: &str, id: Option<String>) -> TalkFrame {
        let body = TalkBody::Error { code, message: message.to_owned(), id };
        TalkFrame { stream: "talk".to_owned(), seq: None, v: Frame::VERSION, body }
    }
}
