//! The stream of alerts: each change of one is a number, and an alert is sent under its last.

use std::collections::HashSet;

use jiff::Timestamp;
use pipelines::events::AlertId;
use pipelines::platform::store::Store;
use pipelines::trends::alerts::TrendAlert;
use pipelines::trends::stream;
use pipelines::workforce::Actor;

use super::frame::{AlertSnapshot, Frame, FrameBody, Skip};
use crate::server::ApiError;

/// How far a connection has been told of alerts; none: it does not ask.
#[derive(Debug, Default)]
pub(super) struct AlertStream {
    last: Option<i64>,
    /// What the page holds: it is told how that goes on until it has ended, also where it no longer is worth a look.
    held: HashSet<AlertId>,
}

impl AlertStream {
    /// Begins with what comes after `since`; with all that goes on where it is none, or a number that the stream has not
    /// reached: whoever holds it has seen another database. So it does for those who do not see all: what they hold by then
    /// is not known, and what of it has ended since is theirs to know.
    pub(super) async fn follow(
        &mut self,
        store: &Store,
        actor: &Actor,
        since: Option<i64>,
    ) -> Result<Vec<Frame>, ApiError> {
        if let Some(since) = since
            && stream::sees_all(actor)
            && since <= stream::end(store).await?
        {
            self.last = Some(since.max(0));
            return self.catch_up(store, actor).await;
        }
        let (seq, alerts) = stream::now(store, actor).await?;
        self.last = Some(seq);
        self.held = alerts.iter().map(|alert| alert.id).collect();
        Ok(vec![Frame::of_alerts(seq, FrameBody::Alerts(AlertSnapshot { alerts }))])
    }

    /// Everything beyond what was sent.
    async fn catch_up(&mut self, store: &Store, actor: &Actor) -> Result<Vec<Frame>, ApiError> {
        let now = store.clock().now();
        let mut frames = Vec::new();
        while let Some(last) = self.last {
            let (end, alerts) = stream::since(store, last).await?;
            let page = of_alerts(last, end, alerts);
            let Some(seq) = page.last().map(reaches) else { break };
            self.last = Some(seq);
            frames.extend(page.into_iter().map(|frame| self.told(actor, now, frame)));
        }
        Ok(frames)
    }

    /// What of these frames is next; asks for what lies between where something was missed.
    pub(super) async fn next(
        &mut self,
        store: &Store,
        actor: &Actor,
        pushed: &[Frame],
    ) -> Result<Vec<Frame>, ApiError> {
        let (now, mut frames) = (store.clock().now(), Vec::new());
        for frame in pushed {
            let Some((last, seq)) = self.last.zip(frame.seq) else { break };
            if seq > last && matches!(frame.body, FrameBody::Reset) {
                frames.extend(self.follow(store, actor, None).await?);
            } else if seq == last + 1 {
                self.last = Some(reaches(frame));
                frames.push(self.told(actor, now, frame.clone()));
            } else if seq > last {
                frames.extend(self.catch_up(store, actor).await?);
            }
        }
        Ok(frames)
    }

    /// A frame as this page is told it.
    fn told(&mut self, actor: &Actor, now: Timestamp, frame: Frame) -> Frame {
        let FrameBody::Alert(alert) = &frame.body else { return frame };
        let holds = if alert.ended.is_some() { self.held.remove(&alert.id) } else { self.held.contains(&alert.id) };
        if holds {
            return frame;
        }
        if alert.ended.is_none() && stream::shows(actor, alert, now) {
            self.held.insert(alert.id);
        }
        as_seen(actor, now, frame)
    }
}

/// A frame for somebody who holds no alert: what they may not see is passed over.
pub fn as_seen(actor: &Actor, now: Timestamp, frame: Frame) -> Frame {
    match &frame.body {
        FrameBody::Alert(alert) if !stream::shows(actor, alert, now) => {
            Frame::of_alerts(alert.seq, FrameBody::Skip(Skip { to: alert.seq }))
        }
        _ => frame,
    }
}

/// Up to which number a frame takes its reader.
fn reaches(frame: &Frame) -> i64 {
    match &frame.body {
        FrameBody::Skip(skip) => skip.to,
        _ => frame.seq.unwrap_or(0),
    }
}

/// The frames after `since` up to `end`, of alerts in the order of their numbers. What lies between them are changes that
/// others came after.
pub fn of_alerts(since: i64, end: i64, alerts: Vec<TrendAlert>) -> Vec<Frame> {
    let whole = i64::try_from(alerts.len()).unwrap_or(i64::MAX) < stream::PAGE;
    let (mut last, mut frames) = (since, Vec::new());
    for alert in alerts.into_iter() {
        if alert.seq > last + 1 {
            frames.push(Frame::of_alerts(last + 1, FrameBody::Skip(Skip { to: alert.seq - 1 })));
        }
        last = alert.seq.max(last);
        frames.push(Frame::of_alerts(last, FrameBody::Alert(Box::new(alert))));
    }
    if whole && end > last {
        frames.push(Frame::of_alerts(last + 1, FrameBody::Skip(Skip { to: end })));
    }
    frames
}
