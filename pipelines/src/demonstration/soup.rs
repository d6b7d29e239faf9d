//! The talks of one bad evening: a batch of soup had gone sour before it reached the kitchens of Russia, and who ate it
//! wrote.

use jiff::ToSpan;
use models::entities::Entity;
use models::taxonomy::{EntityType, Language, Outcome, Topic};

use super::dice::Dice;
use super::talks::{self, PastTalk};
use super::world::{World, id_at};
use crate::customers::{Country, IdentityKind};
use crate::events::{Channel, ContactId, MessageId};
use crate::orders::RestaurantId;
use crate::trends::Past;

const AGO_HOURS: i64 = 26;
const MINUTES: i64 = 6 * 60;
const TALKS: usize = 60;

/// The dish stands in brackets.
#[rustfmt::skip]
const SAYS: [&str; 12] = [
    "[Том ям] кислый, есть его невозможно. Что с ним?",
    "В [том яме с курицей] свернулось молоко, плавают хлопья.",
    "Заказала [том ям с курицей], пахнет испорченным. Вылила.",
    "[Том ям] сегодня несъедобный: кислый и с хлопьями",
    "Здравствуйте. [Том ям с курицей] привезли прокисший, остальное нормальное",
    "Ребята, [том ям] у вас испортился. Две ложки попробовал и выбросил",
    "Попробовала [том ям], он явно вчерашний и кислит",
    "Почему [том ям] пахнет кислым молоком?",
    "Вкус [том яма] ужасный, суп прокис",
    "Дважды брал у вас [том ям с курицей], было вкусно, а сегодня скисший",
    "Верните деньги за [том ям с курицей], он прокис",
    "[Том ям] привезли кислый и чуть тёплый, есть не стали",
];
#[rustfmt::skip]
const ANSWERS: [&str; 3] = [
    "Приносим извинения за суп. Деньги за него вернём сегодня, кухне уже передали.",
    "Спасибо, что написали. Проверяем суп на кухне, деньги за него возвращаем.",
    "Очень жаль, что так вышло. Оформила возврат за суп и передала шеф-повару.",
];

/// One talk of each of so many people, by what the person writes in.
pub(super) fn draw(dice: &mut Dice, world: &World) -> Vec<PastTalk> {
    let began = world.now.saturating_sub(AGO_HOURS.hours()).unwrap_or(world.now);
    let here = world.people.iter().enumerate().filter_map(|(at, person)| {
        let channel = match person.known.key.kind() {
            IdentityKind::Telegram => Channel::Telegram,
            IdentityKind::App => Channel::App,
            _ => return None,
        };
        let is_here = world.cities[person.city].country == Country::Russia
            && person.language == Language::Ru
            && person.since < began;
        is_here.then_some((at, channel))
    });
    here.filter_map(|(person, channel)| {
        let city = &world.cities[world.people[person].city];
        let (account, brand) = talks::door(world, channel, city.country)?;
        let kitchens = world.restaurants.iter().filter(|it| (it.city, it.brand) == (city.id, brand));
        let kitchens: Vec<RestaurantId> = kitchens.map(|kitchen| kitchen.id).collect();
        if kitchens.is_empty() {
            return None;
        }
        let at = began.saturating_add(dice.between(0, MINUTES - 1).minutes()).unwrap_or(began);
        let (words, dish) = marked(dice.one::<&str>(&SAYS));
        let day = at.to_zoned(world.zones[world.people[person].city].clone()).date();
        let restaurant = Some(*dice.one(&kitchens));
        Some(PastTalk {
            id: ContactId(id_at(dice, at)),
            said: MessageId(id_at(dice, at)),
            answered: MessageId(id_at(dice, at)),
            past: Past { at, day, topic: Topic::FoodQuality, city: Some(city.id), channel, restaurant },
            person,
            account,
            brand,
            language: Language::Ru,
            words,
            answer: dice.one::<&str>(&ANSWERS),
            outcome: Outcome::Promised,
            dish: Some(dish),
            operator: talks::server(dice, Language::Ru),
            steps: talks::steps(dice, world, at),
        })
    })
    .take(TALKS)
    .collect()
}

/// A text without its brackets, and what stood in them.
fn marked(text: &str) -> (String, Entity) {
    let before: String = text.chars().take_while(|letter| *letter != '[').collect();
    let dish: String =
        text.chars().skip_while(|letter| *letter != '[').skip(1).take_while(|letter| *letter != ']').collect();
    let start = before.chars().count() as u32;
    let end = start + dish.chars().count() as u32;
    (text.replace(['[', ']'], ""), Entity { kind: EntityType::Dish, text: dish, start, end })
}

#[cfg(test)]
mod tests {
    use models::entities::DishNames;

    use super::*;

    #[test]
    fn everybody_means_one_dish_of_the_menu_that_they_ordered_from() {
        let world = World::draw(7, "2026-11-25T15:30:00Z".parse().unwrap()).unwrap();
        let talks = draw(&mut Dice::new(7), &world);
        assert!(talks.len() > TALKS / 2, "{}", talks.len());
        for talk in talks {
            let menu = world.menu.iter().filter(|item| item.brand == talk.brand && item.country == Country::Russia);
            let menu = DishNames::new(menu.map(|item| item.name.as_str()));
            let dish = talk.dish.as_ref().unwrap();
            assert_eq!(menu.meant(&dish.text), Some("том ям с курицей"), "{talk:?}");
            let letters: Vec<char> = talk.words.chars().collect();
            let span: String = letters[dish.start as usize..dish.end as usize].iter().collect();
            assert_eq!(span, dish.text);
        }
    }
}
