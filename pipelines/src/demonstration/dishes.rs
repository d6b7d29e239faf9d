//! What the brands cook: the menus of all countries, before prices are put into a currency.

use crate::customers::Country;
use crate::orders::{Currency, Money};

pub(super) struct Dish {
    /// Index into the brands.
    pub(super) brand: usize,
    pub(super) category: Category,
    ru: &'static str,
    kk: &'static str,
    uz: &'static str,
    /// In roubles; other countries pay by the factor of their currency.
    roubles: i64,
    pub(super) grams: u32,
    pub(super) ingredients: &'static [&'static str],
}

/// A heading of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Main,
    Set,
    Soup,
    Side,
    Dessert,
    Drink,
}

impl Dish {
    pub(super) fn name(&self, country: Country) -> &'static str {
        match country {
            Country::Russia => self.ru,
            Country::Kazakhstan => self.kk,
            Country::Uzbekistan => self.uz,
        }
    }

    /// The price as it would stand on a menu: 9 roubles at the end, whole fifties of tenge, whole thousands of sums.
    pub(super) fn price(&self, country: Country) -> Money {
        let units = match country {
            Country::Russia => self.roubles,
            Country::Kazakhstan => self.roubles * 11 / 2 / 50 * 50 + 40,
            Country::Uzbekistan => self.roubles * 135 / 1_000 * 1_000,
        };
        Money::new(units * 100, Currency::of(country))
    }
}

impl Category {
    pub(super) fn name(self, country: Country) -> &'static str {
        let [ru, kk, uz] = match self {
            Self::Main => ["Основное", "Негізгі тағамдар", "Asosiy taomlar"],
            Self::Set => ["Сеты", "Сеттер", "Setlar"],
            Self::Soup => ["Супы", "Сорпалар", "Shoʻrvalar"],
            Self::Side => ["Салаты и закуски", "Салаттар мен тіскебасар", "Salat va gazaklar"],
            Self::Dessert => ["Десерты", "Тәттілер", "Shirinliklar"],
            Self::Drink => ["Напитки", "Сусындар", "Ichimliklar"],
        };
        match country {
            Country::Russia => ru,
            Country::Kazakhstan => kk,
            Country::Uzbekistan => uz,
        }
    }
}

use Category::{Dessert, Drink, Main, Set, Side, Soup};

#[allow(clippy::too_many_arguments, reason = "a row of the table below")]
const fn dish(
    brand: usize,
    category: Category,
    ru: &'static str,
    kk: &'static str,
    uz: &'static str,
    roubles: i64,
    grams: u32,
    ingredients: &'static [&'static str],
) -> Dish {
    Dish { brand, category, ru, kk, uz, roubles, grams, ingredients }
}

#[rustfmt::skip]
pub(super) static DISHES: [Dish; 62] = [
    dish(0, Main, "Ролл «Филадельфия»", "«Филадельфия» роллы", "«Filadelfiya» rolli", 589, 270, &["rice", "nori", "salmon", "cream_cheese", "cucumber"]),
    dish(0, Main, "Ролл «Калифорния» с крабом", "Шаян қосылған «Калифорния» роллы", "Qisqichbaqali «Kaliforniya» rolli", 469, 250, &["rice", "nori", "crab", "avocado", "caviar", "mayonnaise"]),
    dish(0, Main, "Ролл «Зелёный дракон»", "«Жасыл айдаһар» роллы", "«Yashil ajdar» rolli", 549, 260, &["rice", "nori", "eel", "avocado", "cucumber", "sesame", "unagi_sauce"]),
    dish(0, Main, "Ролл «Аляска»", "«Аляска» роллы", "«Alyaska» rolli", 499, 245, &["rice", "nori", "salmon", "cucumber", "sesame"]),
    dish(0, Main, "Ролл «Канада» с угрём", "Жыланбалық қосылған «Канада» роллы", "Ilonbaliqli «Kanada» rolli", 619, 265, &["rice", "nori", "eel", "salmon", "cream_cheese", "unagi_sauce", "sesame"]),
    dish(0, Main, "Запечённый ролл с курицей", "Тауық еті қосылған пісірілген ролл", "Tovuqli pishirilgan roll", 419, 280, &["rice", "nori", "chicken", "cream_cheese", "mayonnaise", "teriyaki"]),
    dish(0, Main, "Темпура-ролл с креветкой", "Асшаян қосылған темпура ролл", "Krevetkali tempura roll", 529, 275, &["rice", "nori", "shrimp", "flour", "egg", "cream_cheese"]),
    dish(0, Main, "Маки с огурцом", "Қиярлы маки", "Bodringli maki", 189, 120, &["rice", "nori", "cucumber", "sesame"]),
    dish(0, Main, "Маки с тунцом", "Тунецті маки", "Tunesli maki", 289, 120, &["rice", "nori", "tuna"]),
    dish(0, Main, "Поке с лососем", "Лосось қосылған поке", "Lososli poke", 559, 340, &["rice", "salmon", "avocado", "carrot", "sesame", "soy_sauce"]),
    dish(0, Main, "Поке с тофу", "Тофу қосылған поке", "Tofuli poke", 429, 330, &["rice", "tofu", "avocado", "carrot", "cashew", "soy_sauce"]),
    dish(0, Set, "Сет «Для двоих», 24 шт.", "«Екеуге» сеті, 24 дана", "«Ikki kishilik» set, 24 dona", 1_290, 760, &["rice", "nori", "salmon", "cream_cheese", "cucumber", "crab", "avocado"]),
    dish(0, Set, "Сет «Семейный», 40 шт.", "«Отбасылық» сеті, 40 дана", "«Oilaviy» set, 40 dona", 2_190, 1_280, &["rice", "nori", "salmon", "tuna", "cream_cheese", "cucumber", "sesame"]),
    dish(0, Set, "Сет «Горячий», 24 шт.", "«Ыстық» сеті, 24 дана", "«Issiq» set, 24 dona", 1_390, 800, &["rice", "nori", "chicken", "shrimp", "cream_cheese", "mayonnaise", "flour"]),
    dish(0, Soup, "Мисо-суп", "Мисо көжесі", "Miso shoʻrva", 189, 250, &["tofu", "soy_sauce", "spring_onion"]),
    dish(0, Soup, "Том ям с креветкой", "Асшаян қосылған том ям", "Krevetkali tom yam", 499, 350, &["shrimp", "mushrooms", "coconut", "chilli", "coriander", "tomato"]),
    dish(0, Side, "Чука с ореховым соусом", "Жаңғақ тұздығы қосылған чука", "Yongʻoq sousli chuka", 259, 130, &["peanut", "sesame", "soy_sauce"]),
    dish(0, Side, "Имбирь и васаби", "Имбирь мен васаби", "Zanjabil va vasabi", 59, 40, &["ginger", "mustard"]),
    dish(0, Dessert, "Моти манго", "Манго қосылған моти", "Mangoli moti", 169, 60, &["rice", "cream_cheese", "sugar"]),
    dish(0, Drink, "Облепиховый морс", "Шырғанақ морсы", "Chakanda morsi", 149, 400, &["sugar"]),

    dish(1, Main, "Вок с курицей терияки", "Терияки тауық еті қосылған вок", "Teriyaki tovuqli vok", 389, 350, &["noodles", "chicken", "teriyaki", "carrot", "pepper", "sesame"]),
    dish(1, Main, "Вок с говядиной", "Сиыр еті қосылған вок", "Mol goʻshtli vok", 449, 350, &["noodles", "beef", "soy_sauce", "pepper", "onion", "sesame"]),
    dish(1, Main, "Вок с морепродуктами", "Теңіз өнімдері қосылған вок", "Dengiz mahsulotli vok", 529, 350, &["rice_noodles", "shrimp", "squid", "mussels", "soy_sauce", "garlic"]),
    dish(1, Main, "Вок овощной с тофу", "Тофу мен көкөніс қосылған вок", "Tofu va sabzavotli vok", 349, 350, &["rice_noodles", "tofu", "carrot", "pepper", "mushrooms", "soy_sauce"]),
    dish(1, Main, "Удон с курицей и грибами", "Тауық еті мен саңырауқұлақ қосылған удон", "Tovuq va qoʻziqorinli udon", 399, 360, &["noodles", "chicken", "mushrooms", "cream", "soy_sauce"]),
    dish(1, Main, "Пад-тай с креветкой", "Асшаян қосылған пад-тай", "Krevetkali pad-tay", 479, 350, &["rice_noodles", "shrimp", "egg", "peanut", "soy_sauce", "coriander"]),
    dish(1, Main, "Рис с курицей карри", "Карри тауық еті қосылған күріш", "Kari tovuqli guruch", 379, 360, &["rice", "chicken", "coconut", "onion", "garlic"]),
    dish(1, Main, "Лапша лагман с говядиной", "Сиыр еті қосылған лағман", "Mol goʻshtli lagʻmon", 429, 400, &["noodles", "beef", "pepper", "tomato", "celery", "garlic"]),
    dish(1, Set, "Комбо «Обед вока»", "«Вок түскі асы» комбосы", "«Vok tushligi» kombosi", 549, 750, &["noodles", "chicken", "teriyaki", "sesame", "sugar"]),
    dish(1, Soup, "Рамен с курицей", "Тауық еті қосылған рамен", "Tovuqli ramen", 429, 450, &["noodles", "chicken", "egg", "soy_sauce", "spring_onion", "nori"]),
    dish(1, Soup, "Рамен с говядиной", "Сиыр еті қосылған рамен", "Mol goʻshtli ramen", 479, 450, &["noodles", "beef", "egg", "soy_sauce", "spring_onion", "chilli"]),
    dish(1, Soup, "Том ям с курицей", "Тауық еті қосылған том ям", "Tovuqli tom yam", 429, 350, &["chicken", "mushrooms", "coconut", "chilli", "coriander"]),
    dish(1, Side, "Спринг-роллы с овощами", "Көкөніс қосылған спринг-ролл", "Sabzavotli spring-roll", 229, 160, &["flour", "carrot", "mushrooms", "soy_sauce"]),
    dish(1, Side, "Крылышки в остром соусе", "Ащы тұздықтағы қанатшалар", "Achchiq sousli qanotchalar", 359, 260, &["chicken", "chilli", "garlic", "sugar"]),
    dish(1, Side, "Салат с хрустящими баклажанами", "Қытырлақ баялды салаты", "Qarsildoq baqlajonli salat", 349, 230, &["tomato", "coriander", "sesame", "soy_sauce"]),
    dish(1, Side, "Кисло-сладкий соус", "Қышқыл-тәтті тұздық", "Nordon-shirin sous", 49, 40, &["tomato", "sugar"]),
    dish(1, Dessert, "Чизкейк «Нью-Йорк»", "«Нью-Йорк» чизкейгі", "«Nyu-York» chizkeyki", 259, 120, &["cream_cheese", "egg", "butter", "flour", "sugar"]),
    dish(1, Drink, "Зелёный чай с жасмином", "Жасмин қосылған көк шай", "Yasminli koʻk choy", 129, 400, &[]),
    dish(1, Drink, "Лимонад имбирный", "Имбирь лимонады", "Zanjabilli limonad", 179, 400, &["ginger", "sugar"]),

    dish(2, Main, "Пицца «Маргарита»", "«Маргарита» пиццасы", "«Margarita» pitsasi", 479, 480, &["flour", "mozzarella", "tomato", "basil"]),
    dish(2, Main, "Пицца «Пепперони»", "«Пепперони» пиццасы", "«Pepperoni» pitsasi", 589, 520, &["flour", "mozzarella", "tomato", "beef"]),
    dish(2, Main, "Пицца «Четыре сыра»", "«Төрт ірімшік» пиццасы", "«Toʻrt pishloq» pitsasi", 629, 500, &["flour", "mozzarella", "parmesan", "cream_cheese", "cream"]),
    dish(2, Main, "Пицца с курицей и грибами", "Тауық еті мен саңырауқұлақ қосылған пицца", "Tovuq va qoʻziqorinli pitsa", 569, 540, &["flour", "mozzarella", "chicken", "mushrooms", "cream"]),
    dish(2, Main, "Плов с бараниной", "Қой еті қосылған палау", "Qoʻy goʻshtli osh", 419, 400, &["rice", "lamb", "carrot", "onion"]),
    dish(2, Main, "Бешбармак с казы", "Қазы қосылған ет", "Qazili beshbarmoq", 659, 450, &["noodles", "horse", "beef", "onion"]),
    dish(2, Main, "Манты с говядиной, 5 шт.", "Сиыр еті қосылған манты, 5 дана", "Mol goʻshtli manti, 5 dona", 389, 350, &["flour", "beef", "onion", "sour_cream"]),
    dish(2, Main, "Шашлык из курицы", "Тауық еті кәуабы", "Tovuq shashlik", 399, 250, &["chicken", "onion", "garlic"]),
    dish(2, Main, "Котлета с картофельным пюре", "Картоп езбесі қосылған котлет", "Kartoshka pyuresi bilan kotlet", 359, 320, &["beef", "egg", "butter", "onion"]),
    dish(2, Set, "Комбо «Пицца и лимонад»", "«Пицца мен лимонад» комбосы", "«Pitsa va limonad» kombosi", 749, 1_300, &["flour", "mozzarella", "tomato", "sugar"]),
    dish(2, Set, "Набор на компанию: три пиццы", "Достарға арналған үш пицца", "Doʻstlar uchun uch pitsa", 1_549, 1_500, &["flour", "mozzarella", "tomato", "beef", "chicken", "mushrooms"]),
    dish(2, Soup, "Борщ со сметаной", "Қаймақ қосылған борщ", "Smetanali borsh", 279, 350, &["beef", "tomato", "carrot", "onion", "sour_cream", "dill"]),
    dish(2, Soup, "Куриный суп с лапшой", "Кеспе қосылған тауық сорпасы", "Lagʻmonli tovuq shoʻrva", 249, 350, &["chicken", "noodles", "carrot", "celery", "dill"]),
    dish(2, Soup, "Грибной крем-суп", "Саңырауқұлақ крем-сорпасы", "Qoʻziqorinli krem-shoʻrva", 289, 300, &["mushrooms", "cream", "butter", "onion"]),
    dish(2, Side, "Салат «Цезарь» с курицей", "Тауық еті қосылған «Цезарь» салаты", "Tovuqli «Sezar» salati", 399, 240, &["chicken", "parmesan", "egg", "mustard", "flour"]),
    dish(2, Side, "Салат греческий", "Грек салаты", "Yunoncha salat", 349, 250, &["tomato", "cucumber", "pepper", "onion", "cream_cheese"]),
    dish(2, Side, "Самса с говядиной", "Сиыр еті қосылған самса", "Mol goʻshtli somsa", 139, 130, &["flour", "beef", "onion", "butter", "sesame"]),
    dish(2, Side, "Картофель фри", "Фри картобы", "Kartoshka fri", 179, 150, &[]),
    dish(2, Side, "Чесночный соус", "Сарымсақ тұздығы", "Sarimsoqli sous", 49, 40, &["garlic", "mayonnaise", "sour_cream"]),
    dish(2, Dessert, "Медовик", "Медовик", "Medovik", 239, 130, &["flour", "egg", "sour_cream", "sugar"]),
    dish(2, Dessert, "Йогурт с орехами и мёдом", "Жаңғақ пен бал қосылған йогурт", "Yongʻoq va asalli yogurt", 199, 180, &["yoghurt", "walnut"]),
    dish(2, Drink, "Компот вишнёвый", "Шие компоты", "Olcha kompoti", 119, 400, &["sugar"]),
    dish(2, Drink, "Айран", "Айран", "Ayron", 109, 300, &["yoghurt"]),
];
