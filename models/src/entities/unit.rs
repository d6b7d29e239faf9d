//! What a number counts, by the word or sign beside it, and which numbers somebody said of what.

use std::collections::{HashMap, HashSet};

use crate::entities::Span;
use crate::entities::duration::is_unit;
use crate::entities::numbers::{Quantity, joined, quantities};
use crate::entities::words::Text;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Unit {
    Rubles,
    Tenge,
    Soms,
    Dollars,
    Euros,
    Percent,
    /// Of a loyalty programme.
    Points,
    /// Minutes, hours, days.
    Time,
}

/// Words of each currency that stand as they are, and beginnings of those that are inflected.
const CURRENCIES: [(Unit, &[&str], &[&str]); 5] = [
    (Unit::Rubles, &["р", "руб", "₽", "rub"], &["рубл", "ruble", "копе"]),
    (Unit::Tenge, &["₸", "тг", "тнг", "kzt"], &["тенге", "теңге", "tenge", "tanga"]),
    (Unit::Soms, &["сум", "сўм", "so'm", "som", "sum", "uzs"], &["сумов", "сўм", "so'm"]),
    (Unit::Dollars, &["$", "dollars", "bucks"], &["доллар"]),
    (Unit::Euros, &["€"], &[]),
];
/// Beginnings of other words behind a number.
const OTHERS: [(Unit, &[&str]); 2] = [
    (Unit::Percent, &["процент", "percent", "foiz", "фоиз", "пайыз"]),
    (Unit::Points, &["бонус", "балл", "bonus", "ball", "point", "ұпай"]),
];
/// Words that are cut short with a full stop before what they count: "15 тыс. руб."
const CUT_SHORT: [&str; 2] = ["тыс", "млн"];

/// Words between two numbers of the same, and those between a number and the one that replaces it.
const BETWEEN: [&str; 17] =
    ["и", "или", "либо", "а", "не", "до", "мен", "немесе", "әлде", "va", "yoki", "ва", "ёки", "and", "or", "to", "not"];

/// The currency that a word names.
pub(super) fn currency(word: &str) -> Option<Unit> {
    let names = |(_, exact, begin): &&(Unit, &[&str], &[&str])| {
        exact.contains(&word) || begin.iter().any(|beginning| word.starts_with(beginning))
    };
    CURRENCIES.iter().find(names).map(|(unit, ..)| *unit)
}

impl Unit {
    /// Of the number in these words of a text.
    pub(super) fn beside(text: &Text<'_>, number: Span) -> Option<Unit> {
        let last = text.get(number.to - 1)?;
        // A per cent sign is no word of a text.
        if text.source[last.end..].trim_start_matches([' ', '\u{a0}', '\u{202f}']).starts_with('%') {
            return Some(Unit::Percent);
        }
        let full_stop = CUT_SHORT.contains(&last.lower.as_str()) && text.gap(number.to - 1) == ". ";
        if text.joined(number.to - 1) || full_stop {
            let word = text.lower(number.to);
            let other = || OTHERS.iter().find(|(_, begin)| begin.iter().any(|beginning| word.starts_with(beginning)));
            let named = currency(word).or_else(|| other().map(|(unit, _)| *unit));
            if let Some(unit) = named.or_else(|| is_unit(word).then_some(Unit::Time)) {
                return Some(unit);
            }
        }
        let sign = text.before(number.from);
        let is_sign = matches!(sign, "$" | "€" | "₽" | "₸") && text.joined(number.from - 1);
        is_sign.then(|| currency(sign)).flatten()
    }

    /// Whether nobody can mean it without naming it.
    fn is_always_named(self) -> bool {
        !matches!(self, Unit::Points | Unit::Time)
    }
}

/// The numbers of a talk by value, in digits, in words or in parts, each with all that it was said of; none: without
/// a unit.
#[derive(Debug, Default)]
pub(crate) struct SaidNumbers(HashMap<u64, HashSet<Option<Unit>>>);

impl SaidNumbers {
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> SaidNumbers {
        let mut said = SaidNumbers::default();
        for text in texts {
            let numbers = quantities(text);
            for (at, number) in numbers.iter().enumerate() {
                let unit = number.unit.or_else(|| of_the_next(text, &numbers[at..])).or_else(|| turned(text, number));
                said.put(number.value, unit);
            }
            joined(text).iter().filter_map(|number| number.parse().ok()).for_each(|value| said.put(value, None));
        }
        said
    }

    fn put(&mut self, value: u64, unit: Option<Unit>) {
        self.0.entry(value).or_default().insert(unit);
    }

    /// Whether somebody said the number.
    pub(crate) fn has(&self, number: &Quantity<'_>) -> bool {
        self.0.contains_key(&number.value)
    }

    /// Whether a number that was said was said of this: of money and of a share by name, of times and points perhaps
    /// without one, but of nothing else alone. True of a number without a unit, and of one that nobody said.
    pub(crate) fn of_the_same(&self, number: &Quantity<'_>) -> bool {
        let (Some(unit), Some(said)) = (number.unit, self.0.get(&number.value)) else { return true };
        said.contains(&Some(unit)) || (!unit.is_always_named() && said.contains(&None))
    }
}

/// "560 или 420 рублей", "500–600 рублей": the unit of the number that such a word or a dash joins to this one.
fn of_the_next(text: &str, numbers: &[Quantity<'_>]) -> Option<Unit> {
    let [number, next, ..] = numbers else { return None };
    let place = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let between = text.get(place(number.text) + number.text.len()..place(next.text))?.to_lowercase();
    let words: Vec<&str> = between.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let joins = !words.is_empty() || between.contains(['-', '–', '—']);
    let apart = between.contains(['.', '!', '?', ';', ':', '\n']);
    next.unit.filter(|_| joins && !apart && words.iter().all(|word| BETWEEN.contains(word)))
}

/// "рублей пятьсот".
fn turned(text: &str, number: &Quantity<'_>) -> Option<Unit> {
    let before = &text[..number.text.as_ptr() as usize - text.as_ptr() as usize];
    currency(&before.split_whitespace().next_back()?.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_told_by_the_word_or_sign_beside_its_number() {
        for (text, unit) in [
            ("690 рублей", Some(Unit::Rubles)),
            ("шестьсот девяносто р", Some(Unit::Rubles)),
            ("15 тыс. руб.", Some(Unit::Rubles)),
            ("3 000 ₸", Some(Unit::Tenge)),
            ("екі мың теңгені", Some(Unit::Tenge)),
            ("o‘n besh ming so‘mni", Some(Unit::Soms)),
            ("$20", Some(Unit::Dollars)),
            ("20%", Some(Unit::Percent)),
            ("20 % скидки", Some(Unit::Percent)),
            ("жиырма пайыз", Some(Unit::Percent)),
            ("500 бонусов", Some(Unit::Points)),
            ("40 daqiqa", Some(Unit::Time)),
            ("заказ 48213", None),
            ("2 пиццы", None),
            ("в 20:50", None),
        ] {
            assert_eq!(quantities(text).first().expect("a number").unit, unit, "{text}");
        }
    }

    #[test]
    fn a_sum_is_of_its_currency_wherever_the_talk_names_it() {
        let talk = ["верну 690 или 720 рублей", "шестьсот девяносто? мало", "рублей 300", "буду через 40, скидка 20%"];
        let said = SaidNumbers::of(talk.into_iter());
        let passes = |text: &str| quantities(text).iter().all(|number| said.has(number) && said.of_the_same(number));
        for text in ["690 рублей", "720 руб.", "690", "300 рублей", "40 минут", "20 процентов"]
        {
            assert!(passes(text), "{text}");
        }
        for text in ["690 тенге", "720 сум", "20 рублей", "20 минут", "300 %", "40 рублей", "720 минут"]
        {
            assert!(!passes(text), "{text}");
        }
    }
}
