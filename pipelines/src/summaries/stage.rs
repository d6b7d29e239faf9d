//! The stage that summarises: at the end, on transfer, when asked, and now and then while a long talk goes on.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use models::reading::ReadingModel;
use models::summary::{Writer, summarise};

use super::SummaryReason;
use super::store::{self, Current, Kept, Made, talk};
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
/// How long it rests after a summary, in times of what that took, and at most, where live messages were read lately: when
/// many contacts end together, these have most of the database and of the processors meanwhile, however slow they are.
const REST: u32 = 6;
const LONGEST_REST: Duration = Duration::from_millis(250);
const LATELY: Duration = Duration::from_secs(1);
/// A longer talk has no summary: a part of it would pass for the whole.
pub(super) const MOST_TURNS: usize = 10_000;

impl Summarise {
    /// `writer`: puts summaries of whole talks into words; without it the frame does.
    pub fn new(store: Store, reader: ReadingModel, writer: Option<Writer>) -> Self {
        Self { store, reader: reader.for_bulk(), writer }
    }

    async fn write(&self, event: &Event, contact: ContactId, reason: SummaryReason) -> Result<(), StageError> {
        let customer = event.customer_id;
        let talk = talk::of(self.store.pool(), customer, contact, MOST_TURNS).await?;
        let Some(talk) = talk else { return Err(StageError::discard("a contact of more than 10,000 turns")) };
        let mut conn = self.store.pool().acquire().await.map_err(StageError::retry)?;
        let current = store::current(&mut conn, customer, contact).await?;
        drop(conn);
        let mut comes = Coming { as_of_seq: talk.as_of_seq, reason, at: event.at, matters: None };
        if talk.turns.is_empty() || current.is_some_and(|current| !gives_way(&current, &comes)) {
            return Ok(());
        }
        let began = Instant::now();
        let writer = self.writer.as_ref().filter(|_| is_written(reason));
        let account = summarise(&self.reader, writer, &talk.turns).await.map_err(StageError::retry)?;
        let latency_us = i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX);
        comes.matters = Some(&account.evidence.issue);
        let made = Made {
            as_of_seq: talk.as_of_seq,
            reason,
            model: self.reader.model(),
            edit: None,
            account: &account,
            messages: &talk.messages,
            latency_us,
        };
        match self.keep(customer, contact, &made, &comes).await {
            Ok(()) => Ok(()),
            Err(LifeError::NotFound) => Err(StageError::discard("the contact no longer exists")),
            Err(error) => Err(StageError::retry(error)),
        }
    }

    /// Stores a version under the contact's lock, where meanwhile none has come that it would have to give way to.
    async fn keep(
        &self,
        customer: CustomerId,
        contact: ContactId,
        made: &Made<'_>,
        comes: &Coming<'_>,
    ) -> Result<(), LifeError> {
        let mut change = self.store.begin().await?;
        steps::lock(&mut change, contact).await?;
        let current = store::current(change.conn(), customer, contact).await?;
        if current.is_some_and(|current| !gives_way(&current, comes)) {
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
        let began = Instant::now();
        let done = self.write(event, contact, reason).await;
        if self.reader.served_live_within(LATELY) {
            tokio::time::sleep((REST * began.elapsed()).min(LONGEST_REST)).await;
        }
        done
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

/// A model's version that may come after the current one.
struct Coming<'a> {
    as_of_seq: i64,
    reason: SummaryReason,
    /// When the event came for which it is written.
    at: Timestamp,
    /// The turns that state a matter, from 0; none as long as the model was not asked.
    matters: Option<&'a [u32]>,
}

/// Whether a model's version comes after the current one. Of the same talk a weightier reason does.
fn gives_way(current: &Current, comes: &Coming<'_>) -> bool {
    let is_newer = current.as_of_seq < comes.as_of_seq
        || (current.as_of_seq == comes.as_of_seq && weight(current.reason) < weight(comes.reason));
    is_newer && current.kept.is_none_or(|kept| is_let_go(&kept, current.turns, comes))
}

/// Whether what a person edited or confirmed may be replaced. A "thanks" in after-contact work is no reason: whoever
/// stood for the words still has the contact, sees that more was said, and may ask for a new summary. So a person's act
/// does it, asking or opening the contact again; or the end of a further round, for which the contact waited again and
/// in which the customer stated a matter that the person's words cannot know.
fn is_let_go(kept: &Kept, turns: i32, comes: &Coming<'_>) -> bool {
    let is_new = |matters: &[u32]| matters.iter().any(|turn| i64::from(*turn) >= i64::from(turns));
    match comes.reason {
        // An old wish that is delivered once more was fulfilled before.
        SummaryReason::Asked if comes.at > kept.since => true,
        SummaryReason::Closed if kept.waited && comes.matters.is_none_or(is_new) => true,
        _ => kept.reopened,
    }
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
    use jiff::SignedDuration;

    use super::*;

    fn current(as_of_seq: i64, reason: SummaryReason) -> Current {
        Current { version: 1, as_of_seq, turns: 3, reason, confirmed: false, kept: None }
    }

    /// The talk up to 6, a minute after the epoch.
    fn coming(reason: SummaryReason) -> Coming<'static> {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(1);
        Coming { as_of_seq: 6, reason, at, matters: Some(&[0]) }
    }

    #[test]
    fn a_version_comes_after_what_knows_less_and_never_after_what_knows_more() {
        for was in SummaryReason::ALL {
            for comes in SummaryReason::ALL {
                assert!(gives_way(&current(5, *was), &coming(*comes)), "{was:?} {comes:?}");
                assert!(!gives_way(&current(7, *was), &coming(*comes)), "{was:?} {comes:?}");
                assert!(
                    !gives_way(&current(6, SummaryReason::Edited), &coming(*comes)),
                    "{comes:?} replaces a person's words"
                );
            }
            assert!(!gives_way(&current(6, *was), &coming(*was)), "{was:?} twice");
        }
        assert!(gives_way(&current(6, SummaryReason::Rolling), &coming(SummaryReason::Closed)));
        assert!(!gives_way(&current(6, SummaryReason::Closed), &coming(SummaryReason::Asked)));
    }

    #[test]
    fn what_a_person_stood_for_stays_until_a_person_or_a_new_matter_asks_for_more() {
        let kept = |reopened, waited| Kept { since: Timestamp::UNIX_EPOCH, reopened, waited };
        let of = |reason, kept| Current { kept: Some(kept), ..current(5, reason) };
        for was in [SummaryReason::Edited, SummaryReason::Closed] {
            for comes in SummaryReason::ALL {
                let asked = *comes == SummaryReason::Asked;
                assert_eq!(gives_way(&of(was, kept(false, false)), &coming(*comes)), asked, "{was:?} {comes:?}");
                assert!(gives_way(&of(was, kept(true, false)), &coming(*comes)), "{was:?} {comes:?}");
            }
            let asked_before = Kept { since: coming(SummaryReason::Asked).at, ..kept(false, false) };
            assert!(!gives_way(&of(was, asked_before), &coming(SummaryReason::Asked)), "{was:?}");
            let waited = of(was, kept(false, true));
            let old_and_new: [(Option<&[u32]>, bool); 4] =
                [(Some(&[0, 2]), false), (Some(&[0, 3]), true), (Some(&[]), false), (None, true)];
            for (matters, wanted) in old_and_new {
                let comes = Coming { matters, ..coming(SummaryReason::Closed) };
                assert_eq!(gives_way(&waited, &comes), wanted, "{was:?} {matters:?}");
            }
            assert!(!gives_way(&waited, &coming(SummaryReason::Rolling)), "the round is not over");
        }
    }
}
