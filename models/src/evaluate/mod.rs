//! How well a model reads labelled messages and contacts: the figures of `okno models evaluate`.

mod score;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::reading::{ModelId, ReadError, Reader, Reading, read_contact};
use crate::taxonomy::{EntityType, Language, Sentiment, Speaker, Topic, Urgency};
use score::{Counts, macro_f1};

/// Messages read together.
const AT_ONCE: usize = 64;

/// A line of a file in the annotation format: a message or a whole contact.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Labelled {
    Contact(LabelledContact),
    Message(LabelledMessage),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledMessage {
    pub id: String,
    pub language: Language,
    pub style: Style,
    pub text: String,
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
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledTurn {
    pub speaker: Speaker,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
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
    const fn as_str(self) -> &'static str {
        match self {
            Style::Chat => "chat",
            Style::Asr => "asr",
            Style::Formal => "formal",
        }
    }
}

/// Figures of a model on labelled text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub model: ModelId,
    /// By part: `all`, a language, `language/style`.
    pub messages: BTreeMap<String, MessageFigures>,
    /// By part: `all`, a language.
    pub contacts: BTreeMap<String, ContactFigures>,
    /// Entities of messages by type.
    pub entities: BTreeMap<String, EntityFigures>,
}

/// All in [0, 1] but the counts; a figure over nothing is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageFigures {
    pub n: usize,
    /// Main topic, macro-averaged over the topics that occur in the part.
    pub topic_macro_f1: f64,
    /// The same over all 31: a topic that does not occur counts nought.
    pub topic_macro_f1_31: f64,
    pub class_accuracy: f64,
    pub abstained: f64,
    pub sentiment_macro_f1: f64,
    pub critical_n: usize,
    pub critical_recall: Option<f64>,
    pub critical_precision: Option<f64>,
    pub language_accuracy: f64,
    /// Exact spans as a multiset of type and text.
    pub entity_micro_f1: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContactFigures {
    pub n: usize,
    /// Main topic, macro-averaged over the topics that occur in the part.
    pub topic_macro_f1: f64,
    pub class_accuracy: f64,
    pub sentiment_macro_f1: f64,
    pub urgency_accuracy: f64,
    pub language_accuracy: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityFigures {
    pub n: usize,
    pub precision: Option<f64>,
    pub recall: Option<f64>,
}

/// Reads all rows with `reader` and counts. The menu that the reader was loaded with is what dishes and
/// ingredients are found by.
pub async fn evaluate(reader: &Reader, rows: &[Labelled]) -> Result<Report, ReadError> {
    let (mut messages, mut contacts) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Labelled::Message(message) => messages.push(message),
            Labelled::Contact(contact) => contacts.push(contact),
        }
    }
    let mut read_messages = Vec::with_capacity(messages.len());
    for part in messages.chunks(AT_ONCE) {
        let readings = reader.read(part.iter().map(|m| m.text.clone()).collect()).await?;
        read_messages.extend(part.iter().copied().zip(readings));
    }
    let mut read_contacts = Vec::with_capacity(contacts.len());
    for contact in contacts {
        let readings = reader.read(contact.turns.iter().map(|t| t.text.clone()).collect()).await?;
        let turns: Vec<_> = contact.turns.iter().map(|t| t.speaker).zip(&readings).collect();
        read_contacts.extend(read_contact(&turns).map(|reading| (contact, reading)));
    }
    Ok(Report {
        model: reader.model().clone(),
        messages: by_part(&read_messages, message_parts, message_figures),
        contacts: by_part(&read_contacts, contact_parts, contact_figures),
        entities: entity_figures(&read_messages),
    })
}

type Read<'a, T> = (&'a T, Reading);

fn by_part<'a, T, F>(
    rows: &'a [Read<'a, T>],
    parts: fn(&T) -> Vec<String>,
    figures: fn(&[&'a Read<'a, T>]) -> F,
) -> BTreeMap<String, F> {
    let mut grouped: BTreeMap<String, Vec<&Read<'a, T>>> = BTreeMap::new();
    for row in rows {
        for part in parts(row.0) {
            grouped.entry(part).or_default().push(row);
        }
    }
    grouped.into_iter().map(|(part, rows)| (part, figures(&rows))).collect()
}

fn message_parts(m: &LabelledMessage) -> Vec<String> {
    vec!["all".to_owned(), m.language.to_string(), format!("{}/{}", m.language, m.style.as_str())]
}

fn contact_parts(c: &LabelledContact) -> Vec<String> {
    vec!["all".to_owned(), c.language.to_string()]
}

fn message_figures(rows: &[&Read<'_, LabelledMessage>]) -> MessageFigures {
    let topics: Vec<_> = rows.iter().map(|(m, r)| (m.topics.first().copied(), best_topic(r))).collect();
    let mut critical = Counts::default();
    let mut entities = Counts::default();
    for (message, reading) in rows {
        critical.add(message.urgency == Urgency::Critical, reading.urgency.value == Urgency::Critical);
        entities += score::entities(&message.entities, &reading.entities, |_| true);
    }
    MessageFigures {
        n: rows.len(),
        topic_macro_f1: macro_f1(&topics, None),
        topic_macro_f1_31: macro_f1(&topics, Some(Topic::ALL.len())),
        class_accuracy: share(rows, |(m, r)| m.topics.first().map(|t| t.class()) == best_topic(r).map(Topic::class)),
        abstained: share(rows, |(_, r)| r.abstained),
        sentiment_macro_f1: macro_f1(&moods(rows.iter().map(|(m, r)| (m.sentiment, r))), None),
        critical_n: critical.wanted(),
        critical_recall: critical.recall(),
        critical_precision: critical.precision(),
        language_accuracy: share(rows, |(m, r)| m.language == r.language.value),
        entity_micro_f1: entities.f1(),
    }
}

fn contact_figures(rows: &[&Read<'_, LabelledContact>]) -> ContactFigures {
    let topics: Vec<_> = rows.iter().map(|(c, r)| (c.topics.first().copied(), best_topic(r))).collect();
    ContactFigures {
        n: rows.len(),
        topic_macro_f1: macro_f1(&topics, None),
        class_accuracy: share(rows, |(c, r)| c.topics.first().map(|t| t.class()) == best_topic(r).map(Topic::class)),
        sentiment_macro_f1: macro_f1(&moods(rows.iter().map(|(c, r)| (c.sentiment, r))), None),
        urgency_accuracy: share(rows, |(c, r)| c.urgency == r.urgency.value),
        language_accuracy: share(rows, |(c, r)| c.language == r.language.value),
    }
}

fn entity_figures(rows: &[Read<'_, LabelledMessage>]) -> BTreeMap<String, EntityFigures> {
    let figures = |kind: EntityType| {
        let mut counts = Counts::default();
        for (message, reading) in rows {
            counts += score::entities(&message.entities, &reading.entities, |k| k == kind);
        }
        EntityFigures { n: counts.wanted(), precision: counts.precision(), recall: counts.recall() }
    };
    EntityType::ALL.iter().map(|kind| (kind.to_string(), figures(*kind))).collect()
}

/// The best guess, also when the model abstained.
fn best_topic(reading: &Reading) -> Option<Topic> {
    reading.topics.first().map(|t| t.value)
}

fn moods<'a>(rows: impl Iterator<Item = (Sentiment, &'a Reading)>) -> Vec<(Option<Sentiment>, Option<Sentiment>)> {
    rows.map(|(wanted, reading)| (Some(wanted), Some(reading.sentiment.value))).collect()
}

fn share<T>(rows: &[T], holds: impl Fn(&T) -> bool) -> f64 {
    rows.iter().filter(|row| holds(row)).count() as f64 / rows.len().max(1) as f64
}
