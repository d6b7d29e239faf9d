//! Two thousand people, named and reached as people of their country are.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use models::taxonomy::Language;

use super::dice::Dice;
use super::names::names_of;
use super::places::CITIES;
use super::world::{CUSTOMERS, Person};
use crate::customers::{Country, IdentityKey, IdentityKind, KnownCustomer, Phone};
use crate::orders::City;

/// Telegram gives its users rising numbers; the demonstration's begin here, where no bot of ours would meet a real one.
const FIRST_TELEGRAM_USER: u64 = 7_900_000_000_000;

pub(super) fn draw(dice: &mut Dice, now: Timestamp, cities: &[City]) -> Vec<Person> {
    let places: Vec<(usize, u32)> = CITIES.iter().map(|plan| plan.share).enumerate().collect();
    let mut taken = HashSet::new();
    let mut person = |number: u64| {
        let place = dice.weighted(&places, |(_, share)| *share).0;
        let country = cities[place].country;
        // Half of them have been here for longer than the year that the orders tell of.
        let days = if dice.chance(50) { dice.between(366, 1_400) } else { dice.between(1, 365) };
        let since = now - SignedDuration::from_hours(24 * days) - SignedDuration::from_mins(dice.between(0, 1_439));
        let phone = phone(dice, country, &mut taken);
        let language = language(dice, country);
        let known = KnownCustomer {
            key: key(dice, number, &phone),
            phone: Some(phone),
            name: Some(name(dice, country)),
            language: Some(language),
            country: Some(country),
            city: Some(cities[place].id),
            since: Some(since),
        };
        Person { known, since, city: place, language, marketing: dice.chance(70).then(|| dice.chance(78)) }
    };
    (0..CUSTOMERS as u64).map(&mut person).collect()
}

/// A customer of a world who writes in Telegram, as they are known outside of it.
#[derive(Clone, Debug)]
pub struct Writer {
    pub name: String,
    /// Their id in Telegram.
    pub telegram: u64,
    /// E.164.
    pub phone: String,
    pub language: Language,
}

/// Those of `people` who write in Telegram, each name once.
pub(super) fn writers(people: &[Person]) -> Vec<Writer> {
    let mut names = HashSet::new();
    let writer = |person: &Person| {
        let known = &person.known;
        let telegram = (known.key.kind() == IdentityKind::Telegram).then(|| known.key.value().parse().ok())??;
        Some(Writer {
            name: known.name.clone().filter(|name| names.insert(name.clone()))?,
            telegram,
            phone: known.phone.as_ref()?.as_e164().to_owned(),
            language: person.language,
        })
    };
    people.iter().filter_map(writer).collect()
}

/// Four in ten have written in Telegram, three in ten use the app, the others we know by phone.
fn key(dice: &mut Dice, number: u64, phone: &Phone) -> IdentityKey {
    match dice.between(0, 9) {
        0..4 => IdentityKey::telegram(FIRST_TELEGRAM_USER + number * 37),
        4..7 => IdentityKey::new(IdentityKind::App, &format!("demo-app:u{}", 100_000 + number))
            .unwrap_or_else(|_| IdentityKey::phone(phone)),
        _ => IdentityKey::phone(phone),
    }
}

/// Name and surname, as most people leave them; one in nine gives the first name only.
fn name(dice: &mut Dice, country: Country) -> String {
    let names = names_of(country);
    let (his, hers) = dice.one(names.surnames);
    let (first, surname) = if dice.chance(57) { (dice.one(names.women), hers) } else { (dice.one(names.men), his) };
    if dice.chance(11) { (*first).to_owned() } else { format!("{first} {surname}") }
}

fn language(dice: &mut Dice, country: Country) -> Language {
    use Language::{En, Kk, Ru, Uz};
    let spoken: &[(Language, u32)] = match country {
        Country::Russia => &[(Ru, 96), (En, 3), (Uz, 1)],
        Country::Kazakhstan => &[(Kk, 54), (Ru, 44), (En, 2)],
        Country::Uzbekistan => &[(Uz, 68), (Ru, 30), (En, 2)],
    };
    dice.weighted(spoken, |(_, share)| *share).0
}

fn phone(dice: &mut Dice, country: Country, taken: &mut HashSet<String>) -> Phone {
    let prefixes: &[&str] = match country {
        Country::Russia => &["+7903", "+7905", "+7909", "+7916", "+7917", "+7921", "+7926", "+7952", "+7960", "+7987"],
        Country::Kazakhstan => &["+7701", "+7702", "+7705", "+7707", "+7747", "+7775", "+7777", "+7778"],
        Country::Uzbekistan => &["+99890", "+99891", "+99893", "+99894", "+99897", "+99899"],
    };
    loop {
        let number = format!("{}{:07}", dice.one(prefixes), dice.between(2_000_000, 9_899_999));
        if let Ok(phone) = Phone::from_e164(&number)
            && taken.insert(number)
        {
            return phone;
        }
    }
}
