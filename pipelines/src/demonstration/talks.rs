//! The talks of these hours and behind what stood out in the weeks before: what customers wrote, in our own words, and who
//! answered.

use std::collections::HashMap;

use jiff::Timestamp;
use models::entities::Entity;
use models::taxonomy::{Language, Outcome, Topic};
use serde::Deserialize;

use super::World;
use super::dice::Dice;
use crate::conversations::AccountId;
use crate::customers::{Country, IdentityKind};
use crate::events::{Channel, ContactId, MessageId};
use crate::orders::{BrandId, RestaurantId};
use crate::trends::Past;

/// Sentences that we wrote for the models, with their topics.
#[rustfmt::skip]
static UTTERANCES: [(Language, &str); 4] = [
    (Language::Ru, include_str!("../../../models/data/utterances-ru.jsonl")),
    (Language::Kk, include_str!("../../../models/data/utterances-kk.jsonl")),
    (Language::Uz, include_str!("../../../models/data/utterances-uz.jsonl")),
    (Language::En, include_str!("../../../models/data/utterances-en.jsonl")),
];

/// How a talk about a topic ended, and what the customer was answered.
struct Answer {
    /// None: any other.
    topic: Option<Topic>,
    outcome: Outcome,
    ru: &'static str,
    kk: &'static str,
    uz: &'static str,
    en: &'static str,
}

#[rustfmt::skip]
static ANSWERS: [Answer; 4] = [
    Answer { topic: Some(Topic::LateDelivery), outcome: Outcome::Informed,
        ru: "Простите за ожидание: курьеры сегодня едут медленнее обычного. Ваш заказ в пути, слежу за ним.",
        kk: "Күттіргенімізге кешіріңіз: бүгін курьерлер баяу жүріп келеді. Тапсырысыңыз жолда, бақылап отырмын.",
        uz: "Kuttirganimiz uchun uzr: bugun kuryerlar sekin yurmoqda. Buyurtmangiz yoʻlda, kuzatib turibman.",
        en: "Sorry for the wait: couriers are slower than usual today. Your order is on its way, I am watching it." },
    Answer { topic: Some(Topic::FoodSafety), outcome: Outcome::Escalated,
        ru: "Это очень серьёзно, больше не ешьте это блюдо. Старший смены уже разбирается с кухней. Как вы себя чувствуете?",
        kk: "Бұл өте маңызды, ол тағамды енді жемеңіз. Ауысым басшысы асханамен сөйлесіп жатыр. Өзіңізді қалай сезінесіз?",
        uz: "Bu juda jiddiy, bu taomni boshqa yemang. Smena boshligʻi oshxona bilan gaplashmoqda. Oʻzingizni qanday his qilyapsiz?",
        en: "This is very serious, please eat no more of it. The shift lead is talking to the kitchen. How do you feel?" },
    Answer { topic: Some(Topic::Payment), outcome: Outcome::Promised,
        ru: "Вижу оба списания. Передаю в бухгалтерию, лишнее вернём; сообщим, как только отправим деньги.",
        kk: "Екі төлемді де көріп тұрмын. Бухгалтерияға жібердім, артығын қайтарамыз; ақша кеткенде хабарлаймыз.",
        uz: "Ikkala toʻlovni ham koʻryapman. Buxgalteriyaga yubordim, ortiqchasini qaytaramiz; pul ketgach xabar beramiz.",
        en: "I can see both charges. I am passing them to accounts, we will refund one and tell you when it is sent." },
    Answer { topic: None, outcome: Outcome::Informed,
        ru: "Спасибо, что написали. Вижу ваш вопрос, уже узнаю у коллег и отвечу здесь же.",
        kk: "Жазғаныңызға рахмет. Сұрағыңызды көріп тұрмын, әріптестерімнен біліп, осы жерге жазамын.",
        uz: "Yozganingiz uchun rahmat. Savolingizni koʻrdim, hamkasblarimdan bilib, shu yerga yozaman.",
        en: "Thank you for writing. I have your question, I am asking my colleagues and will answer right here." },
];

impl Answer {
    fn words(&self, language: Language) -> &'static str {
        match language {
            Language::Ru => self.ru,
            Language::Kk => self.kk,
            Language::Uz => self.uz,
            Language::En => self.en,
        }
    }
}

/// A talk that is over.
#[derive(Debug)]
pub struct PastTalk {
    pub(super) id: ContactId,
    pub(super) said: MessageId,
    pub(super) answered: MessageId,
    pub(super) past: Past,
    /// Who wrote, by their place among the people.
    pub(super) person: usize,
    pub(super) account: AccountId,
    pub(super) brand: BrandId,
    pub(super) language: Language,
    pub(super) words: String,
    pub(super) answer: &'static str,
    pub(super) outcome: Outcome,
    /// The dish that the customer named, where a dish is what stood out.
    pub(super) dish: Option<Entity>,
    /// The login of who served.
    pub(super) operator: &'static str,
    /// When it was taken, answered, finished and closed.
    pub(super) steps: [Timestamp; 4],
}

/// A talk for each of these contacts.
pub(super) fn draw(dice: &mut Dice, world: &World, behind: &[Past]) -> Vec<PastTalk> {
    let mut words = words(dice);
    let mut people: HashMap<usize, Vec<usize>> = HashMap::new();
    behind.iter().filter_map(|past| talk(dice, world, *past, &mut words, &mut people)).collect()
}

fn talk(
    dice: &mut Dice,
    world: &World,
    past: Past,
    words: &mut HashMap<(Language, Topic), Vec<String>>,
    people: &mut HashMap<usize, Vec<usize>>,
) -> Option<PastTalk> {
    let answer = ANSWERS.iter().find(|answer| answer.topic.is_none_or(|topic| topic == past.topic))?;
    let city = world.cities.iter().position(|city| Some(city.id) == past.city)?;
    let left = people.entry(city).or_default();
    if left.is_empty() {
        left.extend((0..world.people.len()).filter(|person| world.people[*person].city == city));
        dice.shuffle(left);
    }
    let person = left.pop()?;
    let language = world.people[person].language;
    // used up, they come round again
    let sentences = words.get_mut(&(language, past.topic)).filter(|sentences| !sentences.is_empty())?;
    sentences.rotate_left(1);
    let kitchen = world.restaurants.iter().find(|kitchen| Some(kitchen.id) == past.restaurant);
    let (account, brand) = door(world, past.channel, world.cities[city].country)?;
    let operator = server(dice, language);
    let steps = steps(dice, world, past.at);
    let id = |dice: &mut Dice| super::world::id_at(dice, past.at);
    Some(PastTalk {
        id: ContactId(id(dice)),
        said: MessageId(id(dice)),
        answered: MessageId(id(dice)),
        past,
        person,
        account,
        brand: kitchen.map_or(brand, |kitchen| kitchen.brand),
        language,
        words: sentences[0].clone(),
        answer: answer.words(language),
        outcome: answer.outcome,
        dish: None,
        operator,
        steps,
    })
}

/// What somebody wrote, and what came of it.
pub(super) struct Told {
    pub(super) topic: Topic,
    pub(super) words: String,
    pub(super) answer: &'static str,
    pub(super) outcome: Outcome,
    pub(super) dish: Option<Entity>,
}

/// The people of Russia who speak Russian and were there before `then`, by their places, with what they write in.
pub(super) fn writers(world: &World, then: Timestamp) -> impl DoubleEndedIterator<Item = (usize, Channel)> {
    world.people.iter().enumerate().filter_map(move |(at, person)| {
        let channel = match person.known.key.kind() {
            IdentityKind::Telegram => Channel::Telegram,
            IdentityKind::App => Channel::App,
            _ => return None,
        };
        let russian = world.cities[person.city].country == Country::Russia && person.language == Language::Ru;
        (russian && person.since < then).then_some((at, channel))
    })
}

/// The talk of one of the [`writers`]; none where no kitchen of the brand that they write to is in their city.
pub(super) fn told(
    dice: &mut Dice,
    world: &World,
    (person, channel): (usize, Channel),
    at: Timestamp,
    told: Told,
) -> Option<PastTalk> {
    let place = world.people[person].city;
    let city = &world.cities[place];
    let (account, brand) = door(world, channel, city.country)?;
    let kitchens = world.restaurants.iter().filter(|it| (it.city, it.brand) == (city.id, brand));
    let kitchens: Vec<RestaurantId> = kitchens.map(|kitchen| kitchen.id).collect();
    if kitchens.is_empty() {
        return None;
    }
    let day = at.to_zoned(world.zones[place].clone()).date();
    let id = |dice: &mut Dice| super::world::id_at(dice, at);
    Some(PastTalk {
        id: ContactId(id(dice)),
        said: MessageId(id(dice)),
        answered: MessageId(id(dice)),
        past: Past { at, day, topic: told.topic, city: Some(city.id), channel, restaurant: Some(*dice.one(&kitchens)) },
        person,
        account,
        brand,
        language: Language::Ru,
        words: told.words,
        answer: told.answer,
        outcome: told.outcome,
        dish: told.dish,
        operator: server(dice, Language::Ru),
        steps: steps(dice, world, at),
    })
}

/// The login of somebody who serves in a language.
fn server(dice: &mut Dice, language: Language) -> &'static str {
    let speaks = |plan: &&super::StaffPlan| plan.capacity > 0 && plan.languages.contains(&language);
    let logins: Vec<&'static str> = World::staff().iter().filter(speaks).map(|plan| plan.login).collect();
    dice.one::<&str>(&logins)
}

/// When a talk that began then was taken, answered, finished and closed.
fn steps(dice: &mut Dice, world: &World, began: Timestamp) -> [Timestamp; 4] {
    // whoever is served now is served quickly
    let whole = (world.now.as_second() - began.as_second()).clamp(4, dice.between(200, 900));
    [1, 2, 3, 4].map(|part| Timestamp::from_second(began.as_second() + whole * part / 4).unwrap_or(began))
}

/// The account of a channel in a country: those that speak its language, else the one there is.
fn door(world: &World, channel: Channel, country: Country) -> Option<(AccountId, BrandId)> {
    let spoken = match country {
        Country::Russia => Language::Ru,
        Country::Kazakhstan => Language::Kk,
        Country::Uzbekistan => Language::Uz,
    };
    let of = |account: &&crate::conversations::Account| account.channel == channel;
    let mut doors: Vec<_> = world.accounts.iter().map(|(account, _)| account).filter(of).collect();
    doors.sort_by_key(|account| account.language != spoken);
    doors.first().map(|account| (account.id, account.brand_id))
}

/// The sentences of each language that are about one topic only, in an order of this world's own.
fn words(dice: &mut Dice) -> HashMap<(Language, Topic), Vec<String>> {
    #[derive(Deserialize)]
    struct Utterance {
        text: String,
        topics: Vec<Topic>,
    }
    let mut words = HashMap::<(Language, Topic), Vec<String>>::new();
    for (language, lines) in UTTERANCES {
        for it in lines.lines().filter_map(|line| serde_json::from_str::<Utterance>(line).ok()) {
            if let [topic] = it.topics[..] {
                words.entry((language, topic)).or_default().push(it.text);
            }
        }
        for topic in Topic::ALL {
            words.get_mut(&(language, *topic)).into_iter().for_each(|about| dice.shuffle(about));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_each_surge_stand_talks_of_its_city_in_words_about_its_topic() {
        let world = World::draw(7, "2026-11-25T15:30:00Z".parse().unwrap()).unwrap();
        let talks = world.talks();
        for topic in ANSWERS.iter().filter_map(|answer| answer.topic) {
            let about: Vec<_> = talks.iter().filter(|talk| talk.past.topic == topic).collect();
            assert!(about.len() >= 30, "{topic}: {}", about.len());
            let mut words: Vec<_> = about.iter().map(|talk| &talk.words).collect();
            words.sort_unstable();
            words.dedup();
            assert!(words.len() * 10 > about.len() * 8, "{topic}: {} of {} differ", words.len(), about.len());
        }
        for talk in &talks {
            assert_eq!(world.people[talk.person].known.city, talk.past.city);
            let times: Vec<_> = [talk.past.at].into_iter().chain(talk.steps).collect();
            assert!(times.is_sorted() && times[4] <= world.now, "{times:?}");
        }
        let counted = world.past();
        assert!(talks.iter().all(|talk| !counted.contains(&talk.past)), "each counts once");
    }
}
