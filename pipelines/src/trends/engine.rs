//! What judges: all series in memory, step by step, and the alerts that their verdicts make.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use models::country::Country;
use models::trends::{CountSeries, Holidays, Step, Verdict, discoveries};

use super::atlas::Atlas;
use super::holidays::{OwnHoliday, everywhere};
use super::incident::{Incident, Peak};
use super::raise::Open;
use super::scope::{Cut, Leaf};
use super::silence::{Silence, Wishes};
use super::{Scope, rate};
use crate::events::{AlertChange, AlertId};
use crate::platform::clock::Clock;

/// A series in memory.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) scope: Scope,
    /// None: it is new and stands in no table yet.
    pub(super) id: Option<i64>,
    pub(super) model: CountSeries,
    pub(super) steps: i64,
    pub(super) weight: f32,
    pub(super) muted_until: Option<Timestamp>,
    pub(super) incident: Option<Incident>,
}

/// All series and alerts. Whatever goes wrong while its work is stored, it is loaded anew: it never knows more than the
/// tables do.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) atlas: Atlas,
    series: HashMap<Step, Vec<Kept>>,
    places: HashMap<(Step, Scope), usize>,
    /// Series whose verdicts were forgotten: they begin anew with the first contact that they count.
    forgotten: HashMap<(Step, Scope), Forgotten>,
    holidays: HashMap<Option<Country>, Arc<Holidays>>,
    /// What people had said when `holidays` was put together.
    said: Vec<OwnHoliday>,
    pub(super) alerts: HashMap<AlertId, Open>,
    /// Feeds that stand or stood still, of late.
    pub(super) silences: Vec<Silence>,
    pub(super) wishes: Wishes,
    /// Alerts of which people want to hear no more.
    pub(super) dismissed: HashSet<AlertId>,
    /// What came where in the week before a channel fell silent, if one has: whatever it is about.
    pub(super) usual: Vec<Leaf>,
}

/// What is kept of a series whose verdicts were forgotten: its row and what people wish of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forgotten {
    pub(super) id: i64,
    pub(super) weight: f32,
    pub(super) muted_until: Option<Timestamp>,
}

/// A step of a series, judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    /// Its place among the series of the step.
    pub(super) series: usize,
    pub(super) at: Timestamp,
    pub(super) n: u64,
    pub(super) verdict: Option<Verdict>,
    pub(super) alert: bool,
    /// The feed stood still.
    pub(super) gap: bool,
}

/// What people wish, as it stands.
#[derive(Debug, Default)]
pub(super) struct Wished {
    /// The weight of a series, and until when it is muted.
    pub(super) series: HashMap<i64, (f32, Option<Timestamp>)>,
    pub(super) feeds: Wishes,
    /// Alerts of totals that were called noise or are muted.
    pub(super) dismissed: HashSet<AlertId>,
}

/// What the judging of some steps came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) points: Vec<Judged>,
    /// Incidents that began, went on or ended, by series.
    pub(super) incidents: Vec<(usize, Incident)>,
    pub(super) changes: Vec<(AlertId, AlertChange)>,
    /// Feeds that fell silent or speak again; no change of an alert where one speaks that had been taken for closed.
    pub(super) silences: Vec<(Silence, Option<AlertChange>)>,
}

/// So many series tell a new one what to expect, at most.
const SIBLINGS: usize = 32;

/// Steps that a series only learns from: the days and weeks that its season needs before an alarm means anything.
fn learning(step: Step) -> i64 {
    match step {
        Step::FiveMinutes => 288,
        Step::QuarterHour => 2 * 96,
        Step::Hour => 3 * 24,
        Step::Day => 14,
        Step::Week => 8,
    }
}

/// One or two contacts of a single step are no incident, however rare they are.
fn is_incident(peak: &Peak, verdict: &Verdict) -> bool {
    peak.n >= 3 || verdict.window > 1
}

impl Engine {
    pub(super) fn new(atlas: Atlas) -> Self {
        Self {
            atlas,
            series: HashMap::new(),
            places: HashMap::new(),
            forgotten: HashMap::new(),
            holidays: everywhere(&[]),
            said: Vec::new(),
            alerts: HashMap::new(),
            silences: Vec::new(),
            wishes: Wishes::new(),
            dismissed: HashSet::new(),
            usual: Vec::new(),
        }
    }

    /// Takes over what people and imports changed meanwhile.
    pub(super) fn refresh(&mut self, atlas: Atlas, wished: Wished) {
        self.atlas = atlas;
        for kept in self.series.values_mut().flatten() {
            let of_series = kept.id.and_then(|id| wished.series.get(&id)).copied();
            (kept.weight, kept.muted_until) = of_series.unwrap_or((1.0, None));
        }
        for known in self.forgotten.values_mut() {
            (known.weight, known.muted_until) = wished.series.get(&known.id).copied().unwrap_or((1.0, None));
        }
        (self.wishes, self.dismissed) = (wished.feeds, wished.dismissed);
    }

    /// Takes over what people say of holidays meanwhile: all series go by it from their next step on, and by the country in
    /// which imports have put their places since.
    pub(super) fn keep(&mut self, own: &[OwnHoliday]) {
        if self.said != own {
            self.holidays = everywhere(own);
            self.said = own.to_vec();
        }
        for kept in self.series.values_mut().flatten() {
            let country = self.atlas.country(&kept.scope);
            kept.model.keep(self.holidays.get(&country).cloned().unwrap_or_default());
        }
    }

    /// The holidays that a series keeps.
    pub(super) fn holidays(&self, scope: &Scope) -> Arc<Holidays> {
        self.holidays.get(&self.atlas.country(scope)).cloned().unwrap_or_default()
    }

    pub(super) fn put(&mut self, step: Step, kept: Kept) {
        let all = self.series.entry(step).or_default();
        self.places.insert((step, kept.scope), all.len());
        all.push(kept);
    }

    pub(super) fn forget(&mut self, step: Step, scope: Scope, kept: Forgotten) {
        self.forgotten.insert((step, scope), kept);
    }

    pub(super) fn series(&self, step: Step) -> &[Kept] {
        self.series.get(&step).map_or(&[], Vec::as_slice)
    }

    /// The place of a scope among the series of a step.
    pub(super) fn place(&self, step: Step, scope: &Scope) -> Option<usize> {
        self.places.get(&(step, *scope)).copied()
    }

    pub(super) fn series_mut(&mut self, step: Step) -> &mut [Kept] {
        self.series.entry(step).or_default()
    }

    /// Counts of one step by series. Series that nobody has seen before are begun.
    fn gather(&mut self, step: Step, leaves: &[Leaf]) -> Vec<u64> {
        let mut fresh: Vec<Scope> = Vec::new();
        for scope in leaves.iter().flat_map(|leaf| Cut::of(step).iter().filter_map(|cut| cut.scope(leaf))) {
            if !self.places.contains_key(&(step, scope)) && !fresh.contains(&scope) {
                fresh.push(scope);
            }
        }
        fresh.sort_by_key(Scope::key);
        for scope in fresh {
            let (model, steps) = self.begin(step, &scope);
            let known = self.forgotten.remove(&(step, scope));
            let (weight, muted_until) = known.map_or((1.0, None), |known| (known.weight, known.muted_until));
            let id = known.map(|known| known.id);
            self.put(step, Kept { scope, id, model, steps, weight, muted_until, incident: None });
        }
        self.sums(step, leaves)
    }

    /// A series that begins, and the steps that it need not learn first: where siblings, of its topic if there are enough,
    /// else of any, tell what to expect, it is judged from its first step on.
    fn begin(&self, step: Step, scope: &Scope) -> (CountSeries, i64) {
        let alike = |kept: &&Kept| kept.scope.cut() == scope.cut() && kept.steps >= learning(step);
        let of = |topic: bool| -> Vec<&CountSeries> {
            let known = self.series(step).iter().filter(alike);
            let known = known.filter(|kept| !topic || kept.scope.topic == scope.topic);
            known.map(|kept| &kept.model).take(SIBLINGS).collect()
        };
        let among = |siblings: &[&CountSeries]| CountSeries::among(step, self.holidays(scope), siblings);
        match among(&of(true)).or_else(|| among(&of(false))) {
            Some(model) => (model, learning(step)),
            None => (CountSeries::new(step, self.holidays(scope)), 0),
        }
    }

    /// Counts of one step by series that are there.
    pub(super) fn sums(&self, step: Step, leaves: &[Leaf]) -> Vec<u64> {
        let mut sums = vec![0; self.series(step).len()];
        for leaf in leaves {
            for scope in Cut::of(step).iter().filter_map(|cut| cut.scope(leaf)) {
                if let Some(place) = self.places.get(&(step, scope)) {
                    sums[*place] += leaf.n;
                }
            }
        }
        sums
    }

    /// Judges one step that is over. `now`: whether a series is muted.
    pub(super) fn judge(
        &mut self,
        step: Step,
        at: Timestamp,
        leaves: &[Leaf],
        (clock, now): (&Clock, Timestamp),
        outcome: &mut Outcome,
    ) {
        let sums = self.gather(step, leaves);
        let atlas = self.atlas.clone();
        self.hear(step, at, &sums, outcome);
        let gaps = self.gaps(step, at);
        let verdicts: Vec<Option<Verdict>> = self
            .series_mut(step)
            .iter_mut()
            .zip(&sums)
            .zip(&gaps)
            .map(|((kept, n), gap)| {
                if *gap {
                    return None;
                }
                let verdict = kept.model.next(atlas.local(&kept.scope, step, at), *n).ok();
                kept.steps += i64::from(verdict.is_some());
                verdict
            })
            .collect();
        self.listen((step, at), &verdicts, (clock, now), outcome);
        let found = self.discover(step, &verdicts);
        let mut risen = Vec::new();
        for (place, verdict) in verdicts.iter().enumerate() {
            let Some(verdict) = verdict else {
                self.close((step, at), place, outcome);
                continue;
            };
            let peak = Peak::of(at, sums[place], verdict);
            let kept = &mut self.series_mut(step)[place];
            match kept.incident.as_mut() {
                Some(incident) => {
                    let grew = incident.advance(step, at, peak);
                    let incident = incident.clone();
                    if incident.ended.is_some() {
                        kept.incident = None;
                    }
                    self.follow(step, place, grew, incident, outcome);
                }
                None if found[place]
                    && is_incident(&peak, verdict)
                    && kept.muted_until.is_none_or(|until| until <= now) =>
                {
                    risen.push((place, peak));
                }
                None => {}
            }
        }
        self.raise(step, risen, clock, outcome);
        outcome.points.extend(verdicts.iter().enumerate().map(|(place, verdict)| Judged {
            series: place,
            at,
            n: sums[place],
            verdict: *verdict,
            alert: self.series(step)[place].incident.is_some(),
            gap: gaps[place],
        }));
    }

    /// Which series stand out among all of the tick, each with its share of the rate (weighted Benjamini and Hochberg,
    /// Genovese, Roeder and Wasserman 2006: a weight divides the p-value; weights of one at most keep the rate).
    fn discover(&self, step: Step, verdicts: &[Option<Verdict>]) -> Vec<bool> {
        let weighted = self.series(step).iter().zip(verdicts).map(|(kept, verdict)| match verdict {
            Some(verdict) if kept.steps >= learning(step) => (verdict.p / f64::from(kept.weight)).min(1.0),
            _ => 1.0,
        });
        discoveries(&weighted.collect::<Vec<_>>(), rate(step))
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;
    use crate::events::Channel;

    #[test]
    fn a_series_that_was_forgotten_begins_with_what_people_wish_of_it_by_then() {
        let (step, at) = (Step::FiveMinutes, Timestamp::UNIX_EPOCH);
        let until = at.checked_add(1.hour()).ok();
        let atlas = Atlas::of(Vec::new(), Vec::new()).unwrap();
        let mut engine = Engine::new(atlas.clone());
        engine.forget(step, Scope::default(), Forgotten { id: 7, weight: 1.0, muted_until: None });
        engine.refresh(atlas, Wished { series: HashMap::from([(7, (0.5, until))]), ..Wished::default() });
        let leaf = Leaf { topic: None, city: None, channel: Channel::Site, restaurant: None, n: 3 };
        engine.judge(step, at, &[leaf], (&Clock::fixed(at, 1), at), &mut Outcome::default());
        let kept = &engine.series(step)[0];
        assert_eq!((kept.id, kept.weight, kept.muted_until), (Some(7), 0.5, until));
    }
}
