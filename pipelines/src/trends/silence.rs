//! Feeds that stand still: an alert of its own for the widest of them, and no zeros for the series that hang on it.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use models::trends::{CountSeries, Step, Verdict};

use super::Scope;
use super::atlas::{Atlas, after};
use super::engine::{Engine, Outcome};
use super::incident::Peak;
use crate::events::{AlertChange, AlertId, Channel};
use crate::platform::clock::Clock;

/// A feed that has been silent for so long is closed: its alert ends, and nobody waits for it any longer.
const CLOSED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Once in so many seconds chance alone may make one of all feeds of a step look silent: once in three years.
const ONCE_IN: f64 = 3.0 * 365.0 * 86_400.0;

/// The step in which a feed is watched: all contacts and channels each quarter of an hour; cities and kitchens each
/// hour, for by then it is known which channels are silent, and what hangs on those is not told again. None: no feed.
pub(super) fn watched(scope: &Scope) -> Option<Step> {
    let of_place = scope.city.is_some() || scope.restaurant.is_some();
    match (scope.topic, scope.channel, of_place) {
        (None, _, false) => Some(Step::QuarterHour),
        (None, None, true) => Some(Step::Hour),
        _ => None,
    }
}

/// How rarely chance may make a feed look silent each time that a silence of it could begin. Whichever row a silence begins
/// with, its p-value ever falls below `t` with a chance of `t` at most; each step of each feed is such a row, so with this
/// share (Bonferroni's) all `feeds` of a step together look silent by chance no more than once in [`ONCE_IN`].
fn chance(step: Step, feeds: usize) -> f64 {
    step.seconds() as f64 / ONCE_IN / feeds.max(1) as f64
}

/// Since when a feed has stopped as far as its series knows at the step `at`, and what is shown of it: that none came where
/// so many were expected. None: it speaks, or its silence may be chance. Only of `own` of its contacts is not known already
/// why they do not come; so much of the silence is evidence.
fn stopped(series: &CountSeries, (step, at): (Step, Timestamp), own: f64, chance: f64) -> Option<(Timestamp, Peak)> {
    let silence = series.silence().filter(|silence| silence.stopped())?;
    // of contacts that come by themselves: that none comes of a part of them is the chance of all to the power of the part
    let p = f64::from(silence.p).max(f64::MIN_POSITIVE).powf(own);
    let before = SignedDuration::from_secs(step.seconds() * i64::from(silence.rows.saturating_sub(1)));
    let (lower, upper) = series.missed_band();
    let peak = Peak { at, n: 0, expected: silence.missed.into(), lower, upper, p };
    (p < chance).then(|| (at.saturating_sub(before).unwrap_or(at), peak))
}

/// A feed that stood still; its times are keys of the step in which it is watched.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Silence {
    pub(super) alert: AlertId,
    pub(super) scope: Scope,
    pub(super) began: Timestamp,
    pub(super) peak: Peak,
    /// The end of its alert: the feed spoke again, or was taken for closed.
    pub(super) ended: Option<Timestamp>,
    /// When it spoke again; none: it has said nothing since, be it closed or not.
    pub(super) heard: Option<Timestamp>,
}

impl Silence {
    /// As it was stored. The version before did not note when a feed was heard: it was where its alert ended, unless that
    /// was for its age.
    pub(super) fn stored(self) -> Self {
        let of_age = self.ended.is_some_and(|ended| self.is_closed_at(ended));
        Self { heard: self.heard.or(self.ended.filter(|_| !of_age)), ..self }
    }

    fn is_closed_at(&self, at: Timestamp) -> bool {
        at.duration_since(self.began) >= CLOSED
    }

    /// Whether the feed stood still as far as was known at `now`. What came to light later does not count, so whoever judges
    /// late says what was said in time.
    fn stands(&self, now: Timestamp) -> bool {
        let Some(step) = watched(&self.scope) else { return false };
        let known = |key: Timestamp| after(step, key) <= now;
        known(self.peak.at) && self.heard.is_none_or(|heard| heard >= now || !known(heard))
    }

    /// Whether all that a series counts in a step had to come over the feed while it stood still.
    fn covers(&self, atlas: &Atlas, scope: &Scope, (from, to): (Timestamp, Timestamp)) -> bool {
        self.began <= from && self.stands(to) && atlas.holds(&self.scope, scope)
    }
}

/// What people wish of a feed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// The share of the rate of false silences that verdicts leave it.
    pub(super) share: f32,
    pub(super) muted_until: Option<Timestamp>,
}

impl Wish {
    pub(super) const NONE: Self = Self { share: 1.0, muted_until: None };
}

/// What people wish of feeds; none of those that are left out.
pub(super) type Wishes = HashMap<Scope, Wish>;

impl Engine {
    /// Feeds of the step that stood still and speak again, or have been silent for so long that they are closed.
    pub(super) fn hear(&mut self, step: Step, at: Timestamp, sums: &[u64], outcome: &mut Outcome) {
        let mut silences = std::mem::take(&mut self.silences);
        let waits = |silence: &&mut Silence| {
            let begun = silence.began <= at && silence.ended.is_none_or(|ended| ended <= at);
            silence.heard.is_none() && begun && watched(&silence.scope) == Some(step)
        };
        for silence in silences.iter_mut().filter(waits) {
            let speaks = self.place(step, &silence.scope).is_some_and(|place| sums[place] > 0);
            let ends = silence.ended.is_none() && (speaks || silence.is_closed_at(at));
            if speaks {
                silence.heard = Some(at);
            }
            if ends {
                silence.ended = Some(at);
            }
            if speaks || ends {
                outcome.silences.push((silence.clone(), ends.then_some(AlertChange::Ended)));
            }
        }
        self.silences = silences;
    }

    /// Feeds of the step that fell silent, the widest first: what belongs to a silent feed is not told beside it.
    pub(super) fn listen(
        &mut self,
        (step, at): (Step, Timestamp),
        verdicts: &[Option<Verdict>],
        (clock, now): (&Clock, Timestamp),
        outcome: &mut Outcome,
    ) {
        let end = after(step, at);
        let feeds = self.series(step).iter().zip(verdicts).filter(|(kept, _)| watched(&kept.scope) == Some(step));
        let chance = chance(step, feeds.clone().count());
        let mut silent: Vec<(Scope, Timestamp, Peak)> = feeds
            .filter(|(_, verdict)| verdict.is_some())
            .filter_map(|(kept, _)| {
                let own = self.own(&kept.scope, (end, now));
                let (began, peak) = stopped(&kept.model, (step, at), own, chance)?;
                Some((kept.scope, began, peak))
            })
            .collect();
        silent.sort_by_key(|(scope, ..)| (scope.restaurant, scope.city, scope.channel.map(Channel::as_str)));
        let standing = self.silences.iter().filter(|silence| silence.stands(end)).map(|silence| silence.scope);
        let mut quiet: Vec<Scope> = standing.chain(self.hushed(now)).collect();
        for (scope, began, peak) in silent {
            if quiet.iter().any(|wider| self.atlas.holds(wider, &scope)) {
                continue;
            }
            quiet.push(scope);
            let share = self.wishes.get(&scope).map_or(1.0, |wish| f64::from(wish.share));
            if peak.p < chance * share {
                let silence = Silence { alert: AlertId::new(clock), scope, began, peak, ended: None, heard: None };
                outcome.silences.push((silence.clone(), Some(AlertChange::Began)));
                self.silences.push(silence);
            }
        }
    }

    /// Which series of a step cannot have counted anything, because their feed stood still all the time.
    pub(super) fn gaps(&self, step: Step, at: Timestamp) -> Vec<bool> {
        let covered = |scope: &Scope| {
            let lasts = span(&self.atlas, scope, step, at);
            self.silences.iter().any(|silence| silence.covers(&self.atlas, scope, lasts))
        };
        self.series(step).iter().map(|kept| covered(&kept.scope)).collect()
    }

    /// Ends the incident of a series in a feed that is taken for closed: no step to come would say that it is over.
    pub(super) fn close(&mut self, (step, at): (Step, Timestamp), place: usize, outcome: &mut Outcome) {
        let kept = &self.series(step)[place];
        let (scope, in_incident) = (kept.scope, kept.incident.is_some());
        let lasts = span(&self.atlas, &scope, step, at);
        let closed = |silence: &Silence| silence.is_closed_at(lasts.0) && silence.covers(&self.atlas, &scope, lasts);
        if !in_incident || !self.silences.iter().any(closed) {
            return;
        }
        if let Some(mut incident) = self.series_mut(step)[place].incident.take() {
            incident.ended = Some(at);
            self.follow(step, place, false, incident, outcome);
        }
    }

    /// Silences that are known at `end` and not so old that the feed is closed.
    fn waited_for(&self, end: Timestamp) -> impl Iterator<Item = &Silence> {
        self.silences.iter().filter(move |silence| silence.stands(end) && !silence.is_closed_at(end))
    }

    /// Since when a channel has been silent, as far as is known at the end of a step between these times; none: there is
    /// none.
    pub(super) fn silent_channel(&self, (from, end): (Timestamp, Timestamp), now: Timestamp) -> Option<Timestamp> {
        let silent = self.waited_for(end).filter(|silence| silence.scope.channel.is_some());
        let hushed = self.hushed(now).any(|scope| scope.channel.is_some()).then_some(from);
        silent.map(|silence| silence.began).chain(hushed).min()
    }

    /// The part of a place's contacts that usually comes over channels which are not silent as far as is known at `end`; of
    /// all contacts and of channels, all.
    fn own(&self, scope: &Scope, (end, now): (Timestamp, Timestamp)) -> f64 {
        let silent = self.waited_for(end).map(|silence| silence.scope).chain(self.hushed(now));
        let silent: Vec<Channel> = silent.filter_map(|scope| scope.channel).collect();
        if silent.is_empty() || (scope.city.is_none() && scope.restaurant.is_none()) {
            return 1.0;
        }
        let (mut all, mut others) = (0, 0);
        for leaf in &self.usual {
            let of_city = scope.city.is_none_or(|city| leaf.city == Some(city));
            if of_city && scope.restaurant.is_none_or(|kitchen| leaf.restaurant == Some(kitchen)) {
                all += leaf.n;
                others += if silent.contains(&leaf.channel) { 0 } else { leaf.n };
            }
        }
        if all > 0 { others as f64 / all as f64 } else { 1.0 }
    }

    /// Feeds that are muted and, as far as their own series know, silent: nobody is told of them, nor of what belongs to
    /// them.
    fn hushed(&self, now: Timestamp) -> impl Iterator<Item = Scope> {
        let muted = self.wishes.iter().filter(move |(_, wish)| wish.muted_until.is_some_and(|until| until > now));
        muted.map(|(scope, _)| *scope).filter(|scope| {
            let place = watched(scope).and_then(|step| Some((step, self.place(step, scope)?)));
            let silence = place.and_then(|(step, place)| self.series(step)[place].model.silence());
            silence.is_some_and(|silence| silence.stopped())
        })
    }
}

/// From when to when a step with that key lasts, in instants.
pub(super) fn span(atlas: &Atlas, scope: &Scope, step: Step, key: Timestamp) -> (Timestamp, Timestamp) {
    (atlas.instant(scope, step, key), atlas.instant(scope, step, after(step, key)))
}

#[cfg(test)]
mod tests;
