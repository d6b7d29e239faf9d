//! Taskmaster-4's coffee orders (Google Research, CC BY 4.0) as talks in the app: English that nobody of us wrote.

use std::path::Path;

use api::replay::{Dialogue, Turn};
use pipelines::events::Channel;
use serde::Deserialize;

use crate::trouble::Trouble;

#[derive(Deserialize)]
struct Conversation {
    conversation_id: String,
    utterances: Vec<Utterance>,
}

#[derive(Deserialize)]
struct Utterance {
    speaker: Speaker,
    text: String,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Speaker {
    User,
    Assistant,
}

/// The talks of all files in `folder`, in the order of the files.
pub fn dialogues(folder: &Path) -> Result<Vec<Dialogue>, Trouble> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    files.sort();
    let mut dialogues = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let talks: Vec<Conversation> =
            serde_json::from_str(&text).map_err(|cause| Trouble::Coffee { file: file.clone(), cause })?;
        dialogues.extend(talks.into_iter().map(dialogue));
    }
    Ok(dialogues)
}

fn dialogue(talk: Conversation) -> Dialogue {
    let turn = |utterance: Utterance| Turn { by_customer: utterance.speaker == Speaker::User, text: utterance.text };
    Dialogue {
        id: talk.conversation_id,
        channel: Channel::App,
        turns: talk.utterances.into_iter().map(turn).collect(),
        outcome: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_becomes_a_talk() {
        let text = r#"{"conversation_id":"dlg-1","vertical":"Coffee","utterances":[
            {"index":0,"speaker":"user","text":"one flat white","segments":[]},
            {"index":1,"speaker":"assistant","text":"Anything else?","segments":[]}]}"#;
        let talk = dialogue(serde_json::from_str(text).unwrap());
        assert_eq!((talk.turns.len(), talk.turns[0].by_customer, talk.turns[1].by_customer), (2, true, false));
    }
}
