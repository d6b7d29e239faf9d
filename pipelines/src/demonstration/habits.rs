//! What one customer likes: where, when, how often, what, and what they want left out.

use jiff::civil::Weekday;
use models::taxonomy::Language;

use super::buying::HOURS;
use super::dice::Dice;
use super::dishes::{Category, DISHES, Dish};
use super::world::{Person, World};

pub(super) struct Habit {
    /// From one order to the next, on average.
    pub(super) minutes_between: i64,
    pub(super) weekday: Weekday,
    /// Of the customer's city.
    pub(super) hour: i8,
    /// The kitchen nearby, by its place in the world.
    pub(super) restaurant: usize,
    /// What that kitchen's brand sells in their country.
    pub(super) menu: Vec<usize>,
    /// Ordered again and again; not empty.
    pub(super) favourites: Vec<usize>,
    /// What they ask to leave out.
    pub(super) avoids: Option<&'static Avoided>,
}

pub(super) fn habit_of(dice: &mut Dice, world: &World, person: &Person) -> Habit {
    const DAY: i64 = 24 * 60;
    #[rustfmt::skip]
    const WEEK: [Weekday; 7] = [
        Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday, Weekday::Saturday,
        Weekday::Sunday,
    ];
    let frequency = [(45 * DAY, 15), (17 * DAY, 43), (7 * DAY, 32), (3 * DAY, 10)];
    let city = &world.cities[person.city];
    let near: Vec<usize> = (0..world.restaurants.len()).filter(|&at| world.restaurants[at].city == city.id).collect();
    let restaurant = *dice.one(&near);
    let brand = world.restaurants[restaurant].brand;
    let menu: Vec<usize> = (0..world.menu.len())
        .filter(|&item| world.menu[item].brand == brand && world.menu[item].country == city.country)
        .collect();
    let mains: Vec<usize> = menu.iter().copied().filter(|&item| dish_of(item).category == Category::Main).collect();
    Habit {
        minutes_between: dice.weighted(&frequency, |(_, share)| *share).0,
        weekday: *dice.one(&WEEK),
        hour: dice.weighted(&HOURS, |(_, weight)| *weight).0,
        restaurant,
        menu,
        favourites: (0..dice.between(1, 3)).map(|_| *dice.one(&mains)).collect(),
        avoids: if dice.chance(28) { Some(dice.one(&AVOIDED)) } else { None },
    }
}

/// The dish that stands at a place of the world's menu.
pub(super) fn dish_of(item: usize) -> &'static Dish {
    &DISHES[item % DISHES.len()]
}

/// Something that people ask to leave out, and how they say it.
pub(super) struct Avoided {
    pub(super) ingredient: &'static str,
    ru: &'static str,
    kk: &'static str,
    uz: &'static str,
    en: &'static str,
}

#[rustfmt::skip]
static AVOIDED: [Avoided; 8] = [
    Avoided { ingredient: "sesame", ru: "кунжута", kk: "Күнжіт", uz: "Kunjut", en: "sesame" },
    Avoided { ingredient: "onion", ru: "лука", kk: "Пияз", uz: "Piyoz", en: "onion" },
    Avoided { ingredient: "coriander", ru: "кинзы", kk: "Кинза", uz: "Kashnich", en: "coriander" },
    Avoided { ingredient: "mayonnaise", ru: "майонеза", kk: "Майонез", uz: "Mayonez", en: "mayonnaise" },
    Avoided { ingredient: "garlic", ru: "чеснока", kk: "Сарымсақ", uz: "Sarimsoq", en: "garlic" },
    Avoided { ingredient: "mushrooms", ru: "грибов", kk: "Саңырауқұлақ", uz: "Qoʻziqorin", en: "mushrooms" },
    Avoided { ingredient: "peanut", ru: "арахиса", kk: "Жержаңғақ", uz: "Yeryongʻoq", en: "peanuts" },
    Avoided { ingredient: "chilli", ru: "острого перца", kk: "Ащы бұрыш", uz: "Achchiq qalampir", en: "chilli" },
];

pub(super) fn leave_out(avoided: &Avoided, language: Language) -> String {
    match language {
        Language::Ru => format!("Без {}", avoided.ru),
        Language::Kk => format!("{} қоспаңыз", avoided.kk),
        Language::Uz => format!("{} solmang", avoided.uz),
        Language::En => format!("No {}, please", avoided.en),
    }
}

/// A wish that is about the whole order.
pub(super) fn word_to_courier(dice: &mut Dice, language: Language) -> &'static str {
    let words: &[&str] = match language {
        Language::Ru => &[
            "Не звоните в дверь, спит ребёнок",
            "Позвоните за десять минут",
            "Домофон не работает, наберите меня",
            "Оставьте у двери",
            "Приборы на четверых, пожалуйста",
            "Сдача с пяти тысяч",
            "Въезд во двор со стороны школы",
        ],
        Language::Kk => &[
            "Есікті қақпаңыз, бала ұйықтап жатыр",
            "Он минут бұрын қоңырау шалыңыз",
            "Есік алдына қалдырыңыз",
            "Домофон істемейді, телефонға хабарласыңыз",
            "Аспапты төрт адамға салыңызшы",
        ],
        Language::Uz => &[
            "Eshikni taqillatmang, bola uxlayapti",
            "Oʻn daqiqa oldin qoʻngʻiroq qiling",
            "Eshik oldiga qoldiring",
            "Domofon ishlamaydi, telefon qiling",
            "Toʻrt kishilik anjom qoʻshing",
        ],
        Language::En => {
            &["Please leave it at the door", "Call me ten minutes before", "The intercom is broken, ring me"]
        }
    };
    words[usize::try_from(dice.between(0, words.len() as i64 - 1)).unwrap_or(0)]
}
