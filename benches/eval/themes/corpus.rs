//! Texts of customers with their vectors, and the sets of them that are kept for themes.

use models::taxonomy::{Language, Topic};

use crate::parts::PARTS;

/// What one customer said.
pub(crate) struct Sample {
    pub(crate) text: String,
    pub(crate) language: Language,
    pub(crate) topic: Option<Topic>,
    pub(crate) vector: Vec<f32>,
}

/// Where the talks of a theme come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Written by hand: no label has it.
    New,
    /// Written by hand after all constants were fixed.
    Held,
    /// Of the labelled messages, a narrow matter within a topic.
    Part,
    /// All labelled messages of a topic; the labels are hidden.
    Topic,
}

/// Talks that are planted together, and never lie in an ordinary window beside them.
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) members: Vec<usize>,
}

pub(crate) struct Corpus {
    pub(crate) samples: Vec<Sample>,
    /// Those that make ordinary windows.
    pub(crate) ordinary: Vec<usize>,
    pub(crate) sets: Vec<Set>,
}

/// Narrow matters within the topics: the messages of some topics that hold one of some words.
pub(crate) fn parts(samples: &[Sample]) -> Vec<Set> {
    let of = |topics: &[Topic], words: &[&str]| {
        let holds = |sample: &Sample| {
            let text = sample.text.to_lowercase();
            sample.topic.is_some_and(|topic| topics.contains(&topic)) && words.iter().any(|word| text.contains(word))
        };
        (0..samples.len()).filter(|at| holds(&samples[*at])).collect()
    };
    PARTS
        .iter()
        .map(|(name, topics, words)| Set { name: (*name).to_owned(), origin: Origin::Part, members: of(topics, words) })
        .collect()
}

/// The messages of each topic that names a matter.
pub(crate) fn topics(samples: &[Sample]) -> Vec<Set> {
    let named = Topic::ALL.iter().filter(|topic| !matches!(topic, Topic::Greeting | Topic::Irrelevant));
    named
        .map(|topic| {
            let members = (0..samples.len()).filter(|at| samples[*at].topic == Some(*topic)).collect();
            Set { name: topic.as_str().to_owned(), origin: Origin::Topic, members }
        })
        .collect()
}
