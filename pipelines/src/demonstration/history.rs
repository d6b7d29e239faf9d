//! How many contacts there were in the weeks before: figures for the page of trends. There are no talks behind them, but
//! for one evening (`talks`).

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

/// The contacts of the weeks before the world's present, in no order.
pub(super) fn draw(dice: &mut Dice, world: &World) -> Vec<Past> {
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
        let began = world.now.saturating_sub(surge.ago_hours.hours()).unwrap_or(world.now);
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
    all.retain(|past| past.at < world.now);
    all
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
