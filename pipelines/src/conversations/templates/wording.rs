//! Sums, times and quantities in the words of a language.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use models::taxonomy::Language;

use crate::orders::{Currency, Money};

/// A sum as people write it: `1 570 ₽`, `1 570,50 ₽`, `45 000 soʻm`; minor units only where there are any.
pub(super) fn money(money: Money, language: Language) -> String {
    let (space, comma) = match language {
        Language::En => (',', '.'),
        Language::Ru | Language::Kk | Language::Uz => ('\u{a0}', ','),
    };
    let minor = money.minor.unsigned_abs();
    let mut sum = String::new();
    if money.minor < 0 {
        sum.push('−');
    }
    let whole = (minor / 100).to_string();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            sum.push(space);
        }
        sum.push(digit);
    }
    if !minor.is_multiple_of(100) {
        sum.push(comma);
        sum.push_str(&format!("{:02}", minor % 100));
    }
    format!("{sum}\u{a0}{}", sign(money.currency, language))
}

fn sign(currency: Currency, language: Language) -> &'static str {
    match (currency, language) {
        (Currency::Rub, _) => "₽",
        (Currency::Kzt, _) => "₸",
        (Currency::Uzs, Language::Uz) => "soʻm",
        (Currency::Uzs, Language::Ru | Language::Kk) => "сум",
        (Currency::Uzs, Language::En) => "soum",
    }
}

/// A time span in hours and minutes, rounded down: `2 часа 5 минут`; under a minute: `меньше минуты`. In Russian in the
/// accusative, as after `ждёте`, `через` and `за`.
pub(super) fn span(span: SignedDuration, language: Language) -> String {
    let minutes = u64::try_from(span.as_mins()).unwrap_or_default();
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let hour = counted(hours, language, ["час", "часа", "часов"], "сағат", "soat", ["hour", "hours"]);
    let minute = counted(minutes, language, ["минуту", "минуты", "минут"], "минут", "daqiqa", ["minute", "minutes"]);
    match (hours, minutes) {
        (0, 0) => under_a_minute(language).to_owned(),
        (0, _) => minute,
        (_, 0) => hour,
        _ => format!("{hour} {minute}"),
    }
}

fn under_a_minute(language: Language) -> &'static str {
    match language {
        Language::Ru => "меньше минуты",
        Language::Kk => "бір минуттан аз",
        Language::Uz => "bir daqiqadan kam",
        Language::En => "less than a minute",
    }
}

/// `1 час`, `2 часа`, `5 часов`. Kazakh and Uzbek say the singular after every number.
fn counted(n: u64, language: Language, ru: [&str; 3], kk: &str, uz: &str, en: [&str; 2]) -> String {
    let word = match language {
        Language::Ru => ru[russian_form(n)],
        Language::Kk => kk,
        Language::Uz => uz,
        Language::En => en[usize::from(n != 1)],
    };
    format!("{n}\u{a0}{word}")
}

/// Which of the three forms a Russian noun takes after `n` (the plural rules of Unicode CLDR: one, few, many).
fn russian_form(n: u64) -> usize {
    match (n % 10, n % 100) {
        (1, tens) if tens != 11 => 0,
        (2..=4, tens) if !(12..=14).contains(&tens) => 1,
        _ => 2,
    }
}

/// A time of day at the place: `18:40`; with the date in front where it is not today: `26.11 в 18:40`.
pub(super) fn time(at: Timestamp, now: Timestamp, zone: &TimeZone, language: Language) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    if at.date() == now.date() {
        return at.strftime("%H:%M").to_string();
    }
    let between = match language {
        Language::Ru => " в ",
        Language::Kk | Language::Uz => ", ",
        Language::En => " at ",
    };
    format!("{}{between}{}", at.strftime("%d.%m"), at.strftime("%H:%M"))
}

/// Dishes with their quantities where there is more than one of a kind: `Плов × 2, Морс`.
pub(super) fn dishes<'a>(lines: impl Iterator<Item = (&'a str, u16)>) -> String {
    let one = |(name, quantity): (&str, u16)| match quantity {
        1 => name.to_owned(),
        _ => format!("{name}\u{a0}×\u{a0}{quantity}"),
    };
    lines.map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_in_four_languages() {
        let mut seen = Vec::new();
        for (minor, currency) in [
            (157_000, Currency::Rub),
            (157_050, Currency::Rub),
            (1_250_000, Currency::Kzt),
            (450_000_000, Currency::Uzs),
            (-7, Currency::Rub),
        ] {
            for language in Language::ALL {
                seen.push(format!("{language}: {}", money(Money::new(minor, currency), *language)));
            }
        }
        insta::assert_snapshot!(seen.join("\n").replace('\u{a0}', "_"));
    }

    #[test]
    fn spans_in_four_languages() {
        let mut seen = Vec::new();
        for minutes in [0, 1, 2, 5, 11, 12, 21, 60, 62, 111, 131, 24 * 60] {
            let words = Language::ALL.iter().map(|language| span(SignedDuration::from_mins(minutes), *language));
            seen.push(format!("{minutes}: {}", words.collect::<Vec<_>>().join(" | ")));
        }
        insta::assert_snapshot!(seen.join("\n").replace('\u{a0}', "_"));
    }

    #[test]
    fn a_span_that_runs_backwards_is_none_at_all() {
        assert_eq!(span(SignedDuration::from_mins(-5), Language::En), "less than a minute");
    }

    #[test]
    fn times_are_those_of_the_place() {
        let zone = TimeZone::get("Asia/Almaty").unwrap();
        let now = "2026-11-25T09:30:00Z".parse().unwrap();
        let at = |text: &str| time(text.parse().unwrap(), now, &zone, Language::Ru);
        assert_eq!(at("2026-11-25T13:40:00Z"), "18:40");
        assert_eq!(at("2026-11-25T19:05:00Z"), "26.11 в 00:05");
    }
}
