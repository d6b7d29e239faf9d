//! The stage that summarises: at the end, on transfer, when asked, and now and then while a long talk goes on.

use std::time::Instant;

use models::reading::ReadingModel;
use models::summary::{Writer, summarise};

use super::SummaryReason;
use super::store::{self, Current, Made, talk};
use crate::conversations::steps::{self, LifeError};
use crate::events::{Author, ContactId, ContactState, CustomerId, Event, EventBody, MessageKind, Step};
use crate::platform::stage::{Stage, StageError, StageName};
use crate::platform::store::Store;

/// Summarises contacts. The model is asked with no transaction open and lets whoever reads live messages go first.
#[derive(Clone, Debug)]
pub struct Summarise {
    store: Store,
    reader: ReadingModel,
    writer: Option<Writer>,
}

/// Turns between two summaries of a talk that goes on.
const ROLLING: i64 = 15;
/// A longer talk has no summary: a part of it would pass for the whole.
const MOST_TURNS: usize = 10_000;

impl Summarise {
    /// `writer`: puts summaries of whole talks into words; without it the frame does.
    pub fn new(store: Store, reader: ReadingModel, writer: Option<Writer>) -> Self {
        Self { store, reader: reader.for_bulk(), writer }
    }

    async fn write(&self, customer: CustomerId, contact: ContactId, reason: SummaryReason) -> Result<(), StageError> {
        let talk = talk::of(self.store.pool(), customer, contact, MOST_TURNS).await?;
        let Some(talk) = talk else { return Err(StageError::discard("a contact of more than 10,000 turns")) };
        let mut conn = self.store.pool().acquire().await.map_err(StageError::retry)?;
        let current = store::current(&mut conn, customer, contact).await?;
        drop(conn);
        if talk.turns.is_empty() || current.is_some_and(|current| !gives_way(&current, talk.as_of_seq, reason)) {
            return Ok(());
        }
        let began = Instant::now();
        let writer = self.writer.as_ref().filter(|_| is_written(reason));
        let account = summarise(&self.reader, writer, &talk.turns).await.map_err(StageError::retry)?;
        let latency_us = i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let made = Made {
            as_of_seq: talk.as_of_seq,
            reason,
            model: self.reader.model(),
            edit: None,
            account: &account,
            messages: &talk.messages,
            latency_us,
        };
        match self.keep(customer, contact, &made).await {
            Ok(()) => Ok(()),
            Err(LifeError::NotFound) => Err(StageError::discard("the contact no longer exists")),
            Err(error) => Err(StageError::retry(error)),
        }
    }

    /// Stores a version under the contact's lock, where meanwhile none has come that it would have to give way to.
    async fn keep(&self, customer: CustomerId, contact: ContactId, made: &Made<'_>) -> Result<(), LifeError> {
        let mut change = self.store.begin().await?;
        steps::lock(&mut change, contact).await?;
        let current = store::current(change.conn(), customer, contact).await?;
        if current.is_some_and(|current| !gives_way(&current, made.as_of_seq, made.reason)) {
            return Ok(());
        }
        let version = store::put(&mut change, customer, contact, made).await?;
        let body = EventBody::SummaryReady { version, as_of_seq: made.as_of_seq };
        change.append(customer, contact, None, body).await?;
        change.commit().await?;
        metrics::counter!("okno_summaries_total", "reason" => made.reason.as_str()).increment(1);
        Ok(())
    }

    /// Whether the message is the last turn of an active talk that has grown long since it was summarised. Where more
    /// was said already, the event of that decides.
    async fn is_due(&self, customer: CustomerId, contact: ContactId, seq: i64) -> Result<bool, StageError> {
        let Some(progress) = talk::progress(self.store.pool(), customer, contact).await? else { return Ok(false) };
        Ok(progress.state == ContactState::Active
            && progress.last_seq == seq
            && progress.turns - progress.summarised >= ROLLING
            && progress.turns <= MOST_TURNS as i64)
    }
}

impl Stage for Summarise {
    const NAME: StageName = StageName::new("summarise");

    fn wants(body: &EventBody) -> bool {
        reason(body).is_some()
    }

    async fn run(&self, event: &Event) -> Result<(), StageError> {
        let (Some(contact), Some(seq), Some(reason)) = (event.contact_id, event.seq, reason(&event.body)) else {
            return Ok(());
        };
        if reason == SummaryReason::Rolling && !self.is_due(event.customer_id, contact, seq).await? {
            return Ok(());
        }
        self.write(event.customer_id, contact, reason).await
    }
}

/// Why the event would have the contact summarised.
fn reason(body: &EventBody) -> Option<SummaryReason> {
    match body {
        EventBody::StateChanged {
            to: ContactState::WrapUp | ContactState::Closed | ContactState::Abandoned, ..
        } => Some(SummaryReason::Closed),
        EventBody::StateChanged { reason: Step::Transferred, .. } => Some(SummaryReason::Transferred),
        EventBody::SummaryAsked {} => Some(SummaryReason::Asked),
        EventBody::MessageReceived { author: Author::Customer | Author::Operator, kind, .. }
            if !matches!(kind, MessageKind::Phone | MessageKind::Note) =>
        {
            Some(SummaryReason::Rolling)
        }
        _ => None,
    }
}

/// Whether the generator may tell it: somebody reads it now or later, and nobody waits with a customer on the line.
fn is_written(reason: SummaryReason) -> bool {
    matches!(reason, SummaryReason::Closed | SummaryReason::Asked)
}

/// Whether a model's version of the talk up to `as_of_seq` comes after the current one. Of the same talk a weightier
/// reason does; a person's words are replaced only where more was said after them.
fn gives_way(current: &Current, as_of_seq: i64, reason: SummaryReason) -> bool {
    current.as_of_seq < as_of_seq || (current.as_of_seq == as_of_seq && weight(current.reason) < weight(reason))
}

fn weight(reason: SummaryReason) -> u8 {
    match reason {
        SummaryReason::Rolling => 0,
        SummaryReason::Asked => 1,
        SummaryReason::Transferred => 2,
        SummaryReason::Closed => 3,
        SummaryReason::Edited => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current(as_of_seq: i64, reason: SummaryReason) -> Current {
        Current { version: 1, as_of_seq, reason, confirmed: false }
    }

    #[test]
    fn a_version_comes_after_what_knows_less_and_never_after_what_knows_more() {
        for was in SummaryReason::ALL {
            for comes in SummaryReason::ALL {
                assert!(gives_way(&current(5, *was), 6, *comes), "{was:?} {comes:?}");
                assert!(!gives_way(&current(7, *was), 6, *comes), "{was:?} {comes:?}");
                assert!(
                    !gives_way(&current(6, SummaryReason::Edited), 6, *comes),
                    "{comes:?} replaces a person's words"
                );
            }
            assert!(!gives_way(&current(6, *was), 6, *was), "{was:?} twice");
        }
        assert!(gives_way(&current(6, SummaryReason::Rolling), 6, SummaryReason::Closed));
        assert!(!gives_way(&current(6, SummaryReason::Closed), 6, SummaryReason::Asked));
    }
}
