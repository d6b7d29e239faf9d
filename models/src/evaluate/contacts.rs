use serde::Serialize;

use crate::evaluate::bootstrap::{Figure, figure};
use crate::evaluate::score::{Counts, macro_f1, macro_f1_of_counts};
use crate::evaluate::{LabelledContact, share};
use crate::reading::{ReadError, Reader, Reading, TalkReading, read_contact};
use crate::taxonomy::{Topic, TurnRole};

/// All in [0, 1] but the counts; a figure over nothing is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContactFigures {
    pub n: usize,
    /// Main topic, macro-averaged over the topics that occur in the part.
    pub topic_macro_f1: Option<Figure>,
    pub class_accuracy: Option<Figure>,
    /// All topics of the contact, found or missed.
    pub topics_micro_f1: Option<Figure>,
    pub sentiment_macro_f1: Option<Figure>,
    pub urgency_accuracy: Option<Figure>,
    pub language_accuracy: Option<Figure>,
    /// The roles of the turns, macro-averaged over those that occur.
    pub roles_macro_f1: Option<Figure>,
}

/// A labelled contact and what the model read in it.
pub(super) struct Read<'a> {
    wanted: &'a LabelledContact,
    found: Reading,
    topics: Counts,
    roles: Vec<Counts>,
}

pub(super) async fn read<'a>(
    reader: &Reader,
    contacts: &[&'a LabelledContact],
    done: &mut impl FnMut(),
) -> Result<Vec<Read<'a>>, ReadError> {
    let mut all = Vec::with_capacity(contacts.len());
    for wanted in contacts {
        let readings = reader.read(wanted.turns.iter().map(|t| t.text.clone()).collect()).await?;
        let turns: Vec<_> = wanted.turns.iter().map(|t| t.speaker).zip(&readings).collect();
        let said: Vec<_> = wanted.turns.iter().map(|t| (t.speaker, t.text.clone())).collect();
        let talk = reader.read_talk(&said).await?;
        if let (Some(found), Some(talk)) = (read_contact(&turns, talk.as_ref().map(|talk| &talk.whole)), &talk) {
            let (topics, roles) = (topics(wanted, &found), roles(wanted, talk));
            all.push(Read { wanted, found, topics, roles });
        }
        done();
    }
    Ok(all)
}

fn topics(wanted: &LabelledContact, found: &Reading) -> Counts {
    let mut counts = Counts::default();
    for topic in Topic::ALL {
        counts.add(wanted.topics.contains(topic), found.topics.iter().any(|t| t.value == *topic));
    }
    counts
}

/// One count a role, over the turns whose roles are labelled.
fn roles(wanted: &LabelledContact, found: &TalkReading) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); TurnRole::ALL.len()];
    for (turn, found) in wanted.turns.iter().zip(&found.roles).filter(|(turn, _)| !turn.roles.is_empty()) {
        for (count, role) in counts.iter_mut().zip(TurnRole::ALL) {
            count.add(turn.roles.contains(role), found.iter().any(|r| r.value == *role));
        }
    }
    counts
}

pub(super) fn parts(row: &Read<'_>) -> Vec<String> {
    vec!["all".to_owned(), row.wanted.language.to_string()]
}

pub(super) fn figures(rows: &[&Read<'_>]) -> ContactFigures {
    let main = |r: &Read<'_>| (r.wanted.topics.first().copied(), r.found.topics.first().map(|t| t.value));
    ContactFigures {
        n: rows.len(),
        topic_macro_f1: figure(rows, |rows| macro_f1(&rows.iter().map(|r| main(r)).collect::<Vec<_>>(), None)),
        class_accuracy: figure(rows, |rows| {
            share(rows, |r| main(r).0.map(Topic::class) == main(r).1.map(Topic::class))
        }),
        topics_micro_f1: figure(rows, |rows| {
            let mut counts = Counts::default();
            rows.iter().for_each(|row| counts += row.topics);
            counts.f1()
        }),
        sentiment_macro_f1: figure(rows, |rows| {
            let pair = |r: &&Read<'_>| (Some(r.wanted.sentiment), Some(r.found.sentiment.value));
            macro_f1(&rows.iter().map(pair).collect::<Vec<_>>(), None)
        }),
        urgency_accuracy: figure(rows, |rows| share(rows, |r| r.wanted.urgency == r.found.urgency.value)),
        language_accuracy: figure(rows, |rows| share(rows, |r| r.wanted.language == r.found.language.value)),
        roles_macro_f1: figure(rows, |rows| {
            let mut counts = vec![Counts::default(); TurnRole::ALL.len()];
            for row in rows {
                counts.iter_mut().zip(&row.roles).for_each(|(sum, more)| *sum += *more);
            }
            macro_f1_of_counts(&counts)
        }),
    }
}
