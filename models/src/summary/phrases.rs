//! What a summary says in its own words, by language: `phrases/*.toml`.
//!
//! The words are chosen so that nothing beside them need be inflected: topics and offers are nouns, deeds are
//! whole, and whatever comes from the talk is quoted as it was said.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::entities::folded;
use crate::taxonomy::{FactKind, FactType, Language, Outcome, Topic};

/// The words of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    /// Opening and closing quotation mark.
    pub(super) quotes: [char; 2],
    joints: HashSet<String>,
    polite: HashSet<String>,
    behind: HashSet<String>,
    refuses: Vec<String>,
    denying: Vec<String>,
    or: HashSet<String>,
    pub(super) words: Words,
    outcome: HashMap<String, String>,
    topic: HashMap<String, String>,
    request: HashMap<String, String>,
    proposal: HashMap<String, String>,
    action: HashMap<String, String>,
    promise: HashMap<String, String>,
}

/// What opens a sentence or a part of one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) order: String,
    pub(super) request: String,
    /// Who is quoted on the matter.
    pub(super) customer: String,
    /// Who is quoted on what was done and on what is owed.
    pub(super) done: String,
    pub(super) owed: String,
    /// The customer took what was offered.
    pub(super) taken: String,
    /// The customer did not take what was offered.
    pub(super) refused: String,
    /// The operator did not grant what was asked.
    pub(super) denied: String,
    /// Offered; what became of it is not plain.
    pub(super) offered: String,
    /// Offered, and left without an answer.
    pub(super) open: String,
}

static ALL: LazyLock<[Phrases; 5]> = LazyLock::new(|| {
    let read = |text: &str| toml::from_str(text).unwrap_or_else(|error| panic!("phrases of a summary: {error}"));
    [
        read(include_str!("phrases/ru.toml")),
        read(include_str!("phrases/kk.toml")),
        read(include_str!("phrases/uz.toml")),
        read(include_str!("phrases/en.toml")),
        read(include_str!("phrases/uz_cyrillic.toml")),
    ]
});

impl Phrases {
    /// `cyrillic`: the contact is mostly written so; only Uzbek has both scripts.
    pub(super) fn of(language: Language, cyrillic: bool) -> &'static Phrases {
        let [ru, kk, uz, en, uz_cyrillic] = &*ALL;
        match language {
            Language::Ru => ru,
            Language::Kk => kk,
            Language::Uz if cyrillic => uz_cyrillic,
            Language::Uz => uz,
            Language::En => en,
        }
    }

    /// Whether a word, in lower case, begins a new clause in any of the languages: people mix them.
    pub(super) fn joins(word: &str) -> bool {
        ALL.iter().any(|phrases| phrases.joints.contains(word))
    }

    /// Whether a word, in lower case, only opens or closes a talk; `behind` such a word others do so too.
    pub(super) fn is_polite(word: &str, behind: bool) -> bool {
        ALL.iter().any(|phrases| phrases.polite.contains(word) || (behind && phrases.behind.contains(word)))
    }

    /// Whether a text holds words by which an offer is refused in any of the languages; folded as names are.
    pub(super) fn refuse(text: &str) -> bool {
        let words: Vec<&str> = text.split(' ').collect();
        let stands = |phrase: &String| {
            let wanted: Vec<&str> = phrase.split(' ').collect();
            words.windows(wanted.len()).any(|said| said == wanted)
        };
        let denies = |ending: &String| words.iter().any(|word| word.ends_with(ending.as_str()));
        ALL.iter().any(|phrases| phrases.refuses.iter().any(stands) || phrases.denying.iter().any(denies))
    }

    /// Whether words name several ways to choose from, in any of the languages: one that begins with "or" adds to what was
    /// said before.
    pub(super) fn leave_a_choice(text: &str) -> bool {
        folded(text).split(' ').skip(1).any(|word| ALL.iter().any(|phrases| phrases.or.contains(word)))
    }

    /// The matter as a short statement, with a capital letter.
    pub(super) fn topic(&self, topic: Topic) -> &str {
        word(&self.topic, topic.as_str())
    }

    pub(super) fn fact(&self, kind: FactKind, what: FactType) -> &str {
        let words = match kind {
            FactKind::Request => &self.request,
            FactKind::Proposal => &self.proposal,
            FactKind::Action => &self.action,
            FactKind::Promise => &self.promise,
        };
        word(words, what.as_str())
    }

    /// How it ended as a short statement, with a capital letter.
    pub(super) fn outcome(&self, outcome: Outcome) -> &str {
        word(&self.outcome, outcome.as_str())
    }
}

/// A test sees to it that none is missing.
fn word<'a>(words: &'a HashMap<String, String>, label: &str) -> &'a str {
    words.get(label).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_word_for_each_label_and_for_nothing_else() {
        for (language, cyrillic) in
            Language::ALL.iter().map(|language| (language, false)).chain([(&Language::Uz, true)])
        {
            let phrases = Phrases::of(*language, cyrillic);
            let lists = [&phrases.request, &phrases.proposal, &phrases.action, &phrases.promise];
            let topics: Vec<_> = Topic::ALL.iter().map(|topic| phrases.topic(*topic)).collect();
            let outcomes: Vec<_> = Outcome::ALL.iter().map(|outcome| phrases.outcome(*outcome)).collect();
            assert!(topics.iter().chain(&outcomes).all(|word| word.starts_with(char::is_uppercase)), "{language}");
            assert_eq!((phrases.topic.len(), phrases.outcome.len()), (topics.len(), outcomes.len()), "{language}");
            for (kind, list) in FactKind::ALL.iter().zip(lists) {
                assert_eq!(list.len(), FactType::ALL.len(), "{language} {kind}");
                for what in FactType::ALL {
                    assert!(!phrases.fact(*kind, *what).is_empty(), "{language} {kind} {what}");
                }
            }
        }
    }

    #[test]
    fn no_deed_reads_as_if_it_had_not_been_done() {
        const DENIALS: [&str; 8] = ["мады", "меді", "бады", "беді", "пады", "педі", "madi", "мади"];
        for deed in ALL.iter().flat_map(|phrases| phrases.action.values()) {
            assert!(!DENIALS.iter().any(|denial| deed.contains(denial)), "{deed}");
        }
    }

    #[test]
    fn an_uzbek_complaint_is_about_somebody_and_not_made_to_them() {
        for (cyrillic, complaint, to) in [(false, " shikoyat", ["ga", "qa"]), (true, " шикоят", ["га", "қа"])]
        {
            let topics = Topic::ALL.iter().map(|topic| Phrases::of(Language::Uz, cyrillic).topic(*topic));
            let about: Vec<&str> = topics.filter_map(|words| words.strip_suffix(complaint)).collect();
            assert_eq!(about.len(), 4, "{about:?}");
            assert!(!about.iter().any(|whom| to.iter().any(|case| whom.ends_with(case))), "{about:?}");
        }
    }
}
