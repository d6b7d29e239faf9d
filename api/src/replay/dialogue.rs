//! Talks as they are written down: a JSON object a line, see `docs/annotation.md`.

use pipelines::events::Channel;
use serde::Deserialize;

/// A talk to be played.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialogue {
    pub id: String,
    pub channel: Channel,
    pub turns: Vec<Turn>,
    /// How it ended, where that is written down.
    pub outcome: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    pub by_customer: bool,
    pub text: String,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    channel: Channel,
    turns: Vec<LineTurn>,
    summary: Option<Summary>,
}

#[derive(Deserialize)]
struct LineTurn {
    speaker: models::taxonomy::Speaker,
    text: String,
}

#[derive(Deserialize)]
struct Summary {
    outcome: Option<String>,
}

/// Reads one line; the error says what is wrong with it.
pub fn parse(line: &str) -> Result<Dialogue, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let turns: Vec<Turn> = line
        .turns
        .into_iter()
        .map(|turn| Turn { by_customer: turn.speaker == models::taxonomy::Speaker::Customer, text: turn.text })
        .collect();
    if !turns.iter().any(|turn| turn.by_customer) {
        return Err("the customer says nothing".to_owned());
    }
    Ok(Dialogue {
        id: line.id,
        channel: line.channel,
        turns,
        outcome: line.summary.and_then(|summary| summary.outcome),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_a_silent_customer_is_not() {
        let line = r#"{"id":"d-1","channel":"telegram","turns":[{"speaker":"customer","text":"где заказ","roles":["issue"]},
            {"speaker":"operator","text":"Уже едет"}],"summary":{"outcome":"informed"}}"#;
        let dialogue = parse(line).unwrap();
        assert_eq!((dialogue.turns.len(), dialogue.outcome.as_deref()), (2, Some("informed")));
        assert!(parse(r#"{"id":"d","channel":"call","turns":[{"speaker":"operator","text":"алло"}]}"#).is_err());
        assert!(parse("{").is_err());
    }
}
