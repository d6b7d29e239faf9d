//! What the world consists of.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use models::taxonomy::{Language, Topic};
use uuid::Uuid;

use super::{
    PastTalk, StaffPlan, Writer, accounts, buying, dice::Dice, history, people, reference, robots, soup, staff, talks,
    templates,
};
use crate::conversations::accounts::WithSecrets;
use crate::customers::KnownCustomer;
use crate::events::CustomerId;
use crate::orders::{Brand, City, MenuItem, NewOrder, Restaurant};
use crate::trends::Past;

/// Customers that the demonstration has.
pub(super) const CUSTOMERS: usize = 2_000;

/// Everything that the demonstration begins with.
#[derive(Debug)]
pub struct World {
    /// Its past ends here.
    pub now: Timestamp,
    pub brands: Vec<Brand>,
    pub cities: Vec<City>,
    /// The zones of the cities, in their order.
    pub zones: Vec<TimeZone>,
    pub restaurants: Vec<Restaurant>,
    pub menu: Vec<MenuItem>,
    pub accounts: Vec<WithSecrets>,
    pub templates: Vec<TemplatePlan>,
    pub people: Vec<Person>,
    pub(super) seed: u64,
}

impl World {
    /// Draws a world whose past ends at `now`.
    ///
    /// # Errors
    /// Where the machine does not know a time zone of ours.
    pub fn draw(seed: u64, now: Timestamp) -> Result<Self, jiff::Error> {
        let mut dice = Dice::new(seed);
        let brands = reference::brands(&mut dice, now);
        let cities = reference::cities(&mut dice, now);
        Ok(Self {
            now,
            zones: cities.iter().map(|city| TimeZone::get(&city.zone)).collect::<Result<_, _>>()?,
            restaurants: reference::restaurants(&mut dice, now, &brands, &cities),
            menu: reference::menu(&mut dice, now, &brands),
            accounts: accounts::draw(&mut dice, now, &brands),
            templates: templates::all(),
            people: people::draw(&mut dice, now, &cities),
            seed: dice.seed(),
            brands,
            cities,
        })
    }

    /// Who works in it, whatever the seed; those to try first come first.
    pub fn staff() -> Vec<StaffPlan> {
        staff::all()
    }

    /// Those of the people who write in Telegram, each name once. The same for one seed, whenever it is drawn.
    pub fn writers(&self) -> Vec<Writer> {
        people::writers(&self.people)
    }

    /// The contacts of the weeks before, of which only figures are left.
    pub fn past(&self) -> Vec<Past> {
        history::draw(&mut Dice::new(self.seed), self).0
    }

    /// The talks of these hours and of the weeks before that stand behind what stood out, each another contact than those of
    /// [`Self::past`].
    pub fn talks(&self) -> Vec<PastTalk> {
        let mut dice = Dice::new(self.seed);
        let (_, behind) = history::draw(&mut dice, self);
        let mut talks = talks::draw(&mut dice, self, &behind);
        talks.extend(soup::draw(&mut dice, self));
        talks.extend(robots::draw(&mut dice, self));
        talks
    }

    /// The year of orders of the people, by time; `ids` are those that the database gave them, in their order.
    pub fn orders(&self, ids: &[CustomerId]) -> Vec<NewOrder> {
        buying::draw(&mut Dice::new(self.seed), self, ids)
    }
}

/// A customer and what they agreed to.
#[derive(Debug)]
pub struct Person {
    pub known: KnownCustomer,
    pub since: Timestamp,
    /// Where their kitchens stand, by its place among the cities.
    pub city: usize,
    pub language: Language,
    /// Whether they take advertising; none: they were not asked.
    pub marketing: Option<bool>,
}

/// A reply that operators choose from.
#[derive(Debug)]
pub struct TemplatePlan {
    pub shortcut: &'static str,
    pub language: Language,
    pub title: &'static str,
    /// minijinja, with the variables that templates may use.
    pub body: &'static str,
    pub topics: &'static [Topic],
}

/// An id whose time is `at`, so that rows stand in the order in which they came about.
pub(super) fn id_at(dice: &mut Dice, at: Timestamp) -> Uuid {
    crate::platform::clock::Clock::fixed(at, dice.seed()).id()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::orders::OrderStatus;

    const NOW: &str = "2026-11-25T15:30:00Z";

    fn drawn() -> World {
        World::draw(7, NOW.parse().unwrap()).unwrap()
    }

    fn ids() -> Vec<CustomerId> {
        (0..CUSTOMERS as u128).map(|number| CustomerId(Uuid::from_u128(number))).collect()
    }

    #[test]
    fn one_seed_draws_one_world() {
        let (a, b) = (drawn(), drawn());
        assert_eq!(a.orders(&ids()), b.orders(&ids()));
        assert_eq!(a.menu, b.menu);
        let other = World::draw(8, NOW.parse().unwrap()).unwrap();
        assert_ne!(a.people[9].known.phone, other.people[9].known.phone);
    }

    #[test]
    fn a_year_of_orders_has_the_rhythm_of_evenings_and_weekends() {
        let world = drawn();
        let orders = world.orders(&ids());
        assert!((30_000..60_000).contains(&orders.len()), "{}", orders.len());
        let zones: HashMap<_, _> = world.cities.iter().map(|city| city.id).zip(&world.zones).collect();
        let (mut hours, mut days) = ([0; 24], HashMap::<_, usize>::new());
        for order in &orders {
            let local = order.placed_at.to_zoned(zones[&order.city].clone());
            hours[usize::from(local.hour().unsigned_abs())] += 1;
            *days.entry(local.weekday()).or_default() += 1;
        }
        assert!(hours[19] > 3 * hours[15] && hours[13] > hours[15] && hours[4] < 10, "{hours:?}");
        use jiff::civil::Weekday::{Monday, Saturday};
        assert!(days[&Saturday] * 10 > days[&Monday] * 13, "{days:?}");
    }

    #[test]
    fn orders_add_up_and_come_from_a_kitchen_of_the_customers_city() {
        let (world, ids) = (drawn(), ids());
        let orders = world.orders(&ids);
        let cities: HashMap<_, _> =
            ids.iter().zip(&world.people).map(|(id, person)| (*id, person.known.city)).collect();
        for order in &orders {
            let sum: i64 = order.lines.iter().map(|line| line.price_minor * i64::from(line.quantity)).sum();
            assert_eq!(sum, order.total.minor);
            assert_eq!(cities[&order.customer], Some(order.city));
            assert_eq!(order.finished_at.is_none(), is_open(order.status));
        }
        assert!(orders.is_sorted_by_key(|order| order.placed_at));
        let open = orders.iter().filter(|order| is_open(order.status)).count();
        assert!(open >= 20, "{open} orders are under way");
    }

    #[test]
    fn wishes_are_about_what_is_in_the_dish() {
        let world = drawn();
        let dishes: HashMap<_, _> = world.menu.iter().map(|item| (Some(item.id), item)).collect();
        let orders = world.orders(&ids());
        let lines = orders.iter().flat_map(|order| &order.lines);
        let without_sesame: Vec<_> = lines.filter(|line| line.wishes.as_deref() == Some("Без кунжута")).collect();
        assert!(without_sesame.len() > 50, "{}", without_sesame.len());
        assert!(without_sesame.iter().all(|line| dishes[&line.menu_item].allergens.iter().any(|a| a == "sesame")));
    }

    fn is_open(status: OrderStatus) -> bool {
        matches!(status, OrderStatus::Placed | OrderStatus::Cooking | OrderStatus::OnWay)
    }
}
