//! Reads the texts and lets the shipped models read them.

use std::path::Path;

use benches::trouble::Trouble;
use inference::Precision;
use models::entities::MenuWords;
use models::reading::Reader;
use models::sentences::Sentences;
use models::taxonomy::{Language, Speaker, Topic, TurnRole};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::corpus::{Corpus, Origin, Sample, Set, parts, topics};

#[derive(Deserialize)]
struct Message {
    text: String,
    language: Language,
    topics: Vec<Topic>,
}

#[derive(Deserialize)]
struct Written {
    theme: String,
    held: bool,
    text: String,
    language: Language,
}

#[derive(Deserialize)]
struct Dialogue {
    language: Language,
    topics: Vec<Topic>,
    turns: Vec<Turn>,
}

#[derive(Deserialize)]
struct Turn {
    speaker: Speaker,
    text: String,
    roles: Vec<TurnRole>,
}

/// The labelled messages, one a talk, with the handwritten themes.
pub(crate) async fn messages(data: &Path, themes: &Path, weights: &Path) -> Result<Corpus, Trouble> {
    let mut samples = Vec::new();
    for language in ["ru", "kk", "uz", "en"] {
        for message in lines::<Message>(&data.join(format!("utterances-{language}.jsonl")))? {
            let topic = message.topics.first().copied();
            samples.push(Sample { text: message.text, language: message.language, topic, vector: Vec::new() });
        }
    }
    let ordinary: Vec<usize> = (0..samples.len()).collect();
    let mut sets = parts(&samples);
    sets.extend(topics(&samples));
    let written = lines::<Written>(themes)?;
    let reader = Reader::load(&weights.join("reading-2"), MenuWords::default(), 1, Precision::Auto)?;
    let readings = reader.read(written.iter().map(|written| written.text.clone()).collect()).await?;
    for (written, reading) in written.into_iter().zip(readings) {
        let topic = reading.topics.first().map(|topic| topic.value);
        samples.push(Sample { text: written.text, language: written.language, topic, vector: Vec::new() });
        let origin = if written.held { Origin::Held } else { Origin::New };
        match sets.iter_mut().find(|set| set.name == written.theme) {
            Some(set) => set.members.push(samples.len() - 1),
            None => sets.push(Set { name: written.theme, origin, members: vec![samples.len() - 1] }),
        }
    }
    read(&mut samples, weights).await?;
    Ok(Corpus { samples, ordinary, sets })
}

/// Whole contacts: what the customer said of the matter, all of it one talk.
pub(crate) async fn contacts(data: &Path, weights: &Path) -> Result<Corpus, Trouble> {
    let mut samples = Vec::new();
    for part in benches::talks::PARTS {
        for dialogue in lines::<Dialogue>(&data.join(format!("dialogues-{part}.jsonl")))? {
            let topic = dialogue.topics.first().copied();
            let said = dialogue.turns.iter().filter(|turn| turn.speaker == Speaker::Customer);
            let matter = said.filter(|turn| turn.roles.iter().any(|role| *role != TurnRole::Other));
            let text = matter.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n");
            samples.push(Sample { text, language: dialogue.language, topic, vector: Vec::new() });
        }
    }
    read(&mut samples, weights).await?;
    let sets = topics(&samples);
    Ok(Corpus { ordinary: (0..samples.len()).collect(), sets, samples })
}

async fn read(samples: &mut [Sample], weights: &Path) -> Result<(), Trouble> {
    let sentences = Sentences::load(&weights.join("sentence-1"), 1, Precision::Auto)?;
    let texts: Vec<String> = samples.iter().map(|sample| sample.text.clone()).collect();
    let (vectors, _) = sentences.vectors(&texts).await?;
    for (sample, vector) in samples.iter_mut().zip(vectors) {
        sample.vector = vector;
    }
    Ok(())
}

fn lines<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, Trouble> {
    let text = std::fs::read_to_string(file)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>().map_err(std::io::Error::from)?)
}
