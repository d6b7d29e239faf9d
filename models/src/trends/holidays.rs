//! Public holidays: days on which people order and complain unlike on others.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

use crate::country::Country;

/// The days off of one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Month and day, of every year.
    yearly: BTreeSet<(i8, i8)>,
    days: BTreeSet<Date>,
}

impl Holidays {
    /// No holidays.
    pub fn none() -> Holidays {
        Holidays::default()
    }

    /// The public holidays of a country, as `models/data/holidays.toml` has them.
    pub fn of(country: Country) -> Holidays {
        let calendar = &CALENDARS[country as usize];
        let yearly = calendar.yearly.iter().filter_map(|day| month_and_day(day)).collect();
        Holidays { yearly, days: calendar.days.iter().filter_map(|day| day.parse().ok()).collect() }
    }

    /// The same with more days.
    #[must_use]
    pub fn with(mut self, dates: impl IntoIterator<Item = Date>) -> Holidays {
        self.days.extend(dates);
        self
    }

    /// Whether a day is a holiday.
    pub fn holds(&self, day: Date) -> bool {
        self.yearly.contains(&(day.month(), day.day())) || self.days.contains(&day)
    }
}

#[derive(Debug, Default, Deserialize)]
struct Calendar {
    yearly: Vec<String>,
    days: Vec<String>,
}

/// In the order of [`Country::ALL`]; a test sees to it that the file parses, every day of it.
static CALENDARS: LazyLock<[Calendar; 3]> = LazyLock::new(|| {
    #[derive(Debug, Default, Deserialize)]
    struct File {
        ru: Calendar,
        kz: Calendar,
        uz: Calendar,
    }
    let file: File = toml::from_str(include_str!("../../data/holidays.toml")).unwrap_or_default();
    [file.ru, file.kz, file.uz]
});

/// `03-21` as month and day.
fn month_and_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    Date::new(2024, month, day).ok().map(|_| (month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_file_is_one() {
        for country in Country::ALL {
            let (calendar, holidays) = (&CALENDARS[*country as usize], Holidays::of(*country));
            assert!(calendar.yearly.len() > 5, "{country}");
            assert_eq!(holidays.yearly.len(), calendar.yearly.len(), "{country}");
            assert_eq!(holidays.days.len(), calendar.days.len(), "{country}");
        }
    }

    #[test]
    fn holidays_are_those_of_the_country_and_those_that_a_user_adds() {
        let day = |year, month, day| Date::new(year, month, day).expect("it is a day");
        let nauryz = day(2031, 3, 22);
        assert!(Holidays::of(Country::Kazakhstan).holds(nauryz) && !Holidays::of(Country::Russia).holds(nauryz));
        assert!(Holidays::of(Country::Uzbekistan).holds(day(2026, 5, 27)));
        assert!(!Holidays::none().holds(nauryz) && Holidays::none().with([nauryz]).holds(nauryz));
    }
}
