//! Public holidays: days on which people order and complain unlike on others.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::country::Country;

/// The days off of one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Month and day, and the years in which they are kept.
    yearly: BTreeMap<MonthDay, RangeInclusive<i16>>,
    days: BTreeSet<Date>,
    /// Days that are none, whatever else is said of them.
    ordinary: BTreeSet<Date>,
}

impl Holidays {
    /// No holidays.
    pub fn none() -> Holidays {
        Holidays::default()
    }

    /// The public holidays of a country, as `models/data/holidays.toml` has them.
    pub fn of(country: Country) -> Holidays {
        let mut holidays = Holidays::none();
        for part in parts(country) {
            holidays.yearly.extend(part.yearly.keys().map(|day| (*day, part.years())));
            holidays.days.extend(part.days.keys());
        }
        holidays
    }

    /// The same with more days.
    #[must_use]
    pub fn with(mut self, dates: impl IntoIterator<Item = Date>) -> Holidays {
        for date in dates {
            self.ordinary.remove(&date);
            self.days.insert(date);
        }
        self
    }

    /// The same without these days.
    #[must_use]
    pub fn without(mut self, dates: impl IntoIterator<Item = Date>) -> Holidays {
        self.ordinary.extend(dates);
        self
    }

    /// Whether a day is a holiday.
    pub fn holds(&self, day: Date) -> bool {
        let yearly = || self.yearly.get(&MonthDay::of(day)).is_some_and(|years| years.contains(&day.year()));
        (self.days.contains(&day) || yearly()) && !self.ordinary.contains(&day)
    }
}

/// A day of the calendar, and why it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarDay {
    /// The day itself.
    pub date: Date,
    /// What it is kept for.
    pub feast: Feast,
    /// Where it is written that it is kept.
    pub source: HolidaySource,
    /// No authority has announced it yet.
    pub expected: bool,
}

/// The holidays of a country from one day to another, both included, in their order.
pub fn calendar(country: Country, from: Date, until: Date) -> Vec<CalendarDay> {
    let mut found = Vec::new();
    for part in parts(country) {
        let day = |date: Date, feast: Feast| CalendarDay { date, feast, source: part.source, expected: part.expected };
        for year in (from.year()..=until.year()).filter(|year| part.years().contains(year)) {
            found.extend(part.yearly.iter().filter_map(|(of, feast)| Some(day(of.in_year(year)?, *feast))));
        }
        found.extend(part.days.iter().map(|(date, feast)| day(*date, *feast)));
    }
    found.retain(|day| (from..=until).contains(&day.date));
    found.sort_by_key(|day| day.date);
    found
}

/// What a day is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feast {
    /// `new_year`, and the days off after it.
    NewYear,
    /// `christmas`: the Orthodox one.
    Christmas,
    /// `defenders_day`
    DefendersDay,
    /// `womens_day`
    WomensDay,
    /// `nauryz`: the beginning of spring.
    Nauryz,
    /// `labour_day`
    LabourDay,
    /// `peoples_unity_day`: of the peoples of Kazakhstan.
    PeoplesUnityDay,
    /// `victory_day`
    VictoryDay,
    /// `remembrance_day`
    RemembranceDay,
    /// `russia_day`
    RussiaDay,
    /// `capital_day`
    CapitalDay,
    /// `constitution_day`
    ConstitutionDay,
    /// `independence_day`
    IndependenceDay,
    /// `teachers_day`
    TeachersDay,
    /// `republic_day`
    RepublicDay,
    /// `national_unity_day`: of Russia.
    NationalUnityDay,
    /// `eid_al_fitr`: Ramazon hayit.
    EidAlFitr,
    /// `eid_al_adha`: Qurbon hayit, Kurban Ait.
    EidAlAdha,
    /// `moved_day_off`: a working day that is free because a holiday fell on a day off.
    MovedDayOff,
}

/// Where it is written that a day is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HolidaySource {
    /// `ru_labour_code`: Labour Code of the Russian Federation, article 112.
    RuLabourCode,
    /// `ru_decree_1466`: decree of the Government of the Russian Federation of 24 September 2025, No. 1466.
    #[serde(rename = "ru_decree_1466")]
    RuDecree1466,
    /// `kz_holidays_law`: law of the Republic of Kazakhstan "On holidays" of 13 December 2001, No. 267.
    KzHolidaysLaw,
    /// `kz_constitution`: Constitution of the Republic of Kazakhstan of 15 March 2026, article 94.
    KzConstitution,
    /// `uz_labour_code`: Labour Code of the Republic of Uzbekistan of 2022, article 208.
    UzLabourCode,
    /// `umm_al_qura`: the calendar of Umm al-Qura, computed from the moon's course.
    UmmAlQura,
}

/// Days that stand together because they have one source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    source: HolidaySource,
    #[serde(default)]
    expected: bool,
    since: Option<i16>,
    until: Option<i16>,
    #[serde(default)]
    yearly: BTreeMap<MonthDay, Feast>,
    #[serde(default)]
    days: BTreeMap<Date, Feast>,
}

impl Part {
    fn years(&self) -> RangeInclusive<i16> {
        self.since.unwrap_or(i16::MIN)..=self.until.unwrap_or(i16::MAX)
    }
}

/// A day of every year, written `03-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct MonthDay(i8, i8);

impl MonthDay {
    fn of(day: Date) -> MonthDay {
        MonthDay(day.month(), day.day())
    }

    fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.0, self.1).ok()
    }
}

impl TryFrom<String> for MonthDay {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<MonthDay, jiff::Error> {
        format!("2024-{text}").parse().map(MonthDay::of)
    }
}

/// The file, in the order of [`Country::ALL`]; a test sees to it that it can be read.
#[derive(Debug, Default, Deserialize)]
struct File {
    ru: Vec<Part>,
    kz: Vec<Part>,
    uz: Vec<Part>,
}

const FILE: &str = include_str!("../../data/holidays.toml");

static CALENDARS: LazyLock<[Vec<Part>; 3]> = LazyLock::new(|| {
    let file: File = toml::from_str(FILE).unwrap_or_default();
    [file.ru, file.kz, file.uz]
});

fn parts(country: Country) -> &'static [Part] {
    &CALENDARS[country as usize]
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};

    use super::*;

    fn days(country: Country) -> Vec<CalendarDay> {
        calendar(country, date(2023, 1, 1), date(2028, 12, 31))
    }

    #[test]
    fn the_file_says_of_each_day_why_it_is_a_holiday_and_says_it_once() {
        toml::from_str::<File>(FILE).expect("the file is what the code takes it for");
        for country in Country::ALL {
            let (days, holidays) = (days(*country), Holidays::of(*country));
            assert!(days.is_sorted_by(|one, next| one.date < next.date), "{country}");
            assert!(days.iter().all(|day| holidays.holds(day.date)), "{country}");
            let all = std::iter::successors(Some(date(2023, 1, 1)), |day| day.tomorrow().ok());
            let all = all.take_while(|day| *day < date(2029, 1, 1)).filter(|day| holidays.holds(*day));
            assert_eq!(all.count(), days.len(), "{country}");
        }
    }

    #[test]
    fn days_off_that_a_law_moves_follow_a_holiday_or_a_weekend() {
        let weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        for country in Country::ALL {
            let holidays = Holidays::of(*country);
            for day in days(*country).into_iter().filter(|day| day.feast == Feast::MovedDayOff) {
                assert!(!weekend(day.date), "{}", day.date);
                let near = [day.date.yesterday(), day.date.tomorrow()].map(|day| day.expect("it is a day"));
                assert!(near.iter().any(|day| weekend(*day) || holidays.holds(*day)), "{}", day.date);
            }
        }
    }

    #[test]
    fn feasts_of_the_moon_are_expected_where_nobody_has_announced_them() {
        let expected = |country| {
            let days = days(country).into_iter().filter(|day| day.expected && day.feast != Feast::MovedDayOff);
            days.map(|day| (day.date, day.feast)).collect::<Vec<_>>()
        };
        let adha = [(date(2027, 5, 16), Feast::EidAlAdha), (date(2028, 5, 5), Feast::EidAlAdha)];
        assert_eq!(expected(Country::Russia), []);
        assert_eq!(expected(Country::Kazakhstan), adha);
        let fitr = [(date(2027, 3, 9), Feast::EidAlFitr), (date(2028, 2, 26), Feast::EidAlFitr)];
        assert_eq!(expected(Country::Uzbekistan), [fitr[0], adha[0], fitr[1], adha[1]]);
    }

    #[test]
    fn a_holiday_may_begin_and_end_with_a_year() {
        let kz = Holidays::of(Country::Kazakhstan);
        let kept = |month, day| (2025..=2028).filter(|year| kz.holds(date(*year, month, day))).collect::<Vec<_>>();
        assert_eq!((kept(8, 30), kept(3, 15)), (vec![2025], vec![2027, 2028]));
    }

    #[test]
    fn holidays_are_those_of_the_country_with_those_that_a_user_adds_and_without_those_that_a_user_takes_out() {
        let nauryz = date(2031, 3, 22);
        assert!(Holidays::of(Country::Kazakhstan).holds(nauryz) && !Holidays::of(Country::Russia).holds(nauryz));
        assert!(Holidays::of(Country::Uzbekistan).holds(date(2026, 5, 27)));
        assert!(!Holidays::none().holds(nauryz) && Holidays::none().with([nauryz]).holds(nauryz));
        let without = Holidays::of(Country::Kazakhstan).without([nauryz]);
        assert!(!without.holds(nauryz) && without.holds(date(2031, 3, 21)) && without.holds(date(2032, 3, 22)));
        assert!(without.with([nauryz]).holds(nauryz), "the last word counts");
    }
}
