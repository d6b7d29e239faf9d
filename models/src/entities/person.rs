//! Persons, only where the text itself says that a name follows: "меня зовут Асель".

use crate::entities::Span;
use crate::entities::words::Text;

/// What stands before a name, as words in lower case.
const CUES: [&[&str]; 16] = [
    &["меня", "зовут"],
    &["зовут", "меня"],
    &["мое", "имя"],
    &["на", "имя"],
    &["моя", "фамилия"],
    &["фамилия"],
    &["зовут"],
    &["менің", "атым"],
    &["атым"],
    &["mening", "ismim"],
    &["ismim"],
    &["менинг", "исмим"],
    &["исмим"],
    &["my", "name", "is"],
    &["name", "is"],
    &["under", "the", "name"],
];
const NOT_NAMES: [&str; 16] =
    ["меня", "его", "ее", "их", "на", "как", "не", "и", "в", "был", "была", "есть", "not", "is", "the", "of"];

pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for at in 0..text.len() {
        let Some(cue) = CUES.iter().find(|cue| cue.iter().zip(at..).all(|(word, i)| text.lower(i) == *word)) else {
            continue;
        };
        let from = at + cue.len();
        if !is_name(text, from) || spans.iter().any(|s| s.from == from) {
            continue;
        }
        let first = text.get(from).is_some_and(|w| w.is_capital);
        let second = first && text.joined(from) && is_name(text, from + 1);
        let both = second && text.get(from + 1).is_some_and(|w| w.is_capital);
        spans.push(Span { from, to: from + 1 + usize::from(both) });
    }
    spans
}

fn is_name(text: &Text<'_>, at: usize) -> bool {
    text.get(at).is_some_and(|w| {
        !w.is_number
            && w.lower.chars().all(|c| c.is_alphabetic() || c == '\'')
            && w.lower.chars().count() >= 3
            && !NOT_NAMES.contains(&w.lower.as_str())
    })
}
