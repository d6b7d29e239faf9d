//! Which days are holidays: those of the calendar that ships, and what people know better.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use models::country::Country;
use models::trends::{Feast, HolidaySource, Holidays, calendar};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::holidays as rows;
use crate::conversations::view::Person;
use crate::events::{UnknownWord, words};
use crate::platform::store::{Store, StoreError};
use crate::workforce::audit::{self, Action, ObjectKind};
use crate::workforce::{Actor, Forbidden, Right};

/// Days that people may have said something of, all countries together.
const MOST: usize = 500;
/// Years from today within which they may say it.
const YEARS: i64 = 5;
/// Days that are listed at once.
const LONGEST: i32 = 1_100;

crate::id!(
    /// What somebody said of a day.
    HolidayId
);
words!(
    /// That a day is a holiday, or that a day of the calendar is none.
    HolidayKind { Added = "added", Removed = "removed" }
);

/// What somebody said of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnHoliday {
    pub id: HolidayId,
    /// None: of every country; what is said of one country goes before it.
    pub country: Option<Country>,
    pub date: Date,
    pub kind: HolidayKind,
    /// Of an added one.
    pub name: Option<String>,
    pub by: Person,
    pub at: Timestamp,
}

/// What the calendar says of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalendarHoliday {
    pub feast: Feast,
    pub source: HolidaySource,
    /// No authority has announced it yet: it may turn out to be another day.
    pub expected: bool,
}

/// A day of which the calendar or somebody says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holiday {
    pub date: Date,
    /// Whether series take it for a holiday.
    pub kept: bool,
    pub calendar: Option<CalendarHoliday>,
    /// What people said, of every country first.
    pub own: Vec<OwnHoliday>,
}

/// The holidays of a country over a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HolidayList {
    pub country: Country,
    pub from: Date,
    pub to: Date,
    pub items: Vec<Holiday>,
}

/// What is to be said of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHoliday {
    /// None: of every country.
    pub country: Option<Country>,
    pub date: Date,
    /// None: it is no holiday.
    pub name: Option<String>,
}

/// Why holidays are not shown or not changed.
#[derive(Debug, thiserror::Error)]
pub enum HolidayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("nobody has said this of a day, or it is undone already; load the list again")]
    NotFound,
    #[error("ask for {most} days at most, the first of them first", most = LONGEST)]
    Period,
    #[error("the date lies more than {years} years away; choose a nearer one", years = YEARS)]
    Far,
    #[error("{most} days are kept at most; undo some that have passed", most = MOST)]
    Full,
    #[error("something is said of this day and country already; undo that first")]
    Said,
    #[error("that is so already: nothing would change")]
    Nothing,
}

/// The holidays of a country from one day to another, both included.
pub async fn list(
    store: &Store,
    actor: &Actor,
    country: Country,
    (from, to): (Date, Date),
) -> Result<HolidayList, HolidayError> {
    actor.require(Right::Analyse)?;
    if to < from || days_between(from, to) >= LONGEST {
        return Err(HolidayError::Period);
    }
    let own = rows::all(store.pool()).await?;
    let known = known(&own, Some(country));
    let mut items = BTreeMap::<Date, Holiday>::new();
    let blank = |date: Date| Holiday { date, kept: known.holds(date), calendar: None, own: Vec::new() };
    for day in calendar(country, from, to) {
        let said = CalendarHoliday { feast: day.feast, source: day.source, expected: day.expected };
        items.entry(day.date).or_insert_with(|| blank(day.date)).calendar = Some(said);
    }
    let here = |day: &OwnHoliday| day.country.is_none_or(|it| it == country) && (from..=to).contains(&day.date);
    for day in own.into_iter().filter(here) {
        items.entry(day.date).or_insert_with(|| blank(day.date)).own.push(day);
    }
    Ok(HolidayList { country, from, to, items: items.into_values().collect() })
}

/// Says something of a day. Series go by it from their next step on; steps that are judged keep their verdicts.
pub async fn say(store: &Store, actor: &Actor, new: NewHoliday) -> Result<OwnHoliday, HolidayError> {
    actor.require(Right::Analyse)?;
    let mut change = store.begin().await?;
    let today = change.at().to_zoned(TimeZone::UTC).date();
    if new.date < today.saturating_sub(YEARS.years()) || new.date > today.saturating_add(YEARS.years()) {
        return Err(HolidayError::Far);
    }
    rows::lock(change.conn()).await?;
    let own = rows::all(change.conn()).await?;
    let said = OwnHoliday {
        id: HolidayId::new(change.clock()),
        country: new.country,
        date: new.date,
        kind: if new.name.is_some() { HolidayKind::Added } else { HolidayKind::Removed },
        name: new.name,
        by: Person { id: actor.id, name: actor.name.clone() },
        at: change.at(),
    };
    fits(own, &said)?;
    rows::put(change.conn(), &said).await?;
    let action = match said.kind {
        HolidayKind::Added => Action::HolidayAdded,
        HolidayKind::Removed => Action::HolidayRemoved,
    };
    let entry = entry(actor, action, said.id, (said.country, said.date));
    audit::write(&mut change, entry).await?;
    actor.commit(change).await?;
    Ok(said)
}

/// Takes back what was said of a day, by whomever.
pub async fn undo(store: &Store, actor: &Actor, id: HolidayId) -> Result<(), HolidayError> {
    actor.require(Right::Analyse)?;
    let mut change = store.begin().await?;
    let of = rows::remove(change.conn(), id).await?.ok_or(HolidayError::NotFound)?;
    audit::write(&mut change, entry(actor, Action::HolidayUndone, id, of)).await?;
    Ok(actor.commit(change).await?)
}

fn entry(actor: &Actor, action: Action, id: HolidayId, (country, date): (Option<Country>, Date)) -> audit::Entry {
    let entry = audit::Entry::by(actor, action).of(ObjectKind::Holiday, id.0);
    entry.with("date", date.to_string()).with("country", country.map_or("all", Country::as_str))
}

/// Whether a new word has room and changes anything in a country that it speaks of.
fn fits(mut own: Vec<OwnHoliday>, said: &OwnHoliday) -> Result<(), HolidayError> {
    if own.iter().any(|day| (day.date, day.country) == (said.date, said.country)) {
        return Err(HolidayError::Said);
    }
    if own.len() >= MOST {
        return Err(HolidayError::Full);
    }
    let kept =
        |own: &[OwnHoliday]| Country::ALL.iter().map(|it| known(own, Some(*it)).holds(said.date)).collect::<Vec<_>>();
    let before = kept(&own);
    own.push(said.clone());
    if kept(&own) == before { Err(HolidayError::Nothing) } else { Ok(()) }
}

/// The holidays of a country as they are known now.
pub(super) async fn kept(store: &Store, country: Option<Country>) -> Result<Holidays, StoreError> {
    Ok(known(&rows::all(store.pool()).await?, country))
}

/// The holidays of every country, and of a place whose country is not known.
pub(super) fn everywhere(own: &[OwnHoliday]) -> HashMap<Option<Country>, Arc<Holidays>> {
    let places = Country::ALL.iter().copied().map(Some).chain([None]);
    places.map(|country| (country, Arc::new(known(own, country)))).collect()
}

/// The calendar, then what is said of every country, then what is said of this one.
fn known(own: &[OwnHoliday], country: Option<Country>) -> Holidays {
    let hear = |holidays: Holidays, of: Option<Country>| {
        let said = |kind| own.iter().filter(move |day| (day.country, day.kind) == (of, kind)).map(|day| day.date);
        holidays.with(said(HolidayKind::Added)).without(said(HolidayKind::Removed))
    };
    match country {
        Some(of) => hear(hear(Holidays::of(of), None), country),
        None => hear(Holidays::none(), None),
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use models::country::Country::{Kazakhstan, Russia, Uzbekistan};
    use models::trends::{CountSeries, Step};
    use uuid::Uuid;

    use super::super::Scope;
    use super::super::atlas::Atlas;
    use super::super::engine::{Engine, Kept};
    use super::*;
    use crate::events::OperatorId;
    use crate::orders::{City, CityId};

    fn said(country: Option<Country>, date: Date, kind: HolidayKind) -> OwnHoliday {
        let by = Person { id: OperatorId(Uuid::nil()), name: "Анна".into() };
        let name = (kind == HolidayKind::Added).then(|| "День города".to_owned());
        OwnHoliday { id: HolidayId(Uuid::nil()), country, date, kind, name, by, at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn what_is_said_of_a_country_goes_before_what_is_said_of_all() {
        use HolidayKind::{Added, Removed};
        let (nauryz, day) = (date(2027, 3, 22), date(2027, 4, 14));
        let own = [
            said(None, nauryz, Removed),
            said(None, day, Added),
            said(Some(Kazakhstan), nauryz, Added),
            said(Some(Uzbekistan), day, Removed),
        ];
        let holds = |country, date| known(&own, country).holds(date);
        assert!(holds(Some(Kazakhstan), nauryz) && !holds(Some(Uzbekistan), nauryz));
        assert!(holds(Some(Kazakhstan), day) && holds(Some(Russia), day) && !holds(Some(Uzbekistan), day));
        assert!(holds(None, day) && !holds(None, nauryz), "a place of no country keeps what is said of all");
        assert!(known(&own[2..], Some(Russia)) == Holidays::of(Russia), "of others only");
    }

    #[test]
    fn only_what_changes_something_is_taken_and_once() {
        use HolidayKind::{Added, Removed};
        let (victory, day) = (date(2027, 5, 9), date(2027, 4, 14));
        let outcome = |own: &[OwnHoliday], country, date, kind| match fits(own.to_vec(), &said(country, date, kind)) {
            Ok(()) => "taken",
            Err(HolidayError::Said) => "said",
            Err(HolidayError::Nothing) => "nothing",
            Err(_) => "full",
        };
        assert_eq!(outcome(&[], None, day, Added), "taken");
        assert_eq!(outcome(&[], None, day, Removed), "nothing");
        assert_eq!(outcome(&[], Some(Russia), victory, Added), "nothing");
        assert_eq!(outcome(&[], Some(Russia), victory, Removed), "taken");
        let own = [said(None, day, Added), said(Some(Russia), victory, Removed)];
        assert_eq!(outcome(&own, None, day, Removed), "said");
        assert_eq!(outcome(&own, Some(Russia), day, Added), "nothing");
        assert_eq!(outcome(&own, Some(Russia), day, Removed), "taken", "of one country otherwise than of all");
        assert_eq!(outcome(&own, None, victory, Added), "nothing", "what is said of Russia goes before it");
        let full: Vec<_> = (1..=500).map(|n| said(None, day.saturating_sub(n.days()), Added)).collect();
        assert_eq!(outcome(&full, None, day, Added), "full");
        assert_eq!(outcome(&full[1..], None, day, Added), "taken");
    }

    /// Twenty contacts a day and three times as many on holidays, from November to the eighth of June.
    fn engine() -> Engine {
        let id = CityId(Uuid::from_u128(1));
        let moscow = City { id, country: Russia, slug: "m".into(), name: "M".into(), zone: "Europe/Moscow".into() };
        let mut engine = Engine::new(Atlas::of(vec![moscow], Vec::new()).unwrap());
        let scope = Scope::default();
        let mut model = CountSeries::new(Step::Day, engine.holidays(&scope));
        let calendar = Holidays::of(Russia);
        let days = std::iter::successors(Some(date(2025, 11, 1)), |day| day.tomorrow().ok());
        for day in days.take_while(|day| *day < date(2026, 6, 9)) {
            model.next(day.at(0, 0, 0, 0), if calendar.holds(day) { 60 } else { 20 }).unwrap();
        }
        let kept = Kept { scope, id: None, model, steps: 220, weight: 1.0, muted_until: None, incident: None };
        engine.put(Step::Day, kept);
        engine
    }

    #[test]
    fn a_series_in_memory_goes_by_what_is_said_from_its_next_step_on() {
        let (day, russia_day) = (date(2026, 6, 10), date(2026, 6, 12));
        let expected = |own: &[OwnHoliday], of: Date| {
            let mut engine = engine();
            engine.keep(own);
            let model = &mut engine.series_mut(Step::Day)[0].model;
            model.next(of.at(0, 0, 0, 0), 20).unwrap().expected
        };
        let own = [said(None, day, HolidayKind::Added), said(Some(Russia), russia_day, HolidayKind::Removed)];
        let (ordinary, holiday) = (expected(&[], day), expected(&[], russia_day));
        assert!(ordinary < 30.0 && holiday > 45.0, "{ordinary} {holiday}");
        let (added, removed) = (expected(&own, day), expected(&own, russia_day));
        assert!(added > 45.0 && removed < 30.0, "{added} {removed}");
    }

    #[test]
    fn calendars_are_put_together_anew_only_where_somebody_said_something() {
        let (mut engine, scope, day) = (engine(), Scope::default(), date(2026, 6, 10));
        let own = [said(None, day, HolidayKind::Added)];
        engine.keep(&own);
        let known = engine.holidays(&scope);
        engine.keep(&own);
        assert!(known.holds(day) && Arc::ptr_eq(&known, &engine.holidays(&scope)));
        engine.keep(&[]);
        assert!(!engine.holidays(&scope).holds(day), "undone");
    }

    #[test]
    fn a_series_in_memory_keeps_the_holidays_of_the_country_in_which_its_places_are_by_now() {
        let mut engine = engine();
        engine.atlas = Atlas::of(Vec::new(), Vec::new()).unwrap();
        engine.keep(&[]);
        let model = &mut engine.series_mut(Step::Day)[0].model;
        let russia_day = model.next(date(2026, 6, 12).at(0, 0, 0, 0), 20).unwrap().expected;
        assert!(russia_day < 30.0, "it is nowhere: {russia_day}");
    }
}
