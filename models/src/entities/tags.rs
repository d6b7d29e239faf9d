//! Spans from the tags that the encoder gives to tokens: outside, begin or inside of a kind.
//!
//! The likeliest sequence of tags is taken in which an inside follows only a begin or inside of its own
//! kind (Viterbi, 1967). Tokens are pieces of words, so spans are widened to whole words, and neighbours of one kind
//! with nothing but space between are one. `models/training/spans.py` decodes the same way.

use std::ops::Range;

use crate::entities::Entity;
use crate::taxonomy::EntityType;

/// Begin and inside.
pub(crate) const TAGS_OF_A_KIND: usize = 2;

/// Punctuation that a piece of text may hold behind a number or before a word.
const EDGES: &str = " \t\n.,;:!?()[]«»\"“”…";
const PAIRS: [(char, char); 5] = [('«', '»'), ('(', ')'), ('“', '”'), ('"', '"'), ('[', ']')];

/// The spans of `text` by the logits of its tokens' tags, in order. `places`: where each token stands, in bytes.
pub(crate) fn tagged(text: &str, places: &[Range<usize>], logits: &[Vec<f32>], kinds: &[EntityType]) -> Vec<Entity> {
    let mut spans: Vec<(usize, Range<usize>)> = Vec::new();
    for (tag, place) in best_path(logits).into_iter().zip(places) {
        if tag == 0 || place.is_empty() {
            continue;
        }
        match spans.last_mut() {
            Some((_, span)) if !begins(tag) => span.end = place.end,
            _ => spans.push(((tag - 1) / TAGS_OF_A_KIND, place.clone())),
        }
    }
    let mut counted = Counted { text, bytes: 0, chars: 0 };
    let mut found: Vec<Entity> = Vec::with_capacity(spans.len());
    for (kind, span) in whole(text, spans) {
        if let Some(words) = text.get(span.clone()) {
            let (start, end) = (counted.up_to(span.start), counted.up_to(span.end));
            found.push(Entity { kind: kinds[kind], text: words.to_owned(), start, end });
        }
    }
    found
}

fn whole(text: &str, spans: Vec<(usize, Range<usize>)>) -> Vec<(usize, Range<usize>)> {
    let mut out: Vec<(usize, Range<usize>)> = Vec::with_capacity(spans.len());
    for (kind, span) in spans {
        let span = widen(text, trim(text, span));
        match out.last_mut() {
            _ if span.is_empty() => {}
            Some((before, last))
                if *before == kind && text.get(last.end..span.start).unwrap_or("").trim().is_empty() =>
            {
                last.end = last.end.max(span.end);
            }
            Some((_, last)) if span.start < last.end => {}
            _ => out.push((kind, span)),
        }
    }
    out
}

fn widen(text: &str, mut span: Range<usize>) -> Range<usize> {
    let (Some(before), Some(words), Some(after)) =
        (text.get(..span.start), text.get(span.clone()), text.get(span.end..))
    else {
        return span;
    };
    if words.chars().next().is_some_and(in_word) {
        span.start -= before.chars().rev().take_while(|c| in_word(*c)).map(char::len_utf8).sum::<usize>();
    }
    if words.chars().next_back().is_some_and(in_word) {
        span.end += after.chars().take_while(|c| in_word(*c)).map(char::len_utf8).sum::<usize>();
    }
    span
}

/// Letters and digits, the apostrophes that people type in Uzbek words, accents.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '`' | '´' | '‘' | '’' | '′' | 'ʻ' | 'ʼ' | '\u{300}'..='\u{36f}')
}

fn begins(tag: usize) -> bool {
    tag % TAGS_OF_A_KIND == 1
}

/// True when `after` may follow `before`.
fn may_follow(before: usize, after: usize) -> bool {
    after == 0 || begins(after) || before == after || before + 1 == after
}

fn best_path(logits: &[Vec<f32>]) -> Vec<usize> {
    let Some(first) = logits.first() else { return Vec::new() };
    let tags = first.len();
    let mut best: Vec<f32> = likelihoods(first);
    for (tag, score) in best.iter_mut().enumerate() {
        if tag != 0 && !begins(tag) {
            *score = f32::NEG_INFINITY;
        }
    }
    let mut ways: Vec<Vec<usize>> = Vec::with_capacity(logits.len());
    for row in &logits[1..] {
        let row = likelihoods(row);
        let from = |after: usize| {
            let before = (0..tags).filter(|&before| may_follow(before, after));
            before.max_by(|a, b| best[*a].total_cmp(&best[*b])).unwrap_or(0)
        };
        let way: Vec<usize> = (0..tags).map(from).collect();
        best = way.iter().zip(&row).map(|(&before, score)| best[before] + score).collect();
        ways.push(way);
    }
    let mut tag = (0..tags).max_by(|a, b| best[*a].total_cmp(&best[*b])).unwrap_or(0);
    let mut path = vec![tag];
    for way in ways.iter().rev() {
        tag = way[tag];
        path.push(tag);
    }
    path.reverse();
    path
}

/// Logarithms of the softmax.
fn likelihoods(logits: &[f32]) -> Vec<f32> {
    let highest = logits.iter().copied().fold(f32::MIN, f32::max);
    let whole = logits.iter().map(|l| (l - highest).exp()).sum::<f32>().ln() + highest;
    logits.iter().map(|l| l - whole).collect()
}

/// Takes punctuation and space off both ends; a quote or bracket stays whose partner is inside.
fn trim(text: &str, mut span: Range<usize>) -> Range<usize> {
    while let Some(words) = text.get(span.clone()) {
        let (Some(first), Some(last)) = (words.chars().next(), words.chars().next_back()) else { break };
        let rest = &words[first.len_utf8()..];
        if EDGES.contains(first) && !PAIRS.iter().any(|(open, close)| *open == first && rest.contains(*close)) {
            span.start += first.len_utf8();
            continue;
        }
        let rest = &words[..words.len() - last.len_utf8()];
        if EDGES.contains(last) && !PAIRS.iter().any(|(open, close)| *close == last && rest.contains(*open)) {
            span.end -= last.len_utf8();
            continue;
        }
        break;
    }
    span
}

/// Counts characters of a text forward.
struct Counted<'a> {
    text: &'a str,
    bytes: usize,
    chars: u32,
}

impl Counted<'_> {
    fn up_to(&mut self, byte: usize) -> u32 {
        let between = self.text.get(self.bytes..byte).map_or(0, |part| part.chars().count());
        self.chars += u32::try_from(between).unwrap_or(u32::MAX);
        self.bytes = byte.max(self.bytes);
        self.chars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits that favour one tag for each token.
    fn logits(tags: &[usize]) -> Vec<Vec<f32>> {
        tags.iter().map(|&tag| (0..5).map(|t| if t == tag { 4.0 } else { 0.0 }).collect()).collect()
    }

    const KINDS: [EntityType; 2] = [EntityType::Dish, EntityType::Address];

    #[test]
    fn tags_become_spans_in_characters() {
        let text = "два плова, ул. Абая 5.";
        let places = [0..6, 6..17, 17..18, 18..23, 23..24, 24..33, 33..36];
        let found = tagged(text, &places, &logits(&[0, 1, 0, 3, 4, 4, 4]), &KINDS);
        let found: Vec<_> = found.iter().map(|e| (e.kind, e.text.as_str(), e.start, e.end)).collect();
        assert_eq!(found, [(EntityType::Dish, "плова", 4, 9), (EntityType::Address, "ул. Абая 5", 11, 21)]);
    }

    #[test]
    fn an_inside_begins_nothing() {
        // Inside of an address after a dish: either it is left out or it begins anew, never joined to the dish.
        let found = tagged("abc def ghi", &[0..3, 3..7, 7..11], &logits(&[1, 4, 0]), &KINDS);
        assert!(found.len() <= 2, "{found:?}");
        assert!(tagged("", &[], &[], &KINDS).is_empty());
    }

    #[test]
    fn spans_are_whole_words_and_one_with_their_neighbours() {
        let text = "борща лагман qo'y";
        // The first piece of each of the first two words, then one inside the third.
        let places = [0..6, 6..10, 10..17, 17..23, 24..26, 26..28];
        let found = tagged(text, &places, &logits(&[1, 0, 1, 0, 0, 3]), &KINDS);
        let found: Vec<_> = found.iter().map(|e| (e.kind, e.text.as_str())).collect();
        assert_eq!(found, [(EntityType::Dish, "борща лагман"), (EntityType::Address, "qo'y")]);
    }

    #[test]
    fn a_quote_stays_with_its_partner() {
        assert_eq!(trim("сет «Осень», ", 0..23), 0..21);
        assert_eq!(trim("«Осень», а", 0..16), 0..14);
        assert_eq!(trim("...", 0..3), 3..3);
    }
}
