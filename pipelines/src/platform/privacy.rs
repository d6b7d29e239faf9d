//! Takes out of a text what points at a person: phones, cards, e-mail addresses, postal addresses.
//!
//! For logs, stored errors and exports. When in doubt it masks: a number too many is a smaller harm than a phone in a
//! log. Names cannot be told from other words and are not the business of this module: no log or error holds text of
//! customers in the first place.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// `text` with every phone, card, e-mail address and postal address replaced by `[phone]`, `[card]`, `[e-mail]`,
/// `[address]`. Masking twice changes nothing more.
pub fn mask(text: &str) -> String {
    let text = E_MAIL.replace_all(text, "[e-mail]");
    let text = DIGITS.replace_all(&text, number);
    let text = replaced(&STREET_FIRST, &text);
    let text = replaced(&STREET_LAST, &text);
    replaced(&DOOR, &text).into_owned()
}

fn replaced<'a>(pattern: &Regex, text: &'a str) -> Cow<'a, str> {
    pattern.replace_all(text, "[address]")
}

/// Digits of a card: ISO/IEC 7812 allows up to 19; shorter than 13 are none in use.
const CARD: std::ops::RangeInclusive<usize> = 13..=19;

/// Digits of a phone: E.164 allows up to 15; 9 without the country's code in Uzbekistan.
const PHONE_DIGITS: usize = 9;

fn number(found: &Captures<'_>) -> String {
    let written = &found[0];
    let digits = written.chars().filter(|character| character.is_numeric()).count();
    if CARD.contains(&digits) && !written.starts_with('+') {
        "[card]".to_owned()
    } else if digits >= PHONE_DIGITS || LOCAL_PHONE.is_match(written) {
        "[phone]".to_owned()
    } else {
        written.to_owned()
    }
}

fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the patterns of this file are correct: the tests use each")
}

static E_MAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+"));

/// Digits with at most three other signs between two of them, as people write numbers.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\+?\(?\p{Nd}(?:[\s.\-\u{2010}-\u{2015}()/_]{0,3}\p{Nd})*"));

/// A number of the own city, in the way it is spelt: 234-56-78.
static LOCAL_PHONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\p{Nd}{3}[\s\-\u{2010}-\u{2015}]\p{Nd}{2}[\s\-\u{2010}-\u{2015}]\p{Nd}{2}$"));

/// Kind of street, then its name: ul. Lenina 5.
static STREET_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:ул(?:\.|иц[аыеуой]{1,2})|пр-?к?т\.?|просп(?:\.|ект[аеу]?)|пер(?:\.|еул[а-я]+)|бул(?:\.|ьвар[аеу]?)|",
        r"б-р|ш(?:\.|оссе)|наб(?:\.|ережн[а-я]+)|площад[ьи]|мкр\.?|микрорайон[аеу]?|мөлтек\s?ауданы?|",
        r"ko['ʻ‘’`]?chasi|кўчаси|street|st\.|avenue|ave\.)",
        r"\s*(?:[\p{L}\-.]+\s+){0,4}?[\p{L}\-.]*[\s,]*(?:д(?:\.|ом[а-я]*)\s*|үй\s*|uy\s*)?\d+\p{L}?(?:/\d+)?",
    ))
});

/// Name of a street, then its kind: Abai koshesi 12, Amir Temur ko'chasi 5, 10 Downing Street.
static STREET_LAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b\d+\p{L}?,?\s+)?(?:[\p{L}\-.'ʻ‘’`]+\s+){1,3}?",
        r"(?:көшесі(?:нде|не)?|көш\.|даңғылы(?:нда)?|ko['ʻ‘’`]?chasi(?:da)?|кўчаси|шоh?кўчаси|street\b|avenue\b|road\b)",
        r"(?:[\s,]*(?:үй|uy|уй|д\.|дом)?\s*№?\s*\d+\p{L}?(?:/\d+)?)?",
    ))
});

/// House, entrance, floor, flat, code of the door.
static DOOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:д\.|дом(?:а|у|е)?|корп(?:\.|ус[аеу]?)|стр(?:\.|оени[еяю])|кв(?:\.|артир[аыуе])|под(?:\.|ъезд[аеу]?)|",
        r"эт(?:\.|аж[аеу]?)|домофон|код двери|оф(?:\.|ис[аеу]?)|үй|пәтер|подъезд|xonadon|kvartira|уй|квартираси|",
        r"apt\.?|flat|apartment|entrance|floor|door code)",
        r"\s*[:№#]?\s*\d+\p{L}?(?:[/\-]\d+)?(?:\s*,)?",
    ))
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_points_at_a_person_is_taken_out() {
        for (written, masked) in [
            ("звоните +7 (900) 123-05-63 вечером", "звоните [phone] вечером"),
            ("8 900 123 05 63", "[phone]"),
            ("нөмірім 87011234567", "нөмірім [phone]"),
            ("90 123 45 67 raqamim", "[phone] raqamim"),
            ("домашний 234-56-78", "домашний [phone]"),
            ("карта 4276 3800 1234 5678.", "карта [card]."),
            ("8600-1234-5678-9012", "[card]"),
            ("пишите на Ivan.Petrov+eda@mail.ru!", "пишите на [e-mail]!"),
            ("почта иван@почта.рф", "почта [e-mail]"),
            ("привезите на ул. Большая Садовая, 5 пожалуйста", "привезите на [address] пожалуйста"),
            ("улица Ленина дом 12", "[address]"),
            ("проспект Мира 101а", "[address]"),
            ("кв. 17", "[address]"),
            ("квартира 17", "[address]"),
            ("подъезд 3", "[address]"),
        ] {
            assert_eq!(mask(written), masked, "{written}");
        }
    }

    #[test]
    fn streets_in_other_languages_are_taken_out() {
        for written in [
            "Абай көшесі 12",
            "Amir Temur ko'chasi 5",
            "Amir Temur koʻchasi, 5",
            "Навоий кўчаси 7",
            "10 Downing Street",
        ] {
            let masked = mask(written);
            assert!(masked.contains("[address]") && !masked.chars().any(char::is_numeric), "{written}: {masked}");
        }
    }

    #[test]
    fn what_does_not_is_left_alone() {
        for text in [
            "Где мой заказ 48213? Жду уже 40 минут",
            "пицца 33 см за 1 290 ₽",
            "125 000 so'm",
            "в 18:30, 2 роллы и 3 колы",
            "улыбнитесь, дома всё хорошо",
            "рақмет, бәрі жақсы",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    /// A number with signs between its digits, as people write it.
    fn written(digits: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
        let group = ("[0-9]", prop::sample::select(vec!["", "", "", " ", "-", ".", " - ", "\u{a0}", ") "]));
        prop::collection::vec(group, digits).prop_map(|groups| {
            let text: String = groups.iter().map(|(digit, between)| format!("{digit}{between}")).collect();
            text.trim_end_matches(|sign: char| !sign.is_ascii_digit()).to_owned()
        })
    }

    fn digits(text: &str) -> usize {
        text.chars().filter(char::is_ascii_digit).count()
    }

    proptest! {
        #[test]
        fn no_phone_or_card_survives(before in "[а-яa-z ]{0,20}", number in written(9..=19), after in "[ а-яa-z.!]{0,20}") {
            prop_assert_eq!(digits(&mask(&format!("{before} {number} {after}"))), 0);
        }

        #[test]
        fn no_e_mail_survives(user in "[a-zа-я0-9._]{1,20}", host in "[a-z0-9]{1,12}", top in "[a-z]{2,6}", around in "[ а-я,]{0,9}") {
            let masked = mask(&format!("{around}{user}@{host}.{top}{around}"));
            prop_assert!(!masked.contains('@'), "{}", masked);
        }

        #[test]
        fn masking_twice_changes_nothing_more(text in "\\PC{0,200}") {
            let once = mask(&text);
            prop_assert_eq!(mask(&once), once);
        }

        #[test]
        fn words_without_digits_and_signs_are_left_alone(text in "[а-яёА-ЯЁ]{1,9}( [а-яё]{1,9}){0,6}") {
            prop_assume!(!text.to_lowercase().contains("часи"));
            prop_assert_eq!(mask(&text), text);
        }
    }
}
