//! Promo codes: capitals with digits ("SUSHI15", "ОСЕНЬ20"), or what follows the word "промокод".

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::Span;
use crate::entities::numbers::number;
use crate::entities::words::Text;

static WRITTEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b\p{Lu}{3,}\d{1,4}\b").expect("the pattern is well formed"));

const CUES: [&str; 8] = ["промокод", "промик", "промо", "promokod", "promocode", "promo", "code", "код"];

pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let mut spans: Vec<Span> =
        WRITTEN.find_iter(text.source).filter_map(|m| text.covering(m.start(), m.end())).collect();
    for at in 1..text.len() {
        if !is_cue(text.before(at)) || spans.iter().any(|s| s.from == at) {
            continue;
        }
        let Some(word) = text.get(at).filter(|w| !w.is_number && w.end - w.start > 2) else { continue };
        let source = &text.source[word.start..word.end];
        let capitals = source.chars().filter(|c| c.is_uppercase()).count() == source.chars().count();
        // "промокод вок тридцать": a word, then a number in words.
        let spoken = number(text, at + 1).filter(|n| text.joined(at) && !n.in_digits);
        match spoken {
            Some(n) if number(text, at).is_none() => spans.push(Span { from: at, to: n.span.to }),
            _ if capitals => spans.push(Span { from: at, to: at + 1 }),
            _ => {}
        }
    }
    spans
}

fn is_cue(word: &str) -> bool {
    CUES.contains(&word) || ["промокод", "promokod"].iter().any(|cue| word.starts_with(cue))
}
