//! A written text cut into sentences, and the turns that each of them rests on.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::entities::quantities;
use crate::summary::Sentence;
use crate::summary::check::Sources;

/// Turns that a sentence may rest on.
const TURNS: usize = 5;
/// Letters by which words are the same; shorter ones say too little.
const LETTERS: usize = 5;
const SHORTEST: usize = 4;
/// A number or a name that both have is worth so many words.
const NUMBER: f32 = 3.0;
const NAME: f32 = 2.0;
/// A further turn must add so much.
const MORE: f32 = 1.0;
/// What a turn must have in common with a person's sentence: so many words, or a number, a name or a word of [`LONG`]
/// letters that no other turn says.
const ENOUGH: usize = 2;
const LONG: usize = 6;

/// The bytes of each sentence: it ends at a sign that a gap and a capital letter, a digit or a quotation follow.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, sign) in text.char_indices() {
        let ends = matches!(sign, '.' | '!' | '?' | '…');
        let behind = at + sign.len_utf8();
        let next = text[behind..].trim_start();
        let gap = next.len() < text.len() - behind;
        let opens =
            next.chars().next().is_none_or(|c| c.is_uppercase() || c.is_numeric() || matches!(c, '«' | '“' | '"'));
        if ends && (gap || next.is_empty()) && opens {
            found.push(start..behind);
            start = text.len() - next.len();
        }
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found.retain(|range| text[range.clone()].contains(char::is_alphanumeric));
    found
}

/// The sentences of a text in order, each with the turns that support it: those whose turns are known, `kept`, as they
/// are, and of what stands between them those that have enough in common with any of `turns`, which count from 0. A
/// sentence with a number that no turn says has none, whatever else they share.
pub fn supported(text: &str, kept: Vec<Sentence>, turns: &[&str]) -> Vec<Sentence> {
    let told = Told::by((0..).zip(turns.iter().copied()));
    let sources = Sources::by((0..).zip(turns.iter().copied()), &[]);
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |place: u32| places.get(place as usize).copied().unwrap_or(text.len());
    let mut all = Vec::new();
    let mut from = 0;
    for known in kept.into_iter().map(Some).chain([None]) {
        let to = known.as_ref().map_or(text.len(), |known| byte(known.start));
        let between = text.get(byte(from)..to).unwrap_or_default();
        for range in sentences(between) {
            let sentence = between[range.clone()].trim_start();
            let support = if sources.has_numbers(sentence) { told.evidence(sentence) } else { Vec::new() };
            if !support.is_empty() {
                let start = from + between[..range.end - sentence.len()].chars().count() as u32;
                let end = start + sentence.trim_end().chars().count() as u32;
                all.push(Sentence { start, end, turns: support });
            }
        }
        from = known.as_ref().map_or(from, |known| known.end);
        all.extend(known);
    }
    all
}

/// What the turns say, by turn.
pub(super) struct Told {
    turns: Vec<(u32, HashSet<String>)>,
    /// In how many turns a word stands.
    spread: HashMap<String, usize>,
}

impl Told {
    /// `said`: turns, or parts of them, in order.
    pub(super) fn by<'a>(said: impl Iterator<Item = (u32, &'a str)>) -> Told {
        let mut turns: Vec<(u32, HashSet<String>)> = Vec::new();
        for (turn, text) in said {
            if turns.last().is_none_or(|(last, _)| *last != turn) {
                turns.push((turn, HashSet::new()));
            }
            if let Some((_, said)) = turns.last_mut() {
                said.extend(items(text).into_iter().map(|item| item.key));
            }
        }
        let mut spread = HashMap::new();
        for item in turns.iter().flat_map(|(_, said)| said) {
            *spread.entry(item.clone()).or_insert(0) += 1;
        }
        Told { turns, spread }
    }

    /// The turns that support a sentence which was made from them, in order: by what they have in common with it, each
    /// for something that those before it have not. None where no turn says any of it.
    pub(super) fn support(&self, sentence: &str) -> Vec<u32> {
        self.sharing(1, sentence)
    }

    /// As [`Told::support`], of a sentence that may say what no turn does, as a person's may: one common word is too
    /// little to rest on.
    fn evidence(&self, sentence: &str) -> Vec<u32> {
        self.sharing(ENOUGH, sentence)
    }

    /// Of the turns that share so much with the sentence those that support it.
    fn sharing(&self, least: usize, sentence: &str) -> Vec<u32> {
        let mut open: HashMap<String, (f32, usize)> = HashMap::new();
        for item in items(sentence) {
            if let Some(turns) = self.spread.get(&item.key) {
                let is_telling = item.worth >= NAME || (*turns == 1 && item.letters >= LONG);
                // What stands in every turn tells them not apart.
                open.insert(item.key, (item.worth / (*turns as f32).sqrt(), if is_telling { ENOUGH } else { 1 }));
            }
        }
        let shared = |said: &HashSet<String>| -> usize {
            open.iter().filter(|(item, _)| said.contains(*item)).map(|(_, (_, shared))| *shared).sum()
        };
        let turns: Vec<&(u32, HashSet<String>)> = self.turns.iter().filter(|(_, said)| shared(said) >= least).collect();
        let mut support = Vec::new();
        while support.len() < TURNS {
            let worth = |said: &HashSet<String>| -> f32 {
                let mut shared: Vec<f32> = said.iter().filter_map(|item| open.get(item).map(|of| of.0)).collect();
                // In one order, so that the sum is the same each time.
                shared.sort_by(f32::total_cmp);
                shared.iter().sum()
            };
            let best = turns.iter().map(|(turn, said)| (*turn, said, worth(said)));
            let best = best.max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0)));
            let Some((turn, said, gain)) = best else { break };
            if gain <= 0.0 || (!support.is_empty() && gain < MORE) {
                break;
            }
            support.push(turn);
            open.retain(|item, _| !said.contains(item));
        }
        support.sort_unstable();
        support
    }
}

/// Something that two texts may have in common.
struct Item {
    /// A number by its value, a name or a word by its beginning.
    key: String,
    worth: f32,
    /// Of a name or a word, all of them.
    letters: usize,
}

fn items(text: &str) -> Vec<Item> {
    let number = |value: u64| Item { key: format!("#{value}"), worth: NUMBER, letters: 0 };
    let mut items: Vec<Item> = quantities(text).into_iter().map(|found| number(found.value)).collect();
    let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '‘' | 'ʻ' | '’'));
    for (at, word) in words.filter(|word| !word.is_empty()).enumerate() {
        let letters: Vec<char> = word.chars().filter(|c| c.is_alphanumeric()).collect();
        if letters.len() >= SHORTEST && letters.iter().any(|c| c.is_alphabetic()) {
            // The first word of a sentence has a capital letter whatever it is.
            let worth = if at > 0 && letters[0].is_uppercase() { NAME } else { 1.0 };
            let key = letters.iter().flat_map(|c| c.to_lowercase()).take(LETTERS).collect();
            items.push(Item { key, worth, letters: letters.len() });
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_text_is_cut_at_its_sentences() {
        assert_eq!(
            cut("Суп не привезли. Вернули 1.5 тыс. руб. до 14.30. «Спасибо»."),
            ["Суп не привезли.", "Вернули 1.5 тыс. руб. до 14.30.", "«Спасибо»."]
        );
        assert_eq!(cut("Ждёт… ответа"), ["Ждёт… ответа"]);
        assert_eq!(cut(" "), Vec::<&str>::new());
    }

    #[test]
    fn sentences_between_those_that_are_known_find_their_turns() {
        let turns = ["суп привезли холодным", "вернём шестьсот девяносто рублей", "спасибо"];
        let text = "Холодный суп! Известно. Возврат 690 рублей. Всё хорошо.";
        let kept = Sentence { start: 14, end: 23, turns: vec![2] };
        let of = |start: u32, end: u32, turn: u32| Sentence { start, end, turns: vec![turn] };
        assert_eq!(supported(text, vec![kept.clone()], &turns), [of(0, 13, 0), kept, of(24, 43, 1)]);
        assert_eq!(supported("Возврат 690 рублей", Vec::new(), &turns), [of(0, 18, 1)]);
        assert_eq!(supported("", Vec::new(), &turns), []);
        let broken = of(90, 99, 0);
        assert_eq!(supported("Суп.", vec![broken.clone()], &turns), [broken]);
    }

    #[test]
    fn a_persons_sentence_rests_on_more_than_one_common_word() {
        let turns = ["верну шестьсот девяносто рублей за заказ", "заказ едет, курьер Тимур", "заказ привезли холодным"];
        let cases: [(&str, &[u32]); 9] = [
            ("Возврат 690 рублей.", &[0]),
            // No turn says the number, or says it of something else.
            ("Возврат рублей за заказ: 700 рублей.", &[]),
            ("Возврат за заказ: 690 тенге.", &[]),
            // One word that every turn says, one that is short, and two of them.
            ("Про заказ забыли.", &[]),
            ("Едет долго.", &[]),
            ("Заказ едет.", &[1]),
            // A name, and a long word of one turn.
            ("Позвонил Тимур.", &[1]),
            ("Холодная еда.", &[2]),
            // A capital letter alone makes no name of the first word.
            ("Заказ забыли.", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<u32> = supported(text, Vec::new(), &turns).into_iter().flat_map(|of| of.turns).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
