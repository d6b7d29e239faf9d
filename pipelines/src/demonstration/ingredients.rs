//! What dishes are made of, in the language of each menu.

use crate::customers::Country;

pub(super) struct Ingredient {
    /// How dishes name it.
    pub(super) key: &'static str,
    ru: &'static str,
    kk: &'static str,
    uz: &'static str,
    /// As the EU's list of fourteen names it.
    pub(super) allergen: Option<&'static str>,
}

impl Ingredient {
    pub(super) fn name(&self, country: Country) -> &'static str {
        match country {
            Country::Russia => self.ru,
            Country::Kazakhstan => self.kk,
            Country::Uzbekistan => self.uz,
        }
    }
}

/// The ingredient of a key that a dish uses; a test walks all dishes.
pub(super) fn ingredient(key: &str) -> Option<&'static Ingredient> {
    INGREDIENTS.iter().find(|ingredient| ingredient.key == key)
}

const fn of(
    key: &'static str,
    ru: &'static str,
    kk: &'static str,
    uz: &'static str,
    allergen: &'static str,
) -> Ingredient {
    Ingredient { key, ru, kk, uz, allergen: if allergen.is_empty() { None } else { Some(allergen) } }
}

#[rustfmt::skip]
static INGREDIENTS: [Ingredient; 52] = [
    of("rice", "рис", "күріш", "guruch", ""),
    of("nori", "нори", "нори", "nori", ""),
    of("salmon", "лосось", "лосось", "losos", "fish"),
    of("tuna", "тунец", "тунец", "tunes", "fish"),
    of("eel", "угорь", "жыланбалық", "ilonbaliq", "fish"),
    of("caviar", "икра масаго", "масаго уылдырығы", "masago ikrasi", "fish"),
    of("shrimp", "креветка", "асшаян", "krevetka", "crustaceans"),
    of("crab", "краб-кани", "кани шаяны", "kani qisqichbaqasi", "crustaceans"),
    of("squid", "кальмар", "кальмар", "kalmar", "molluscs"),
    of("mussels", "мидии", "мидия", "midiya", "molluscs"),
    of("cream_cheese", "сливочный сыр", "кілегейлі ірімшік", "qaymoqli pishloq", "milk"),
    of("mozzarella", "моцарелла", "моцарелла", "mozzarella", "milk"),
    of("parmesan", "пармезан", "пармезан", "parmezan", "milk"),
    of("cream", "сливки", "кілегей", "qaymoq", "milk"),
    of("butter", "сливочное масло", "сары май", "sariyogʻ", "milk"),
    of("sour_cream", "сметана", "қаймақ", "smetana", "milk"),
    of("yoghurt", "йогурт", "йогурт", "yogurt", "milk"),
    of("avocado", "авокадо", "авокадо", "avokado", ""),
    of("cucumber", "огурец", "қияр", "bodring", ""),
    of("tomato", "помидор", "қызанақ", "pomidor", ""),
    of("pepper", "болгарский перец", "болгар бұрышы", "bolgar qalampiri", ""),
    of("carrot", "морковь", "сәбіз", "sabzi", ""),
    of("onion", "лук", "пияз", "piyoz", ""),
    of("spring_onion", "зелёный лук", "көк пияз", "koʻk piyoz", ""),
    of("garlic", "чеснок", "сарымсақ", "sarimsoq", ""),
    of("ginger", "имбирь", "имбирь", "zanjabil", ""),
    of("chilli", "перец чили", "чили бұрышы", "chili qalampiri", ""),
    of("coriander", "кинза", "кинза", "kashnich", ""),
    of("dill", "укроп", "аскөк", "shivit", ""),
    of("basil", "базилик", "райхан", "rayhon", ""),
    of("mushrooms", "шампиньоны", "саңырауқұлақ", "qoʻziqorin", ""),
    of("sesame", "кунжут", "күнжіт", "kunjut", "sesame"),
    of("peanut", "арахис", "жержаңғақ", "yeryongʻoq", "peanuts"),
    of("walnut", "грецкий орех", "грек жаңғағы", "yongʻoq", "nuts"),
    of("cashew", "кешью", "кешью", "keshyu", "nuts"),
    of("soy_sauce", "соевый соус", "соя тұздығы", "soya sousi", "soybeans"),
    of("teriyaki", "соус терияки", "терияки тұздығы", "teriyaki sousi", "soybeans"),
    of("unagi_sauce", "соус унаги", "унаги тұздығы", "unagi sousi", "soybeans"),
    of("tofu", "тофу", "тофу", "tofu", "soybeans"),
    of("egg", "яйцо", "жұмыртқа", "tuxum", "eggs"),
    of("mayonnaise", "майонез", "майонез", "mayonez", "eggs"),
    of("noodles", "пшеничная лапша", "бидай кеспесі", "bugʻdoy lagʻmoni", "gluten"),
    of("rice_noodles", "рисовая лапша", "күріш кеспесі", "guruch lagʻmoni", ""),
    of("flour", "пшеничная мука", "бидай ұны", "bugʻdoy uni", "gluten"),
    of("chicken", "курица", "тауық еті", "tovuq goʻshti", ""),
    of("beef", "говядина", "сиыр еті", "mol goʻshti", ""),
    of("lamb", "баранина", "қой еті", "qoʻy goʻshti", ""),
    of("horse", "казы", "қазы", "qazi", ""),
    of("coconut", "кокосовое молоко", "кокос сүті", "kokos suti", ""),
    of("mustard", "горчица", "қыша", "xantal", "mustard"),
    of("celery", "сельдерей", "балдыркөк", "selderey", "celery"),
    of("sugar", "сахар", "қант", "shakar", ""),
];
