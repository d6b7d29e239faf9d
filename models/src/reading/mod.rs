//! Reading: a text becomes its topics, mood, urgency, language and entities.

mod acts;
mod contact;
mod explain;
pub(crate) mod grams;
mod judge;
mod layers;
mod line;
mod looks;
mod member;
mod memory;
mod model;
mod reader;
mod talk;

pub use contact::read_contact;
pub use explain::{Phrase, Said};
pub use line::{ClassifiedLine, TopicScore};
pub use model::ReadingModel;
pub use reader::{ReadError, Reader};
pub use talk::{Act, Evidence, Matter, TalkReading};

pub use crate::entities::{Entity, MenuWords};
pub use crate::manifest::LoadError;
pub use inference::Precision;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::taxonomy::{Class, Language, Sentiment, Topic, Urgency};

/// What the model understood of one message, or of a contact so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reading {
    /// The language of most words.
    pub language: Scored<Language>,
    /// True when a second language takes a real part.
    pub mixed: bool,
    /// The topics that are sure enough, best first. When abstained: only the best guess.
    pub topics: Vec<Scored<Topic>>,
    /// True when nothing was sure enough to act on.
    pub abstained: bool,
    pub sentiment: Scored<Sentiment>,
    pub urgency: Scored<Urgency>,
    /// In the order in which they stand in the text.
    pub entities: Vec<Entity>,
}

#[cfg(test)]
impl Reading {
    /// Of a Russian text in which nothing was found.
    pub(crate) fn empty() -> Reading {
        Reading::nothing(Scored { value: Language::Ru, score: 1.0 })
    }
}

impl Reading {
    /// Of a text in which nothing was found.
    fn nothing(language: Scored<Language>) -> Reading {
        Reading {
            language,
            mixed: false,
            topics: Vec::new(),
            abstained: true,
            sentiment: Scored { value: Sentiment::Neutral, score: 1.0 },
            urgency: Scored { value: Urgency::Normal, score: 1.0 },
            entities: Vec::new(),
        }
    }

    /// The main topic; none when the model abstained.
    pub fn topic(&self) -> Option<Topic> {
        if self.abstained { None } else { self.topics.first().map(|t| t.value) }
    }

    /// The class of the main topic.
    pub fn class(&self) -> Option<Class> {
        self.topic().map(Topic::class)
    }
}

/// A label with its calibrated probability, in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scored<T> {
    pub value: T,
    pub score: f32,
}

/// Which model said something: stored with each insight.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct ModelId {
    pub id: String,
    pub version: String,
}
