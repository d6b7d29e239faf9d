//! Order numbers: named ("заказ 48213", "тапсырыс қырық екі он жеті") or bare five and six digits.

use crate::entities::Span;
use crate::entities::money::is_currency;
use crate::entities::numbers::{number, spoken_digits};
use crate::entities::words::Text;

/// Beginnings of the words for an order and its number, ru, kk, uz (both scripts), en.
const CUES: [&str; 16] = [
    "заказ",
    "номер",
    "№",
    "тапсырыс",
    "нөмір",
    "buyurtma",
    "буюртма",
    "zakaz",
    "raqam",
    "рақам",
    "nomer",
    "order",
    "number",
    "чек",
    "нумер",
    "зака",
];
/// May stand between the cue and the number.
const FILLERS: [&str; 22] = [
    "номер",
    "№",
    "под",
    "номером",
    "мой",
    "это",
    "у",
    "меня",
    "э",
    "ну",
    "number",
    "no",
    "is",
    "raqami",
    "рақами",
    "нөмірі",
    "нөмірім",
    "нөмірлі",
    "raqam",
    "номери",
    "номері",
    "эээ",
];
const FURTHEST: usize = 3;

/// Numbers that a word for an order stands before.
pub(super) fn find_named(text: &Text<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    for cue in 0..text.len() {
        if !CUES.iter().any(|c| text.lower(cue).starts_with(c)) {
            continue;
        }
        let mut at = cue + 1;
        while at <= cue + FURTHEST && FILLERS.contains(&text.lower(at)) {
            at += 1;
        }
        spans.extend(written(text, at).filter(|s| !means_else(text, *s)).or_else(|| said(text, at)));
    }
    spans
}

/// Five or six digits in one piece that are nothing else.
pub(super) fn find_bare(text: &Text<'_>) -> Vec<Span> {
    (0..text.len())
        .filter_map(|at| written(text, at))
        .filter(|span| {
            let word = text.lower(span.from);
            let round = word.ends_with("000") || word.ends_with("500");
            (5..=6).contains(&word.len()) && !word.starts_with('0') && !round && !means_else(text, *span)
        })
        .collect()
}

fn written(text: &Text<'_>, at: usize) -> Option<Span> {
    let word = text.get(at).filter(|w| w.is_number && (3..=8).contains(&w.lower.len()))?;
    let number = number(text, at)?;
    (number.span.to == at + 1 && word.lower.len() < 9).then_some(Span { from: at, to: at + 1 })
}

fn said(text: &Text<'_>, at: usize) -> Option<Span> {
    let (span, digits, _) = spoken_digits(text, at)?;
    ((3..=8).contains(&digits.len()) && !means_else(text, span)).then_some(span)
}

/// Money, a clock time, a range or a count follows or surrounds it.
fn means_else(text: &Text<'_>, span: Span) -> bool {
    let next = text.lower(span.to);
    is_currency(next)
        || matches!(next, ":" | "тысяч" | "тысячи" | "мың" | "ming" | "минг" | "минут" | "мин" | "грамм" | "bonus")
        || next.starts_with("бонус")
        || text.before(span.from) == ":"
        || (text.before(span.from) == "-" && span.from >= 2 && text.get(span.from - 2).is_some_and(|w| w.is_number))
}
