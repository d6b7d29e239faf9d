//! Each minute: the steps that are over are judged, by one process at a time.

use std::collections::HashMap;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use models::trends::{CountSeries, Step};
use tokio_util::sync::CancellationToken;

use super::atlas::{Atlas, after, key_of_day};
use super::engine::{Engine, Forgotten, Kept, Outcome};
use super::incident::{Incident, Peak};
use super::raise::Open;
use super::scope::Leaf;
use super::store::series::Row;
use super::store::{alarms, count, holidays, lead, rebuild, series, wishes};
use super::{Scope, causes};
use crate::events::AlertId;
use crate::platform::store::{Store, StoreError};

/// Between two ticks.
const EVERY: Duration = Duration::from_secs(60);
/// A step is over this long after its end: its last contacts have been read by then.
const GRACE: i64 = 60;
/// Steps that are judged before they are stored, where many are behind.
const BATCH: usize = 96;

/// In which order steps are judged that are over: what tells of a silent feed comes before all that hangs on the feed, the
/// quarters of an hour before the five minutes in them, and the hours before the days. Whoever comes late has to wait for
/// nothing, and nothing waits that is over before the quarter of an hour in which it lies.
const ORDER: [Step; 5] = [Step::QuarterHour, Step::FiveMinutes, Step::Hour, Step::Day, Step::Week];

/// A history that was never judged is judged from so many days back in the steps of minutes, and whole in all others.
const MOST_DAYS: i64 = 28;

/// Days that alerts which have ended are remembered, for longer steps that are judged later.
const REMEMBERED_DAYS: i64 = 60;

/// Judges until `stop`.
pub async fn run(store: Store, stop: CancellationToken) {
    let mut minutes = tokio::time::interval(EVERY);
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ticks = Ticks::new(&store);
    while stop.run_until_cancelled(minutes.tick()).await.is_some() {
        if let Some(Err(error)) = stop.run_until_cancelled(ticks.tick()).await {
            tracing::warn!(%error, "the judging of trends broke off and is taken up again in a minute");
        }
    }
}

/// Ticks that follow one another, with all series in memory for as long as nobody else judges.
#[derive(Debug)]
pub struct Ticks<'a> {
    store: &'a Store,
    /// With the marks that it left behind.
    known: Option<(Judge<'a>, series::Marks)>,
}

impl<'a> Ticks<'a> {
    pub fn new(store: &'a Store) -> Self {
        Self { store, known: None }
    }

    /// One tick, unless somebody else is at it; gives how many steps were judged.
    pub async fn tick(&mut self) -> Result<usize, StoreError> {
        let Some(lead) = lead::take(self.store.pool(), lead::Right::Judge).await? else { return Ok(0) };
        let judged = self.judge().await;
        lead.close().await?;
        judged
    }

    /// What is known is put back only when all of it stands in the tables.
    async fn judge(&mut self) -> Result<usize, StoreError> {
        let found = series::marks(self.store.pool()).await?;
        let mut judge = match self.known.take() {
            Some((judge, left)) if left == found => judge,
            _ => Judge::load(self.store).await?,
        };
        let judged = judge.catch_up(|_| {}).await?;
        // still the only one at it: these marks are its own
        self.known = Some((judge, series::marks(self.store.pool()).await?));
        Ok(judged)
    }
}

/// One tick from what is stored: judges every step that is over; gives how many.
pub async fn tick(store: &Store) -> Result<usize, StoreError> {
    Judge::load(store).await?.catch_up(|_| {}).await
}

/// The engine at work on the tables.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    store: &'a Store,
    engine: Engine,
    /// Up to where each step is judged as far as this one knows.
    upto: HashMap<Step, Timestamp>,
    /// Whether others are told of alerts as they begin, grow and end.
    tells: bool,
}

impl<'a> Judge<'a> {
    /// Loads all series and the alerts that go on.
    pub(super) async fn load(store: &'a Store) -> Result<Self, StoreError> {
        let mut engine = Engine::new(Atlas::load(store).await?);
        let upto = series::clock(store.pool()).await?;
        for row in series::all(store.pool()).await? {
            // what is in an incident goes on at once: without a step of it the alert would never end
            if row.state.is_empty() && row.incident.is_none() {
                let Row { id, weight, muted_until, .. } = row;
                engine.forget(row.step, row.scope, Forgotten { id, weight, muted_until });
                continue;
            }
            let holidays = engine.holidays(&row.scope);
            // the state of another version tells nothing: the series learns before it raises alarms again
            let known = CountSeries::unpack(&row.state, row.step, holidays.clone()).map(|model| (model, row.steps));
            let (model, steps) = known.unwrap_or_else(|| (CountSeries::new(row.step, holidays), 0));
            let incident = row.incident.map(|incident| Incident {
                alert: incident.alert,
                began: incident.began,
                peak: incident.peak,
                ended: None,
                calm: incident.calm,
            });
            let (scope, weight, muted_until) = (row.scope, row.weight, row.muted_until);
            engine.put(row.step, Kept { scope, id: Some(row.id), model, steps, weight, muted_until, incident });
        }
        let since = remembered(&upto);
        for (id, row) in series::open(store.pool(), since).await? {
            // rows have instants where alerts have keys
            let peak = Peak { at: engine.atlas.key_of(&row.scope, row.step, row.peak.at), ..row.peak };
            let open = Open::new(row.step, row.scope, (row.began, peak));
            engine.alerts.insert(id, Open { ended: row.ended, rising: row.rising, ..open });
        }
        let alerts: Vec<AlertId> = engine.alerts.keys().copied().collect();
        for row in series::risen(store.pool(), &alerts).await? {
            engine.recall(row.alert, (row.step, row.scope), row.peak_at, row.ended);
        }
        engine.silences = series::silences(store.pool(), since).await?;
        Ok(Self { store, engine, upto, tells: true })
    }

    /// The same without a word to others: what it judges is long over.
    pub(super) fn silent(self) -> Self {
        Self { tells: false, ..self }
    }

    /// Judges all that is over and not judged yet in the [`ORDER`] of steps. `progress` hears of each stored batch how many
    /// steps it held.
    pub(super) async fn catch_up(&mut self, progress: impl Fn(usize)) -> Result<usize, StoreError> {
        let atlas = Atlas::load(self.store).await?;
        let now = self.store.clock().now();
        self.engine.refresh(atlas, wishes::all(self.store.pool(), now).await?);
        self.engine.keep(&holidays::all(self.store.pool()).await?);
        let over = now.saturating_sub(GRACE.seconds()).unwrap_or(now);
        let mut judged = 0;
        for step in ORDER {
            let Some(mut from) = self.begin(step).await? else { continue };
            let to = self.engine.atlas.over(step, over);
            while from < to {
                let keys: Vec<Timestamp> = keys(step, from, to).collect();
                let until = keys.last().map_or(to, |key| after(step, *key));
                self.judge(step, &keys, until).await?;
                judged += keys.len();
                if step == Step::Day {
                    series::forget_points(self.store.pool(), now).await?;
                }
                progress(keys.len());
                from = until;
            }
        }
        Ok(judged)
    }

    /// Where the judging of a step goes on; none where nothing was ever counted.
    async fn begin(&self, step: Step) -> Result<Option<Timestamp>, StoreError> {
        if let Some(upto) = self.upto.get(&step) {
            return Ok(Some(*upto));
        }
        let Some((at, day)) = count::first(self.store.pool()).await? else { return Ok(None) };
        let far = self.store.clock().now().saturating_sub((MOST_DAYS * 24).hours()).unwrap_or(at);
        Ok(Some(match step {
            Step::Day | Step::Week => key_of_day(day, step),
            Step::Hour => self.engine.atlas.key_of(&Scope::default(), step, at),
            Step::FiveMinutes | Step::QuarterHour => self.engine.atlas.key_of(&Scope::default(), step, at.max(far)),
        }))
    }

    /// Corrects the figures of the judged steps of these days of UTC.
    pub(super) async fn correct(&self, (since, until): (Date, Date)) -> Result<(), StoreError> {
        for step in Step::ALL.iter().copied() {
            let Some(&upto) = self.upto.get(&step) else { continue };
            // a local date lies within a day of the same date in UTC, and a week may have begun before
            let last = key_of_day(until.saturating_add(2.days()), Step::Day).min(upto);
            let mut from = key_of_day(since.saturating_sub(1.day()), step);
            while from < last {
                let keys: Vec<Timestamp> = keys(step, from, last).collect();
                let to = keys.last().map_or(last, |key| after(step, *key));
                let mut change = self.store.begin().await?;
                count::lock_all(change.conn()).await?;
                let leaves = count::leaves(change.conn(), step, from, to).await?;
                let mut figures = Vec::new();
                for key in keys {
                    let sums = self.engine.sums(step, &of(&leaves, key));
                    let series = self.engine.series(step).iter().zip(sums);
                    figures.extend(
                        series.filter_map(|(kept, n)| Some((kept.id?, key, i32::try_from(n).unwrap_or(i32::MAX)))),
                    );
                }
                rebuild::correct(change.conn(), &figures).await?;
                change.commit().await?;
                from = to;
            }
        }
        Ok(())
    }

    /// Judges steps that follow one another, and stores what came of it in one change.
    async fn judge(&mut self, step: Step, keys: &[Timestamp], until: Timestamp) -> Result<(), StoreError> {
        let Some(&from) = keys.first() else { return Ok(()) };
        let now = self.store.clock().now();
        let leaves = count::leaves(self.store.pool(), step, from, until).await?;
        let (mut outcome, mut since) = (Outcome::default(), None);
        for key in keys {
            if step == Step::Hour {
                // hour by hour: whoever judges many at once goes by what whoever judged in time went by
                let silent = self.engine.silent_channel((*key, after(step, *key)), now);
                if silent != since {
                    self.engine.usual = match silent {
                        Some(at) => count::week_before(self.store.pool(), at).await?,
                        None => Vec::new(),
                    };
                    since = silent;
                }
            }
            self.engine.judge(step, *key, &of(&leaves, *key), (self.store.clock(), now), &mut outcome);
        }
        let changed = Engine::changed(&outcome);
        let mut explained = Vec::new();
        for id in &changed {
            let Some(open) = self.engine.alerts.get(id) else { continue };
            explained.push((*id, causes::of(self.store.pool(), &self.engine.atlas, open).await?));
        }
        let mut change = self.store.begin().await?;
        series::hold(change.conn(), &changed).await?;
        series::put(change.conn(), step, self.engine.series_mut(step)).await?;
        series::put_points(change.conn(), self.engine.series(step), &outcome.points).await?;
        // the long part is done: whoever counts waits from here on only
        count::lock_all(change.conn()).await?;
        // what moved since the counts were read: from now on whoever moves a count moves the point as well
        let counted = count::leaves(change.conn(), step, from, until).await?;
        let sums: Vec<Vec<u64>> = keys.iter().map(|key| self.engine.sums(step, &of(&counted, *key))).collect();
        let moved = outcome.points.iter().filter_map(|point| {
            let place = keys.iter().position(|key| *key == point.at)?;
            let n = sums[place].get(point.series).copied().filter(|n| *n != point.n)?;
            Some((self.engine.series(step)[point.series].id?, point.at, i32::try_from(n).unwrap_or(i32::MAX)))
        });
        rebuild::correct(change.conn(), &moved.collect::<Vec<_>>()).await?;
        let batch = alarms::Batch { step, tells: self.tells };
        alarms::put(&mut change, &self.engine, batch, &outcome, &explained).await?;
        series::move_clock(change.conn(), step, self.upto.get(&step).copied(), until).await?;
        change.commit().await?;
        self.upto.insert(step, until);
        self.engine.settle(remembered(&self.upto));
        let alarms = outcome.changes.len() as u64;
        metrics::counter!("okno_trend_steps_total", "step" => step.as_str()).increment(keys.len() as u64);
        metrics::counter!("okno_trend_alert_changes_total").increment(alarms);
        Ok(())
    }
}

/// Since when ended alerts are remembered. Not now but the step that is furthest behind tells it: after a long history the
/// longer ones still have all of it before them.
fn remembered(upto: &HashMap<Step, Timestamp>) -> Timestamp {
    let judged = Step::ALL.iter().map(|step| upto.get(step).copied().unwrap_or_default()).min().unwrap_or_default();
    judged.saturating_sub((REMEMBERED_DAYS * 24).hours()).unwrap_or_default()
}

/// The keys from one up to another, as many as are stored at once.
fn keys(step: Step, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(from), move |key| Some(after(step, *key))).take_while(move |key| *key < to).take(BATCH)
}

/// The leaves of one step among those of several, which are in order.
fn of(leaves: &[(Timestamp, Leaf)], key: Timestamp) -> Vec<Leaf> {
    let from = leaves.partition_point(|(at, _)| *at < key);
    leaves[from..].iter().take_while(|(at, _)| *at == key).map(|(_, leaf)| *leaf).collect()
}

/// What is left to judge, for a bar that shows it.
pub(super) async fn left(store: &Store) -> Result<u64, StoreError> {
    let judge = Judge::load(store).await?;
    let (now, mut left) = (store.clock().now(), 0);
    for step in Step::ALL.iter().copied() {
        let Some(from) = judge.begin(step).await? else { continue };
        let seconds = judge.engine.atlas.over(step, now).as_second() - from.as_second();
        left += u64::try_from(seconds / step.seconds()).unwrap_or(0);
    }
    Ok(left)
}
