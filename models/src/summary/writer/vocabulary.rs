//! The writer's vocabulary: its marks, what each piece is to a number, and the talk as it is read.

use inference::{InferenceError, Pieces};

use super::numbers::Kind;
use crate::taxonomy::{Language, Speaker};

/// What stands for a space in a piece.
const SPACE: char = '▁';

/// Pieces, and what they are to the writer.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pieces: Pieces,
    /// Of each piece.
    kinds: Vec<Kind>,
    /// Of each piece as it is written.
    texts: Vec<String>,
    marks: Marks,
}

/// Pieces that only the program sets.
#[derive(Debug, Clone, Copy)]
struct Marks {
    begin: u32,
    customer: u32,
    operator: u32,
    /// Behind the last turn: now write.
    write: u32,
    languages: [u32; Language::ALL.len()],
}

impl Vocabulary {
    /// `known`: how many pieces the decoder knows.
    pub(super) fn new(pieces: Pieces, known: usize) -> Result<Vocabulary, InferenceError> {
        let fault = |reason: String| InferenceError::Weights(format!("the writer's pieces: {reason}"));
        if pieces.count() > known {
            return Err(fault(format!("the tokenizer has {}, the decoder knows {known}", pieces.count())));
        }
        let mark = |name: &str| pieces.id(name).ok_or_else(|| fault(format!("{name} is missing")));
        let language = |language: &Language| {
            mark(match language {
                Language::Ru => "<unused4>",
                Language::Kk => "<unused5>",
                Language::Uz => "<unused6>",
                Language::En => "<unused7>",
            })
        };
        let mut languages = [0; Language::ALL.len()];
        for (id, of) in languages.iter_mut().zip(Language::ALL) {
            *id = language(of)?;
        }
        let marks = Marks {
            begin: mark("<bos>")?,
            customer: mark("<unused0>")?,
            operator: mark("<unused1>")?,
            write: mark("<unused2>")?,
            languages,
        };
        let end = mark("<eos>")?;
        let (mut kinds, mut texts) = (Vec::with_capacity(known), Vec::with_capacity(known));
        for id in 0..known as u32 {
            let piece = pieces.piece(id).unwrap_or_default();
            kinds.push(if id == end { Kind::End } else { kind(&piece) });
            texts.push(piece.replace(SPACE, " "));
        }
        Ok(Vocabulary { pieces, kinds, texts, marks })
    }

    /// Of each piece, by id.
    pub(super) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// A piece as it is written.
    pub(super) fn text(&self, id: u32) -> &str {
        self.texts.get(id as usize).map_or("", String::as_str)
    }

    /// The talk as the writer reads it: its language, then each turn behind the mark of who speaks.
    pub(super) fn prompt<'a>(
        &self,
        language: Language,
        turns: impl Iterator<Item = (Speaker, &'a str)>,
    ) -> Result<Vec<u32>, InferenceError> {
        let place = Language::ALL.iter().position(|of| *of == language).unwrap_or(0);
        let mut ids = vec![self.marks.begin, self.marks.languages[place]];
        for (speaker, text) in turns {
            ids.push(match speaker {
                Speaker::Customer => self.marks.customer,
                Speaker::Operator => self.marks.operator,
            });
            ids.extend(self.pieces.ids(text)?);
        }
        ids.push(self.marks.write);
        Ok(ids)
    }
}

fn kind(piece: &str) -> Kind {
    let mut signs = piece.chars();
    match (signs.next(), signs.next()) {
        (Some(digit @ '0'..='9'), None) => Kind::Digit(digit as u8 - b'0'),
        (Some(SPACE), None) => Kind::Gap,
        (None, _) => Kind::Never,
        // Marks and bytes have names in angle brackets; a text has one line.
        _ if piece.starts_with('<') && piece.ends_with('>') && piece.len() > 2 => Kind::Never,
        _ if piece.chars().any(|c| c.is_numeric() || c.is_control()) => Kind::Never,
        _ => Kind::Words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_told_apart() {
        assert_eq!(kind("7"), Kind::Digit(7));
        assert_eq!(kind("▁"), Kind::Gap);
        assert_eq!(kind("▁заказ"), Kind::Words);
        assert_eq!(kind("<"), Kind::Words);
        for never in ["", "<0x37>", "<unused3>", "<pad>", "½", "٣", "\n", "▁1", "12"] {
            assert_eq!(kind(never), Kind::Never, "{never}");
        }
    }
}
