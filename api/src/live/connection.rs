//! One operator's socket: what was asked for, what was sent, what comes next.

use std::collections::HashMap;

use jiff::SignedDuration;
use pipelines::{
    conversations::{
        desk,
        view::{self, ContactSummary, Person, Seen},
    },
    events::{Author, ContactId},
    platform::signals::Signal,
    trends::stream,
    workforce::Actor,
};
use uuid::Uuid;

use super::{
    alerts::AlertStream,
    command::Command,
    frame::{ContactGone, Frame, FrameBody, Hello, LiveError, Partial, QueueSnapshot, Readers, Typing},
    hub::{Hub, Push},
    replay,
    viewers::Viewers,
};
use crate::server::ApiError;

/// Contacts that one connection may listen to.
const MOST_CONTACTS: usize = 64;

/// How long a typing mark stays without a new one.
const TYPING_FOR: SignedDuration = SignedDuration::from_secs(6);

/// How long a viewing mark stays without a new one; the connection renews it at half of that.
pub(super) const VIEWING_FOR: SignedDuration = SignedDuration::from_secs(60);

pub(super) struct Connection {
    id: Uuid,
    actor: Actor,
    hub: Hub,
    me_seq: i64,
    /// Contacts whose summaries the page holds, with the `seq` it holds.
    shown: HashMap<ContactId, i64>,
    /// Contacts that the page follows, with the last `seq` sent.
    followed: HashMap<ContactId, (Seen, i64)>,
    viewing: Option<ContactId>,
    viewers: Viewers,
    alerts: AlertStream,
}

impl Connection {
    pub(super) fn new(id: Uuid, actor: Actor, hub: Hub) -> Self {
        Self {
            id,
            actor,
            hub,
            me_seq: 0,
            shown: HashMap::new(),
            followed: HashMap::new(),
            viewing: None,
            viewers: Viewers::default(),
            alerts: AlertStream::default(),
        }
    }

    /// The greeting and the whole queue.
    pub(super) async fn greet(&mut self) -> Result<Vec<Frame>, ApiError> {
        let hello = FrameBody::Hello(Hello {
            operator_id: self.actor.id,
            connection_id: self.id,
            server_time: self.hub.store.clock().now(),
        });
        let hello = self.of_me(hello);
        Ok(vec![hello, self.queue().await?])
    }

    pub(super) async fn obey(&mut self, command: Command) -> Result<Vec<Frame>, ApiError> {
        match command {
            Command::Subscribe { contact_id, since } => self.follow(contact_id, since).await,
            Command::Unsubscribe { contact_id } => {
                self.leave(contact_id);
                Ok(Vec::new())
            }
            Command::Typing { contact_id } => {
                self.say_typing(contact_id).await;
                Ok(Vec::new())
            }
            Command::Viewing { contact_id } => {
                self.view(contact_id).await;
                Ok(Vec::new())
            }
            Command::SubscribeAlerts { since } if stream::sees(&self.actor) => {
                self.hub.subscribe_to_alerts(self.id);
                self.alerts.follow(&self.hub.store, &self.actor, since).await
            }
            Command::SubscribeAlerts { .. } => {
                Ok(vec![self.refuse("forbidden", "your roles do not allow this; ask an administrator", None)])
            }
            Command::Resync => Ok(vec![self.queue().await?]),
            Command::Ping => {
                Ok(vec![Frame { stream: "me".to_owned(), seq: None, v: Frame::VERSION, body: FrameBody::Pong }])
            }
        }
    }

    pub(super) async fn pass_on(&mut self, push: Push) -> Result<Vec<Frame>, ApiError> {
        match push {
            Push::Frames { contact, frames } => self.next_of(contact, &frames).await,
            Push::Summaries(summaries) => Ok(summaries.iter().filter_map(|summary| self.summary(summary)).collect()),
            Push::Alerts(frames) => self.alerts.next(&self.hub.store, &self.actor, &frames).await,
            Push::Signal(signal) => Ok(self.signal(signal).into_iter().collect()),
        }
    }

    /// Renews what others know of this connection; drops viewers that went silent.
    pub(super) async fn beat(&mut self) -> Vec<Frame> {
        if let Some(contact) = self.viewing {
            self.tell_viewing(contact, true).await;
        }
        let now = self.hub.store.clock().now();
        self.viewers.expire(now).into_iter().map(|contact| self.readers(contact)).collect()
    }

    pub(super) async fn bye(&mut self) {
        self.hub.close(self.id);
        if let Some(contact) = self.viewing.take() {
            self.tell_viewing(contact, false).await;
        }
    }

    async fn follow(&mut self, contact: ContactId, since: i64) -> Result<Vec<Frame>, ApiError> {
        let Some(seen) = view::seen(&self.hub.store, &self.actor, contact).await? else {
            let why = "this contact does not exist or is not yours to see";
            return Ok(vec![self.refuse("not_found", why, Some(contact))]);
        };
        if self.followed.len() >= MOST_CONTACTS && !self.followed.contains_key(&contact) {
            return Ok(vec![self.refuse(
                "conflict",
                "too many contacts are followed; unsubscribe from one first",
                Some(contact),
            )]);
        }
        self.hub.subscribe(self.id, contact);
        self.followed.insert(contact, (seen, since));
        let mut frames = self.catch_up(contact).await?;
        frames.push(self.readers(contact));
        Ok(frames)
    }

    fn leave(&mut self, contact: ContactId) {
        self.followed.remove(&contact);
        self.hub.unsubscribe(self.id, contact);
    }

    /// Everything that the log holds beyond what was sent.
    async fn catch_up(&mut self, contact: ContactId) -> Result<Vec<Frame>, ApiError> {
        let mut frames = Vec::new();
        while let Some((seen, last)) = self.followed.get_mut(&contact) {
            let page = replay::since(&self.hub.store, seen, *last).await?;
            match page.last() {
                None => break,
                Some(Frame { seq: Some(seq), .. }) => *last = *seq,
                Some(_) => {
                    frames.extend(page);
                    self.leave(contact);
                    break;
                }
            }
            frames.extend(page);
        }
        Ok(frames)
    }

    async fn next_of(&mut self, contact: ContactId, pushed: &[Frame]) -> Result<Vec<Frame>, ApiError> {
        let changes_hands = pushed.iter().any(|frame| matches!(frame.body, FrameBody::State(_)));
        if changes_hands && view::seen(&self.hub.store, &self.actor, contact).await?.is_none() {
            self.leave(contact);
            return Ok(vec![self.refuse("not_found", "this contact is no longer yours to see", Some(contact))]);
        }
        let Some((_, last)) = self.followed.get_mut(&contact) else { return Ok(Vec::new()) };
        let mut frames = Vec::new();
        for frame in pushed {
            match frame.seq {
                Some(seq) if seq <= *last => {}
                Some(seq) if seq == *last + 1 => {
                    *last = seq;
                    frames.push(frame.clone());
                }
                _ => {
                    frames.extend(self.catch_up(contact).await?);
                    break;
                }
            }
        }
        Ok(frames)
    }

    async fn queue(&mut self) -> Result<Frame, ApiError> {
        let (mine, queue) = desk::desk(&self.hub.store, &self.actor).await?;
        self.shown = mine.iter().chain(&queue).map(|summary| (summary.id, summary.seq)).collect();
        Ok(self.of_me(FrameBody::Queue(QueueSnapshot { mine, queue })))
    }

    fn summary(&mut self, summary: &ContactSummary) -> Option<Frame> {
        let held = self.shown.get(&summary.id).copied();
        if held.is_some_and(|seq| seq >= summary.seq) {
            return None;
        }
        if desk::is_on_desk(&self.actor, summary) {
            self.shown.insert(summary.id, summary.seq);
            Some(self.of_me(FrameBody::Contact(Box::new(summary.clone()))))
        } else {
            self.shown.remove(&summary.id)?;
            Some(self.of_me(FrameBody::ContactGone(ContactGone { id: summary.id, seq: summary.seq })))
        }
    }

    fn signal(&mut self, signal: Signal) -> Option<Frame> {
        let contact = signal.contact_id();
        if !self.followed.contains_key(&contact) {
            return None;
        }
        match signal {
            Signal::Typing { operator_id, .. } if operator_id == Some(self.actor.id) => None,
            Signal::Typing { who, name, until, .. } => {
                Some(Frame::passing(contact, FrameBody::Typing(Typing { who, name, until })))
            }
            Signal::Viewing { connection, operator_id, name, open, until, .. } => {
                let colleague = Person { id: operator_id, name };
                self.viewers.note(contact, connection, colleague, open.then_some(until)).then(|| self.readers(contact))
            }
            Signal::Partial { segment_id, speaker, text, start_ms, .. } => {
                Some(Frame::passing(contact, FrameBody::Partial(Partial { segment_id, speaker, text, start_ms })))
            }
        }
    }

    fn readers(&self, contact: ContactId) -> Frame {
        Frame::passing(contact, FrameBody::Readers(Readers { readers: self.viewers.of(contact, self.actor.id) }))
    }

    async fn view(&mut self, contact: Option<ContactId>) {
        if let Some(before) = self.viewing.take() {
            self.tell_viewing(before, false).await;
        }
        self.viewing = contact.filter(|contact| self.followed.contains_key(contact));
        if let Some(contact) = self.viewing {
            self.tell_viewing(contact, true).await;
        }
    }

    async fn tell_viewing(&self, contact_id: ContactId, open: bool) {
        let until = self.hub.store.clock().now().saturating_add(VIEWING_FOR).unwrap_or_default();
        let (operator_id, name) = (self.actor.id, self.actor.name.clone());
        self.tell(Signal::Viewing { contact_id, connection: self.id, operator_id, name, open, until }).await;
    }

    async fn say_typing(&self, contact_id: ContactId) {
        if !self.followed.contains_key(&contact_id) {
            return;
        }
        let until = self.hub.store.clock().now().saturating_add(TYPING_FOR).unwrap_or_default();
        let (operator_id, name) = (Some(self.actor.id), Some(self.actor.name.clone()));
        self.tell(Signal::Typing { contact_id, who: Author::Operator, operator_id, name, until }).await;
    }

    async fn tell(&self, signal: Signal) {
        if let Err(error) = self.hub.signals.send(signal).await {
            tracing::debug!(%error, "a signal was lost");
        }
    }

    fn refuse(&mut self, code: &'static str, message: &'static str, contact_id: Option<ContactId>) -> Frame {
        self.of_me(FrameBody::Error(LiveError { code, message, contact_id }))
    }

    fn of_me(&mut self, body: FrameBody) -> Frame {
        self.me_seq += 1;
        Frame::of_me(self.me_seq, body)
    }
}
