//! Summaries: what happened in a contact, as data with the turns it rests on, and as a text that states nothing else.

mod answers;
mod check;
mod corrections;
mod deeds;
mod frame;
mod matters;
mod orders;
mod phrases;
mod pieces;
mod sentences;
mod slots;
mod statements;
#[cfg(test)]
mod tests;
mod text;
mod writer;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::entities::quantities;
pub use crate::reading::Evidence;
use crate::reading::{ModelId, ReadError, Reading, ReadingModel, TalkReading};
pub use crate::summary::check::Fault;
use crate::summary::frame::Frame;
pub(crate) use crate::summary::frame::Part;
pub use crate::summary::sentences::supported;
pub(crate) use crate::summary::writer::FILES as FILES_OF_A_WRITER;
pub use crate::summary::writer::Writer;
use crate::taxonomy::{FactKind, FactType, Language, Outcome, Sentiment, Speaker, Topic, TurnRole, Urgency};

/// What a contact comes to; the shapes of `annotation.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    pub language: Language,
    /// The main one first.
    pub topics: Vec<Topic>,
    pub sentiment: Sentiment,
    pub urgency: Urgency,
    /// Of each turn.
    pub roles: Vec<Vec<TurnRole>>,
    pub summary: Summary,
    pub evidence: Evidence,
    /// One of each topic, in their order; none where no matter was named.
    pub issues: Vec<Issue>,
    pub facts: Vec<Fact>,
    /// The sentences of `summary.text` in order, each with the turns that support it.
    pub sentences: Vec<Sentence>,
    /// How sure the models are of what the summary states, in [0, 1]: the mean over its parts.
    pub support: f32,
    /// Who wrote `summary.text`.
    #[serde(default)]
    pub author: TextAuthor,
    /// The generator that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<ModelId>,
}

/// Who wrote the text of a summary. All else in it is the frame's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextAuthor {
    /// The frame, put into words by patterns.
    #[default]
    Frame,
    /// The generator; all that it says was found in the turns.
    Generator,
}

/// The parts in words, in the language of the contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    pub issue: String,
    pub request: String,
    pub actions: Vec<String>,
    pub promises: Vec<String>,
    pub outcome: Outcome,
    /// Two or three sentences that a colleague who takes over can act on.
    pub text: String,
}

/// One matter of the contact, with what was said of it and not of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Issue {
    pub topic: Topic,
    pub text: String,
    pub turns: Vec<u32>,
    /// The order that it is about; this and what follows to the letter of some turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dish: Option<String>,
    /// The sum that the customer names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// How long the customer has waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
}

/// What was asked, offered, done or promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    pub kind: FactKind,
    #[serde(rename = "type")]
    pub what: FactType,
    /// The sum or number, to the letter of some turn.
    pub amount: Option<String>,
    /// The time or span, to the letter of some turn.
    pub due: Option<String>,
    /// A promo code, ticket or new order number, to the letter of some turn.
    pub code: Option<String>,
    /// True: taken or granted; false: refused; none: left open. Of actions and promises always true.
    pub accepted: Option<bool>,
    /// Where it is said most fully.
    pub turn: u32,
}

impl Fact {
    /// Whether the operator did or promised this.
    fn gives(&self, what: FactType) -> bool {
        matches!(self.kind, FactKind::Action | FactKind::Promise) && self.what == what
    }

    /// Its sum or number as a value, said in digits or in words.
    fn sum(&self) -> Option<u64> {
        quantities(self.amount.as_deref()?).first().map(|number| number.value)
    }
}

/// A sentence of the text: Unicode scalar values `start..end` of it, and the turns that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sentence {
    pub start: u32,
    pub end: u32,
    pub turns: Vec<u32>,
}

/// Of a longer turn each part of so many characters is read by itself, so that none of it is lost: the reading model takes
/// 512 pieces, and a piece may be one character.
const PART: usize = 500;

/// Summarises a contact from its turns in order. Any turns have an answer: without a matter the outcome is `none`.
///
/// Asked at the rank of `reader`: see [`ReadingModel::for_bulk`]. The text is the writer's where there is one and its text
/// passes the check, else the frame's.
pub async fn summarise(
    reader: &ReadingModel,
    writer: Option<&Writer>,
    turns: &[(Speaker, String)],
) -> Result<Account, ReadError> {
    let (parts, talk) = read(reader, turns).await?;
    let turns = turns.len();
    let tell = move || (Account::of(turns, &parts, talk.as_ref()), parts);
    let (mut account, parts) = reader.aside(tell).await?;
    if let Some(writer) = writer
        && let Err(fault) = writer.tell(reader, &parts, &mut account).await?
    {
        metrics::counter!("okno_writer_refused_total", "fault" => fault.as_str()).increment(1);
    }
    Ok(account)
}

/// What the models read in each part of the turns, and in all of them together.
pub(crate) async fn read(
    reader: &ReadingModel,
    turns: &[(Speaker, String)],
) -> Result<(Vec<Part>, Option<TalkReading>), ReadError> {
    let said: Vec<(u32, Speaker, &str)> = turns
        .iter()
        .zip(0..)
        .flat_map(|((speaker, text), turn)| split(text).into_iter().map(move |part| (turn, *speaker, part)))
        .collect();
    let texts: Vec<String> = said.iter().map(|(.., text)| (*text).to_owned()).collect();
    let readings = reader.read_again(&texts).await?;
    let talk: Vec<(Speaker, String)> = said.iter().map(|(_, speaker, text)| (*speaker, (*text).to_owned())).collect();
    let talk = reader.read_talk(&talk).await?;
    let part = |((turn, speaker, text), reading): ((u32, Speaker, &str), Reading)| Part {
        turn,
        speaker,
        text: text.to_owned(),
        reading,
    };
    Ok((said.into_iter().zip(readings).map(part).collect(), talk))
}

impl Account {
    /// From what was read; `talk` is none where there is no turn.
    pub(crate) fn of(turns: usize, parts: &[Part], talk: Option<&TalkReading>) -> Account {
        let nothing = TalkReading::nothing();
        let frame = Frame::of(turns, parts, talk.unwrap_or(&nothing));
        let (summary, issues, sentences) = text::write(&frame, parts);
        Account {
            language: frame.language,
            topics: frame.topics,
            sentiment: frame.sentiment,
            urgency: frame.urgency,
            roles: frame.roles,
            summary,
            evidence: frame.evidence,
            issues,
            facts: frame.facts,
            sentences,
            support: frame.support,
            author: TextAuthor::Frame,
            writer: None,
        }
    }
}

/// A turn in parts of at most [`PART`] characters, cut at white space where there is any; an empty one is one part.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((limit, _)) = rest.char_indices().nth(PART) {
        let end = rest[..limit].rfind(char::is_whitespace).filter(|end| *end > 0).unwrap_or(limit);
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}
