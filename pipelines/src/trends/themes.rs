//! Matters that no topic names: every quarter of an hour, the talks of the last hours beside those of the same hours of the
//! days before.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use models::reading::ReadError;
use models::sentences::{SentenceModel, Vectors};
use models::trends::Step;
use models::trends::themes::{Talk, Theme, themes};
use tokio_util::sync::CancellationToken;

use super::rate;
use super::store::lead::{self, Right};
use super::store::themes::{self as rows, Said};
use super::store::wishes;
use crate::events::{AlertChange, AlertId, ContactId, EventBody};
use crate::platform::store::{Store, StoreError};

const EVERY: Duration = Duration::from_secs(15 * 60);
/// Hours whose talks are looked through.
const HOURS: i64 = 3;
/// Days before, of which the same hours are known.
const DAYS: i32 = 7;
/// A theme of which so large a part stands in an alert is the same.
const SAME: f64 = 0.3;

/// Looks for themes.
#[derive(Debug)]
pub struct Themes {
    store: Store,
    sentences: SentenceModel,
    /// Of the talks that were looked at last, all of one model.
    vectors: HashMap<ContactId, Vec<f32>>,
    /// Which model that was.
    model: String,
}

impl Themes {
    pub fn new(store: Store, sentences: SentenceModel) -> Self {
        Self { store, sentences, vectors: HashMap::new(), model: String::new() }
    }

    /// Looks until `stop`; one process at a time does.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut turns = tokio::time::interval(EVERY);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(turns.tick()).await.is_some() {
            if let Some(Err(error)) = stop.run_until_cancelled(self.led()).await {
                tracing::warn!(%error, "themes are looked for again in a quarter of an hour");
            }
        }
    }

    async fn led(&mut self) -> Result<(), ThemeError> {
        let Some(lead) = lead::take(self.store.pool(), Right::Themes).await? else { return Ok(()) };
        let looked = self.look().await;
        lead.close().await?;
        looked.map(drop)
    }

    /// Looks once; gives how many themes there are now.
    pub async fn look(&mut self) -> Result<usize, ThemeError> {
        let now = self.store.clock().now();
        let from = now.saturating_sub(HOURS.hours()).unwrap_or(now);
        let said = rows::said(self.store.pool(), from, now, DAYS).await?;
        self.read(&said).await?;
        let vectors: Vec<Vec<f32>> =
            said.iter().map(|said| self.vectors.get(&said.contact).cloned().unwrap_or_default()).collect();
        let (seed, false_ones) = (now.as_second().unsigned_abs(), theme_rate(&self.store).await?);
        let found = tokio::task::spawn_blocking(move || {
            // what came before stands first
            let split = said.partition_point(|said| said.at < from);
            let talks: Vec<Talk<'_>> = said.iter().zip(&vectors).map(|(said, vector)| said.talk(vector)).collect();
            themes(&talks[split..], &talks[..split], false_ones, seed)
        });
        let found = found.await.unwrap_or_default();
        self.keep(&found, from, now).await?;
        Ok(found.len())
    }

    /// Computes the vectors that are missing, and forgets those of talks that nobody looks at any longer. Where another
    /// model answers than before, all are computed anew: beside old vectors, all of now would look like a theme.
    async fn read(&mut self, said: &[Said]) -> Result<(), ThemeError> {
        let present: HashSet<ContactId> = said.iter().map(|said| said.contact).collect();
        self.vectors.retain(|contact, _| present.contains(contact));
        let mut asked: Vec<&Said> = said.iter().filter(|said| !self.vectors.contains_key(&said.contact)).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let mut read = self.vectors_of(&asked).await?;
        if read.model != self.model && !self.vectors.is_empty() {
            self.vectors.clear();
            asked = said.iter().collect();
            read = self.vectors_of(&asked).await?;
        }
        self.vectors.extend(asked.iter().map(|said| said.contact).zip(read.of));
        self.model = read.model;
        Ok(())
    }

    async fn vectors_of(&self, said: &[&Said]) -> Result<Vectors, ReadError> {
        let texts: Vec<String> = said.iter().map(|said| said.text.clone()).collect();
        self.sentences.vectors(&texts).await
    }

    /// Makes alerts of themes, lets those grow that are known, and ends those that have not grown since `from`, where the
    /// window begins: none of their talks is looked at any longer, so they cannot be found a second time.
    async fn keep(&self, found: &[Theme], from: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let mut change = self.store.begin().await?;
        let mut open = rows::open(change.conn()).await?;
        let mut seen = HashSet::new();
        for theme in found {
            let members: HashSet<ContactId> =
                theme.members.iter().map(|id| ContactId(uuid::Uuid::from_u128(*id))).collect();
            let (id, what, talks) = match join(&mut open, &members) {
                Joined::Whole(id) => {
                    seen.insert(id);
                    continue;
                }
                Joined::Grown(id, talks) => (id, AlertChange::Grew, talks),
                Joined::Nowhere => (AlertId::new(change.clock()), AlertChange::Began, members.len()),
            };
            seen.insert(id);
            let seq = super::store::alerts::next_seq(change.conn()).await?;
            rows::put(change.conn(), (id, seq), theme, talks, now).await?;
            rows::put_members(change.conn(), id, &members).await?;
            change.append_to_nobody(None, EventBody::AlertChanged { alert_id: id, seq, change: what });
        }
        for (id, _) in open.iter().filter(|(id, _)| !seen.contains(id)) {
            if rows::end(change.conn(), *id, from, now).await? {
                let seq = super::store::alerts::next_seq(change.conn()).await?;
                super::store::acts::renumber(change.conn(), *id, seq).await?;
                change
                    .append_to_nobody(None, EventBody::AlertChanged { alert_id: *id, seq, change: AlertChange::Ended });
            }
        }
        change.commit().await
    }
}

/// What of a theme stands in an alert already.
#[derive(Debug, PartialEq)]
enum Joined {
    Whole(AlertId),
    /// A part; with how many talks the alert has with the rest. Its figure opens to all of them, those too that the
    /// window has left behind or another theme of this look has brought.
    Grown(AlertId, usize),
    Nowhere,
}

/// Adds the talks of a theme to those of the alert in which it stands, if it does in one.
fn join(open: &mut [(AlertId, HashSet<ContactId>)], members: &HashSet<ContactId>) -> Joined {
    let known = open.iter_mut().find(|(_, talks)| {
        let shared = members.intersection(talks).count();
        shared as f64 >= SAME * members.len() as f64
    });
    let Some((id, talks)) = known else { return Joined::Nowhere };
    if members.is_subset(talks) {
        return Joined::Whole(*id);
    }
    talks.extend(members);
    Joined::Grown(*id, talks.len())
}

/// Of so many windows one may show a theme that is none: the less, the more themes were called noise. All have one rate,
/// for nothing tells which theme comes next.
pub async fn theme_rate(store: &Store) -> Result<f64, StoreError> {
    Ok(rate(Step::QuarterHour) * f64::from(wishes::themes(store.pool()).await?))
}

/// Why themes were not looked for.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the model of sentences did not answer: {0}")]
    Read(#[from] ReadError),
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn of_two_themes_that_join_an_alert_the_second_counts_the_talks_of_the_first() {
        let talks = |ids: &[u128]| ids.iter().map(|id| ContactId(Uuid::from_u128(*id))).collect::<HashSet<_>>();
        let id = AlertId(Uuid::nil());
        let mut open = vec![(id, talks(&[1, 2, 3, 4]))];
        assert_eq!(join(&mut open, &talks(&[1, 2, 11])), Joined::Grown(id, 5));
        assert_eq!(join(&mut open, &talks(&[3, 4, 12])), Joined::Grown(id, 6));
        assert_eq!(join(&mut open, &talks(&[4, 11, 12])), Joined::Whole(id));
        assert_eq!(join(&mut open, &talks(&[4, 21, 22, 23])), Joined::Nowhere, "one of four is chance");
    }
}
