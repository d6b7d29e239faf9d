//! Which phrases of a text decided: each is left out once, and what that takes from the scores is its weight
//! (occlusion: Zeiler and Fergus, 2014, 4; for words Li, Monroe and Jurafsky, 2016).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::reading::Reading;
use crate::taxonomy::{Sentiment, Topic, Urgency};

/// Words of a phrase, where no punctuation ends it before.
const WORDS: usize = 3;
/// A longer text has longer phrases, so that an explanation costs at most so many readings.
const PHRASES: usize = 24;

/// What was said of a text and is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub topic: Option<Topic>,
    pub sentiment: Sentiment,
    pub urgency: Urgency,
}

impl From<&Reading> for Said {
    fn from(reading: &Reading) -> Said {
        let topic = reading.topics.first().map(|topic| topic.value);
        Said { topic, sentiment: reading.sentiment.value, urgency: reading.urgency.value }
    }
}

/// A phrase, and by how much the score of what the model said falls without it: 0.4 of a topic means that it would be
/// 0.4 less sure of that topic. Below zero: the phrase speaks against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Phrase {
    pub text: String,
    /// First Unicode scalar value of the phrase, counted from 0.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    pub topic: f32,
    pub sentiment: f32,
    pub urgency: f32,
}

/// A part of a text and the text without it.
#[derive(Debug, PartialEq)]
pub(super) struct Cut {
    pub(super) text: String,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) rest: String,
}

/// The phrases of a text in order, each with the text that is left without it.
pub(super) fn cuts(text: &str) -> Vec<Cut> {
    let words = words(text);
    let longest = WORDS.max(words.len().div_ceil(PHRASES));
    let mut phrases: Vec<(usize, usize)> = Vec::new();
    let mut open = 0;
    for (at, (_, end)) in words.iter().enumerate() {
        let ends = text[..*end].ends_with(['.', ',', '!', '?', ';', ':', '…', '—']);
        // Punctuation cuts only while there are few phrases: a text of commas must not cost a reading each.
        if at + 1 - open == longest || at + 1 == words.len() || (ends && words.len() <= PHRASES) {
            phrases.push((words[open].0, *end));
            open = at + 1;
        }
    }
    let chars = |bytes: usize| u32::try_from(text[..bytes].chars().count()).unwrap_or(u32::MAX);
    let cut = |(start, end): (usize, usize)| Cut {
        text: text[start..end].to_owned(),
        start: chars(start),
        end: chars(end),
        rest: format!("{}{}", &text[..start], text[end..].trim_start()),
    };
    phrases.into_iter().map(cut).collect()
}

/// Where words stand, in bytes.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut open = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_whitespace(), open) {
            (false, None) => open = Some(at),
            (true, Some(start)) => {
                words.push((start, at));
                open = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_phrases() {
        let cuts = cuts("Где заказ, жду уже целый час и очень зол");
        let phrases: Vec<_> = cuts.iter().map(|cut| (cut.text.as_str(), cut.start, cut.end)).collect();
        assert_eq!(
            phrases,
            [("Где заказ,", 0, 10), ("жду уже целый", 11, 24), ("час и очень", 25, 36), ("зол", 37, 40)]
        );
        assert_eq!(cuts[1].rest, "Где заказ, час и очень зол");
        assert!(super::cuts(" \n").is_empty());
    }

    #[test]
    fn a_long_text_has_a_bounded_number_of_phrases() {
        assert!(cuts(&"слово, ".repeat(2_000)).len() <= PHRASES);
        assert_eq!(cuts("a,b").len(), 1);
    }
}
