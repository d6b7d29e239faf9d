use proptest::prelude::*;

use super::*;

fn menu() -> MenuWords {
    use EntityType::{Dish, Ingredient};
    let names = [
        ("Сет «Самурай»", Dish),
        ("Мисо суп", Dish),
        ("Пицца «Маргарита»", Dish),
        ("Филадельфия", Dish),
        ("Плов с говядиной", Dish),
        ("Лағман", Dish),
        ("Lavash", Dish),
        ("кунжут", Ingredient),
        ("арахис", Ingredient),
        ("лук", Ingredient),
    ];
    MenuWords::new(names.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect())
}

fn found(text: &str) -> Vec<(EntityType, String)> {
    by_rules(text, &menu()).into_iter().map(|e| (e.kind, e.text)).collect()
}

#[track_caller]
fn check(text: &str, expected: &[(EntityType, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect();
    assert_eq!(found(text), expected, "in {text:?}");
}

#[test]
fn phones_in_digits_and_words() {
    use EntityType::Phone;
    check("перезвоните на +7 900 000-14-52 пожалуйста", &[(Phone, "+7 900 000-14-52")]);
    check("мой 89000004518", &[(Phone, "89000004518")]);
    check("raqamim +998 90 000 14 27", &[(Phone, "+998 90 000 14 27")]);
    check(
        "номер восемь девятьсот ноль ноль ноль двадцать два тридцать один",
        &[(Phone, "восемь девятьсот ноль ноль ноль двадцать два тридцать один")],
    );
    check("to'qson nol nol nol oltmish bir o'n ikki", &[(Phone, "to'qson nol nol nol oltmish bir o'n ikki")]);
}

#[test]
fn order_numbers_in_digits_and_words() {
    use EntityType::OrderNumber;
    check("где заказ 48213", &[(OrderNumber, "48213")]);
    check("заказ номер 9981 не приехал", &[(OrderNumber, "9981")]);
    check("тапсырыс қырық екі он жеті", &[(OrderNumber, "қырық екі он жеті")]);
    check("по заказу сорок два девятнадцать", &[(OrderNumber, "сорок два девятнадцать")]);
    check("order four four oh nine is late", &[(OrderNumber, "four four oh nine")]);
    check("77120 где?", &[(OrderNumber, "77120")]);
    check("заказ на 5000 рублей", &[(EntityType::Money, "5000 рублей")]);
}

#[test]
fn money_in_digits_and_words() {
    use EntityType::Money;
    check("списали 2 780 руб дважды", &[(Money, "2 780 руб")]);
    check("верните 1 990 ₽", &[(Money, "1 990 ₽")]);
    check("сдача с 5000 р", &[(Money, "5000 р")]);
    check("тысяча четыреста за роллы", &[(Money, "тысяча четыреста")]);
    check("двести рублей не вернули", &[(Money, "двести рублей")]);
    check("12 300 теңгені қайтарыңыз", &[(Money, "12 300 теңгені")]);
    check("145 ming yechildi", &[(Money, "145 ming")]);
    check("42 000 so‘m", &[(Money, "42 000 so‘m")]);
    check("it cost $500", &[(Money, "$500")]);
    check("it cost 20,000 tenge, not 1,500", &[(Money, "20,000 tenge"), (Money, "1,500")]);
    check("закажу на 20к", &[(Money, "20к")]);
}

#[test]
fn a_tagged_sum_is_whole_and_ends_with_its_currency() {
    let sum = |text: &str, tag: &str, language: Language| {
        let start = text.split(tag).next().map_or(0, |before| before.chars().count()) as u32;
        let end = start + tag.chars().count() as u32;
        let tagged = Entity { kind: EntityType::Money, text: tag.to_owned(), start, end };
        let found = find(text, language, &MenuWords::default(), vec![tagged]);
        let money: Vec<String> = found.into_iter().filter(|e| e.kind == EntityType::Money).map(|e| e.text).collect();
        money.join("|")
    };
    assert_eq!(sum("Бар, 1,5 кг 11 900 ₸.", "11 900", Language::Kk), "11 900 ₸");
    assert_eq!(sum("MEKTEP12 қосылды: 43 472 тг.", "43", Language::Kk), "43 472 тг");
    assert_eq!(sum("3 000 ₸-ден, 8 000 ₸ тегін", "3 000 ₸-ден", Language::Kk), "3 000 ₸|8 000 ₸");
    assert_eq!(sum("Бар, 0.5 л 850 ₸", "0.5 л 850 ₸", Language::Kk), "850 ₸");
    assert_eq!(sum("38 000 сўмни қайтарайликми", "38 000 сўм", Language::Uz), "38 000 сўм");
    assert_eq!(sum("0.5 l 42 000 so‘m", "0.5 l 42 000 so‘m", Language::Uz), "42 000 so‘m");
    assert_eq!(sum("debited for 312,000 sum", "312,000 sum", Language::En), "312,000 sum");
    // What the rules know less of stays as it is tagged.
    assert_eq!(sum("it was 1.250 ₸", "1.250 ₸", Language::En), "1.250 ₸");
    assert_eq!(sum("спишем 1 375 бонусов", "1 375 бонусов", Language::Ru), "1 375 бонусов");
    assert_eq!(sum("верните пятьсот", "пятьсот", Language::Ru), "пятьсот");
}

#[test]
fn durations() {
    use EntityType::Duration;
    check("жду полтора часа", &[(Duration, "полтора часа")]);
    check("жду уже час сорок", &[(Duration, "час сорок")]);
    check("опоздали на 1 час 20 минут", &[(Duration, "1 час 20 минут")]);
    check("через минут десять", &[(Duration, "минут десять")]);
    check("бір жарым сағат күттім", &[(Duration, "бір жарым сағат")]);
    check("yarim soatdan beri", &[(Duration, "yarim soatdan")]);
    check("waiting for an hour and a half", &[(Duration, "an hour and a half")]);
    check("25 mins late", &[(Duration, "25 mins")]);
}

#[test]
fn moments() {
    use EntityType::Datetime;
    check("обещали к 19:30", &[(Datetime, "19:30")]);
    check("вчера вечером заказывали", &[(Datetime, "вчера вечером")]);
    check("столик на 12 ноября", &[(Datetime, "12 ноября")]);
    check("в семь вечера", &[(Datetime, "семь вечера")]);
    check("ertaga kechqurun", &[(Datetime, "ertaga kechqurun")]);
    check("soat 18:45 da keldi", &[(Datetime, "soat 18:45 da")]);
    check("9-noyabr kuni", &[(Datetime, "9-noyabr")]);
    check("сағат тоғызда", &[(Datetime, "сағат тоғызда")]);
    check("the middle size, среднюю пожалуйста", &[]);
}

#[test]
fn promo_codes_and_persons() {
    use EntityType::{Person, PromoCode};
    check("SUSHI15 не работает", &[(PromoCode, "SUSHI15")]);
    check("промокод ROLLGIFT не применился", &[(PromoCode, "ROLLGIFT")]);
    check("промокод вок тридцать", &[(PromoCode, "вок тридцать")]);
    check("меня зовут Нина Ивановна", &[(Person, "Нина Ивановна")]);
    check("mening ismim Ulug‘bek", &[(Person, "Ulug‘bek")]);
    check("как его зовут не знаю", &[]);
}

#[test]
fn dishes_inflected_and_misspelt() {
    use EntityType::{Dish, Ingredient};
    check("хочу сет самурай и два мисо супа", &[(Dish, "сет самурай"), (Dish, "мисо супа")]);
    check("маргариту без лука", &[(Dish, "маргариту"), (Ingredient, "лука")]);
    check("филодельфию пожалуйста", &[(Dish, "филодельфию")]);
    check("плов говядиной", &[(Dish, "плов говядиной")]);
    check("аллергия на арахис", &[(Ingredient, "арахис")]);
    check("ikkita lavashni obering", &[(Dish, "lavashni")]);
}

#[test]
fn odd_texts_have_no_entities() {
    for text in ["", " ", "😡🤡", "\u{200b}\u{200d}\u{feff}", "...", "\u{301}"] {
        check(text, &[]);
    }
    assert!(found(&"а".repeat(100_000)).is_empty());
    assert!(!found(&"заказ 48213 ".repeat(10_000)).is_empty());
}

#[test]
fn offsets_count_characters() {
    let all = by_rules("😡 ұзақ: тапсырыс 48213", &MenuWords::default());
    assert_eq!((all[0].start, all[0].end, all[0].text.as_str()), (17, 22, "48213"));
}

fn is_a_slice(text: &str, entity: &Entity) -> bool {
    let slice: String = text.chars().skip(entity.start as usize).take((entity.end - entity.start) as usize).collect();
    entity.start < entity.end && slice == entity.text
}

proptest! {
    #[test]
    fn any_text_is_read_and_entities_are_its_slices(text in "\\PC{0,200}") {
        let all = by_rules(&text, &menu());
        prop_assert!(all.iter().all(|e| is_a_slice(&text, e)));
        prop_assert!(all.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }

    #[test]
    fn talk_like_text_is_read_too(words in prop::collection::vec(prop::sample::select(vec![
        "заказ", "48213", "+7", "900", "000", "рублей", "час", "сорок", "минут", "в", "семь", "вечера", "12", "ноября",
        "промокод", "ROLL50", "меня", "зовут", "Нина", "soat", "18:45", "da", "ming", "-", ":", "\u{200b}", "😡", "O‘n",
        "плюс", "девятьсот", "ноль", "тысяча", "миллион", "999999999", "İ", "ß", "сет", "самурай", "к", "₽",
    ]), 0..40), gap in prop::sample::select(vec![" ", "", ", ", "\n"])) {
        let text = words.join(gap);
        let all = by_rules(&text, &menu());
        prop_assert!(all.iter().all(|e| is_a_slice(&text, e)));
        prop_assert!(all.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
}
