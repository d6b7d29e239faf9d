use std::collections::BTreeMap;

use serde::Serialize;

use crate::evaluate::bootstrap::{Figure, figure};
use crate::evaluate::score::{self, Counts, macro_f1};
use crate::evaluate::{LabelledMessage, calibration, share};
use crate::reading::{ReadError, Reader, Reading, Scored};
use crate::taxonomy::{EntityType, Topic, Urgency};

/// Messages read together.
const AT_ONCE: usize = 64;
/// From so many words on the language of a message can be told.
const ENOUGH_WORDS: usize = 3;

/// All in [0, 1] but the counts; a figure over nothing is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageFigures {
    pub n: usize,
    /// Main topic, macro-averaged over the topics that occur in the part.
    pub topic_macro_f1: Option<Figure>,
    /// The same over all 31: a topic that does not occur counts nought.
    pub topic_macro_f1_31: Option<f64>,
    pub class_accuracy: Option<Figure>,
    pub abstained: Option<f64>,
    pub sentiment_macro_f1: Option<Figure>,
    pub critical_n: usize,
    pub critical_recall: Option<Figure>,
    pub critical_precision: Option<Figure>,
    pub urgency_accuracy: Option<f64>,
    /// Of messages of at least three words.
    pub language_accuracy: Option<Figure>,
    /// Exact spans as a multiset of type and text.
    pub entity_micro_f1: Option<Figure>,
    /// Expected calibration errors of the main topic, the sentiment and the urgency.
    pub topic_calibration_error: Option<f64>,
    pub sentiment_calibration_error: Option<f64>,
    pub urgency_calibration_error: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityFigures {
    pub n: usize,
    pub precision: Option<f64>,
    pub recall: Option<f64>,
}

/// A labelled message and what the model read in it.
pub(super) struct Read<'a> {
    wanted: &'a LabelledMessage,
    found: Reading,
    entities: Counts,
}

pub(super) async fn read<'a>(
    reader: &Reader,
    messages: &[&'a LabelledMessage],
    done: &mut impl FnMut(),
) -> Result<Vec<Read<'a>>, ReadError> {
    let mut all = Vec::with_capacity(messages.len());
    for part in messages.chunks(AT_ONCE) {
        let readings = reader.read(part.iter().map(|m| m.text.clone()).collect()).await?;
        all.extend(part.iter().zip(readings).map(|(wanted, found)| {
            done();
            let entities = score::entities(&wanted.entities, &found.entities, |_| true);
            Read { wanted, found, entities }
        }));
    }
    Ok(all)
}

pub(super) fn parts(row: &Read<'_>) -> Vec<String> {
    let (language, style) = (row.wanted.language.as_str(), row.wanted.style.as_str());
    vec!["all".to_owned(), language.to_owned(), style.to_owned(), format!("{language}/{style}")]
}

pub(super) fn figures(rows: &[&Read<'_>]) -> MessageFigures {
    let critical = |rows: &[&Read<'_>]| {
        let mut counts = Counts::default();
        for row in rows {
            let (wanted, found) = (row.wanted.urgency, row.found.urgency.value);
            counts.add(wanted == Urgency::Critical, found == Urgency::Critical);
        }
        counts
    };
    let speaking: Vec<&Read<'_>> =
        rows.iter().copied().filter(|r| r.wanted.text.split_whitespace().count() >= ENOUGH_WORDS).collect();
    MessageFigures {
        n: rows.len(),
        topic_macro_f1: figure(rows, |rows| macro_f1(&topics(rows), None)),
        topic_macro_f1_31: macro_f1(&topics(rows), Some(Topic::ALL.len())),
        class_accuracy: figure(rows, |rows| share(rows, right_class)),
        abstained: share(rows, |r| r.found.abstained),
        sentiment_macro_f1: figure(rows, |rows| {
            let pair = |r: &&Read<'_>| (Some(r.wanted.sentiment), Some(r.found.sentiment.value));
            macro_f1(&rows.iter().map(pair).collect::<Vec<_>>(), None)
        }),
        critical_n: critical(rows).wanted(),
        critical_recall: figure(rows, |rows| critical(rows).recall()),
        critical_precision: figure(rows, |rows| critical(rows).precision()),
        urgency_accuracy: share(rows, |r| r.wanted.urgency == r.found.urgency.value),
        language_accuracy: figure(&speaking, |rows| share(rows, |r| r.wanted.language == r.found.language.value)),
        entity_micro_f1: figure(rows, |rows| {
            let mut counts = Counts::default();
            rows.iter().for_each(|row| counts += row.entities);
            counts.f1()
        }),
        topic_calibration_error: calibration::error(
            rows.iter().filter_map(|r| r.found.topics.first().map(|t| (t.score, r.wanted.topics.contains(&t.value)))),
        ),
        sentiment_calibration_error: sureness(rows, |r| (r.found.sentiment, r.wanted.sentiment)),
        urgency_calibration_error: sureness(rows, |r| (r.found.urgency, r.wanted.urgency)),
    }
}

fn sureness<T: PartialEq>(rows: &[&Read<'_>], of: impl Fn(&Read<'_>) -> (Scored<T>, T)) -> Option<f64> {
    calibration::error(rows.iter().map(|row| of(row)).map(|(found, wanted)| (found.score, found.value == wanted)))
}

pub(super) fn entity_figures(rows: &[Read<'_>]) -> BTreeMap<String, EntityFigures> {
    let figures = |kind: EntityType| {
        let mut counts = Counts::default();
        for row in rows {
            counts += score::entities(&row.wanted.entities, &row.found.entities, |k| k == kind);
        }
        EntityFigures { n: counts.wanted(), precision: counts.precision(), recall: counts.recall() }
    };
    EntityType::ALL.iter().map(|kind| (kind.to_string(), figures(*kind))).collect()
}

fn topics(rows: &[&Read<'_>]) -> Vec<(Option<Topic>, Option<Topic>)> {
    rows.iter().map(|row| (row.wanted.topics.first().copied(), best_topic(&row.found))).collect()
}

fn right_class(row: &Read<'_>) -> bool {
    row.wanted.topics.first().map(|t| t.class()) == best_topic(&row.found).map(Topic::class)
}

/// The best guess, also when the model abstained.
fn best_topic(reading: &Reading) -> Option<Topic> {
    reading.topics.first().map(|t| t.value)
}
