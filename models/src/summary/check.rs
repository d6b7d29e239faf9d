//! The check: nothing in a summary that no turn says.

use std::collections::HashSet;

use crate::entities::{Quantity, SaidNumbers, quantities};
use crate::summary::Fact;
use crate::summary::frame::Part;
use crate::summary::phrases::Phrases;
use crate::taxonomy::FactKind;

/// Letters of a name that cases are added to; shorter words begin too many others.
const SHORTEST_NAME: usize = 4;

/// What the turns hold, ready to be asked.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    /// By turn, in lower case, white space as one space.
    turns: Vec<(u32, String)>,
    numbers: SaidNumbers,
    words: HashSet<String>,
    facts: &'a [Fact],
}

/// Why a sentence may not leave the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A number that no turn says, in digits or in words, or says of something else: of another currency.
    Number,
    /// A code, or a word with a capital letter within the sentence, that no turn says.
    Name,
    /// Words in quotation marks that no turn says so.
    Quote,
    /// It rests on no turn of the contact.
    NoTurn,
    /// It tells what was refused as if it had been done, or what stays open as if it were settled.
    Refused,
    /// A dish, a person or a day that no turn names.
    Thing,
    /// The writer's text says nothing, came to no end, or was broken off.
    Empty,
    Endless,
    BrokenOff,
    /// Nothing was written: there is no matter to tell, or the talk is too long for the writer.
    NoMatter,
    Long,
}

impl Fault {
    pub fn as_str(self) -> &'static str {
        match self {
            Fault::Number => "number",
            Fault::Name => "name",
            Fault::Quote => "quote",
            Fault::NoTurn => "no_turn",
            Fault::Refused => "refused",
            Fault::Thing => "thing",
            Fault::Empty => "empty",
            Fault::Endless => "endless",
            Fault::BrokenOff => "broken_off",
            Fault::NoMatter => "no_matter",
            Fault::Long => "long",
        }
    }
}

impl<'a> Sources<'a> {
    pub(super) fn of(parts: &[Part], facts: &'a [Fact]) -> Sources<'a> {
        Sources::by(parts.iter().map(|part| (part.turn, part.text.as_str())), facts)
    }

    /// `said`: turns, or parts of them, in order.
    pub(super) fn by<'t>(said: impl Iterator<Item = (u32, &'t str)> + Clone, facts: &'a [Fact]) -> Sources<'a> {
        let words = said.clone().flat_map(|(_, text)| text.split(|c: char| !c.is_alphanumeric()));
        Sources {
            turns: said.clone().map(|(turn, text)| (turn, plain(text))).collect(),
            numbers: SaidNumbers::of(said.map(|(_, text)| text)),
            words: words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect(),
            facts,
        }
    }

    /// Whether a sentence says only what these turns of the contact say. Numbers are the same in digits and in words,
    /// with what they count, names in any of their cases.
    pub(super) fn check(&self, sentence: &str, turns: &[u32], phrases: &Phrases) -> Result<(), Fault> {
        if turns.is_empty() || !turns.iter().all(|turn| self.turns.binary_search_by_key(turn, |(of, _)| *of).is_ok()) {
            return Err(Fault::NoTurn);
        }
        let (quoted, own) = parted(sentence, phrases.quotes);
        // Most often it stands in a turn that is told of: thousands of quotations need not go through a long talk.
        let is_near = |quote: &str| turns.iter().any(|turn| say(self.of_turn(*turn), quote));
        let mut quotes = quoted.iter().flat_map(|quote| quote.split(" … "));
        if !quotes.all(|quote| is_near(quote) || self.is_said(quote)) {
            return Err(Fault::Quote);
        }
        if !self.has_numbers(sentence) {
            return Err(Fault::Number);
        }
        if !own.split_whitespace().skip(1).all(|word| self.is_known(word)) {
            return Err(Fault::Name);
        }
        if sentence.starts_with(&phrases.words.done) && self.are_refused(turns) {
            return Err(Fault::Refused);
        }
        Ok(())
    }

    /// Whether these turns state offers that were refused, and nothing else.
    fn are_refused(&self, turns: &[u32]) -> bool {
        let mut of = self.facts.iter().filter(|fact| turns.contains(&fact.turn)).peekable();
        of.peek().is_some() && of.all(|fact| fact.kind == FactKind::Proposal && fact.accepted == Some(false))
    }

    /// Whether the turns say every number of a sentence, and of the same.
    pub(super) fn has_numbers(&self, sentence: &str) -> bool {
        quantities(sentence).iter().all(|number| self.has_number(number))
    }

    /// Whether a turn says the number, and of the same: roubles are no tenge, and twenty per cent no twenty roubles.
    fn has_number(&self, number: &Quantity<'_>) -> bool {
        (self.numbers.has(number) || self.is_word(number.text))
            && (self.numbers.of_the_same(number) || (!number.of.is_empty() && self.is_word(number.whole)))
    }

    fn is_said(&self, words: &str) -> bool {
        say(&self.turns, words)
    }

    fn of_turn(&self, turn: u32) -> &[(u32, String)] {
        let from = self.turns.partition_point(|(of, _)| *of < turn);
        let to = self.turns.partition_point(|(of, _)| *of <= turn);
        &self.turns[from..to]
    }

    /// Whether a turn says this as words of its own, not within another ("сто" in "просто").
    fn is_word(&self, words: &str) -> bool {
        let words = plain(words);
        let apart = |before: &str, behind: &str| {
            !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric)
        };
        self.turns.iter().any(|(_, turn)| {
            turn.match_indices(&words).any(|(at, found)| apart(&turn[..at], &turn[at + found.len()..]))
        })
    }

    /// True for small words, and for codes and names whose beginning stands in a turn: a case ending may differ.
    fn is_known(&self, word: &str) -> bool {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        // Numbers have a check of their own.
        let has_ending = |(number, ending): (&str, &str)| {
            number.chars().all(|c| !c.is_alphabetic()) && ending.chars().all(char::is_lowercase)
        };
        let is_code = bare.contains(|c: char| c.is_ascii_digit())
            && bare.contains(char::is_alphabetic)
            && !bare.split_once('-').is_some_and(has_ending);
        let names = bare.starts_with(char::is_uppercase) || is_code;
        !names || self.is_said(bare) || self.has_word(bare)
    }

    /// Whether a word stands in a turn, in any of its cases. Kazakh and Uzbek ones add many letters to a name.
    pub(super) fn has_word(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        let stem: String = lower.chars().take(word.chars().count().saturating_sub(2).max(3)).collect();
        let count = |word: &str| word.chars().count();
        let is_case = |said: &str| count(said) >= SHORTEST_NAME && lower.starts_with(said);
        // "Зои" of "Зоя": in a short name the last letter changes.
        let but_last: String = lower.chars().take(count(&lower).saturating_sub(1).max(2)).collect();
        let is_short = |said: &str| {
            count(&lower) <= SHORTEST_NAME && count(said).abs_diff(count(&lower)) <= 1 && said.starts_with(&but_last)
        };
        self.words.iter().any(|said| said.starts_with(&stem) || is_case(said) || is_short(said))
    }
}

/// Whether any of these turns says the words.
fn say(turns: &[(u32, String)], words: &str) -> bool {
    let words = plain(words);
    turns.iter().any(|(_, turn)| turn.contains(words.trim_end_matches(['.', ',', '!', '?', ';', ':'])))
}

/// What stands in quotation marks, and all else.
fn parted(sentence: &str, [open, close]: [char; 2]) -> (Vec<&str>, String) {
    let (mut quoted, mut own) = (Vec::new(), String::new());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once(open) {
        own.push_str(before);
        // A quotation may hold marks of its own: it ends at the last one before the next begins.
        let next = after.find(open).unwrap_or(after.len());
        let end = after[..next].rfind(close).unwrap_or(next);
        quoted.push(&after[..end]);
        // Behind a mark that nothing closes before the next opens, all is still to be looked at.
        rest = after[end..].strip_prefix(close).unwrap_or(&after[end..]);
    }
    own.push_str(rest);
    (quoted, own)
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;
    use crate::taxonomy::{Language, Speaker};

    fn part(turn: u32, text: &str) -> Part {
        Part { turn, speaker: Speaker::Customer, text: text.to_owned(), reading: Reading::empty() }
    }

    #[test]
    fn what_no_turn_says_does_not_pass() {
        let parts =
            [part(0, "где заказ 48213 просто жду сорок минут"), part(1, "Светлана уже проверила, вернём 690 рублей")];
        let sources = Sources::of(&parts, &[]);
        let check = |sentence: &str, turns: &[u32]| sources.check(sentence, turns, Phrases::of(Language::Ru, true));
        assert_eq!(check("Заказ 48213 опаздывает на 40 минут.", &[0]), Ok(()));
        assert_eq!(check("Оператор Светлане сказал: «вернём 690 рублей».", &[1]), Ok(()));
        assert_eq!(check("Ждёт 40-минутной доставки.", &[0]), Ok(()));
        assert_eq!(check("Код СБ-40.", &[0]), Err(Fault::Name));
        assert_eq!(check("Светлананың тапсырысы.", &[1]), Ok(()));
        assert_eq!(check("Заказ 48214 опаздывает.", &[0]), Err(Fault::Number));
        assert_eq!(check("Вернут семьсот рублей.", &[1]), Err(Fault::Number));
        assert_eq!(check("Ждёт сто минут.", &[0]), Err(Fault::Number));
        assert_eq!(check("Вернут шестьсот девяносто рублей.", &[1]), Ok(()));
        assert_eq!(check("Вернут 690 тенге.", &[1]), Err(Fault::Number));
        assert_eq!(check("Вернут 690 %.", &[1]), Err(Fault::Number));
        assert_eq!(check("Ждёт 40 рублей.", &[0]), Err(Fault::Number));
        assert_eq!(check("Заказ на 48213 рублей.", &[0]), Err(Fault::Number));
        assert_eq!(check("Клиента зовут Марат.", &[0]), Err(Fault::Name));
        assert_eq!(check("Сделано: «вернули 690 рублей».", &[1]), Err(Fault::Quote));
        assert_eq!(check("Заказ опаздывает.", &[]), Err(Fault::NoTurn));
        assert_eq!(check("Заказ опаздывает.", &[7]), Err(Fault::NoTurn));
    }

    #[test]
    fn what_stands_behind_a_quotation_within_a_quotation_is_looked_at_too() {
        let parts = [part(0, "просил «плов» и чай")];
        let sources = Sources::of(&parts, &[]);
        let check = |sentence: &str| sources.check(sentence, &[0], Phrases::of(Language::Ru, true));
        assert_eq!(check("Клиент: «просил «плов» и чай»."), Ok(()));
        assert_eq!(check("Клиент: «просил «плов» и чай», зовут Марат."), Err(Fault::Name));
        assert_eq!(check("Клиент: «просил «плов» и суп»."), Err(Fault::Quote));
    }
}
