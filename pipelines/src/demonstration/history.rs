//! How many contacts there were in the weeks before: figures for the page of trends. Talks stand behind those of the hours
//! in which something stood out, and behind some of the last hours and of the same hours of the week before: whoever seeks
//! what is new among the talks of now needs others to compare them with.

use jiff::civil::Weekday;
use jiff::{Timestamp, ToSpan};
use models::taxonomy::Topic;

use super::World;
use super::dice::Dice;
use super::places::CITIES;
use crate::events::Channel;
use crate::orders::RestaurantId;
use crate::trends::Past;

/// Days that it reaches back.
const DAYS: i64 = 60;
/// In seconds.
pub(super) const DAY: i64 = 24 * 3_600;
/// Contacts of a day on which everybody is hungry.
const A_DAY: i64 = 520;

/// What people write about, by how often.
#[rustfmt::skip]
const TOPICS: [(Topic, u32); 18] = [
    (Topic::OrderStatus, 190), (Topic::LateDelivery, 120), (Topic::NewOrder, 90), (Topic::MissingItem, 80),
    (Topic::ChangeDelivery, 60), (Topic::Menu, 60), (Topic::CancelOrder, 50), (Topic::PromoBonus, 50), (Topic::Payment, 45),
    (Topic::WrongItem, 45), (Topic::FoodQuality, 45), (Topic::App, 35), (Topic::Courier, 30), (Topic::Promotions, 30),
    (Topic::DeliveryTerms, 25), (Topic::FoodService, 20), (Topic::Allergens, 15), (Topic::NotDelivered, 10),
];
const CHANNELS: [(Channel, u32); 4] =
    [(Channel::Telegram, 40), (Channel::App, 30), (Channel::Site, 15), (Channel::Call, 15)];
/// Contacts of each hour of a day, by how many.
const HOURS: [u32; 24] = [12, 6, 3, 2, 2, 2, 4, 8, 18, 28, 38, 55, 78, 80, 58, 42, 45, 60, 92, 110, 105, 80, 48, 24];

/// More than usual for some hours.
struct Surge {
    /// So long before the present it began.
    ago_hours: i64,
    hours: i64,
    contacts: i64,
    topic: Topic,
    /// Its place among the cities.
    city: usize,
    channel: Option<Channel>,
    one_kitchen: bool,
}

#[rustfmt::skip]
const SURGES: [Surge; 3] = [
    // a snowstorm in Almaty
    Surge { ago_hours: 21 * 24, hours: 6, contacts: 90, topic: Topic::LateDelivery, city: 8, channel: None, one_kitchen: false },
    // a kitchen in Moscow that makes people ill
    Surge { ago_hours: 6 * 24, hours: 20, contacts: 34, topic: Topic::FoodSafety, city: 0, channel: None, one_kitchen: true },
    // in Samara the app takes money twice, until now
    Surge { ago_hours: 3, hours: 3, contacts: 60, topic: Topic::Payment, city: 4, channel: Some(Channel::App), one_kitchen: false },
];

/// The feed of a channel that stood still: whoever wrote there was never heard of.
struct Stop {
    channel: Channel,
    ago_days: i64,
    /// In the time of the first city, from the beginning of the first hour to that of the other.
    hours: (i8, i8),
}

const STOP: Stop = Stop { channel: Channel::Telegram, ago_days: 9, hours: (17, 21) };

/// Hours up to the present of which talks are there, today and on so many days before, and so many of each day.
const TOLD_HOURS: i64 = 3;
const TOLD_DAYS: usize = 7;
const TOLD: usize = 24;

/// So long before and after it a surge shows in steps that it fills in part.
const AROUND: i64 = 3;

impl Surge {
    fn began(&self, world: &World) -> Timestamp {
        world.now.saturating_sub(self.ago_hours.hours()).unwrap_or(world.now)
    }

    /// Whether a contact is among those that somebody looks at who wants to know what stood out.
    fn shows(&self, world: &World, past: &Past) -> bool {
        let hours = (past.at.as_second() - self.began(world).as_second()).div_euclid(3_600);
        past.topic == self.topic && (-AROUND..self.hours + AROUND).contains(&hours)
    }
}

impl Stop {
    fn swallows(&self, world: &World, past: &Past) -> bool {
        let day = world.now.to_zoned(world.zones[0].clone()).date().saturating_sub(self.ago_days.days());
        let at = past.at.to_zoned(world.zones[0].clone());
        past.channel == self.channel && at.date() == day && (self.hours.0..self.hours.1).contains(&at.hour())
    }
}

/// The contacts of the weeks before the world's present, in no order: those of which only figures are left, and those whose
/// talks are.
pub(super) fn draw(dice: &mut Dice, world: &World) -> (Vec<Past>, Vec<Past>) {
    let mut all = Vec::new();
    let cities: Vec<(usize, u32)> = CITIES.iter().map(|plan| plan.share).enumerate().collect();
    let hours: Vec<(i8, u32)> = (0..).zip(HOURS).collect();
    for back in 0..=DAYS {
        for _ in 0..A_DAY {
            let city = dice.weighted(&cities, |(_, share)| *share).0;
            let zone = &world.zones[city];
            let day = world.now.to_zoned(zone.clone()).date().saturating_sub(back.days());
            let (hour, minute) = (dice.weighted(&hours, |(_, share)| *share).0, dice.between(0, 59));
            let (topic, channel) = (dice.weighted(&TOPICS, |it| it.1).0, dice.weighted(&CHANNELS, |it| it.1).0);
            let at = day.at(hour, i8::try_from(minute).unwrap_or(0), 0, 0).to_zoned(zone.clone());
            if let Ok(at) = at
                && dice.chance(hungry(day.weekday()))
            {
                let kitchen = *dice.one(&kitchens(world, city));
                all.push(past(world, at.timestamp(), topic, (city, channel, kitchen)));
            }
        }
    }
    for surge in &SURGES {
        let began = surge.began(world);
        let kitchens = kitchens(world, surge.city);
        let one = *dice.one(&kitchens);
        for _ in 0..surge.contacts {
            let minutes = dice.between(0, surge.hours * 60 - 1);
            let at = began.saturating_add(minutes.minutes()).unwrap_or(began);
            let channel = surge.channel.unwrap_or_else(|| dice.weighted(&CHANNELS, |(_, share)| *share).0);
            let kitchen = if surge.one_kitchen { one } else { *dice.one(&kitchens) };
            all.push(past(world, at, surge.topic, (surge.city, channel, kitchen)));
        }
    }
    all.retain(|past| past.at < world.now && !STOP.swallows(world, past));
    let mut left = [TOLD; TOLD_DAYS + 1];
    all.into_iter().partition(|past| {
        let told = day_of(world, past).is_some_and(|day| {
            let is_left = left[day] > 0;
            left[day] = left[day].saturating_sub(1);
            is_left
        });
        !told && !SURGES.iter().any(|surge| surge.shows(world, past))
    })
}

/// How many days ago a contact of these hours was; none for one of other hours, or of days too long ago.
fn day_of(world: &World, past: &Past) -> Option<usize> {
    let ago = world.now.as_second() - past.at.as_second();
    let day = usize::try_from(ago.div_euclid(DAY)).ok()?;
    (day <= TOLD_DAYS && ago.rem_euclid(DAY) < TOLD_HOURS * 3_600).then_some(day)
}

/// Of a hundred people so many are hungry.
fn hungry(day: Weekday) -> u32 {
    match day {
        Weekday::Friday => 60,
        Weekday::Saturday | Weekday::Sunday => 70,
        _ => 45,
    }
}

fn kitchens(world: &World, city: usize) -> Vec<RestaurantId> {
    let here = world.restaurants.iter().filter(|kitchen| kitchen.city == world.cities[city].id);
    here.map(|kitchen| kitchen.id).collect()
}

fn past(
    world: &World,
    at: Timestamp,
    topic: Topic,
    (city, channel, restaurant): (usize, Channel, RestaurantId),
) -> Past {
    let day = at.to_zoned(world.zones[city].clone()).date();
    Past { at, day, topic, city: Some(world.cities[city].id), channel, restaurant: Some(restaurant) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use models::trends::{CountSeries, Silence, Step};

    use super::*;

    /// The quarters of an hour of the last four weeks in which the feed of a channel is believed to have stopped.
    fn silent(world: &World, channel: Channel) -> Vec<Timestamp> {
        let quarter = |at: Timestamp| at.as_second().div_euclid(900);
        let (counted, behind) = draw(&mut Dice::new(world.seed), world);
        let mut counts = HashMap::<i64, u64>::new();
        for past in counted.iter().chain(&behind).filter(|past| past.channel == channel) {
            *counts.entry(quarter(past.at)).or_default() += 1;
        }
        let mut series = CountSeries::new(Step::QuarterHour, Arc::default());
        let now = quarter(world.now);
        let quarters = (now - 28 * 96..now).filter(|place| {
            let at = Timestamp::from_second(place * 900).unwrap().to_zoned(world.zones[0].clone());
            series.next(at.datetime(), counts.get(place).copied().unwrap_or(0)).unwrap();
            series.silence().is_some_and(Silence::stopped)
        });
        quarters.map(|place| Timestamp::from_second(place * 900).unwrap()).collect()
    }

    #[test]
    fn behind_these_hours_of_each_day_stand_as_many_talks() {
        let world = World::draw(7, "2026-11-25T15:30:00Z".parse().unwrap()).unwrap();
        let (_, behind) = draw(&mut Dice::new(world.seed), &world);
        for day in 0..=TOLD_DAYS {
            let others = |past: &&Past| !SURGES.iter().any(|surge| surge.shows(&world, past));
            let of_day = behind.iter().filter(|past| day_of(&world, past) == Some(day)).filter(others).count();
            assert!((TOLD / 2..=TOLD).contains(&of_day), "{day}: {of_day}");
        }
    }

    #[test]
    fn the_feed_that_stood_still_is_found_out_and_no_other() {
        for (seed, now) in [(7, "2026-11-25T15:30:00Z"), (2026, "2026-11-28T03:10:00Z")] {
            let world = World::draw(seed, now.parse().unwrap()).unwrap();
            let found = silent(&world, STOP.channel);
            assert!(found.len() >= 4, "an hour of it at least: {found:?}");
            let swallowed = |at: &Timestamp| {
                let day = at.to_zoned(world.zones[0].clone()).date();
                let past =
                    Past { at: *at, day, topic: Topic::Menu, city: None, channel: STOP.channel, restaurant: None };
                STOP.swallows(&world, &past)
            };
            // at so few contacts it may take a while until the feed is heard again
            let after = |at: &Timestamp| swallowed(&at.saturating_sub(90.minutes()).unwrap());
            assert!(found.iter().all(|at| swallowed(at) || after(at)), "{found:?}");
            assert_eq!(silent(&world, Channel::App), []);
        }
    }
}
