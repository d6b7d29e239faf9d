//! The check of a written text, sentence by sentence: what fails it does not leave the process.

use super::given::{overstates, rests_on_facts};
use crate::entities::{Entity, quantities};
use crate::summary::check::{Fault, Sources};
use crate::summary::frame::Part;
use crate::summary::phrases::Phrases;
use crate::summary::sentences::{Told, sentences};
use crate::summary::text::is_cyrillic;
use crate::summary::{Account, Fact, Sentence};
use crate::taxonomy::EntityType;

/// Things that have to stand in a turn by their words: days only where they are named, for numbers have a check of their
/// own, and streets as names are.
const THINGS: [EntityType; 4] = [EntityType::Dish, EntityType::Ingredient, EntityType::Person, EntityType::Datetime];
/// Shorter words are no names.
const SHORTEST: usize = 4;

/// Words of a sentence that only says how it ended.
const CLOSING: usize = 6;

/// Whether a sentence says in a few words how it ended, which rests on what the frame read of the end: "Nothing was
/// agreed." Of what was given or done it may say no more than the facts know.
fn closes(sentence: &str, facts: &[Fact]) -> bool {
    sentence.split_whitespace().count() <= CLOSING && quantities(sentence).is_empty() && rests_on_facts(sentence, facts)
}

/// The text's sentences with the turns that support them. `named`: what the reading model finds in the text; `account`:
/// what the frame knows.
pub(super) fn judge(text: &str, named: &[Entity], account: &Account, parts: &[Part]) -> Result<Vec<Sentence>, Fault> {
    let phrases = Phrases::of(account.language, is_cyrillic(parts));
    let sources = Sources::of(parts, &account.facts);
    let told = Told::by(parts.iter().map(|part| (part.turn, part.text.as_str())));
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
        if turns.is_empty() && !all.is_empty() && closes(sentence, &account.facts) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;
    use crate::taxonomy::FactKind::{Action, Proposal};
    use crate::taxonomy::{FactKind, FactType, Outcome, Speaker};

    /// What becomes of a closing sentence behind one that a turn supports, where the frame knows these facts.
    fn closing(sentence: &str, facts: &[(FactKind, FactType, Option<bool>)]) -> Result<Vec<u32>, Fault> {
        let part = |turn, speaker, text: &str| Part { turn, speaker, text: text.to_owned(), reading: Reading::empty() };
        let parts =
            [part(0, Speaker::Customer, "суп привезли холодным"), part(1, Speaker::Operator, "понятно, всего доброго")];
        let mut account = Account::of(0, &[], None);
        account.summary.outcome = Outcome::Informed;
        account.evidence.outcome = vec![1];
        let fact = |(kind, what, accepted): &(FactKind, FactType, Option<bool>)| Fact {
            kind: *kind,
            what: *what,
            amount: None,
            due: None,
            code: None,
            accepted: *accepted,
            turn: 1,
        };
        account.facts = facts.iter().map(fact).collect();
        let sentences = judge(&format!("Суп привезли холодным. {sentence}"), &[], &account, &parts)?;
        assert_eq!((sentences.len(), sentences[0].turns.as_slice()), (2, &[0][..]));
        Ok(sentences[1].turns.clone())
    }

    #[test]
    fn how_it_ended_may_be_told_in_a_few_words_of_ones_own() {
        for sentence in ["Ни о чём не договорились.", "Клиент остался доволен.", "Ничего не сделали."]
        {
            assert_eq!(closing(sentence, &[]), Ok(vec![1]), "{sentence}");
        }
    }

    #[test]
    fn a_closing_sentence_gives_and_does_nothing_that_the_facts_do_not_know() {
        let (refund, checked) = ((Action, FactType::Refund, Some(true)), (Action, FactType::StatusCheck, Some(true)));
        let refused = (Proposal, FactType::Refund, Some(false));
        for (sentence, unknown, known) in [
            ("Оператор оформил клиенту возврат.", checked, refund),
            ("The operator issued a refund.", checked, refund),
            ("Клиент отказался от возврата.", checked, refused),
        ] {
            assert_eq!(closing(sentence, &[]), Err(Fault::NoTurn), "{sentence}");
            assert_eq!(closing(sentence, &[unknown]), Err(Fault::NoTurn), "{sentence}");
            assert_eq!(closing(sentence, &[known]), Ok(vec![1]), "{sentence}");
        }
        assert_eq!(closing("Оператор проверил заказ.", &[]), Err(Fault::NoTurn));
        assert_eq!(closing("Оператор проверил заказ.", &[checked]), Ok(vec![1]));
    }
}
