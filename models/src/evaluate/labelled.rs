//! Labelled lines as `annotation.md` writes them down, as far as reading is measured by them.

use serde::{Deserialize, Serialize};

use crate::reading::Evidence;
use crate::summary::Fact;
use crate::taxonomy::{EntityType, Language, Outcome, Sentiment, Speaker, Topic, TurnRole, Urgency};

/// A line of a file in the annotation format: a message, a whole contact, or the facts of one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Labelled {
    Contact(LabelledContact),
    Message(LabelledMessage),
    Facts(LabelledFacts),
}

/// A message as people labelled it; also what corrections are given out as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelledMessage {
    pub id: String,
    pub language: Language,
    pub style: Style,
    pub text: String,
    /// The main one first.
    pub topics: Vec<Topic>,
    pub sentiment: Sentiment,
    pub urgency: Urgency,
    #[serde(default)]
    pub entities: Vec<LabelledEntity>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledContact {
    pub id: String,
    pub language: Language,
    pub turns: Vec<LabelledTurn>,
    pub topics: Vec<Topic>,
    pub sentiment: Sentiment,
    pub urgency: Urgency,
    #[serde(default)]
    pub summary: Option<LabelledSummary>,
    #[serde(default)]
    pub evidence: Option<Evidence>,
}

/// Of a summary what texts and outcomes are compared with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledSummary {
    pub outcome: Outcome,
    pub text: String,
}

/// A line of a file of facts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledFacts {
    pub id: String,
    pub facts: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledTurn {
    pub speaker: Speaker,
    pub text: String,
    #[serde(default)]
    pub roles: Vec<TurnRole>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelledEntity {
    #[serde(rename = "type")]
    pub kind: EntityType,
    pub text: String,
}

/// How a message came to be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    Chat,
    Asr,
    Formal,
}

impl Style {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Style::Chat => "chat",
            Style::Asr => "asr",
            Style::Formal => "formal",
        }
    }
}
