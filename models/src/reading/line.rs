//! The JSON line that `okno classify` and `POST /v1/classify` answer with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::reading::{Entity, Phrase, Reading};
use crate::taxonomy::{Class, Language, Sentiment, Topic, Urgency};

/// One classified message, flat, in the shape that the command line and the HTTP interface promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClassifiedLine {
    /// As it came in.
    pub id: String,
    pub language: Language,
    /// The main topic, also as a best guess when abstained.
    pub topic: Option<Topic>,
    pub class: Option<Class>,
    pub topics: Vec<TopicScore>,
    pub abstained: bool,
    pub sentiment: Sentiment,
    pub urgency: Urgency,
    pub entities: Vec<Entity>,
    /// The phrases that decided, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Vec<Phrase>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TopicScore {
    pub id: Topic,
    pub score: f32,
}

impl ClassifiedLine {
    pub fn new(id: String, reading: Reading) -> ClassifiedLine {
        let topic = reading.topics.first().map(|t| t.value);
        ClassifiedLine {
            id,
            language: reading.language.value,
            topic,
            class: topic.map(Topic::class),
            topics: reading.topics.iter().map(|t| TopicScore { id: t.value, score: t.score }).collect(),
            abstained: reading.abstained,
            sentiment: reading.sentiment.value,
            urgency: reading.urgency.value,
            entities: reading.entities,
            because: None,
        }
    }
}
