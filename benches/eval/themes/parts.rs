//! Narrow matters within the labelled topics, by the words that give them away.

use models::taxonomy::Topic::{self, *};

/// A name, the topics it lies in, and its words in small letters.
pub(crate) type Part = (&'static str, &'static [Topic], &'static [&'static str]);

pub(crate) const PARTS: &[Part] = &[
    (
        "insects in food",
        &[FoodSafety],
        &[
            "таракан",
            "тарақан",
            "tarakan",
            "cockroach",
            "муха",
            "мухи",
            "муху",
            "жук",
            "шыбын",
            "pashsha",
            "insect",
            "hasharot",
            "құрт",
            "червя",
            "qurt",
            "worm",
        ],
    ),
    ("glass in food", &[FoodSafety], &["стекл", "шыны", "shisha", "glass", "шиша"]),
    ("the courier smoked", &[Courier], &["курит", "курил", "сигарет", "chekib", "sigaret", "smok", "темекі", "шылым"]),
    (
        "birthday discount",
        &[Promotions],
        &["день рожд", "дня рожд", "дню рожд", "туған күн", "tug'ilgan kun", "birthday", "туғилган"],
    ),
    ("change in cash", &[PaymentMethods, Courier, Payment], &["сдач", "қайтарым", "qaytim", "change for", "қайтим"]),
    ("halal", &[Allergens], &["халял", "халал", "halal", "ҳалол", "halol"]),
    ("gluten", &[Allergens, FoodSafety, WrongItem], &["глютен", "gluten", "глутен"]),
    ("gift certificates", &[PaymentMethods], &["сертификат", "certificate", "sertifikat", "gift card"]),
    (
        "nuts that made ill",
        &[FoodSafety],
        &["арахис", "peanut", "жержаңғақ", "yeryong", "жер жаңғақ", "орех", "жаңғақ", "yong'oq"],
    ),
    (
        "parking",
        &[HoursLocation],
        &["парков", "parking", "тұрақ бар", "avtoturar", "көлік қоя", "машина қоя", "паркинг"],
    ),
];
