//! The talks of one bad evening: a batch of soup had gone sour before it reached the kitchens of Russia, and who ate it
//! wrote.

use jiff::ToSpan;
use models::entities::Entity;
use models::taxonomy::{EntityType, Outcome, Topic};

use super::dice::Dice;
use super::history::DAY;
use super::talks::{self, PastTalk, Told};
use super::world::World;

/// It began so long ago at least, and a day more at most.
const AGO_HOURS: i64 = 20;
/// When it began, in seconds of its day in UTC: six in the evening in Moscow, when many write on any day.
const EVENING: i64 = 15 * 3_600;
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
    let latest = world.now.saturating_sub(AGO_HOURS.hours()).unwrap_or(world.now);
    let since = (latest.as_second() - EVENING).rem_euclid(DAY);
    let began = latest.saturating_sub(since.seconds()).unwrap_or(latest);
    let talk = |writer| {
        let at = began.saturating_add(dice.between(0, MINUTES - 1).minutes()).unwrap_or(began);
        let (words, dish) = marked(dice.one::<&str>(&SAYS));
        let (topic, answer, outcome) = (Topic::FoodQuality, *dice.one(&ANSWERS), Outcome::Promised);
        talks::told(dice, world, writer, at, Told { topic, words, answer, outcome, dish: Some(dish) })
    };
    talks::writers(world, began).filter_map(talk).take(TALKS).collect()
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
    use crate::customers::Country;

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
