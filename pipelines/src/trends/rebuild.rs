//! Counting again from what is stored: a history that was never counted, or was counted by an older rule.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::atlas::Atlas;
use super::dishes;
use super::store::alerts::next_seq;
use super::store::{acts, count, lead, rebuild as rows};
use super::ticks::{self, Judge};
use crate::events::{AlertChange, AlertId, EventBody};
use crate::platform::store::{Change, Store, StoreError};

/// Hours that are counted in one change: whoever counts live waits for so long.
const STEP: i64 = 6;

/// A recount of all contacts whose first message came on these days of UTC, the last one with them. It may be broken off
/// at any time; whoever asks for the same days again goes on where it stopped.
#[derive(Debug)]
pub struct Rebuild {
    store: Store,
    days: (Date, Date),
    next: Timestamp,
    end: Timestamp,
}

impl Rebuild {
    pub async fn begin(store: &Store, since: Date, until: Date) -> Result<Self, StoreError> {
        let midnight = |day: Date| day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |at| at.timestamp());
        let end = midnight(until.saturating_add(1.day())).min(store.clock().now());
        let next = rows::done(store.pool(), (since, until)).await?.unwrap_or_else(|| midnight(since));
        Ok(Self { store: store.clone(), days: (since, until), next, end })
    }

    /// Steps that are left.
    pub fn left(&self) -> u64 {
        let seconds = self.end.as_second() - self.next.as_second();
        u64::try_from(seconds).unwrap_or(0).div_ceil(STEP.unsigned_abs() * 3_600)
    }

    /// Takes one more step; false where none is left.
    pub async fn step(&mut self) -> Result<bool, StoreError> {
        if self.next >= self.end {
            return Ok(false);
        }
        let until = self.next.saturating_add(STEP.hours()).unwrap_or(self.end);
        let home = Atlas::home_of(&self.store).await?;
        let mut change = self.store.begin().await?;
        // alone: what is counted live meanwhile comes before or after all of it
        count::lock_all(change.conn()).await?;
        let contacts = rows::contacts(change.conn(), self.next, until).await?;
        rows::forget(change.conn(), self.next, until).await?;
        let dishes = dishes::of(change.conn(), &contacts).await?;
        count::count(change.conn(), &contacts, &dishes, &home).await?;
        rows::note(change.conn(), self.days, until).await?;
        change.commit().await?;
        self.next = until;
        Ok(true)
    }

    /// Corrects the figures of steps that are judged already, which keep their verdicts, and ends the recount.
    pub async fn finish(self) -> Result<(), StoreError> {
        Judge::load(&self.store).await?.correct(self.days).await?;
        let mut change = self.store.begin().await?;
        rows::end(change.conn(), self.days).await?;
        change.commit().await
    }
}

/// Forgets all verdicts on steps and the alerts that nobody has done anything with, and judges all steps from the first
/// count on, as if the counts had come live. `progress` hears how many steps of how many are done. Others are told only of
/// what went on before, which ends or is withdrawn, and of what goes on after: incidents of the past are no news.
pub async fn judge_anew(store: &Store, progress: impl Fn(u64, u64)) -> Result<(), StoreError> {
    let lead = lead::wait(store, lead::Right::Judge).await?;
    let done = anew(store, progress).await;
    lead.close().await?;
    done
}

async fn anew(store: &Store, progress: impl Fn(u64, u64)) -> Result<(), StoreError> {
    let mut change = store.begin().await?;
    count::lock_all(change.conn()).await?;
    let went_on = rows::going_on(change.conn()).await?;
    let gone = rows::forget_verdicts(change.conn()).await?;
    let (gone, stay): (Vec<AlertId>, Vec<AlertId>) = went_on.into_iter().partition(|id| gone.contains(id));
    tell(&mut change, &gone, AlertChange::Withdrawn).await?;
    tell(&mut change, &stay, AlertChange::Ended).await?;
    change.commit().await?;
    let all = ticks::left(store).await?;
    let done = std::cell::Cell::new(0);
    let heard = |steps: usize| {
        done.set(done.get() + steps as u64);
        progress(done.get(), all);
    };
    Judge::load(store).await?.silent().catch_up(heard).await?;
    let mut change = store.begin().await?;
    let go_on = rows::going_on(change.conn()).await?;
    tell(&mut change, &go_on, AlertChange::Began).await?;
    change.commit().await
}

/// Tells others of alerts, those too that are there no longer.
async fn tell(change: &mut Change, alerts: &[AlertId], what: AlertChange) -> Result<(), StoreError> {
    for id in alerts {
        let seq = next_seq(change.conn()).await?;
        acts::renumber(change.conn(), *id, seq).await?;
        change.append_to_nobody(None, EventBody::AlertChanged { alert_id: *id, seq, change: what });
    }
    Ok(())
}
