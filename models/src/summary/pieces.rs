//! Turns cut into pieces that can be quoted, and the choice of those that say most.
//!
//! What a piece is worth is a linear model of the share of its letters that people take over into their summaries
//! (`models/training/pieces.py` makes the weights). The choice is greedy: what was already told counts for less, as in
//! maximal marginal relevance (Carbonell and Goldstein, 1998).

use std::collections::HashSet;

use crate::entities::quantities;
use crate::summary::frame::{Frame, Part};
use crate::summary::phrases::Phrases;
use crate::taxonomy::{EntityType, FactKind, Speaker};

/// Words of a piece; a longer sentence is cut at a comma or, where speech has none, at the word that goes on.
const LONGEST: usize = 14;
/// Before so many words no piece is cut at a word that goes on.
const SHORTEST: usize = 6;

/// How much of a piece counts where all of it was told before.
const TOLD: f32 = 0.3;

/// Of each number of a piece, in digits or words: more than summaries take over (0.023), for who goes on with a contact
/// needs them. Chosen on the dev split so that four in five numbers of a summary are found.
const NUMBER: f32 = 0.09;

/// Pieces that are weighed against each other.
const AT_MOST: usize = 400;

/// A part of a turn, to the letter.
#[derive(Debug, PartialEq)]
pub(super) struct Piece<'a> {
    /// Which turn, from 0.
    pub(super) turn: u32,
    /// Which piece of it.
    pub(super) place: usize,
    pub(super) text: &'a str,
    /// The part of the turn that it is of, and the bytes of it where it stands.
    pub(super) source: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) worth: f32,
    /// The beginnings of its words: what it tells.
    stems: Vec<String>,
}

impl Piece<'_> {
    /// True where `next` goes on where a quotation that begins here ends, so that both are one.
    pub(super) fn is_followed(&self, end: usize, next: &Piece<'_>) -> bool {
        std::ptr::eq(self.source, next.source)
            && self.source.get(end..next.start).is_some_and(|between| !between.contains(char::is_alphanumeric))
    }
}

/// Those of `pieces`, which stand in the order of the talk, that are of this turn.
pub(super) fn of_turn<'s, 'a>(pieces: &'s [Piece<'a>], turn: u32) -> &'s [Piece<'a>] {
    let from = pieces.partition_point(|piece| piece.turn < turn);
    let to = pieces.partition_point(|piece| piece.turn <= turn);
    &pieces[from..to]
}

/// All pieces of the talk that could be quoted.
pub(super) fn of<'a>(frame: &Frame, parts: &'a [Part]) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for part in parts {
        let before = pieces.last().filter(|piece| piece.turn == part.turn).map_or(0, |piece| piece.place + 1);
        for (at, whole) in cut(&part.text).into_iter().enumerate() {
            let text = core(whole);
            if text.chars().count() >= 3 {
                let worth = worth(frame, part, text, at == 0, whole.ends_with('?'));
                let start = text.as_ptr() as usize - part.text.as_ptr() as usize;
                let (turn, place, source, end) = (part.turn, before + at, part.text.as_str(), start + text.len());
                pieces.push(Piece { turn, place, text, source, start, end, worth, stems: stems(text) });
            }
        }
    }
    pieces
}

/// Adds pieces to those that were chosen before until all are about `room` characters together; in the order of the talk.
/// At least one is chosen where there is any.
pub(super) fn choose<'s, 'a>(
    pieces: impl Iterator<Item = &'s Piece<'a>>,
    mut chosen: Vec<&'s Piece<'a>>,
    room: usize,
) -> Vec<&'s Piece<'a>> {
    let is_chosen = |piece: &&Piece<'a>| chosen.iter().any(|of| (of.turn, of.place) == (piece.turn, piece.place));
    let mut open: Vec<&'s Piece<'a>> = pieces.filter(|piece| !is_chosen(piece)).collect();
    // Of a very long talk only the best could be chosen anyway.
    open.sort_by(|a, b| b.worth.total_cmp(&a.worth).then((a.turn, a.place).cmp(&(b.turn, b.place))));
    open.truncate(AT_MOST);
    let mut told: HashSet<String> = chosen.iter().flat_map(|piece| piece.stems.iter().cloned()).collect();
    let mut used: usize = chosen.iter().map(|piece| size(piece)).sum();
    while used < room {
        let value = |piece: &Piece<'_>| piece.worth * (TOLD + (1.0 - TOLD) * news(piece, &told));
        let best = open
            .iter()
            .enumerate()
            .max_by(|(_, a), (_, b)| value(a).total_cmp(&value(b)).then((b.turn, b.place).cmp(&(a.turn, a.place))));
        let Some(best) = best.map(|(at, _)| at) else { break };
        let piece = open.swap_remove(best);
        if chosen.is_empty() || used + size(piece) <= room {
            used += size(piece);
            told.extend(piece.stems.iter().cloned());
            chosen.push(piece);
        }
    }
    chosen.sort_by_key(|piece| (piece.turn, piece.place));
    chosen
}

/// Its characters and those that part it from the next.
fn size(piece: &Piece<'_>) -> usize {
    piece.text.chars().count() + 3
}

/// The share of a piece's letters that were not yet told.
fn news(piece: &Piece<'_>, told: &HashSet<String>) -> f32 {
    let all: usize = piece.stems.iter().map(String::len).sum();
    let new: usize = piece.stems.iter().filter(|stem| !told.contains(*stem)).map(String::len).sum();
    new as f32 / all.max(1) as f32
}

fn stems(text: &str) -> Vec<String> {
    let bare = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(5).collect();
    text.split_whitespace().map(bare).filter(|stem: &String| !stem.is_empty()).collect()
}

/// The share of a piece's letters that a summary takes over, as far as can be told.
fn worth(frame: &Frame, part: &Part, text: &str, is_first: bool, asks: bool) -> f32 {
    let evidence = &frame.evidence;
    let rests = [
        (&evidence.issue, 0.074),
        (&evidence.request, 0.071),
        (&evidence.actions, 0.061),
        (&evidence.promises, 0.121),
        (&evidence.outcome, 0.097),
    ];
    let facts = || frame.facts_of(part.turn).iter();
    let kinds = [
        (FactKind::Request, -0.001),
        (FactKind::Proposal, 0.124),
        (FactKind::Action, 0.108),
        (FactKind::Promise, 0.078),
    ];
    let refused = facts().any(|fact| fact.kind == FactKind::Proposal && fact.accepted == Some(false));
    let named = part.reading.entities.iter().filter(|entity| text.contains(entity.text.as_str()));
    let numbers = quantities(text).len().min(3);
    let holds = |is: bool, weight: f32| if is { weight } else { 0.0 };
    0.260
        + rests.into_iter().map(|(turns, weight)| holds(turns.binary_search(&part.turn).is_ok(), weight)).sum::<f32>()
        + kinds.into_iter().map(|(kind, weight)| holds(facts().any(|fact| fact.kind == kind), weight)).sum::<f32>()
        + named.map(|entity| worth_of(entity.kind)).sum::<f32>()
        + holds(refused, -0.038)
        + NUMBER * numbers as f32
        + holds(is_first, 0.005)
        - 0.061 * text.chars().count().min(100) as f32 / 100.0
        + holds(asks && part.speaker == Speaker::Customer, 0.036)
        + holds(asks && part.speaker == Speaker::Operator, -0.012)
        - 0.010 * part.turn as f32 / frame.roles.len().max(1) as f32
        + holds(part.turn == 0, 0.026)
        + holds(part.speaker == Speaker::Customer, -0.031)
        + holds(text.split_whitespace().count() < 3, -0.075)
}

fn worth_of(kind: EntityType) -> f32 {
    match kind {
        EntityType::OrderNumber => 0.100,
        EntityType::Phone => 0.177,
        EntityType::Money => 0.084,
        EntityType::Datetime => 0.057,
        EntityType::Duration => 0.011,
        EntityType::Dish => 0.073,
        EntityType::Ingredient => 0.019,
        EntityType::Address => 0.165,
        EntityType::PromoCode => 0.055,
        EntityType::Person => 0.056,
    }
}

/// Cuts a turn into pieces: sentences, and long ones into clauses. Nothing is lost but white space.
fn cut(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for sentence in sentences(text) {
        clauses(sentence, &mut pieces);
    }
    pieces
}

/// The piece without words that only open or close a talk; empty where there is nothing else.
fn core(piece: &str) -> &str {
    let mut rest =
        piece.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '!' | ';' | ':' | '-' | '—'));
    let mut behind = false;
    while let Some(first) = rest.split_whitespace().next() {
        let bare = first.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if !bare.is_empty() && !Phrases::is_polite(&bare, behind) {
            break;
        }
        behind = true;
        rest = rest[first.len()..].trim_start();
    }
    rest
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let mut ends = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_gap = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if c == '\n' || (matches!(c, '.' | '!' | '?' | ';' | '…') && next_is_gap) {
            ends.push(at + c.len_utf8());
        }
    }
    ends.push(text.len());
    ends.into_iter()
        .map(move |end| {
            let part = &text[start..end];
            start = end;
            part.trim()
        })
        .filter(|part| !part.is_empty())
}

fn clauses<'a>(sentence: &'a str, pieces: &mut Vec<&'a str>) {
    let words: Vec<(usize, &str)> =
        sentence.split_whitespace().map(|word| (word.as_ptr() as usize - sentence.as_ptr() as usize, word)).collect();
    if words.len() <= LONGEST {
        pieces.push(sentence);
        return;
    }
    let has_commas = sentence.contains(", ");
    let (mut start, mut from) = (0, 0);
    for at in 1..words.len() {
        let size = at - from;
        let comma = words[at - 1].1.ends_with(',');
        let joint = !has_commas && Phrases::joins(&words[at].1.to_lowercase());
        // A comma ends a clause where the next one would make the piece too long.
        let to_comma = words[at..].iter().position(|(_, word)| word.ends_with(',')).map_or(words.len() - at, |n| n + 1);
        let ends = (comma && size >= 3 && size + to_comma > LONGEST) || (joint && size >= SHORTEST);
        if ends || size >= 2 * LONGEST {
            pieces.push(sentence[start..words[at].0].trim());
            (start, from) = (words[at].0, at);
        }
    }
    pieces.push(sentence[start..].trim());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn speech_is_cut_before_words_that_go_on() {
        let said =
            "алло здравствуйте я заказывала у вас пиццу сорок минут назад и она до сих пор не приехала а дети голодные";
        let expected = [
            "алло здравствуйте я заказывала у вас пиццу сорок минут назад",
            "и она до сих пор не приехала",
            "а дети голодные",
        ];
        assert_eq!(cut(said), expected);
        assert_eq!(core(cut(said)[0]), "я заказывала у вас пиццу сорок минут назад");
    }

    #[test]
    fn a_greeting_alone_has_no_core() {
        assert_eq!(core("Здравствуйте!"), "");
        assert_eq!(core("Hello, where is my order?"), "where is my order?");
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let piece = |turn: u32, text: &'static str| {
            let (source, end, stems) = (text, text.len(), stems(text));
            Piece { turn, place: 0, text, source, start: 0, end, worth: 0.5, stems }
        };
        let pieces =
            [piece(0, "заказ 48213 опаздывает"), piece(1, "опаздывает заказ 48213"), piece(2, "вернули 690 рублей")];
        let chosen: Vec<u32> = choose(pieces.iter(), Vec::new(), 48).iter().map(|piece| piece.turn).collect();
        assert_eq!(chosen, [0, 2]);
    }

    proptest! {
        #[test]
        fn pieces_together_are_the_turn(text in "[а-яa-z ,.!?\\n0-9😀]{0,400}") {
            let joined: String = cut(&text).concat().split_whitespace().collect();
            prop_assert_eq!(joined, text.split_whitespace().collect::<String>());
        }
    }
}
