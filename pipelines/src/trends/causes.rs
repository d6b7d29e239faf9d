//! Which part of the contacts explains that more came.

use std::collections::BTreeMap;

use jiff::ToSpan;
use models::trends::Step;
use models::trends::causes::{Cause, Cube, explain};
use sqlx::PgPool;

use super::alerts::TrendCause;
use super::atlas::{Atlas, after};
use super::raise::Open;
use super::store::compared::{self, Compared};
use super::store::points::Span;
use super::{Scope, dishes, store};
use crate::events::Channel;
use crate::orders::{CityId, RestaurantId};
use crate::platform::store::StoreError;

/// What a dish has that is one of those too rare to be named.
const OTHERS: &str = "*";
/// Of a dish that fewer complain of nothing can be said.
const FEW: f64 = 5.0;
/// Dishes are told from each other as long as they have no more leaves than this together: it bounds the search.
const LEAVES: usize = 5_000;

/// Where fewer came in the same hours of all weeks before, those do not tell how contacts divide.
const SEEN: f64 = 5.0;

/// What explains an alert from its beginning to the last peak of a series in it, against the same hours of the weeks
/// before; where next to nothing came in those, against the seven days before. Nothing where no week lies before it, or
/// nothing stands out.
pub(super) async fn of(pool: &PgPool, atlas: &Atlas, open: &Open) -> Result<Vec<TrendCause>, StoreError> {
    let scope = open.scope;
    let from = atlas.key_of(&scope, open.step, open.began);
    let peak = after(open.step, open.peak.at);
    let span = Span::of(open.step, from, if open.step < Step::Day { peak.max(open.until) } else { peak });
    let leaves = compared::leaves(pool, span, &scope).await?;
    let seen = f64::from(compared::WEEKS) * leaves.iter().map(|leaf| leaf.expected).sum::<f64>();
    let usual = if seen < SEEN && !leaves.is_empty() {
        let week = Span::of(open.step, from.saturating_sub((7 * 24).hours()).unwrap_or(from), from);
        compared::leaves(pool, week, &scope).await?
    } else {
        Vec::new()
    };
    let found = tokio::task::spawn_blocking(move || explained(&scope, leaves, &usual)).await.unwrap_or_default();
    let some_dish = found.iter().any(|cause| cause.place.iter().any(|(name, dish)| name == DISH && is_named(dish)));
    let names = if some_dish { store::dishes::all(pool).await? } else { Vec::new() };
    Ok(found.into_iter().map(|cause| named(atlas, &names, cause)).filter(|cause| *cause != bare(cause)).collect())
}

/// The causes of what came; `usual` are the leaves of the seven days before where the same hours tell nothing.
fn explained(scope: &Scope, mut leaves: Vec<Compared>, usual: &[Compared]) -> Vec<Cause> {
    let stated: Vec<f64> = leaves.iter().map(|leaf| leaf.expected).collect();
    let past = divide(&mut leaves, usual);
    gather_rare(&mut leaves);
    let free = free(scope, leaves.iter().any(|leaf| is_named(&leaf.dish)));
    let mut causes = search(&free, &leaves, past);
    if past.is_some() {
        leaves.iter_mut().zip(&stated).for_each(|(leaf, stated)| leaf.expected = *stated);
        share_out(&mut causes, &free, &leaves[..stated.len()]);
    }
    causes
}

/// Lets as many be expected in all as came, divided as in the seven days before: `M` contacts that divide so are what
/// `M / A` counts of `A` contacts each would have held, and the mean of those. Whether more came than is usual is known to
/// who raised the alert; what is asked is whether it divides in another way, so a rise that is usual in its parts has no
/// cause, and where few came chance divides them in any way. No past contact is made up. Gives `M / A`; none, and does
/// nothing, where those days hold less than came: one can tell nothing by them.
fn divide(leaves: &mut Vec<Compared>, usual: &[Compared]) -> Option<f64> {
    let sum = |leaves: &[Compared]| leaves.iter().map(|leaf| leaf.actual).sum::<f64>();
    let (came, past) = (sum(leaves), sum(usual));
    if past < came || came <= 0.0 {
        return None;
    }
    leaves.iter_mut().for_each(|leaf| leaf.expected = 0.0);
    // A leaf may come twice: the cube adds up.
    leaves.extend(usual.iter().map(|leaf| Compared {
        dish: leaf.dish.clone(),
        actual: 0.0,
        expected: leaf.actual * came / past,
        ..*leaf
    }));
    Some(past / came)
}

/// Gives each cause what came in its leaves beyond what is expected of them at these hours; causes share their leaves.
fn share_out(causes: &mut [Cause], free: &[Attribute], leaves: &[Compared]) {
    causes.iter_mut().for_each(|cause| cause.excess = 0.0);
    let beyond = |leaf: &Compared| leaf.actual - leaf.expected;
    for leaf in leaves {
        let states =
            |(name, stated): &(String, String)| free.iter().any(|(at, value)| at == name && value(leaf) == *stated);
        let mut holding: Vec<&mut Cause> = causes.iter_mut().filter(|cause| cause.place.iter().all(states)).collect();
        let part = beyond(leaf) / holding.len() as f64;
        holding.iter_mut().for_each(|cause| cause.excess += part);
    }
    let all: f64 = leaves.iter().map(beyond).sum();
    causes
        .iter_mut()
        .for_each(|cause| cause.share = if all > 0.0 { (cause.excess / all).clamp(0.0, 1.0) } else { 0.0 });
}

type Attribute = (&'static str, fn(&Compared) -> String);

const DISH: &str = "dish";

/// What contacts of a scope still differ in.
fn free(scope: &Scope, dishes: bool) -> Vec<Attribute> {
    fn word<T: ToString>(value: Option<T>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let all: [(bool, Attribute); 5] = [
        (scope.topic.is_none(), ("topic", |leaf| word(leaf.topic))),
        (scope.city.is_none(), ("city", |leaf| word(leaf.city))),
        (scope.channel.is_none(), ("channel", |leaf| leaf.channel.as_str().to_owned())),
        (scope.restaurant.is_none(), ("restaurant", |leaf| word(leaf.restaurant))),
        (dishes, (DISH, |leaf| leaf.dish.clone())),
    ];
    all.into_iter().filter(|(free, _)| *free).map(|(_, attribute)| attribute).collect()
}

/// Whether a leaf's dish is one and not none or many.
fn is_named(dish: &str) -> bool {
    !dish.is_empty() && dish != OTHERS
}

/// Makes one of all dishes but those that rose most: each dish more makes the search slower.
fn gather_rare(leaves: &mut [Compared]) {
    let mut dishes = BTreeMap::<&str, (f64, f64, usize)>::new();
    for leaf in leaves.iter().filter(|leaf| is_named(&leaf.dish)) {
        let (actual, rose, number) = dishes.entry(&leaf.dish).or_default();
        (*actual, *rose, *number) = (*actual + leaf.actual, *rose + leaf.actual - leaf.expected, *number + 1);
    }
    let mut dishes: Vec<_> = dishes.into_iter().filter(|(_, (actual, ..))| *actual >= FEW).collect();
    dishes.sort_by(|(_, one), (_, other)| other.1.total_cmp(&one.1));
    let mut room = LEAVES;
    let fits = |(_, (.., number)): &(&str, (f64, f64, usize))| {
        let fits = *number <= room;
        room = room.saturating_sub(*number);
        fits
    };
    let kept: Vec<String> = dishes.into_iter().take_while(fits).map(|(dish, _)| dish.to_owned()).collect();
    for leaf in leaves.iter_mut().filter(|leaf| !leaf.dish.is_empty() && !kept.contains(&leaf.dish)) {
        OTHERS.clone_into(&mut leaf.dish);
    }
}

/// The causes among `free`; what has one value in all leaves is no condition. What is expected is the mean of `past`
/// counts, if that is known.
fn search(free: &[Attribute], leaves: &[Compared], past: Option<f64>) -> Vec<Cause> {
    let differs = |value: &fn(&Compared) -> String| leaves.iter().any(|leaf| value(leaf) != value(&leaves[0]));
    let free: Vec<&Attribute> = free.iter().filter(|(_, value)| differs(value)).collect();
    let Ok(mut cube) = Cube::new(free.iter().map(|(name, _)| (*name).to_owned()).collect()) else {
        return Vec::new();
    };
    for leaf in leaves {
        let values: Vec<String> = free.iter().map(|(_, value)| value(leaf)).collect();
        if let Err(error) = cube.add(&values, leaf.expected, leaf.actual) {
            tracing::error!(%error, "a count was left out of the search for causes");
        }
    }
    explain(&past.into_iter().fold(cube, Cube::mean_of)).causes
}

/// The cause with names in place of ids and of folded names.
fn named(atlas: &Atlas, dishes: &[String], cause: Cause) -> TrendCause {
    let value =
        |name: &str| cause.place.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str());
    TrendCause {
        topic: value("topic").and_then(|word| word.parse().ok()),
        city: atlas.city(value("city").and_then(|id| id.parse::<CityId>().ok())),
        channel: value("channel").and_then(|word| word.parse::<Channel>().ok()),
        restaurant: atlas.restaurant(value("restaurant").and_then(|id| id.parse::<RestaurantId>().ok())),
        dish: value(DISH).filter(|dish| is_named(dish)).map(|dish| dishes::spelt(dishes, dish)),
        excess: cause.excess,
        share: cause.share,
        score: cause.score,
    }
}

/// The same without a condition: what has no city, kitchen or dish is no place to look at.
fn bare(cause: &TrendCause) -> TrendCause {
    TrendCause { topic: None, city: None, channel: None, restaurant: None, dish: None, ..cause.clone() }
}

#[cfg(test)]
mod tests {
    use models::taxonomy::Topic;

    use super::*;

    fn leaf(dish: &str, expected: f64, actual: f64) -> Compared {
        let (topic, channel) = (Some(Topic::FoodQuality), Channel::Site);
        Compared { topic, city: None, channel, restaurant: None, dish: dish.to_owned(), actual, expected }
    }

    #[test]
    fn a_cube_has_room_for_the_dishes_that_rose_most_and_makes_one_of_the_others() {
        let mut leaves = vec![leaf("", 9.0, 9.0), leaf("few", 0.0, 4.0), leaf("tea", 1.0, 3.0), leaf("tea", 1.0, 3.0)];
        // more leaves than there is room for: many complain of it, as always
        leaves.extend((0..LEAVES).map(|_| leaf("soup", 3.0, 3.0)));
        let sum = |leaves: &[Compared]| leaves.iter().map(|leaf| leaf.actual).sum::<f64>();
        let all = sum(&leaves);
        gather_rare(&mut leaves);
        let dishes: Vec<&str> = leaves.iter().map(|leaf| leaf.dish.as_str()).collect();
        assert_eq!(dishes[..5], ["", OTHERS, "tea", "tea", OTHERS]);
        assert_eq!((dishes.last(), sum(&leaves)), (Some(&OTHERS), all));
    }

    fn at(kitchen: u128, expected: f64, actual: f64) -> Compared {
        Compared { restaurant: Some(RestaurantId(uuid::Uuid::from_u128(kitchen))), ..leaf("", expected, actual) }
    }

    #[test]
    fn where_nothing_came_in_these_hours_before_the_week_tells_what_is_unusual() {
        let week: Vec<Compared> = (0..20).map(|kitchen| at(kitchen, 0.0, 10.0)).collect();
        let places = |causes: &[Cause]| causes.iter().map(|cause| cause.place.clone()).collect::<Vec<_>>();
        let third = [vec![("restaurant".to_owned(), uuid::Uuid::from_u128(3).to_string())]];
        let found = |came: Vec<Compared>, week: &[Compared]| explained(&Scope::default(), came, week);
        let causes = found(vec![at(3, 0.0, 7.0), at(4, 0.0, 1.0)], &week);
        assert_eq!(places(&causes), third);
        assert_eq!(
            (causes[0].excess, causes[0].share),
            (7.0, 0.875),
            "beyond nothing, not beyond its part of the week"
        );
        assert_eq!(places(&found(vec![at(3, 0.0, 7.0)], &week)), third, "though all that came is there");
        let few = found(vec![at(3, 0.125, 2.0)], &week);
        assert_eq!(few, [], "two fall together by chance");
        let alike = (0..20).map(|kitchen| at(kitchen, 0.0, 1.0)).collect();
        assert_eq!(found(alike, &week), [], "as it is divided in the week");
        assert_eq!(found(vec![at(3, 0.0, 4.0)], &week[..2]), [], "it had the half of the week");
        assert_eq!(
            found(vec![at(3, 0.0, 7.0), at(4, 0.0, 1.0)], &[at(3, 0.0, 6.0)]),
            [],
            "a week of less tells nothing"
        );
        assert_eq!(found(vec![at(3, 0.0, 7.0), at(4, 0.0, 1.0)], &[]), [], "nor does none");
    }

    #[test]
    fn what_is_no_dish_or_many_is_never_named() {
        let mut leaves = vec![leaf("", 40.0, 40.0)];
        leaves.extend((0..30).map(|at| leaf(&format!("dish {at}"), 0.1, 4.0)));
        gather_rare(&mut leaves);
        assert!(!leaves.iter().any(|leaf| is_named(&leaf.dish)), "none has enough to be told from the others");
        leaves.push(leaf("tea", 5.0, 5.0));
        let cause = search(&free(&Scope::default(), true), &leaves, None).remove(0);
        assert_eq!(cause.place, [(DISH.to_owned(), OTHERS.to_owned())]);
        let atlas = Atlas::of(Vec::new(), Vec::new()).unwrap();
        let named = named(&atlas, &[], cause);
        assert_eq!(named, bare(&named), "and is left out");
    }
}
