//! Phones of Russia, Kazakhstan and Uzbekistan, in digits (checked by phonenumber) and spoken.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::Span;
use crate::entities::numbers::{number, spoken_digits};
use crate::entities::words::Text;

static CANDIDATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\+?\d(?:[ \-.()\u{a0}]{0,3}\d){8,12}").expect("the pattern is well formed"));

pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let mut spans: Vec<Span> = CANDIDATE
        .find_iter(text.source)
        .filter(|found| is_phone(found.as_str()))
        .filter_map(|found| text.covering(found.start(), found.end()))
        .collect();
    let mut at = 0;
    while at < text.len() {
        match spoken(text, at) {
            Some(span) => {
                at = span.to;
                spans.push(span);
            }
            None => at += 1,
        }
    }
    spans
}

/// National numbers have ten digits in +7 and nine in +998.
fn is_phone(written: &str) -> bool {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let international = match (written.starts_with('+'), digits.len()) {
        (true, _) => format!("+{digits}"),
        (false, 11) if digits.starts_with('8') => format!("+7{}", &digits[1..]),
        (false, 11) if digits.starts_with('7') => format!("+{digits}"),
        (false, 12) if digits.starts_with("998") => format!("+{digits}"),
        (false, 10) if digits.starts_with(['9', '7']) => format!("+7{digits}"),
        (false, 9) if digits.starts_with(['9', '3', '5', '7', '8']) => format!("+998{digits}"),
        _ => return false,
    };
    let Ok(number) = phonenumber::parse(None, &international) else { return false };
    match number.code().value() {
        7 => international.len() == 12,
        998 => international.len() == 13,
        _ => number.is_valid(),
    }
}

/// "плюс семь девятьсот ноль ноль ноль сорок сорок": enough numbers in a row for a phone.
fn spoken(text: &Text<'_>, at: usize) -> Option<Span> {
    let plus = matches!(text.lower(at), "плюс" | "плюсик" | "қосу" | "plus");
    let (span, digits, numbers) = spoken_digits(text, at + usize::from(plus))?;
    let long_enough = if plus { digits.len() >= 9 } else { (9..=12).contains(&digits.len()) };
    (numbers >= 5 && long_enough).then_some(Span { from: at, to: span.to }).or_else(|| digits_then_words(text, at))
}

/// "+7 700 000 сексен бір он": begun in digits, ended in words.
fn digits_then_words(text: &Text<'_>, at: usize) -> Option<Span> {
    if text.lower(at) != "+" {
        return None;
    }
    let (mut to, mut digits) = (at + 1, String::new());
    while let Some(word) = text.get(to).filter(|w| w.is_number) {
        digits.push_str(&word.lower);
        to += 1;
    }
    let first_word = to;
    while let Some(n) = number(text, to).filter(|n| !n.in_digits) {
        digits.push_str(&n.value.to_string());
        to = n.span.to;
    }
    (to > first_word && (10..=13).contains(&digits.len())).then_some(Span { from: at, to })
}
