//! The likeliest piece after each other, as far as numbers allow it.

use inference::{Context, Decoder, InferenceError};

use super::numbers::{Kind, Numbers, Place};
use super::vocabulary::Vocabulary;
use crate::summary::check::Fault;
use crate::summary::sentences::sentences;

/// Pieces of the longest text. One that goes on is not finished here.
pub(super) const ROOM: usize = 220;

/// What was written: whole sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Draft {
    Text(String),
    /// It did not come to an end in the room that there is.
    Endless,
    /// It was broken off.
    BrokenOff,
}

/// Writes a text to the prompt. The same prompt has the same text each time. A sentence that stands there already ends it.
pub(super) fn write(
    decoder: &Decoder,
    context: &mut Context,
    vocabulary: &Vocabulary,
    prompt: &[u32],
    numbers: &Numbers,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Draft, InferenceError> {
    context.clear();
    let (mut place, mut text) = (Place::outside(), String::new());
    let mut next = prompt.to_vec();
    for _ in 0..ROOM {
        let Some(logits) = decoder.read(context, &next, go_on)? else { return Ok(Draft::BrokenOff) };
        let Some(piece) = likeliest(logits, vocabulary, numbers, &place) else { return Ok(Draft::Endless) };
        let kind = vocabulary.kinds()[piece as usize];
        if kind == Kind::End {
            return Ok(Draft::Text(text.trim().to_owned()));
        }
        place = numbers.after(&place, kind);
        text.push_str(vocabulary.text(piece));
        if let Some(before) = repeated(&text) {
            text.truncate(before);
            return Ok(Draft::Text(text.trim().to_owned()));
        }
        next = vec![piece];
    }
    Ok(Draft::Endless)
}

/// The first of the likeliest pieces that may come here.
fn likeliest(logits: &[f32], vocabulary: &Vocabulary, numbers: &Numbers, place: &Place) -> Option<u32> {
    let mut best: Option<(usize, f32)> = None;
    for (id, (logit, kind)) in logits.iter().zip(vocabulary.kinds()).enumerate() {
        if best.is_none_or(|(_, most)| *logit > most) && numbers.allows(place, *kind) {
            best = Some((id, *logit));
        }
    }
    best.map(|(id, _)| id as u32)
}

/// Where the last sentence begins, if it stood before.
fn repeated(text: &str) -> Option<usize> {
    if !text.ends_with(['.', '!', '?', '…']) {
        return None;
    }
    let all = sentences(text);
    let (last, before) = all.split_last()?;
    before.iter().any(|range| text[range.clone()] == text[last.clone()]).then_some(last.start)
}

impl Draft {
    /// The text, where it came to an end and says anything.
    pub(super) fn text(self) -> Result<String, Fault> {
        match self {
            Draft::Text(text) if text.contains(char::is_alphabetic) => Ok(text),
            Draft::Text(_) => Err(Fault::Empty),
            Draft::Endless => Err(Fault::Endless),
            Draft::BrokenOff => Err(Fault::BrokenOff),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_stood_before_is_seen_when_it_ends() {
        assert_eq!(repeated("Суп остыл. Деньги вернут. Суп остыл."), Some("Суп остыл. Деньги вернут. ".len()));
        assert_eq!(repeated("Суп остыл. Деньги вернут. Суп"), None);
        assert_eq!(repeated("Суп остыл. Деньги вернут."), None);
    }
}
