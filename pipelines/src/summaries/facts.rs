//! What facts of a summary can be counted by: sums of money in minor units.

use std::sync::LazyLock;

use regex::Regex;

use crate::orders::{Currency, Money};

/// Nobody is given ten billions: such a number was misheard or is a jest, and a few of them would overflow the figures.
const MOST_MINOR: i64 = 1_000_000_000_000;

/// The sum that an amount states, to the letter of some turn: `690 рублей`, `15 000 so'm`, `1,5 тыс. тенге`. None for
/// what names no currency of ours (points, percents), is written in words, or is beyond belief.
pub(super) fn money(amount: &str) -> Option<Money> {
    let amount = amount.to_lowercase();
    let found = SUM.captures(amount.trim())?;
    let word = &found["currency"];
    let (_, currency) = CURRENCIES.iter().find(|(start, _)| word.starts_with(start))?;
    let digits =
        GROUPED.is_match(&found["number"]).then(|| found["number"].replace([' ', '\u{a0}', '\u{202f}', '.', ','], ""));
    let sum = Money::parse(digits.as_deref().unwrap_or(&found["number"]), *currency).ok()?;
    let minor = if found.name("thousands").is_some() { sum.minor.checked_mul(1_000)? } else { sum.minor };
    (minor <= MOST_MINOR).then_some(Money { minor, ..sum })
}

/// Beginnings of the currencies' words.
const CURRENCIES: [(&str, Currency); 16] = [
    ("р", Currency::Rub),
    ("₽", Currency::Rub),
    ("rub", Currency::Rub),
    ("₸", Currency::Kzt),
    ("тг", Currency::Kzt),
    ("тнг", Currency::Kzt),
    ("тенге", Currency::Kzt),
    ("теңге", Currency::Kzt),
    ("tenge", Currency::Kzt),
    ("kzt", Currency::Kzt),
    ("сум", Currency::Uzs),
    ("сўм", Currency::Uzs),
    ("so", Currency::Uzs),
    ("sum", Currency::Uzs),
    ("swm", Currency::Uzs),
    ("uzs", Currency::Uzs),
];

fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the patterns of this file are correct: the tests use each")
}

static SUM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?P<number>\d[\d .,\u{a0}\u{202f}]*?)\s*(?P<thousands>(?:тыс\p{L}*\.?|ming\p{L}*|минг\p{L}*|мың\p{L}*|к|k)\s*)?",
        r"(?P<currency>р|руб\p{L}*|₽|rub\p{L}*|₸|тг|тнг|тенге\p{L}*|теңге\p{L}*|tenge\p{L}*|kzt|сум\p{L}*|сўм\p{L}*|",
        r"so['ʻʼ‘’`´]?m\p{L}*|sum\p{L}*|swm|uzs)\.?$",
    ))
});

/// Thousands set apart: three digits after a sign are no kopecks.
static GROUPED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\d{1,3}(?:[ .,\u{a0}\u{202f}]\d{3})+$"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_our_currencies_are_read_and_nothing_else_is() {
        let read = |text| money(text).map(|money| (money.minor, money.currency));
        for (text, minor, currency) in [
            ("690 рублей", 69_000, Currency::Rub),
            ("690р", 69_000, Currency::Rub),
            ("1 249,50 руб.", 124_950, Currency::Rub),
            ("2 500 ₽", 250_000, Currency::Rub),
            ("1,5 тысячи рублей", 150_000, Currency::Rub),
            ("4500 теңгені", 450_000, Currency::Kzt),
            ("2 тыс. тенге", 200_000, Currency::Kzt),
            ("3к тг", 300_000, Currency::Kzt),
            ("45.000 so'm", 4_500_000, Currency::Uzs),
            ("35 ming soʻm", 3_500_000, Currency::Uzs),
            ("45000 SO‘M", 4_500_000, Currency::Uzs),
            ("20 минг сўмлик", 2_000_000, Currency::Uzs),
        ] {
            assert_eq!(read(text), Some((minor, currency)), "{text}");
        }
        for other in [
            "",
            "500",
            "500 бонусов",
            "20%",
            "пятьсот рублей",
            "690 рублей и 100 бонусов",
            "5 долларов",
            "1.2.3 руб",
            "15 минут",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(read("999999999999999999999999999999 рублей"), None);
        assert_eq!(read("90000000000000000 рублей"), None, "two of them are no number of 64 bits");
        assert_eq!(read("90000000000000 тыс. рублей"), None);
        assert_eq!(read("10 000 000 000 рублей"), Some((1_000_000_000_000, Currency::Rub)));
    }
}
