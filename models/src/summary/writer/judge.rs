//! The check of a written text, sentence by sentence: what fails it does not leave the process.

use super::given::overstates;
use super::sentences::{Told, sentences};
use crate::entities::{Entity, quantities};
use crate::summary::check::{Fault, Sources};
use crate::summary::frame::Part;
use crate::summary::phrases::Phrases;
use crate::summary::text::is_cyrillic;
use crate::summary::{Account, Sentence};
use crate::taxonomy::EntityType;

/// Things that have to stand in a turn by their words: days only where they are named, for numbers have a check of their
/// own, and streets as names are.
const THINGS: [EntityType; 4] = [EntityType::Dish, EntityType::Ingredient, EntityType::Person, EntityType::Datetime];
/// Shorter words are no names.
const SHORTEST: usize = 4;

/// Words of a sentence that only says how it ended.
const CLOSING: usize = 6;

/// Whether a sentence says in a few words how it ended, which rests on what the frame read of the end: "Nothing was
/// agreed."
fn closes(sentence: &str) -> bool {
    sentence.split_whitespace().count() <= CLOSING && quantities(sentence).is_empty()
}

/// The text's sentences with the turns that support them. `named`: what the reading model finds in the text; `account`:
/// what the frame knows.
pub(super) fn judge(text: &str, named: &[Entity], account: &Account, parts: &[Part]) -> Result<Vec<Sentence>, Fault> {
    let phrases = Phrases::of(account.language, is_cyrillic(parts));
    let sources = Sources::of(parts, &account.facts);
    let told = Told::by(parts);
    let unknown = |entity: &&Entity| {
        let words = entity.text.split(|c: char| !c.is_alphanumeric());
        let mut names = words.filter(|word| word.chars().count() >= SHORTEST && word.chars().all(char::is_alphabetic));
        let is_date = entity.kind == EntityType::Datetime && entity.text.contains(|c: char| c.is_ascii_digit());
        THINGS.contains(&entity.kind) && !is_date && !names.all(|word| sources.has_word(word))
    };
    if named.iter().any(|entity| unknown(&entity)) {
        return Err(Fault::Thing);
    }
    let mut all = Vec::new();
    for range in sentences(text) {
        let sentence = &text[range.clone()];
        let mut turns = told.support(sentence);
        if turns.is_empty() && !all.is_empty() && closes(sentence) {
            turns.clone_from(&account.evidence.outcome);
        }
        sources.check(sentence, &turns, phrases)?;
        if overstates(sentence, &account.facts, account.summary.outcome) {
            return Err(Fault::Refused);
        }
        let start = text[..range.start].chars().count() as u32;
        all.push(Sentence { start, end: start + sentence.chars().count() as u32, turns });
    }
    Ok(all)
}
