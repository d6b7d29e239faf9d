use crate::entities::{Entity, Span};
use crate::taxonomy::EntityType;

/// A text cut into words, each with its place. Digits and letters that touch are two words ("20к"),
/// a currency sign and each of `+ № : / -` is one by itself.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) source: &'a str,
    words: Vec<Word>,
}

#[derive(Debug)]
pub(super) struct Word {
    /// In lower case, ё as е, every apostrophe as '.
    pub(super) lower: String,
    pub(super) is_number: bool,
    /// Begins with a capital letter.
    pub(super) is_capital: bool,
    /// In bytes of the source.
    pub(super) start: usize,
    pub(super) end: usize,
    /// In Unicode scalar values.
    first: u32,
    past: u32,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Digit,
    Letter,
    Sign,
    Gap,
}

impl<'a> Text<'a> {
    pub(super) fn new(source: &'a str) -> Text<'a> {
        let mut words: Vec<Word> = Vec::new();
        let mut before = Class::Gap;
        let mut rest = source.char_indices().peekable();
        let mut place = 0_u32;
        while let Some((at, c)) = rest.next() {
            let next = rest.peek().map(|(_, n)| *n);
            let class = class(c, before, next);
            let end = at + c.len_utf8();
            match words.last_mut() {
                Some(word) if class == before && matches!(class, Class::Digit | Class::Letter) => {
                    push(&mut word.lower, c);
                    word.end = end;
                    word.past = place + 1;
                }
                _ if class != Class::Gap => {
                    let mut lower = String::new();
                    push(&mut lower, c);
                    words.push(Word {
                        lower,
                        is_number: class == Class::Digit,
                        is_capital: c.is_uppercase(),
                        start: at,
                        end,
                        first: place,
                        past: place + 1,
                    });
                }
                _ => {}
            }
            before = class;
            place += 1;
        }
        Text { source, words }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Word> {
        self.words.get(at)
    }

    /// The word in lower case; nothing past either end.
    pub(super) fn lower(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |w| w.lower.as_str())
    }

    /// The word before, in lower case.
    pub(super) fn before(&self, at: usize) -> &str {
        if at == 0 { "" } else { self.lower(at - 1) }
    }

    /// What stands between a word and the next; nothing past the last.
    pub(super) fn gap(&self, at: usize) -> &str {
        match (self.words.get(at), self.words.get(at + 1)) {
            (Some(word), Some(next)) => &self.source[word.end..next.start],
            _ => "",
        }
    }

    /// True when a word and the next belong to one phrase: only spaces or nothing between.
    pub(super) fn joined(&self, at: usize) -> bool {
        at + 1 < self.words.len() && self.gap(at).chars().all(char::is_whitespace)
    }

    /// The words that cover the bytes `start..end`, if both ends fall on word borders.
    pub(super) fn covering(&self, start: usize, end: usize) -> Option<Span> {
        let from = self.words.iter().position(|w| w.start == start)?;
        let to = self.words.iter().position(|w| w.end == end)? + 1;
        (from < to).then_some(Span { from, to })
    }

    pub(super) fn entity(&self, span: Span, kind: EntityType) -> Entity {
        let (first, last) = (&self.words[span.from], &self.words[span.to - 1]);
        Entity { kind, text: self.source[first.start..last.end].to_owned(), start: first.first, end: last.past }
    }
}

fn class(c: char, before: Class, next: Option<char>) -> Class {
    if c.is_ascii_digit() {
        Class::Digit
    } else if c.is_alphabetic() || (before == Class::Letter && is_mark(c)) {
        Class::Letter
    } else if before == Class::Letter && is_apostrophe(c) && next.is_some_and(char::is_alphabetic) {
        // Inside an Uzbek word.
        Class::Letter
    } else if matches!(c, '₽' | '₸' | '$' | '€' | '+' | '№' | ':' | '/' | '-' | '–') {
        Class::Sign
    } else {
        Class::Gap
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | '′' | 'ʻ' | 'ʼ')
}

/// An accent written as its own character.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn push(lower: &mut String, c: char) {
    match c {
        'ё' | 'Ё' => lower.push('е'),
        // Letters of the modifier block are alphabetic, yet mean the Uzbek apostrophe.
        c if is_apostrophe(c) => lower.push('\''),
        c => lower.extend(c.to_lowercase()),
    }
}
