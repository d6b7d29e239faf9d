//! The words that mark a theme.

use std::collections::{HashMap, HashSet};

use super::Talk;

/// Marking words that are told at most.
const MARKS: usize = 8;
/// A word is told from this many standard errors on.
const CLEAR: f64 = 2.576;
/// Letters after which endings begin in most words of our languages.
const STEM: usize = 6;
/// Shorter words (не, и, де, va) hold sentences together and mark no matter.
const SHORTEST: usize = 3;
/// The weight of the prior: as of so many words.
const PRIOR: f64 = 200.0;

/// A word that marks a theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its commonest form.
    pub word: String,
    /// Members that use it.
    pub talks: usize,
    /// Standard errors by which it is commoner here than elsewhere.
    pub z: f64,
}

/// The words of a text in small letters, without numbers and masks.
pub(super) fn of(text: &str) -> impl Iterator<Item = String> + '_ {
    let unmasked = text.split('[').flat_map(|part| part.split_once(']').map_or(part, |(_, rest)| rest).split(is_gap));
    let letters = |word: &&str| word.chars().filter(|sign| sign.is_alphabetic()).nth(1).is_some();
    unmasked.filter(letters).filter(|word| !word.chars().any(char::is_numeric)).map(str::to_lowercase)
}

/// A text without what differs between two uses of one template.
pub(super) fn bare(text: &str) -> String {
    of(text).collect::<Vec<_>>().join(" ")
}

/// Apostrophes stand within Uzbek words.
fn is_gap(sign: char) -> bool {
    !sign.is_alphanumeric() && !matches!(sign, '\'' | '’' | 'ʻ' | 'ʼ' | '‘' | '`')
}

fn stem(word: &str) -> String {
    word.chars().take(STEM).collect()
}

/// The marks of the talks at `members` against all others, by log-odds with an informative Dirichlet prior (Monroe,
/// Colaresi & Quinn 2008, "Fightin' Words", equations 16, 19 and 22): a word counts once a talk, the prior is how
/// common it is in all talks.
pub(super) fn marks(members: &[usize], talks: &[Talk<'_>]) -> Vec<Mark> {
    let inside: HashSet<usize> = members.iter().copied().collect();
    let mut counts: HashMap<String, (f64, f64)> = HashMap::new();
    let mut forms: HashMap<String, HashMap<String, usize>> = HashMap::new();
    let (mut here, mut there) = (0.0, 0.0);
    for (place, talk) in talks.iter().enumerate() {
        let mut seen = HashSet::new();
        for word in of(talk.text).filter(|word| word.chars().count() >= SHORTEST) {
            let stem = stem(&word);
            if !seen.insert(stem.clone()) {
                continue;
            }
            let count = counts.entry(stem.clone()).or_default();
            if inside.contains(&place) {
                count.0 += 1.0;
                here += 1.0;
                *forms.entry(stem).or_default().entry(word).or_default() += 1;
            } else {
                count.1 += 1.0;
                there += 1.0;
            }
        }
    }
    let commonest = |stem: &str| {
        let forms = forms.get(stem)?;
        forms
            .iter()
            .max_by(|one, other| one.1.cmp(other.1).then_with(|| other.0.cmp(one.0)))
            .map(|(word, _)| word.clone())
    };
    let mut marks: Vec<Mark> = counts
        .iter()
        .filter(|(_, (inside, _))| *inside >= 2.0)
        .filter_map(|(stem, (inside, outside))| {
            let prior = PRIOR * (inside + outside) / (here + there);
            let odds = |count: f64, all: f64| ((count + prior) / (all + PRIOR - count - prior)).ln();
            let error = (1.0 / (inside + prior) + 1.0 / (outside + prior)).sqrt();
            let z = (odds(*inside, here) - odds(*outside, there)) / error;
            Some(Mark { word: commonest(stem)?, talks: *inside as usize, z })
        })
        .filter(|mark| mark.z >= CLEAR)
        .collect();
    marks.sort_by(|one, other| other.z.total_cmp(&one.z).then_with(|| one.word.cmp(&other.word)));
    let mut told: Vec<Mark> = Vec::new();
    for mark in marks {
        if told.len() < MARKS && !told.iter().any(|known| are_forms_of_one(&known.word, &mark.word)) {
            told.push(mark);
        }
    }
    told
}

/// Whether two words begin alike but for the last letter of the shorter one (робот, роботы; дверь, двери).
fn are_forms_of_one(one: &str, other: &str) -> bool {
    let shorter = one.chars().count().min(other.chars().count()).min(STEM);
    let alike = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    alike >= (shorter - 1).max(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::Language;

    #[test]
    fn a_word_is_told_once_whatever_its_form_and_those_that_hold_sentences_together_are_not() {
        let strange = ["робот не открылся", "роботы не открываются", "не открыть робота", "дверь робота не открыть"];
        let usual =
            ["где мой заказ", "курьер не едет", "пицца остыла", "вернуть деньги", "промокод истёк", "где курьер"];
        let texts: Vec<&str> = strange.iter().chain(&usual).copied().cycle().take(600).collect();
        let talk = |(id, text): (usize, &&'static str)| {
            let language = Language::Ru;
            Talk { id: id as u128, vector: &[], text, language, topic: None, at: None }
        };
        let talks: Vec<Talk<'_>> = texts.iter().enumerate().map(talk).collect();
        let members: Vec<usize> = (0..600).filter(|place| place % 10 < strange.len()).collect();
        let told = marks(&members, &talks);
        let words: Vec<&str> = told.iter().map(|mark| mark.word.as_str()).collect();
        assert_eq!(words.iter().filter(|word| word.starts_with("робот")).count(), 1, "{words:?}");
        assert!(words.iter().any(|word| word.starts_with("откры")) && !words.contains(&"не"), "{words:?}");
    }
}
