//! How long: "40 минут", "час сорок", "бір жарым сағат", "yarim soatdan", "an hour and a half".

use crate::entities::Span;
use crate::entities::numbers::number;
use crate::entities::words::Text;

/// Beginnings of the units, ru, kk, uz (both scripts), en.
const UNITS: [&str; 28] = [
    "минут",
    "мин",
    "час",
    "дн",
    "день",
    "сут",
    "недел",
    "месяц",
    "год",
    "сағат",
    "күн",
    "апта",
    "ай",
    "daqiqa",
    "дақиқа",
    "дакика",
    "minut",
    "soat",
    "соат",
    "kun",
    "кун",
    "hafta",
    "ҳафта",
    "hour",
    "minute",
    "day",
    "week",
    "month",
];
const SHORT: [&str; 8] = ["ч", "м", "мин", "min", "mins", "h", "hrs", "hr"];
/// Words that are a whole duration, or begin one without a number.
const WHOLE: [&str; 13] = [
    "полчаса",
    "полчасика",
    "получаса",
    "полгода",
    "минуту",
    "минутку",
    "неделю",
    "неделя",
    "месяц",
    "сутки",
    "часик",
    "минутка",
    "полдня",
];
const HALF: [&str; 10] = ["полтора", "полутора", "полторы", "жарты", "жарым", "yarim", "ярим", "half", "пару", "пара"];

const ORDINALS: [&str; 9] = ["кажд", "втор", "трет", "четверт", "прошл", "следующ", "перв", "последн", "ваш"];

pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match span(text, at).filter(|_| !is_clock(text, at)) {
            Some(span) => {
                at = span.to;
                spans.push(span);
            }
            None => at += 1,
        }
    }
    spans
}

fn span(text: &Text<'_>, at: usize) -> Option<Span> {
    let mut to = amount(text, at).or_else(|| hour_and(text, at)).or_else(|| turned(text, at))?;
    // "два часа десять минут", "1ч 50м", "an hour and a half", "an hour and ten".
    loop {
        let joint = usize::from(matches!(text.lower(to), "и" | "and" | "мен"));
        let more = text.joined(to - 1).then(|| amount(text, to + joint)).flatten();
        match more {
            Some(further) => to = further,
            None => break,
        }
    }
    if text.lower(to) == "and" && text.lower(to + 1) == "a" && text.lower(to + 2) == "half" {
        to += 3;
    }
    Some(Span { from: at, to })
}

/// A number (or "half") with its unit, or a word that is both. Returns the word after.
fn amount(text: &Text<'_>, at: usize) -> Option<usize> {
    let word = text.lower(at);
    if WHOLE.contains(&word) {
        return (!is_rate(text.before(at))).then_some(at + 1);
    }
    if matches!(word, "an" | "half") && text.lower(at + 1).starts_with("hour") {
        return Some(at + 2);
    }
    let mut to = number(text, at).map_or(at, |n| n.span.to);
    while HALF.contains(&text.lower(to)) {
        to += 1;
    }
    let unit = text.lower(to);
    let touching = to > at && text.gap(to - 1).is_empty();
    let is_unit = is_unit(unit) || (SHORT.contains(&unit) && (touching || unit.chars().count() > 1));
    (to > at && text.joined(to - 1) && is_unit).then_some(to + 1)
}

/// "час", "час сорок", "час пятнадцать".
fn hour_and(text: &Text<'_>, at: usize) -> Option<usize> {
    if !matches!(text.lower(at), "час" | "часа") || is_rate(text.before(at)) || text.lower(at + 1) == "пик" {
        return None;
    }
    let minutes = number(text, at + 1).filter(|n| text.joined(at) && (5..60).contains(&n.value) && !n.has_thousand);
    match minutes {
        Some(n) if !is_unit(text.lower(n.span.to)) => Some(n.span.to),
        _ if text.lower(at) == "час" => Some(at + 1),
        _ => None,
    }
}

/// "минут десять", "часа два": about so long.
fn turned(text: &Text<'_>, at: usize) -> Option<usize> {
    let about = matches!(text.lower(at), "минут" | "часа" | "часов" | "дня" | "дней");
    let number = number(text, at + 1).filter(|_| about && text.joined(at))?;
    (number.value < 100 && !is_unit(text.lower(number.span.to))).then_some(number.span.to)
}

/// "199 р в месяц", "третий час", "каждую неделю": how often or which, not how long.
fn is_rate(before: &str) -> bool {
    matches!(before, "в" | "за" | "раз" | "тот" | "эта" | "эту") || ORDINALS.iter().any(|o| before.starts_with(o))
}

/// Whether a word, in lower case, is a unit of time.
pub(super) fn is_unit(word: &str) -> bool {
    // "ай" and "год" begin many other words.
    let exact = matches!(word, "ай" | "айда" | "айдан" | "год" | "года" | "году");
    let starts = UNITS.iter().any(|u| !matches!(*u, "ай" | "год" | "дн" | "мин") && word.starts_with(u));
    exact || matches!(word, "мин" | "дня" | "дней" | "дни" | "дн") || (starts && !word.starts_with("частич"))
}

/// "soat 18", "сағат тоғыз": o'clock, not how long.
fn is_clock(text: &Text<'_>, at: usize) -> bool {
    matches!(text.lower(at), "soat" | "соат" | "сағат")
}
