//! The frame put into words: what is known by its kind is said in a few words of our own, all else is quoted.

use crate::summary::answers::Answer;
use crate::summary::check::Sources;
use crate::summary::deeds::Deeds;
use crate::summary::frame::{Frame, Part};
use crate::summary::matters::Matter;
use crate::summary::phrases::Phrases;
use crate::summary::pieces::{self, Piece};
use crate::summary::statements::{closed, joined, listed};
use crate::summary::{Fact, Issue, Sentence, Summary};
use crate::taxonomy::{FactKind, FactType, Outcome, Speaker};

/// Room for quotations in characters: so much in any talk, and this share of what was said, up to a limit. With the words
/// around them they make a text about as long as people write.
const ROOM: f32 = 130.0;
const SHARE: f32 = 0.18;
const MOST: f32 = 1_200.0;
/// Of it at least so much for what the customer came for.
const FOR_THE_MATTER: f32 = 0.2;
/// Where there is no matter, both sides together: people write little of it.
const OF_NOTHING: usize = 90;
/// In the sentence on one matter, and in a phrase on one deed.
const SHORT: usize = 60;
/// Wishes or offers that one sentence names.
const NAMED: usize = 10;
/// Deeds, and promises; a person who edits the summary may keep as many.
const DEEDS: usize = 20;

/// The summary in words, the issues, and the sentences of its text.
pub(super) fn write(frame: &Frame, parts: &[Part]) -> (Summary, Vec<Issue>, Vec<Sentence>) {
    let phrases = Phrases::of(frame.language, is_cyrillic(parts));
    let mut speakers = Vec::new();
    for part in parts {
        if part.turn as usize == speakers.len() {
            speakers.push(part.speaker);
        }
    }
    let (pieces, deeds) = (pieces::of(frame, parts), Deeds::of(&frame.facts));
    let writer = Writer { frame, phrases, pieces, deeds, speakers };
    let sources = Sources::of(parts, &frame.facts);
    let all: Vec<u32> = (0..writer.speakers.len() as u32).collect();
    let passes = |words: &str, turns: &[u32]| sources.check(words, turns, phrases).is_ok();
    let issue = |matter: &Matter| {
        let said = Some(writer.issue(matter)).filter(|words| passes(words, &all));
        Issue {
            topic: matter.topic,
            text: said.unwrap_or_else(|| closed(phrases.topic(matter.topic).to_owned())),
            turns: matter.turns.clone(),
            order: matter.order.as_ref().map(|(number, _)| number.clone()),
            dish: matter.dish.clone(),
            amount: matter.amount.clone(),
            delay: matter.delay.clone(),
        }
    };
    let issues: Vec<Issue> = frame.matters.iter().map(issue).collect();
    let request = Some(writer.request()).filter(|words| passes(words, &all)).unwrap_or_default();
    let [actions, promises] = [FactKind::Action, FactKind::Promise].map(|kind| {
        let told = writer.facts(kind).filter(|(words, turn)| passes(words, &[*turn]));
        listed(told.map(|(words, _)| words).collect(), DEEDS)
    });
    let size = parts.iter().map(|part| part.text.chars().count()).sum();
    let said = writer.text(size).into_iter().filter(|(sentence, turns)| passes(sentence, turns));
    let mut text = String::new();
    let mut sentences = Vec::new();
    for (sentence, mut turns) in said {
        if !text.is_empty() {
            text.push(' ');
        }
        let start = text.chars().count() as u32;
        text.push_str(&sentence);
        turns.sort_unstable();
        turns.dedup();
        sentences.push(Sentence { start, end: text.chars().count() as u32, turns });
    }
    let issue = issues.first().map_or_else(String::new, |issue| issue.text.clone());
    let outcome = frame.outcome;
    (Summary { issue, request, actions, promises, outcome, text }, issues, sentences)
}

struct Writer<'a> {
    frame: &'a Frame,
    phrases: &'static Phrases,
    /// Of each turn.
    speakers: Vec<Speaker>,
    pieces: Vec<Piece<'a>>,
    deeds: Deeds,
}

/// Words, and the turns that they rest on.
type Said = (String, Vec<u32>);

impl<'a> Writer<'a> {
    /// What the contact is about, in the customer's words; what was done; what is owed, refused, and how it ended.
    fn text(&self, size: usize) -> Vec<Said> {
        let frame = self.frame;
        if frame.outcome == Outcome::NoMatter {
            return self.nothing_asked();
        }
        let room = (ROOM + SHARE * size as f32).min(MOST);
        let states = |piece: &&Piece<'a>| {
            let turns = [&frame.evidence.issue, &frame.evidence.request];
            self.section(piece.turn) == Section::Matter && turns.iter().any(|of| of.binary_search(&piece.turn).is_ok())
        };
        // What the customer came for is told in any case.
        let matter = pieces::choose(self.pieces.iter().filter(states), Vec::new(), (FOR_THE_MATTER * room) as usize);
        let chosen = pieces::choose(self.pieces.iter(), matter, room as usize);
        let of = |section: Section| -> Vec<&Piece<'a>> {
            chosen.iter().filter(|piece| self.section(piece.turn) == section).copied().collect()
        };
        let sentences = [
            self.matter(&of(Section::Matter)),
            self.quoted(&self.phrases.words.done, &of(Section::Done)),
            self.rest(&of(Section::Offered), &of(Section::Owed), of(Section::Done).is_empty()),
        ];
        sentences.into_iter().flatten().collect()
    }

    /// A contact without a matter: that there was none, what the customer said, and what they were told.
    fn nothing_asked(&self) -> Vec<Said> {
        let is_customers = |piece: &&Piece<'a>| self.section(piece.turn) == Section::Matter;
        let said = pieces::choose(self.pieces.iter().filter(is_customers), Vec::new(), SHORT);
        let chosen = pieces::choose(self.pieces.iter(), said, OF_NOTHING);
        let (said, told): (Vec<_>, Vec<_>) = chosen.into_iter().partition(is_customers);
        let none = self.quoted(self.phrases.outcome(Outcome::NoMatter), &said);
        none.into_iter().chain(self.quoted(&self.phrases.words.done, &told)).collect()
    }

    /// Where in the text a turn is told.
    fn section(&self, turn: u32) -> Section {
        if self.speakers.get(turn as usize) == Some(&Speaker::Customer) {
            return Section::Matter;
        }
        let has = |kind: FactKind| self.frame.facts_of(turn).iter().any(|fact| fact.kind == kind);
        match () {
            () if has(FactKind::Action) => Section::Done,
            () if has(FactKind::Promise) => Section::Owed,
            () if self.frame.facts_of(turn).iter().any(|fact| fact.kind == FactKind::Proposal && self.stands(fact)) => {
                Section::Offered
            }
            () => Section::Done,
        }
    }

    /// What it is about, with its order where the customer is not quoted with it. Where the matters are about several, each
    /// has its own beside it.
    fn matter(&self, pieces: &[&Piece<'a>]) -> Option<Said> {
        let matters = &self.frame.matters;
        let orders: Vec<&(String, u32)> = matters.iter().filter_map(|matter| matter.order.as_ref()).collect();
        let are_several = orders.iter().any(|(number, _)| *number != orders[0].0);
        let named = |matter: &Matter| match &matter.order {
            Some((number, _)) if are_several => self.with_order(self.phrases.topic(matter.topic), number),
            _ => self.phrases.topic(matter.topic).to_owned(),
        };
        let topics: Vec<String> = matters.iter().map(named).collect();
        let mut words = joined(&topics);
        let mut turns: Vec<u32> = matters.iter().flat_map(|matter| matter.turns.clone()).collect();
        let quote = self.quote(pieces);
        let one = orders.first().filter(|(number, _)| !are_several && !quote.0.contains(number));
        if let Some((number, _)) = one {
            words = self.with_order(&words, number);
        }
        if are_several || one.is_some() {
            turns.extend(orders.iter().map(|(_, turn)| turn));
        }
        if !pieces.is_empty() {
            words.push_str(&format!("; {}: {}", self.phrases.words.customer, quote.0));
        }
        turns.extend(quote.1);
        (!words.is_empty()).then(|| (closed(words), turns))
    }

    fn with_order(&self, words: &str, number: &str) -> String {
        format!("{words}, {} {number}", self.phrases.words.order)
    }

    fn quoted(&self, opening: &str, pieces: &[&Piece<'a>]) -> Option<Said> {
        let (quote, turns) = self.quote(pieces);
        (!pieces.is_empty()).then(|| (closed(format!("{opening}: {quote}")), turns))
    }

    /// What is owed, what was offered and refused, and how it ended where that is not plain.
    fn rest(&self, offered: &[&Piece<'a>], owed: &[&Piece<'a>], nothing_done: bool) -> Option<Said> {
        let frame = self.frame;
        let words = &self.phrases.words;
        let mut said: Vec<String> = Vec::new();
        let mut turns = Vec::new();
        if !owed.is_empty() {
            let (quote, of) = self.quote(owed);
            said.push(format!("{}: {quote}", words.owed));
            turns.extend(of);
        }
        let answers = [
            (Told::Offered, &words.offered),
            (Told::Taken, &words.taken),
            (Told::Refused, &words.refused),
            (Told::Open, &words.open),
            (Told::Denied, &words.denied),
        ];
        for (told, opening) in answers {
            if let Some((words, of)) = self.answered(told, offered) {
                said.push(format!("{opening}: {words}"));
                turns.extend(of);
            }
        }
        let plain = matches!(frame.outcome, Outcome::Resolved | Outcome::Informed | Outcome::Promised);
        if !plain || (nothing_done && said.is_empty()) {
            said.push(self.phrases.outcome(frame.outcome).to_owned());
            turns.extend(&frame.evidence.outcome);
        }
        (!said.is_empty()).then(|| (closed(joined(&said)), turns))
    }

    /// What is told so: quoted where the offer is among the chosen pieces, else named. What was taken is named only where
    /// the words quoted leave open which way it was.
    fn answered(&self, told: Told, offered: &[&Piece<'a>]) -> Option<Said> {
        let is = |fact: &&Fact| self.told(fact) == Some(told);
        let kind = if told == Told::Denied { FactKind::Request } else { FactKind::Proposal };
        let is_here = |piece: &&&Piece<'a>| self.quoted_as(piece, kind) == Some(told);
        let quotes: Vec<&Piece<'a>> = offered.iter().filter(is_here).copied().collect();
        if !quotes.is_empty() {
            return Some(self.quote(&quotes));
        }
        let is_open = |turn: u32| offered.iter().any(|piece| piece.turn == turn && self.leaves_a_choice(piece));
        let is_told = |fact: &&Fact| told != Told::Taken || is_open(fact.turn);
        let of: Vec<&Fact> = self.frame.facts.iter().filter(is).filter(is_told).collect();
        let things = listed(of.iter().map(|fact| self.named(fact)).collect(), NAMED).join(", ");
        (!of.is_empty()).then(|| (things, of.iter().map(|fact| fact.turn).collect()))
    }

    /// As what a piece is quoted of a turn that may offer two ways, one of them taken: as its first, as refused only where
    /// all of them were, and as offered where its words leave the choice open.
    fn quoted_as(&self, piece: &Piece, kind: FactKind) -> Option<Told> {
        let facts = self.frame.facts_of(piece.turn).iter();
        let of = || facts.clone().filter(|fact| fact.kind == kind).filter_map(|fact| self.told(fact));
        match of().find(|told| *told != Told::Refused).or_else(|| of().next()) {
            Some(Told::Taken | Told::Refused) if self.leaves_a_choice(piece) => Some(Told::Offered),
            told => told,
        }
    }

    /// How an offer, or a wish that was not granted, is told; none where it is not worth it. That an offer was refused is
    /// said only where the customer's words bear it out, for one in six that the model reads so was taken or left open;
    /// that it was taken, not where they speak against it. One that was passed over for another of its turn is not told.
    fn told(&self, fact: &Fact) -> Option<Told> {
        let answer = self.frame.answers.get(&fact.turn);
        let is_refusal = answer == Some(&Answer::Refusal);
        match (fact.kind, fact.accepted) {
            _ if !self.stands(fact) => None,
            (FactKind::Proposal, _) if answer == Some(&Answer::Silence) => Some(Told::Open),
            (FactKind::Proposal, Some(true)) if !is_refusal || self.came_about(fact) => Some(Told::Taken),
            (FactKind::Proposal, Some(false)) if is_refusal => Some(Told::Refused),
            (FactKind::Proposal, Some(false)) if self.some_was_taken(fact.turn) => None,
            (FactKind::Proposal, _) => Some(Told::Offered),
            (FactKind::Request, Some(false)) => Some(Told::Denied),
            _ => None,
        }
    }

    /// Whether a piece does not say which way it was: its words name several, or it is of a turn of whose offers some were
    /// taken and some not.
    fn leaves_a_choice(&self, piece: &Piece) -> bool {
        let is_other = |fact: &Fact| fact.kind == FactKind::Proposal && fact.accepted != Some(true);
        let are_some_taken = || self.some_was_taken(piece.turn) && self.frame.facts_of(piece.turn).iter().any(is_other);
        Phrases::leave_a_choice(piece.text) || are_some_taken()
    }

    /// Whether an offer of a turn was taken.
    fn some_was_taken(&self, turn: u32) -> bool {
        let is_taken = |fact: &Fact| fact.kind == FactKind::Proposal && fact.accepted == Some(true);
        self.frame.facts_of(turn).iter().any(is_taken)
    }

    /// Whether an answer is worth telling: where the same was done after all, it was to another way of it or was misread.
    fn stands(&self, fact: &Fact) -> bool {
        fact.accepted == Some(true) || !self.came_about(fact)
    }

    /// Whether what was asked or offered was done or promised in the end.
    fn came_about(&self, fact: &Fact) -> bool {
        self.deeds.fulfil(fact)
    }

    /// One short sentence on a matter.
    fn issue(&self, matter: &Matter) -> String {
        let topic = self.phrases.topic(matter.topic);
        let mut words =
            matter.order.as_ref().map_or_else(|| topic.to_owned(), |(number, _)| self.with_order(topic, number));
        if let Some(quote) = self.best(&matter.turns) {
            words.push_str(&format!(": {quote}"));
        }
        closed(words)
    }

    /// One short sentence on what the customer wants; empty where they want nothing.
    fn request(&self) -> String {
        let asked: Vec<String> = self
            .frame
            .facts
            .iter()
            .filter(|fact| fact.kind == FactKind::Request && has_words(fact.what))
            .map(|fact| self.named(fact))
            .collect();
        if !asked.is_empty() {
            return closed(format!("{}: {}", self.phrases.words.request, listed(asked, NAMED).join(", ")));
        }
        let quote = self.best(&self.frame.evidence.request);
        quote.map_or_else(String::new, |quote| closed(format!("{}: {quote}", self.phrases.words.request)))
    }

    /// Each fact of a kind as a short phrase, with its turn.
    fn facts(&self, kind: FactKind) -> impl Iterator<Item = (String, u32)> {
        let of = self.frame.facts.iter().filter(move |fact| fact.kind == kind);
        of.filter_map(move |fact| Some((self.phrase(fact)?, fact.turn)))
    }

    /// A deed in our words with its sum and time; one that has none of these in the operator's.
    fn phrase(&self, fact: &Fact) -> Option<String> {
        if has_words(fact.what) {
            return Some(self.named(fact));
        }
        self.best(&[fact.turn])
    }

    /// A fact in our words: "bonuses 3000 bonuses", "call back, by noon".
    fn named(&self, fact: &Fact) -> String {
        let mut words = self.phrases.fact(fact.kind, fact.what).to_owned();
        let [open, close] = self.phrases.quotes;
        for detail in [&fact.amount, &fact.code, &fact.due].into_iter().flatten() {
            words.push_str(&format!(" {open}{detail}{close}"));
        }
        words
    }

    /// The pieces of these turns that say most, quoted in few words; none where they have no words.
    fn best(&self, turns: &[u32]) -> Option<String> {
        let of = turns.iter().flat_map(|turn| pieces::of_turn(&self.pieces, *turn));
        let chosen = pieces::choose(of, Vec::new(), SHORT);
        (!chosen.is_empty()).then(|| self.quote(&chosen).0)
    }

    /// Pieces in quotation marks, with dots where something is left out between them.
    fn quote(&self, pieces: &[&Piece<'a>]) -> Said {
        let [open, close] = self.phrases.quotes;
        let mut quotes: Vec<(&Piece<'a>, usize)> = Vec::new();
        for piece in pieces {
            match quotes.last_mut() {
                Some((first, end)) if first.is_followed(*end, piece) => *end = piece.end,
                _ => quotes.push((piece, piece.end)),
            }
        }
        let quotes: Vec<&str> = quotes.into_iter().map(|(first, end)| &first.source[first.start..end]).collect();
        let mut words = String::from(open);
        words.push_str(quotes.join(" … ").trim_end_matches(['.', ',', ';', ' ']));
        words.push(close);
        (words, pieces.iter().map(|piece| piece.turn).collect())
    }
}

/// How an offer or a wish is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Taken,
    Refused,
    /// What became of it is not plain.
    Offered,
    /// Nobody answered.
    Open,
    /// The operator did not grant it.
    Denied,
}

/// A sentence of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Matter,
    Done,
    Offered,
    Owed,
}

pub(super) fn is_cyrillic(parts: &[Part]) -> bool {
    let letters = |is: fn(&char) -> bool| parts.iter().flat_map(|part| part.text.chars()).filter(is).count();
    letters(|c| matches!(c, '\u{400}'..='\u{52f}')) > letters(char::is_ascii_alphabetic)
}

/// Facts whose kind and type alone say what happened.
fn has_words(what: FactType) -> bool {
    !matches!(what, FactType::Information | FactType::StatusCheck | FactType::Other | FactType::DataChange)
}
