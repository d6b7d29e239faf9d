//! From series that stand out to alerts: what may be about the same contacts is one of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use models::taxonomy::Topic;
use models::trends::Step;

use super::Scope;
use super::atlas::after;
use super::engine::{Engine, Outcome};
use super::incident::{Incident, Peak};
use super::silence::span;
use crate::events::{AlertChange, AlertId};
use crate::platform::clock::Clock;

/// An alert that goes on, or went on of late.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Open {
    pub(super) step: Step,
    pub(super) scope: Scope,
    /// The topic of those of its series that have one: a second topic is another alert.
    pub(super) about: Option<Topic>,
    pub(super) began: Timestamp,
    pub(super) peak: Peak,
    pub(super) ended: Option<Timestamp>,
    /// Series that are in it now.
    pub(super) rising: usize,
    /// The end of the last step shorter than a day in which one of its series was at its strangest.
    pub(super) until: Timestamp,
}

impl Open {
    /// One in which no series is yet.
    pub(super) fn new(step: Step, scope: Scope, (began, peak): (Timestamp, Peak)) -> Self {
        Self { step, scope, about: scope.topic, began, peak, ended: None, rising: 0, until: began }
    }

    /// One of its series peaks in the step that begins at `at`.
    fn reach(&mut self, step: Step, at: Timestamp) {
        if step < Step::Day {
            self.until = self.until.max(after(step, at));
        }
    }

    /// One of its series ended.
    fn end(&mut self, at: Timestamp) {
        let last = self.ended.map_or(at, |before| before.max(at));
        self.ended = Some(last.max(self.began));
    }

    /// A series that rose up to `until` says what it is about; its beginning stays.
    fn turn_to(&mut self, step: Step, scope: Scope, peak: Peak, until: Timestamp) {
        (self.step, self.scope, self.peak) = (step, scope, peak);
        // the steps of the series between beginning and end are whole ones
        self.ended = self.ended.map(|ended| ended.max(until));
    }

    /// Whether some of it lies between these times.
    fn lasts(&self, from: Timestamp, to: Timestamp) -> bool {
        self.began < to && (self.rising > 0 || self.ended.is_none_or(|ended| ended > from))
    }
}

impl Engine {
    /// An incident went on: so did its alert.
    pub(super) fn follow(&mut self, step: Step, place: usize, grew: bool, incident: Incident, outcome: &mut Outcome) {
        let scope = self.series(step)[place].scope;
        if let Some(alert) = self.alerts.get_mut(&incident.alert) {
            if grew {
                alert.reach(step, incident.peak.at);
                if (alert.step, alert.scope) == (step, scope) {
                    alert.peak = incident.peak;
                }
                outcome.changes.push((incident.alert, AlertChange::Grew));
            }
            if let Some(ended) = incident.ended {
                let ended = self.atlas.instant(&scope, step, ended);
                alert.rising = alert.rising.saturating_sub(1);
                alert.end(ended);
                if alert.rising == 0 {
                    outcome.changes.push((incident.alert, AlertChange::Ended));
                }
            }
        }
        outcome.incidents.push((place, incident));
    }

    /// Makes alerts of series that rose in one step. Those that may be about the same contacts are one alert, the strangest
    /// with a topic first; a total joins whatever may have made it rise, and where it rose before that, its alert turns to
    /// the first topic that rises within it. What rises beyond its city or channel as well does not take those from it.
    pub(super) fn raise(&mut self, step: Step, mut risen: Vec<(usize, Peak)>, clock: &Clock, outcome: &mut Outcome) {
        let scope_of = |engine: &Self, place: usize| engine.series(step)[place].scope;
        risen.sort_by(|(a, one), (b, other)| {
            let total = |place: usize| scope_of(self, place).topic.is_none();
            (total(*a), one.p).partial_cmp(&(total(*b), other.p)).unwrap_or(std::cmp::Ordering::Equal)
        });
        for (place, peak) in risen {
            let scope = scope_of(self, place);
            let (began, until) = span(&self.atlas, &scope, step, peak.at);
            let id = self.joins(step, &scope, (began, until)).unwrap_or_else(|| {
                let id = AlertId::new(clock);
                self.alerts.insert(id, Open::new(step, scope, (began, peak)));
                outcome.changes.push((id, AlertChange::Began));
                id
            });
            let Some(alert) = self.alerts.get_mut(&id) else { continue };
            alert.about = alert.about.or(scope.topic);
            if scope.topic.is_some() && alert.scope.topic.is_none() && self.atlas.holds(&alert.scope, &scope) {
                alert.turn_to(step, scope, peak, until);
                outcome.changes.push((id, AlertChange::Grew));
            }
            alert.reach(step, peak.at);
            let mut incident = Incident::new(id, peak);
            if alert.rising == 0 && alert.ended.is_some() {
                // told late of what has ended meanwhile
                incident.ended = Some(after(step, peak.at));
            } else {
                alert.rising += 1;
                self.series_mut(step)[place].incident = Some(incident.clone());
            }
            outcome.incidents.push((place, incident));
        }
    }

    /// The alert that a series which rose between these times joins, one that goes on first: one of its topic, and for a
    /// total any; else that of a total which nobody has called noise and in which no other topic rises. What ended within a
    /// day is no part of what a whole day or week is about.
    fn joins(&self, step: Step, scope: &Scope, (from, to): (Timestamp, Timestamp)) -> Option<AlertId> {
        let known = self.alerts.iter().filter(|(_, alert)| alert.scope.meets(scope) && alert.lasts(from, to));
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(id, alert)| (alert.rising == 0, alert.began, **id));
        let told = known.iter().find(|(_, alert)| scope.topic.is_none() || alert.scope.topic == scope.topic);
        let of_total = known.iter().find(|(id, alert)| {
            let open = alert.rising > 0 || step < Step::Day;
            let free = alert.about.is_none() || alert.about == scope.topic;
            alert.scope.topic.is_none() && open && free && !self.dismissed.contains(*id)
        });
        told.or(of_total).map(|(id, _)| **id)
    }

    /// Alerts that changed, each once, those that began first.
    pub(super) fn changed(outcome: &Outcome) -> BTreeSet<AlertId> {
        outcome.changes.iter().map(|(id, _)| *id).collect()
    }

    /// A series of an alert that was loaded, with the keys of its peak and of its end: the alert goes on as if it had been
    /// in memory all the time.
    pub(super) fn recall(
        &mut self,
        id: AlertId,
        (step, scope): (Step, Scope),
        peak_at: Timestamp,
        ended: Option<Timestamp>,
    ) {
        let Some(alert) = self.alerts.get_mut(&id) else { return };
        alert.about = alert.about.or(scope.topic);
        alert.reach(step, peak_at);
        // what is over has its end, which nothing moves that was told late
        if let Some(ended) = ended.filter(|_| alert.rising > 0) {
            alert.end(self.atlas.instant(&scope, step, ended));
        }
    }

    /// Forgets what had ended before then, as whoever loads all does not find it. A feed that is closed has not.
    pub(super) fn settle(&mut self, before: Timestamp) {
        self.silences.retain(|silence| silence.heard.is_none_or(|heard| heard > before));
        self.alerts.retain(|_, alert| alert.rising > 0 || alert.ended.is_some_and(|ended| ended > before));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use models::country::Country;
    use models::trends::CountSeries;
    use uuid::Uuid;

    use super::super::atlas::Atlas;
    use super::super::engine::Kept;
    use super::*;
    use crate::orders::{City, CityId};

    const TOPICS: [Option<Topic>; 3] = [None, Some(Topic::Payment), Some(Topic::App)];

    fn city(n: u128) -> CityId {
        CityId(Uuid::from_u128(n))
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-26T{time}:00Z").parse().unwrap()
    }

    fn peak(time: &str, p: f64) -> Peak {
        Peak { at: at(time), n: 40, expected: 4.0, lower: 0.0, upper: 9.0, p }
    }

    /// All contacts and two topics in each step, everywhere and in each of two cities.
    fn engine() -> (Engine, Clock) {
        let cities = [1, 2].map(|n| City {
            id: city(n),
            country: Country::Kazakhstan,
            slug: n.to_string(),
            name: n.to_string(),
            zone: "Asia/Almaty".into(),
        });
        let mut engine = Engine::new(Atlas::of(cities.into(), Vec::new()).unwrap());
        for step in Step::ALL.iter().copied() {
            let places = [None, Some(city(1)), Some(city(2))];
            for (topic, city) in places.into_iter().flat_map(|city| TOPICS.map(|topic| (topic, city))) {
                let scope = Scope { topic, city, ..Scope::default() };
                let model = CountSeries::new(step, Arc::default());
                engine.put(
                    step,
                    Kept { scope, id: None, model, steps: 0, weight: 1.0, muted_until: None, incident: None },
                );
            }
        }
        (engine, Clock::fixed(at("12:00"), 1))
    }

    /// What changes when series rise, told by their places in [`TOPICS`]; three and six more in the cities.
    fn rise((engine, clock): &mut (Engine, Clock), step: Step, risen: &[(usize, Peak)]) -> Vec<(AlertId, AlertChange)> {
        let mut outcome = Outcome::default();
        engine.raise(step, risen.to_vec(), clock, &mut outcome);
        outcome.changes
    }

    #[test]
    fn the_alert_of_a_total_turns_to_the_topic_that_rises_in_it_and_a_second_topic_has_its_own() {
        let mut all = engine();
        let began = rise(&mut all, Step::FiveMinutes, &[(0, peak("10:05", 1e-9))]);
        let (first, _) = began[0];
        let both = [(1, peak("10:00", 1e-8)), (2, peak("10:00", 1e-6)), (0, peak("10:00", 1e-9))];
        let changes = rise(&mut all, Step::QuarterHour, &both);
        let (second, _) = changes[1];
        assert_eq!(began, [(first, AlertChange::Began)]);
        assert_eq!(changes, [(first, AlertChange::Grew), (second, AlertChange::Began)]);
        let alert = |id: AlertId| all.0.alerts[&id].clone();
        let (of_both, other) = (alert(first), alert(second));
        assert_eq!((of_both.step, of_both.scope.topic, of_both.began), (Step::QuarterHour, TOPICS[1], at("10:05")));
        assert_eq!((of_both.peak, of_both.rising), (peak("10:00", 1e-8), 2), "the total and the topic");
        assert_eq!(other.scope.topic, TOPICS[2]);
        assert_eq!(rise(&mut all, Step::Hour, &[(1, peak("10:00", 1e-4))]), [], "it is about this already");
    }

    #[test]
    fn a_total_that_was_called_noise_hides_no_topic() {
        let mut all = engine();
        let (total, _) = rise(&mut all, Step::FiveMinutes, &[(0, peak("10:05", 1e-9))])[0];
        all.0.dismissed.insert(total);
        let changes = rise(&mut all, Step::QuarterHour, &[(1, peak("10:00", 1e-8))]);
        assert!(matches!(changes[..], [(id, AlertChange::Began)] if id != total), "{changes:?}");
        assert_eq!(all.0.alerts[&total].scope.topic, None);
    }

    #[test]
    fn a_total_that_has_ended_turns_to_what_an_hour_tells_late_but_is_no_part_of_a_day() {
        let mut all = engine();
        let (total, _) = rise(&mut all, Step::FiveMinutes, &[(0, peak("10:05", 1e-9))])[0];
        let alert = all.0.alerts.get_mut(&total).unwrap();
        (alert.rising, alert.ended) = (0, Some(at("10:25")));
        let of_day = rise(&mut all, Step::Day, &[(2, peak("00:00", 1e-6))]);
        assert!(matches!(of_day[..], [(id, AlertChange::Began)] if id != total), "{of_day:?}");
        assert_eq!(rise(&mut all, Step::Hour, &[(1, peak("10:00", 1e-6))]), [(total, AlertChange::Grew)]);
        let alert = &all.0.alerts[&total];
        assert_eq!((alert.scope.topic, alert.rising), (TOPICS[1], 0));
        assert_eq!((alert.began, alert.ended), (at("10:05"), Some(at("11:00"))), "its hour can be looked into");
    }

    #[test]
    fn the_alert_of_a_city_takes_one_topic_that_rises_beyond_it_and_turns_only_to_what_rises_in_it() {
        let mut all = engine();
        let (of_city, _) = rise(&mut all, Step::Hour, &[(3, peak("10:00", 1e-9))])[0];
        let scope = |all: &(Engine, Clock), id: AlertId| all.0.alerts[&id].scope;
        let in_city = |topic: Option<Topic>| Scope { topic, city: Some(city(1)), ..Scope::default() };
        let both = [(1, peak("10:00", 1e-8)), (2, peak("10:00", 1e-6))];
        let changes = rise(&mut all, Step::QuarterHour, &both);
        assert!(matches!(changes[..], [(id, AlertChange::Began)] if id != of_city), "two topics are two: {changes:?}");
        let (other, _) = changes[0];
        assert_eq!((scope(&all, of_city), scope(&all, other).topic), (in_city(None), TOPICS[2]));
        assert_eq!(all.0.alerts[&of_city].rising, 2, "the city and the first topic are one");

        assert_eq!(rise(&mut all, Step::Hour, &[(5, peak("10:00", 1e-7))]), [], "the other topic in the city");
        assert_eq!(rise(&mut all, Step::Hour, &[(4, peak("10:00", 1e-4))]), [(of_city, AlertChange::Grew)]);
        assert_eq!(scope(&all, of_city), in_city(TOPICS[1]));
        let elsewhere = rise(&mut all, Step::Hour, &[(7, peak("10:00", 1e-4))]);
        assert!(matches!(elsewhere[..], [(_, AlertChange::Began)]), "no contact is in both cities: {elsewhere:?}");
    }

    /// Incidents as the tables have them, each with its step and the place of its series.
    type Stored = Vec<(Step, usize, Incident)>;

    fn store(stored: &mut Stored, step: Step, outcome: Outcome) {
        for (place, incident) in outcome.incidents {
            stored.retain(|(other, at, known)| (*other, *at, known.began) != (step, place, incident.began));
            stored.push((step, place, incident));
        }
    }

    /// An engine that has loaded what another one stored.
    fn restarted(before: &Engine, stored: &[(Step, usize, Incident)]) -> Engine {
        let (mut engine, _) = engine();
        for (id, alert) in &before.alerts {
            let ended = alert.ended.filter(|_| alert.rising == 0);
            let open = Open::new(alert.step, alert.scope, (alert.began, alert.peak));
            engine.alerts.insert(*id, Open { ended, rising: alert.rising, ..open });
        }
        for (step, place, incident) in stored {
            let scope = engine.series(*step)[*place].scope;
            engine.recall(incident.alert, (*step, scope), incident.peak.at, incident.ended);
        }
        engine
    }

    #[test]
    fn an_alert_that_was_loaded_goes_on_as_one_that_was_never_away() {
        let ((mut known, clock), mut stored) = (engine(), Stored::new());
        let raise = |known: &mut Engine, stored: &mut Stored, step: Step, place: usize, time: &str| {
            let mut outcome = Outcome::default();
            known.raise(step, vec![(place, peak(time, 1e-6))], &clock, &mut outcome);
            store(stored, step, outcome);
        };
        raise(&mut known, &mut stored, Step::Hour, 3, "10:00");
        raise(&mut known, &mut stored, Step::QuarterHour, 1, "11:45");
        assert_eq!(restarted(&known, &stored).alerts, known.alerts, "a topic is in it that its scope does not tell");
        raise(&mut known, &mut stored, Step::Day, 4, "00:00");
        raise(&mut known, &mut stored, Step::Hour, 0, "10:00");
        let id = stored[0].2.alert;
        assert_eq!((known.alerts.len(), known.alerts[&id].rising), (1, 4));
        for (step, place) in [(Step::Day, 4), (Step::QuarterHour, 1), (Step::Hour, 3), (Step::Hour, 0)] {
            let found = stored.iter().find(|(other, at, _)| (*other, *at) == (step, place));
            let mut incident = found.unwrap().2.clone();
            incident.ended = Some(after(step, incident.peak.at));
            let mut again = restarted(&known, &stored);
            again.follow(step, place, false, incident.clone(), &mut Outcome::default());
            let mut outcome = Outcome::default();
            known.follow(step, place, false, incident, &mut outcome);
            store(&mut stored, step, outcome);
            assert_eq!(again.alerts, known.alerts);
        }
        let alert = &known.alerts[&id];
        assert_eq!((alert.rising, alert.until), (0, at("12:00")));
        assert_eq!(alert.ended, Some(at("19:00")), "midnight in the city");
        raise(&mut known, &mut stored, Step::Week, 4, "00:00");
        assert_eq!((stored.len(), stored[4].2.alert), (5, id));
        assert_eq!(restarted(&known, &stored).alerts, known.alerts, "what is told late moves no end");
    }
}
