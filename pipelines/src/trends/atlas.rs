//! Where contacts come from, and what time it is there.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use models::country::Country;
use models::trends::Step;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Scope;
use super::store::places;
use crate::orders::{City, CityId, Restaurant, RestaurantId};
use crate::platform::store::{Store, StoreError};

/// A city or a kitchen by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    pub id: Uuid,
    pub name: String,
}

/// The cities with their zones, the kitchens, and the zone of what belongs to no city.
#[derive(Clone, Debug)]
pub(crate) struct Atlas {
    cities: HashMap<CityId, (City, TimeZone)>,
    restaurants: HashMap<RestaurantId, Restaurant>,
    home: TimeZone,
    country: Option<Country>,
}

impl Atlas {
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let (cities, kitchens) = (places::cities(store.pool()).await?, places::kitchens(store.pool()).await?);
        Self::of(cities, kitchens).map_err(unknown_zone)
    }

    /// The name of the home zone, for whoever asks for nothing else with each message: kitchens, of which there are
    /// hundreds, have no part in it.
    pub(super) async fn home_of(store: &Store) -> Result<String, StoreError> {
        let cities = Self::of(places::cities(store.pool()).await?, Vec::new()).map_err(unknown_zone)?;
        Ok(cities.home().to_owned())
    }

    /// The home is the zone that most cities have, by name where two have as many; UTC where there is no city.
    pub(super) fn of(cities: Vec<City>, restaurants: Vec<Restaurant>) -> Result<Self, jiff::Error> {
        let mut votes = BTreeMap::<&str, usize>::new();
        for city in &cities {
            *votes.entry(&city.zone).or_default() += 1;
        }
        let most = votes.iter().rev().max_by_key(|(_, votes)| **votes).map(|(zone, _)| *zone);
        let home = most.map_or(Ok(TimeZone::UTC), TimeZone::get)?;
        let country = cities.iter().filter(|city| Some(city.zone.as_str()) == most).map(|city| city.country).next();
        let zoned = cities.iter().map(|city| Ok((city.id, (city.clone(), TimeZone::get(&city.zone)?))));
        Ok(Self {
            cities: zoned.collect::<Result<_, jiff::Error>>()?,
            restaurants: restaurants.into_iter().map(|kitchen| (kitchen.id, kitchen)).collect(),
            home,
            country,
        })
    }

    /// The name of the home zone.
    pub(crate) fn home(&self) -> &str {
        self.home.iana_name().unwrap_or("UTC")
    }

    /// The zone in which a series lives: its city's, else the home.
    pub(crate) fn zone(&self, scope: &Scope) -> &TimeZone {
        self.city_of(scope).map_or(&self.home, |(_, zone)| zone)
    }

    /// The country whose holidays a series keeps.
    pub(crate) fn country(&self, scope: &Scope) -> Option<Country> {
        self.city_of(scope).map(|(city, _)| city.country).or(self.country)
    }

    fn city_of(&self, scope: &Scope) -> Option<&(City, TimeZone)> {
        let kitchen = || scope.restaurant.and_then(|id| Some(self.restaurants.get(&id)?.city));
        self.cities.get(&scope.city.or_else(kitchen)?)
    }

    /// Whether all contacts of a scope are of the wider one.
    pub(crate) fn holds(&self, wider: &Scope, scope: &Scope) -> bool {
        fn within<T: PartialEq>(wider: Option<T>, own: Option<T>) -> bool {
            wider.is_none() || wider == own
        }
        within(wider.topic, scope.topic)
            && within(wider.city, self.city_of(scope).map(|(city, _)| city.id).or(scope.city))
            && within(wider.channel, scope.channel)
            && within(wider.restaurant, scope.restaurant)
    }

    pub(crate) fn city(&self, id: Option<CityId>) -> Option<Place> {
        let (city, _) = self.cities.get(&id?)?;
        Some(Place { id: city.id.0, name: city.name.clone() })
    }

    pub(crate) fn restaurant(&self, id: Option<RestaurantId>) -> Option<Place> {
        let kitchen = self.restaurants.get(&id?)?;
        Some(Place { id: kitchen.id.0, name: kitchen.name.clone() })
    }

    /// All cities, then all kitchens, by name.
    pub(crate) fn lists(&self) -> (Vec<&City>, Vec<&Restaurant>) {
        let mut cities: Vec<_> = self.cities.values().map(|(city, _)| city).collect();
        let mut restaurants: Vec<_> = self.restaurants.values().collect();
        cities.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        restaurants.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        (cities, restaurants)
    }

    /// When a step of that key began for a series. Keys of days and weeks are local dates, written as midnight UTC.
    pub(crate) fn instant(&self, scope: &Scope, step: Step, key: Timestamp) -> Timestamp {
        if step < Step::Day {
            return key;
        }
        let midnight = key.to_zoned(TimeZone::UTC).date().to_zoned(self.zone(scope).clone());
        midnight.map_or(key, |at| at.timestamp())
    }

    /// The key of the step that begins at `at` for a series; none where no step does.
    pub(crate) fn key(&self, scope: &Scope, step: Step, at: Timestamp) -> Option<Timestamp> {
        let key = self.key_of(scope, step, at);
        (self.instant(scope, step, key) == at).then_some(key)
    }

    /// The key of the step in which `at` lies.
    pub(crate) fn key_of(&self, scope: &Scope, step: Step, at: Timestamp) -> Timestamp {
        if step < Step::Day { floor(at, step) } else { key_of_day(at.to_zoned(self.zone(scope).clone()).date(), step) }
    }

    /// A step's beginning in the series' own time.
    pub(crate) fn local(&self, scope: &Scope, step: Step, key: Timestamp) -> DateTime {
        let zone = if step < Step::Day { self.zone(scope).clone() } else { TimeZone::UTC };
        key.to_zoned(zone).datetime()
    }

    /// Up to which key all steps are over everywhere at `now`.
    pub(crate) fn over(&self, step: Step, now: Timestamp) -> Timestamp {
        let zones = self.cities.values().map(|(_, zone)| zone).chain([&self.home]);
        let everywhere = zones.map(|zone| key_of_day(now.to_zoned(zone.clone()).date(), step)).min();
        if step < Step::Day { floor(now, step) } else { everywhere.unwrap_or(Timestamp::MIN) }
    }
}

fn unknown_zone(cause: jiff::Error) -> StoreError {
    StoreError::Decode(serde::de::Error::custom(cause))
}

/// The key after `key`.
pub(crate) fn after(step: Step, key: Timestamp) -> Timestamp {
    key.saturating_add(step.seconds().seconds()).unwrap_or(key)
}

/// Where the step began in which `at` lies, of those shorter than a day.
pub(super) fn floor(at: Timestamp, step: Step) -> Timestamp {
    let seconds = at.as_second().div_euclid(step.seconds()) * step.seconds();
    Timestamp::from_second(seconds).unwrap_or(at)
}

/// The key of the day or of the week, which begins on Monday.
pub(crate) fn key_of_day(day: Date, step: Step) -> Timestamp {
    let back = if step == Step::Week { i64::from(day.weekday().to_monday_zero_offset()) } else { 0 };
    let day = day.saturating_sub(back.days());
    TimeZone::UTC.to_timestamp(DateTime::from_parts(day, Time::midnight())).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::BrandId;

    fn city(id: u128, country: Country, zone: &str) -> City {
        City { id: CityId(Uuid::from_u128(id)), country, slug: id.to_string(), name: id.to_string(), zone: zone.into() }
    }

    fn atlas() -> Atlas {
        let cities = vec![
            city(1, Country::Kazakhstan, "Asia/Almaty"),
            city(2, Country::Russia, "Europe/Moscow"),
            city(3, Country::Russia, "Europe/Moscow"),
        ];
        let kitchen = Restaurant {
            id: RestaurantId(Uuid::from_u128(9)),
            brand: BrandId(Uuid::nil()),
            city: cities[0].id,
            name: "k".into(),
            address: "a".into(),
        };
        Atlas::of(cities, vec![kitchen]).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_series_lives_in_the_time_of_its_city_and_all_others_where_most_cities_are() {
        let atlas = atlas();
        let almaty = Scope { city: Some(CityId(Uuid::from_u128(1))), ..Scope::default() };
        let kitchen = Scope { restaurant: Some(RestaurantId(Uuid::from_u128(9))), ..Scope::default() };
        assert_eq!(atlas.home(), "Europe/Moscow");
        assert_eq!(atlas.country(&kitchen), Some(Country::Kazakhstan));
        let late = at("2026-11-26T20:30:00Z");
        let key = atlas.key_of(&almaty, Step::Day, late);
        assert_eq!(key, at("2026-11-27T00:00:00Z"), "half past one at night");
        assert_eq!(atlas.key_of(&Scope::default(), Step::Day, late), at("2026-11-26T00:00:00Z"));
        assert_eq!(atlas.instant(&kitchen, Step::Day, key), at("2026-11-26T19:00:00Z"));
        assert_eq!(atlas.key(&almaty, Step::Day, at("2026-11-26T19:00:00Z")), Some(key));
        assert_eq!(atlas.key(&almaty, Step::Day, late), None);
        assert_eq!(atlas.local(&almaty, Step::Hour, at("2026-11-26T20:00:00Z")).to_string(), "2026-11-27T01:00:00");
    }

    #[test]
    fn a_day_is_over_when_it_is_over_everywhere_and_a_week_begins_on_monday() {
        let atlas = atlas();
        assert_eq!(atlas.over(Step::Day, at("2026-11-26T20:30:00Z")), at("2026-11-26T00:00:00Z"));
        assert_eq!(atlas.over(Step::Day, at("2026-11-26T21:00:00Z")), at("2026-11-27T00:00:00Z"));
        assert_eq!(atlas.over(Step::Week, at("2026-11-26T12:00:00Z")), at("2026-11-23T00:00:00Z"));
        assert_eq!(atlas.over(Step::QuarterHour, at("2026-11-26T12:44:59Z")), at("2026-11-26T12:30:00Z"));
    }
}
