//! The talks of one bad evening: in Saint Petersburg a soup went sour, and those who ordered it wrote.

use jiff::{Timestamp, ToSpan};
use models::entities::Entity;
use models::taxonomy::{EntityType, Language};

use super::World;
use super::dice::Dice;
use super::world::id_at;
use crate::conversations::AccountId;
use crate::customers::IdentityKind;
use crate::events::{Channel, ContactId, CustomerId, MessageId};
use crate::orders::{BrandId, CityId, RestaurantId};

/// A contact that is over: what the customer wrote of a dish, and what was answered.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) customer: CustomerId,
    pub(super) contact: ContactId,
    pub(super) channel: Channel,
    pub(super) account: AccountId,
    pub(super) brand: BrandId,
    pub(super) city: CityId,
    pub(super) restaurant: RestaurantId,
    pub(super) thread: String,
    pub(super) at: Timestamp,
    pub(super) said: (MessageId, String),
    /// What the dish is called in it.
    pub(super) dish: Entity,
    pub(super) answered: (MessageId, &'static str),
}

/// Saint Petersburg, by its place among the cities.
const CITY: usize = 1;
const AGO_HOURS: i64 = 26;
const MINUTES: i64 = 6 * 60;
const TALKS: usize = 36;

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

/// One talk of each of so many people of the city, by what the person writes in.
pub(super) fn draw(dice: &mut Dice, world: &World, ids: &[CustomerId]) -> Vec<Talk> {
    let began = world.now.saturating_sub(AGO_HOURS.hours()).unwrap_or(world.now);
    let city = world.cities[CITY].id;
    let ordered = world.people.iter().zip(ids).filter_map(|(person, id)| {
        let channel = match person.known.key.kind() {
            IdentityKind::Telegram => Channel::Telegram,
            IdentityKind::App => Channel::App,
            _ => return None,
        };
        let is_here = person.city == CITY && person.language == Language::Ru && person.since < began;
        is_here.then(|| (*id, channel, person.known.key.value().to_owned()))
    });
    let mut talks: Vec<Talk> = ordered
        .take(TALKS)
        .filter_map(|(customer, channel, thread)| {
            let (account, _) = world.accounts.iter().find(|(account, _)| account.channel == channel)?;
            let here = world.restaurants.iter().filter(|it| (it.city, it.brand) == (city, account.brand_id));
            let kitchens: Vec<RestaurantId> = here.map(|kitchen| kitchen.id).collect();
            let at = began.saturating_add(dice.between(0, MINUTES - 1).minutes()).unwrap_or(began);
            let (text, dish) = marked(dice.one::<&str>(&SAYS));
            Some(Talk {
                customer,
                contact: ContactId(id_at(dice, at)),
                channel,
                account: account.id,
                brand: account.brand_id,
                city,
                restaurant: *dice.one(&kitchens),
                thread,
                at,
                said: (MessageId(id_at(dice, at)), text),
                dish,
                answered: (MessageId(id_at(dice, at)), *dice.one::<&str>(&ANSWERS)),
            })
        })
        .collect();
    talks.sort_by_key(|talk| (talk.at, talk.contact));
    talks
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
    use uuid::Uuid;

    use super::*;

    #[test]
    fn everybody_means_one_dish_of_the_menu_that_they_ordered_from() {
        let world = World::draw(7, "2026-11-25T15:30:00Z".parse().unwrap()).unwrap();
        let ids: Vec<_> = (0..world.people.len() as u128).map(|id| CustomerId(Uuid::from_u128(id))).collect();
        let talks = world.talks(&ids);
        assert_eq!(talks.len(), TALKS);
        for talk in talks {
            let menu =
                world.menu.iter().filter(|item| item.brand == talk.brand && item.country == world.cities[CITY].country);
            let menu = DishNames::new(menu.map(|item| item.name.as_str()));
            assert_eq!(menu.meant(&talk.dish.text), Some("том ям с курицей"), "{talk:?}");
            let letters: Vec<char> = talk.said.1.chars().collect();
            let span: String = letters[talk.dish.start as usize..talk.dish.end as usize].iter().collect();
            assert_eq!(span, talk.dish.text);
        }
    }
}
