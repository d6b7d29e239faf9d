//! A year of orders: the week's and the evening's rhythm, and each customer's own habits.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::dice::Dice;
use super::dishes::Category;
use super::habits::{Habit, dish_of, habit_of, leave_out, word_to_courier};
use super::world::{Person, World};
use crate::events::CustomerId;
use crate::orders::{Currency, Money, NewLine, NewOrder, OrderStatus, order_id};

/// The first order's number less one; six digits, as people dictate them.
const NUMBERS_FROM: usize = 310_000;

/// Orders under way when the demonstration begins, however late the evening.
const UNDER_WAY: usize = 24;

pub(super) fn draw(dice: &mut Dice, world: &World, ids: &[CustomerId]) -> Vec<NewOrder> {
    let mut orders = Vec::with_capacity(ids.len() * 26);
    let every = (world.people.len() / UNDER_WAY).max(1);
    for (number, (person, id)) in world.people.iter().zip(ids).enumerate() {
        let buyer = Buyer { person, id: *id, habit: habit_of(dice, world, person), zone: &world.zones[person.city] };
        let year_ago = world.now - SignedDuration::from_hours(24 * 365);
        let mut at = person.since.max(year_ago);
        loop {
            at += SignedDuration::from_mins(dice.wait(buyer.habit.minutes_between));
            let placed = hungry_at(dice, &buyer, at);
            if placed >= world.now {
                break;
            }
            at = at.max(placed);
            orders.push(order(dice, world, &buyer, placed));
        }
        if number % every == 0 {
            let placed = world.now - SignedDuration::from_mins(dice.between(2, 40));
            orders.push(order(dice, world, &buyer, placed));
        }
    }
    orders.sort_by_key(|order| (order.placed_at, order.customer));
    for (number, order) in orders.iter_mut().enumerate() {
        order.number = (NUMBERS_FROM + number + 1).to_string();
        order.id = order_id(order.brand, &order.number);
    }
    orders
}

struct Buyer<'a> {
    person: &'a Person,
    id: CustomerId,
    habit: Habit,
    zone: &'a TimeZone,
}

/// Of the seven days from a moment on the one that suits people and this customer, at an hour that does.
fn hungry_at(dice: &mut Dice, buyer: &Buyer<'_>, from: Timestamp) -> Timestamp {
    let first = from.to_zoned(buyer.zone.clone()).date();
    let days: Vec<Date> = (0..7).map(|ahead| first.saturating_add(Span::new().days(ahead))).collect();
    let day = dice.weighted(&days, |day| {
        let liked = if day.weekday() == buyer.habit.weekday { 3 } else { 1 };
        liked
            * match day.weekday() {
                Weekday::Friday => 13,
                Weekday::Saturday => 14,
                Weekday::Sunday => 12,
                Weekday::Monday => 8,
                _ => 9,
            }
    });
    let hour = if dice.chance(65) { buyer.habit.hour } else { dice.weighted(&HOURS, |(_, weight)| *weight).0 };
    let minute = i8::try_from(dice.between(0, 59)).unwrap_or_default();
    let local = day.at(hour, minute, 0, 0).to_zoned(buyer.zone.clone());
    local.map_or(from, |local| local.timestamp())
}

/// How the orders of a day spread over its hours: a small peak at lunch, a sharp one in the evening.
#[rustfmt::skip]
pub(super) const HOURS: [(i8, u32); 14] = [
    (10, 2), (11, 4), (12, 8), (13, 9), (14, 6), (15, 4), (16, 5), (17, 8), (18, 14), (19, 17), (20, 14), (21, 9),
    (22, 5), (23, 2),
];

/// An order as it stands at the end of the world's past; number and id come when all orders are there.
fn order(dice: &mut Dice, world: &World, buyer: &Buyer<'_>, placed_at: Timestamp) -> NewOrder {
    let kitchen = &world.restaurants[buyer.habit.restaurant];
    let age = world.now.duration_since(placed_at);
    let chosen = basket(dice, &buyer.habit);
    let lines: Vec<NewLine> = chosen.iter().map(|&item| line(dice, world, buyer, item, age.as_hours() / 24)).collect();
    let due_at = placed_at + SignedDuration::from_mins(dice.between(9, 15) * 5);
    let late = if dice.chance(6) { 25 } else { 0 };
    let finish = due_at + SignedDuration::from_mins(dice.between(-22, 14) + late);
    let cancelled = dice.chance(3);
    NewOrder {
        customer: buyer.id,
        id: order_id(kitchen.brand, ""),
        number: String::new(),
        brand: kitchen.brand,
        city: kitchen.city,
        restaurant: kitchen.id,
        status: match age.as_mins() {
            _ if finish <= world.now && cancelled => OrderStatus::Cancelled,
            _ if finish <= world.now => OrderStatus::Delivered,
            ..6 => OrderStatus::Placed,
            6..25 => OrderStatus::Cooking,
            _ => OrderStatus::OnWay,
        },
        placed_at,
        due_at: Some(due_at),
        finished_at: (finish <= world.now).then_some(finish),
        total: Money::new(
            lines.iter().map(|line| line.price_minor * i64::from(line.quantity)).sum(),
            Currency::of(world.cities[buyer.person.city].country),
        ),
        wishes: dice.chance(9).then(|| word_to_courier(dice, buyer.person.language).to_owned()),
        lines,
    }
}

/// Mostly the favourites, something beside them, something to drink: places of the world's menu, none twice.
fn basket(dice: &mut Dice, habit: &Habit) -> Vec<usize> {
    let favourite = *dice.one(&habit.favourites);
    let mut items = if dice.chance(72) { vec![favourite] } else { vec![one_of(dice, habit, Category::Main)] };
    let beside = [
        (Category::Main, 34),
        (Category::Set, 12),
        (Category::Soup, 22),
        (Category::Side, 38),
        (Category::Dessert, 16),
        (Category::Drink, 33),
    ];
    for (category, percent) in beside {
        if dice.chance(percent) {
            let item = one_of(dice, habit, category);
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }
    items
}

fn one_of(dice: &mut Dice, habit: &Habit, category: Category) -> usize {
    let choice: Vec<usize> = habit.menu.iter().copied().filter(|&item| dish_of(item).category == category).collect();
    *dice.one(&choice)
}

/// A year ago everything cost a twelfth less, in whole units of the currency.
fn line(dice: &mut Dice, world: &World, buyer: &Buyer<'_>, item: usize, age_days: i64) -> NewLine {
    let on_menu = &world.menu[item];
    let then = on_menu.price_minor - on_menu.price_minor * age_days / (12 * 365);
    let avoided = buyer.habit.avoids.filter(|avoided| dish_of(item).ingredients.contains(&avoided.ingredient));
    NewLine {
        menu_item: Some(on_menu.id),
        name: on_menu.name.clone(),
        quantity: if dice.chance(84) { 1 } else { 2 },
        price_minor: then / 100 * 100,
        wishes: avoided.filter(|_| dice.chance(88)).map(|avoided| leave_out(avoided, buyer.person.language)),
    }
}
