use jiff::tz::TimeZone;
use models::country::Country;
use uuid::Uuid;

use super::super::incident::Incident;
use super::super::raise::Open;
use super::super::scope::Leaf;
use super::*;
use crate::orders::{BrandId, City, CityId, Restaurant, RestaurantId};

fn begin() -> Timestamp {
    "2026-11-02T00:00:00Z".parse().unwrap()
}

fn hours(hours: i64) -> Timestamp {
    begin().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

const CHANNELS: [Channel; 2] = [Channel::Site, Channel::App];

/// Contacts of each quarter of an hour, by city and channel.
type Counts = [[u64; 2]; 3];

/// Three cities with a kitchen each, and what was told of their silences.
struct Town {
    engine: Engine,
    clock: Clock,
    hour: i64,
    told: Vec<(Scope, Timestamp, AlertChange)>,
    /// The places that had a gap in the last hour.
    gaps: Vec<Scope>,
}

fn city(n: u128) -> Scope {
    Scope { city: Some(CityId(Uuid::from_u128(n))), ..Scope::default() }
}

fn kitchen(n: u128) -> Scope {
    Scope { restaurant: Some(RestaurantId(Uuid::from_u128(n))), ..Scope::default() }
}

impl Town {
    fn new() -> Self {
        let ids = [0, 1, 2].map(Uuid::from_u128);
        let (country, zone) = (Country::Russia, "UTC".to_owned());
        let cities =
            ids.map(|id| City { id: CityId(id), country, slug: id.into(), name: id.into(), zone: zone.clone() });
        let kitchens = ids.map(|id| Restaurant {
            id: RestaurantId(id),
            brand: BrandId(Uuid::nil()),
            city: CityId(id),
            name: id.into(),
            address: "a".to_owned(),
        });
        let engine = Engine::new(Atlas::of(cities.into(), kitchens.into()).unwrap());
        Self { engine, clock: Clock::fixed(begin(), 1), hour: 0, told: Vec::new(), gaps: Vec::new() }
    }

    /// So many hours go by in which these come.
    fn pass(&mut self, hours: i64, counts: Counts) {
        for _ in 0..hours {
            self.hour(counts);
        }
    }

    fn hour(&mut self, counts: Counts) {
        let begin = self::hours(self.hour);
        self.hour += 1;
        for quarter in 0..4 {
            let at = begin.checked_add(SignedDuration::from_mins(15 * quarter)).unwrap();
            self.judge(Step::QuarterHour, at, counts, 1);
        }
        self.judge(Step::Hour, begin, counts, 4);
        let kept = self.engine.series(Step::Hour).iter().zip(self.engine.gaps(Step::Hour, begin));
        self.gaps = kept.filter(|(_, gap)| *gap).map(|(kept, _)| kept.scope).collect();
    }

    fn judge(&mut self, step: Step, at: Timestamp, counts: Counts, times: u64) {
        let leaves = leaves(counts, times);
        let mut outcome = Outcome::default();
        self.engine.judge(step, at, &leaves, (&self.clock, at), &mut outcome);
        let told = outcome.silences.iter().filter_map(|(silence, what)| Some((silence.scope, at, (*what)?)));
        self.told.extend(told);
    }

    fn scopes(&self) -> Vec<Scope> {
        self.told.iter().map(|(scope, ..)| *scope).collect()
    }
}

fn leaves(counts: Counts, times: u64) -> Vec<Leaf> {
    let leaf = |place: usize, channel: usize| Leaf {
        topic: None,
        city: Some(CityId(Uuid::from_u128(place as u128))),
        channel: CHANNELS[channel],
        restaurant: Some(RestaurantId(Uuid::from_u128(place as u128))),
        n: counts[place][channel] * times,
    };
    let all = (0..3).flat_map(|place| [leaf(place, 0), leaf(place, 1)]);
    all.filter(|leaf| leaf.n > 0).collect()
}

const BUSY: Counts = [[4, 4], [4, 4], [4, 4]];
const FORTNIGHT: i64 = 14 * 24;

#[test]
fn a_city_that_stops_is_one_alert_without_its_kitchen_and_takes_no_zeros() {
    let mut town = Town::new();
    town.pass(FORTNIGHT, BUSY);
    town.pass(6, [[0, 0], [4, 4], [4, 4]]);
    assert_eq!(town.told, [(city(0), hours(FORTNIGHT + 1), AlertChange::Began)]);
    assert_eq!(town.engine.silences[0].began, hours(FORTNIGHT));
    assert_eq!(town.gaps, [kitchen(0), city(0)]);
    town.pass(1, BUSY);
    assert_eq!(town.told[1..], [(city(0), hours(FORTNIGHT + 6), AlertChange::Ended)]);
    assert_eq!(town.gaps, []);
    town.pass(6, [[0, 0]; 3]);
    assert_eq!(town.scopes()[2..], [Scope::default()], "the widest that is silent");
}

#[test]
fn a_silent_channel_is_not_told_again_as_the_city_that_depends_on_it() {
    let mut town = Town::new();
    let usual = [[0, 4], [4, 4], [4, 4]];
    town.pass(FORTNIGHT, usual);
    town.engine.usual = leaves(usual, 4 * 24 * 7);
    town.pass(6, [[0, 0], [4, 0], [4, 0]]);
    let app = Scope { channel: Some(Channel::App), ..Scope::default() };
    assert_eq!(town.scopes(), [app]);
    let silent = |hour: i64| town.engine.silent_channel((hours(hour), hours(hour + 1)), begin());
    assert_eq!((silent(FORTNIGHT - 1), silent(town.hour)), (None, Some(hours(FORTNIGHT))), "as far as is known then");
    town.pass(6, [[0, 0], [0, 0], [4, 0]]);
    assert_eq!(town.scopes(), [app, city(1)], "what comes over other channels is missed");
}

#[test]
fn a_feed_that_is_silent_for_a_fortnight_is_closed_until_it_speaks() {
    let mut town = Town::new();
    let without = [[0, 0], [4, 4], [4, 4]];
    town.pass(FORTNIGHT, BUSY);
    town.pass(FORTNIGHT + 1, without);
    let ended = hours(2 * FORTNIGHT);
    assert_eq!(town.told[1..], [(city(0), ended, AlertChange::Ended)]);
    town.pass(FORTNIGHT, without);
    assert_eq!((town.told.len(), &town.gaps[..]), (2, &[kitchen(0), city(0)][..]), "nobody waits for it");
    let closed = town.engine.silences[0].clone();
    assert_eq!((closed.ended, closed.heard, closed.clone().stored()), (Some(ended), None, closed.clone()));
    town.pass(7 * 24, BUSY);
    assert_eq!(town.engine.silences[0].heard, Some(hours(3 * FORTNIGHT + 1)));
    assert_eq!((town.told.len(), &town.gaps[..]), (2, &[][..]));
    town.pass(6, without);
    assert_eq!(town.scopes()[2..], [city(0)], "it is waited for again");
    let old = Silence { ended: Some(hours(FORTNIGHT + 3)), heard: None, ..closed };
    assert_eq!(old.stored().heard, Some(hours(FORTNIGHT + 3)), "the version before noted the end alone");
}

#[test]
fn what_rose_in_a_feed_before_it_fell_silent_ends_when_the_feed_is_closed() {
    let mut town = Town::new();
    let without = [[0, 0], [4, 4], [4, 4]];
    town.pass(FORTNIGHT, BUSY);
    town.pass(6, without);
    let peak = Peak { at: hours(FORTNIGHT - 1), n: 40, expected: 32.0, lower: 20.0, upper: 39.0, p: 1e-6 };
    let (id, engine) = (AlertId::new(&town.clock), &mut town.engine);
    engine.alerts.insert(id, Open { rising: 1, ..Open::new(Step::Hour, kitchen(0), (peak.at, peak)) });
    let place = engine.place(Step::Hour, &kitchen(0)).unwrap();
    engine.series_mut(Step::Hour)[place].incident = Some(Incident::new(id, peak));
    town.pass(FORTNIGHT - 6, without);
    assert_eq!((town.engine.alerts[&id].rising, town.engine.alerts[&id].ended), (1, None), "it is waited for");
    town.pass(1, without);
    assert_eq!((town.engine.alerts[&id].rising, town.engine.alerts[&id].ended), (0, Some(hours(2 * FORTNIGHT))));
    assert_eq!(town.engine.series(Step::Hour)[place].incident, None);
}

#[test]
fn a_silence_of_long_ago_is_forgotten_and_a_feed_that_is_closed_is_not() {
    let mut town = Town::new();
    town.pass(FORTNIGHT, BUSY);
    town.pass(6, [[0, 0], [4, 4], [4, 4]]);
    town.pass(1, BUSY);
    let over = town.engine.silences[0].clone();
    assert_eq!(over.heard, Some(hours(FORTNIGHT + 6)));
    let closed = Silence { scope: city(1), ended: Some(hours(FORTNIGHT)), heard: None, ..over.clone() };
    town.engine.silences.push(closed.clone());
    town.engine.settle(hours(FORTNIGHT + 5));
    assert_eq!(town.engine.silences, [over, closed.clone()]);
    town.engine.settle(hours(FORTNIGHT + 6));
    assert_eq!(town.engine.silences, [closed]);
}

#[test]
fn what_was_called_noise_is_believed_later_and_what_is_muted_not_told() {
    let known = |wish: Option<Wish>| {
        let mut town = Town::new();
        // they come in bunches: an hour without any says little
        for n in [1, 1, 0, 1, 1, 1, 0].into_iter().cycle().take(FORTNIGHT as usize) {
            town.hour([[n, 0], [4, 4], [4, 4]]);
        }
        town.engine.wishes.extend(wish.map(|wish| (city(0), wish)));
        let known = (0..72).find(|_| {
            town.hour([[0, 0], [4, 4], [4, 4]]);
            !town.told.is_empty()
        });
        known.map(|hour| (hour, town.scopes()))
    };
    let (plain, noise) = (known(None).unwrap(), known(Some(Wish { share: 1.0 / 16.0, muted_until: None })).unwrap());
    assert_eq!((&plain.1[..], &noise.1[..]), (&[city(0)][..], &[city(0)][..]), "nor is its kitchen told instead");
    assert!(plain.0 < noise.0, "{plain:?} {noise:?}");
    assert_eq!(known(Some(Wish { share: 1.0, muted_until: Some(hours(3 * FORTNIGHT)) })), None, "nor its kitchen");
}

#[test]
fn all_feeds_of_a_step_share_one_rate() {
    let all = |step: Step, feeds: usize| chance(step, feeds) * feeds as f64 / step.seconds() as f64;
    assert!((all(Step::QuarterHour, 6) - all(Step::Hour, 230)).abs() < 1e-15);
    assert!((chance(Step::QuarterHour, 1) - 9.5e-6).abs() < 1e-7, "once in three years");
}

#[test]
fn silence_is_believed_when_enough_is_missing_in_more_than_one_step() {
    const EVEN: &[u64] = &[40, 41, 40];
    const BUNCHED: &[u64] = &[4, 0, 9, 2, 5, 11, 1, 3, 8, 0, 2, 6, 3];
    const QUARTER: Step = Step::QuarterHour;
    let at = |row: i64| begin().checked_add(SignedDuration::from_secs(row * QUARTER.seconds())).unwrap();
    for (counts, least, most) in [(EVEN, 2, 2), (BUNCHED, 3, 20)] {
        let mut series = CountSeries::new(QUARTER, std::sync::Arc::default());
        let mut next = |row: i64, n: u64| {
            series.next(at(row).to_zoned(TimeZone::UTC).datetime(), n).unwrap();
            stopped(&series, (QUARTER, at(row)), 1.0, chance(QUARTER, 6))
        };
        for (row, n) in (0..14 * 96).zip(counts.iter().cycle()) {
            assert_eq!(next(row, *n), None);
        }
        let known = (14 * 96..15 * 96).find_map(|row| Some((row, next(row, 0)?)));
        let (row, (began, peak)) = known.unwrap();
        let steps = row - 14 * 96 + 1;
        assert!((least..=most).contains(&steps), "{counts:?}: known after {steps}");
        assert_eq!((began, peak.at, peak.n), (at(14 * 96), at(row), 0));
        assert!(peak.lower > 0.0 && peak.expected > peak.lower && peak.p < 1e-5, "{peak:?}");
        assert_eq!(next(row + 1, 1), None, "it speaks again");
    }
}
