//! What people corrected, as labelled lines to train on: personal data masked before it leaves.

use models::evaluate::{LabelledEntity, LabelledMessage, Style};
use models::reading::{ReadError, Reading, ReadingModel};
use models::taxonomy::{EntityType, Language, Sentiment, Speaker, Topic, Urgency};
use serde::Serialize;
use sqlx::PgPool;

use super::store;
use super::store::corrected::{self, Place, Row};
use crate::events::CustomerId;
use crate::platform::privacy;
use crate::platform::store::StoreError;

/// What is put in the place of a span that points at a person.
const MASKED: [(EntityType, &str); 3] =
    [(EntityType::Person, "[person]"), (EntityType::Address, "[address]"), (EntityType::Phone, "[phone]")];

/// A corrected message or contact in the annotation format, and which of its labels a person set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrectedLine {
    #[serde(flatten)]
    pub labelled: Corrected,
    pub corrected: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Corrected {
    Message(LabelledMessage),
    Contact(CorrectedContact),
}

/// A contact without its summary, which nobody has labelled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrectedContact {
    pub id: String,
    pub language: Language,
    pub channel: String,
    pub turns: Vec<CorrectedTurn>,
    pub topics: Vec<Topic>,
    pub sentiment: Sentiment,
    pub urgency: Urgency,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrectedTurn {
    pub speaker: Speaker,
    pub text: String,
}

/// Why corrections could not be given out.
#[derive(Debug, thiserror::Error)]
pub enum CorrectionsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A page of corrections and where the next begins (none at the end). `reader` finds the names and addresses to mask.
pub async fn corrections(
    pool: &PgPool,
    reader: &ReadingModel,
    after: Option<Place>,
) -> Result<(Vec<CorrectedLine>, Option<Place>), CorrectionsError> {
    let rows = corrected::page(pool, after).await?;
    let next = rows.last().map(|row| row.place).filter(|_| rows.len() == corrected::PAGE as usize);
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let reading = row.known.corrected();
        let corrected = row.known.corrections.fields();
        let labelled = match &row.text {
            Some(text) => Corrected::Message(message(reader, &row, text, &reading).await?),
            None => Corrected::Contact(contact(pool, reader, &row, &reading).await?),
        };
        lines.push(CorrectedLine { labelled, corrected });
    }
    Ok((lines, next))
}

async fn message(
    reader: &ReadingModel,
    row: &Row,
    text: &str,
    reading: &Reading,
) -> Result<LabelledMessage, ReadError> {
    let (text, entities) = masked(reader, text).await?;
    Ok(LabelledMessage {
        id: row.id.to_string(),
        language: reading.language.value,
        style: if row.channel == "call" { Style::Asr } else { Style::Chat },
        text,
        topics: reading.topics.iter().map(|topic| topic.value).collect(),
        sentiment: reading.sentiment.value,
        urgency: reading.urgency.value,
        entities,
    })
}

async fn contact(
    pool: &PgPool,
    reader: &ReadingModel,
    row: &Row,
    reading: &Reading,
) -> Result<CorrectedContact, CorrectionsError> {
    let talk = store::talk_of(pool, CustomerId(row.place.customer), row.contact).await?;
    let mut turns = Vec::with_capacity(talk.turns.len());
    for (speaker, text) in talk.turns {
        turns.push(CorrectedTurn { speaker, text: masked(reader, &text).await?.0 });
    }
    Ok(CorrectedContact {
        id: row.id.to_string(),
        language: reading.language.value,
        channel: row.channel.clone(),
        turns,
        topics: reading.topics.iter().map(|topic| topic.value).collect(),
        sentiment: reading.sentiment.value,
        urgency: reading.urgency.value,
    })
}

/// The text without what points at a person, and the entities that still stand in it.
async fn masked(reader: &ReadingModel, text: &str) -> Result<(String, Vec<LabelledEntity>), ReadError> {
    let readings = reader.read(vec![text.to_owned()]).await?;
    let entities = readings.into_iter().next().map(|reading| reading.entities).unwrap_or_default();
    let mask_of = |kind: EntityType| MASKED.iter().find(|(masked, _)| *masked == kind).map(|(_, mask)| *mask);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut at = 0;
    for entity in &entities {
        out.extend(rest.by_ref().take((entity.start - at) as usize));
        let span: String = rest.by_ref().take((entity.end - entity.start) as usize).collect();
        out.push_str(mask_of(entity.kind).unwrap_or(&span));
        at = entity.end;
    }
    out.extend(rest);
    let out = privacy::mask(&out);
    let kept = entities.into_iter().filter(|e| mask_of(e.kind).is_none() && out.contains(&e.text));
    let kept = kept.map(|entity| LabelledEntity { kind: entity.kind, text: entity.text }).collect();
    Ok((out, kept))
}
