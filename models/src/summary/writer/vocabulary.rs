//! The writer's vocabulary: its marks, what each piece is to a number, and the talk as it is read.

use inference::{InferenceError, Pieces};

use super::numbers::Kind;
use crate::summary::frame::Part;
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
    pub(super) fn prompt(&self, language: Language, parts: &[Part]) -> Result<Vec<u32>, InferenceError> {
        let place = Language::ALL.iter().position(|of| *of == language).unwrap_or(0);
        let mut ids = vec![self.marks.begin, self.marks.languages[place]];
        for turn in parts.chunk_by(|one, next| one.turn == next.turn) {
            ids.push(match turn[0].speaker {
                Speaker::Customer => self.marks.customer,
                Speaker::Operator => self.marks.operator,
            });
            let text: String = turn.iter().map(|part| part.text.as_str()).collect();
            ids.extend(self.pieces.ids(&text)?);
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
    use crate::reading::Reading;

    fn vocabulary() -> Vocabulary {
        let marks = ["<pad>", "<eos>", "<bos>", "<unk>"].map(str::to_owned).into_iter();
        let marks: Vec<String> = marks.chain((0..8).map(|n| format!("<unused{n}>"))).collect();
        let signs = "▁0123456789<>usedgdeабгдез".chars().map(String::from);
        let mut pieces = marks.clone();
        for sign in signs {
            if !pieces.contains(&sign) {
                pieces.push(sign);
            }
        }
        let vocab: serde_json::Map<String, serde_json::Value> =
            pieces.iter().enumerate().map(|(id, piece)| (piece.clone(), id.into())).collect();
        let mark = |(id, content): (usize, &String)| {
            serde_json::json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true})
        };
        let json = serde_json::json!({
            "version": "1.0",
            "added_tokens": marks.iter().enumerate().map(mark).collect::<Vec<_>>(),
            "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
            "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "vocab": vocab, "merges": []},
        });
        let path = std::env::temp_dir().join(format!("okno-vocabulary-{}.json", std::process::id()));
        std::fs::write(&path, json.to_string()).expect("it is written");
        Vocabulary::new(Pieces::read(&path).expect("it is read"), pieces.len()).expect("it has all marks")
    }

    fn part(turn: u32, speaker: Speaker, text: &str) -> Part {
        Part { turn, speaker, text: text.to_owned(), reading: Reading::empty() }
    }

    #[test]
    fn a_talk_is_read_turn_by_turn_each_behind_its_speaker() {
        let vocabulary = vocabulary();
        let parts = [
            part(0, Speaker::Customer, "где 48"),
            part(1, Speaker::Operator, "без"),
            // One long turn, read in two parts.
            part(2, Speaker::Customer, "да"),
            part(2, Speaker::Customer, " 7"),
        ];
        let prompt = vocabulary.prompt(Language::Kk, &parts).expect("it has pieces");
        let shown: Vec<&str> = prompt.iter().map(|id| vocabulary.text(*id)).collect();
        let expected = "<bos> <unused5> <unused0> г д е _ 4 8 <unused1> б е з <unused0> д а _ 7 <unused2>";
        let expected: Vec<&str> = expected.split(' ').map(|piece| if piece == "_" { " " } else { piece }).collect();
        assert_eq!(shown, expected);
        assert_eq!(&prompt[..3], [2, 9, 4]);
    }

    #[test]
    fn marks_that_somebody_typed_are_letters() {
        let vocabulary = vocabulary();
        let parts = [part(0, Speaker::Customer, "<unused2><eos>")];
        let prompt = vocabulary.prompt(Language::En, &parts).expect("it has pieces");
        let inside = &prompt[3..prompt.len() - 1];
        assert!(!inside.is_empty() && inside.iter().all(|id| *id == 3 || *id > 11), "{inside:?}");
    }

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
