//! How well a model reads labelled messages and contacts: the figures of `okno models evaluate`.

mod bootstrap;
mod calibration;
mod chrf;
mod contacts;
mod labelled;
mod messages;
mod references;
mod score;
mod summaries;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::reading::{ModelId, ReadError, Reader};

pub use bootstrap::Figure;
pub use contacts::ContactFigures;
pub use labelled::{
    Labelled, LabelledContact, LabelledEntity, LabelledFacts, LabelledMessage, LabelledSummary, LabelledTurn, Style,
};
pub use messages::{EntityFigures, MessageFigures};
pub use references::{Reference, ReferenceError, ReferenceFigures};
pub use summaries::{SummaryFigures, SummaryOutput, SummaryReport, TextFigures, WriterFigures, evaluate_summaries};

/// Figures of a model on labelled text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub model: ModelId,
    /// By part: `all`, a language, a style, `language/style`.
    pub messages: BTreeMap<String, MessageFigures>,
    /// By part: `all`, a language.
    pub contacts: BTreeMap<String, ContactFigures>,
    /// Entities of messages by type.
    pub entities: BTreeMap<String, EntityFigures>,
    /// What simpler models make of the same messages, by reference and by part (`all`, a language).
    pub references: BTreeMap<String, BTreeMap<String, ReferenceFigures>>,
}

/// Reads all rows with `reader` and with each of the references, and counts. `done` is told of each row that was read.
///
/// The menu that the reader was loaded with is what dishes and ingredients are found by.
pub async fn evaluate(
    reader: &Reader,
    references: &[Reference],
    rows: &[Labelled],
    mut done: impl FnMut(),
) -> Result<Report, ReadError> {
    let (mut messages, mut contacts) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Labelled::Message(message) => messages.push(message),
            Labelled::Contact(contact) => contacts.push(contact),
            // Facts are of summaries: see `evaluate_summaries`.
            Labelled::Facts(_) => {}
        }
    }
    let read_messages = messages::read(reader, &messages, &mut done).await?;
    let read_contacts = contacts::read(reader, &contacts, &mut done).await?;
    let mut compared = BTreeMap::new();
    for reference in references {
        compared.insert(reference.name().to_owned(), reference.figures(&messages)?);
    }
    Ok(Report {
        model: reader.model().clone(),
        messages: by_part(&read_messages, messages::parts, messages::figures),
        contacts: by_part(&read_contacts, contacts::parts, contacts::figures),
        entities: messages::entity_figures(&read_messages),
        references: compared,
    })
}

fn by_part<R, F>(rows: &[R], parts: fn(&R) -> Vec<String>, figures: fn(&[&R]) -> F) -> BTreeMap<String, F> {
    let mut grouped: BTreeMap<String, Vec<&R>> = BTreeMap::new();
    for row in rows {
        for part in parts(row) {
            grouped.entry(part).or_default().push(row);
        }
    }
    grouped.into_iter().map(|(part, rows)| (part, figures(&rows))).collect()
}

fn share<R>(rows: &[&R], holds: impl Fn(&R) -> bool) -> Option<f64> {
    (!rows.is_empty()).then(|| rows.iter().filter(|row| holds(row)).count() as f64 / rows.len() as f64)
}
