//! The frame: what happened as data, from what the models read in the turns.

use std::collections::HashMap;

use crate::reading::{Evidence, Reading, Scored, TalkReading, read_contact};
use crate::summary::answers::{Answer, answer};
use crate::summary::deeds::Deeds;
use crate::summary::matters::{self, Matter};
use crate::summary::{Fact, slots};
use crate::taxonomy::{FactKind, Language, Outcome, Sentiment, Speaker, Topic, TurnRole, Urgency};

/// A turn or, of a long one, a part of it, and what was read in it.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Which turn of the contact, from 0.
    pub(crate) turn: u32,
    pub(crate) speaker: Speaker,
    pub(crate) text: String,
    pub(crate) reading: Reading,
}

/// What happened, before it is put into words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub(super) language: Language,
    pub(super) topics: Vec<Topic>,
    pub(super) sentiment: Sentiment,
    pub(super) urgency: Urgency,
    /// Of each turn.
    pub(super) roles: Vec<Vec<TurnRole>>,
    pub(super) outcome: Outcome,
    /// In the order of their turns.
    pub(super) facts: Vec<Fact>,
    pub(super) evidence: Evidence,
    /// What the customer said to the offers of each turn that makes any.
    pub(super) answers: HashMap<u32, Answer>,
    /// The main one first.
    pub(super) matters: Vec<Matter>,
    pub(super) support: f32,
}

impl Frame {
    /// The facts that a turn states.
    pub(super) fn facts_of(&self, turn: u32) -> &[Fact] {
        let from = self.facts.partition_point(|fact| fact.turn < turn);
        let to = self.facts.partition_point(|fact| fact.turn <= turn);
        &self.facts[from..to]
    }

    /// `turns`: how many the contact has; `parts`: what was read of them, in order; `talk`: of the parts together.
    pub(super) fn of(turns: usize, parts: &[Part], talk: &TalkReading) -> Frame {
        let readings: Vec<_> = parts.iter().map(|part| (part.speaker, &part.reading)).collect();
        let contact = read_contact(&readings, Some(&talk.whole));
        let turn_of = |places: &[u32]| -> Vec<u32> {
            let mut turns: Vec<u32> =
                places.iter().filter_map(|at| parts.get(*at as usize)).map(|part| part.turn).collect();
            turns.dedup();
            turns
        };
        let mut roles = vec![Vec::new(); turns];
        for (part, said) in parts.iter().zip(&talk.roles) {
            for role in said {
                let of_turn: &mut Vec<TurnRole> = &mut roles[part.turn as usize];
                if !of_turn.contains(&role.value) {
                    of_turn.push(role.value);
                }
            }
        }
        for of_turn in roles.iter_mut().filter(|roles| roles.is_empty()) {
            of_turn.push(TurnRole::Other);
        }
        let matters: Vec<Scored<Topic>> = contact.as_ref().map_or_else(Vec::new, |contact| {
            contact.topics.iter().filter(|topic| names_a_matter(topic.value)).copied().collect()
        });
        // Where no customer said a word the operator may still have promised something.
        let nothing = matters.is_empty() && (contact.is_some() || talk.acts.iter().all(Vec::is_empty));
        let outcome = match talk.outcome.value {
            _ if nothing => Outcome::NoMatter,
            // The model has learned from no talk in which nobody answered, and says anything of one.
            _ if nobody_answered(parts) => Outcome::Unresolved,
            // What the customer said last waits for an answer.
            Outcome::NoMatter if !matters.is_empty() && waits(parts) => Outcome::Unresolved,
            read => read,
        };
        let mut facts = if nothing { Vec::new() } else { facts(parts, talk) };
        let offers = facts.iter().filter(|fact| fact.kind == FactKind::Proposal);
        let answers: HashMap<u32, Answer> = offers.map(|fact| (fact.turn, answer(parts, fact.turn))).collect();
        take(&mut facts, &answers);
        // What is told rests on something: where no turn was sure enough, on those that state it.
        let or_facts = |sure: Vec<u32>, kind: FactKind| {
            if sure.is_empty() { turns_that_state(&facts, kind) } else { sure }
        };
        let evidence = Evidence {
            issue: turn_of(&talk.evidence.issue),
            request: or_facts(turn_of(&talk.evidence.request), FactKind::Request),
            actions: or_facts(turn_of(&talk.evidence.actions), FactKind::Action),
            promises: or_facts(turn_of(&talk.evidence.promises), FactKind::Promise),
            outcome: turn_of(&talk.evidence.outcome),
        };
        Frame {
            matters: matters::of(matters.iter().map(|topic| topic.value), parts, &evidence),
            topics: contact.as_ref().map_or_else(Vec::new, |of| of.topics.iter().map(|topic| topic.value).collect()),
            support: support(&matters, talk),
            language: contact.as_ref().map_or_else(|| spoken(parts), |contact| contact.language.value),
            sentiment: contact.as_ref().map_or(Sentiment::Neutral, |contact| contact.sentiment.value),
            urgency: contact.as_ref().map_or(Urgency::Normal, |contact| contact.urgency.value),
            answers,
            roles,
            outcome,
            facts,
            evidence,
        }
    }
}

fn turns_that_state(facts: &[Fact], kind: FactKind) -> Vec<u32> {
    let mut turns: Vec<u32> = facts.iter().filter(|fact| fact.kind == kind).map(|fact| fact.turn).collect();
    turns.dedup();
    turns
}

/// The language in which most was said.
fn spoken(parts: &[Part]) -> Language {
    let said = |language: &Language| -> usize {
        let of = parts.iter().filter(|part| part.reading.language.value == *language);
        of.map(|part| part.text.chars().count()).sum()
    };
    Language::ALL.iter().rev().copied().max_by_key(said).unwrap_or(Language::Ru)
}

/// Whether a customer has written and no operator has since.
fn nobody_answered(parts: &[Part]) -> bool {
    let mut since = parts.iter().skip_while(|part| part.speaker != Speaker::Customer);
    since.next().is_some() && since.all(|part| part.speaker == Speaker::Customer)
}

/// Whether the customer has the last word.
fn waits(parts: &[Part]) -> bool {
    parts.last().is_some_and(|part| part.speaker == Speaker::Customer)
}

fn names_a_matter(topic: Topic) -> bool {
    !matches!(topic, Topic::Greeting | Topic::Irrelevant)
}

fn facts(parts: &[Part], talk: &TalkReading) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (part, acts) in parts.iter().zip(&talk.acts) {
        let entities = &part.reading.entities;
        let (mut with_sum, mut with_time) = (0, 0);
        for act in acts {
            let (kind, what) = (act.kind, act.what);
            let amount = slots::amount(kind, what, with_sum, &part.text, entities);
            let due = slots::due(kind, what, with_time, &part.text, entities);
            with_sum += usize::from(amount.is_some());
            with_time += usize::from(due.is_some());
            let code = slots::code(kind, what, &part.text, entities);
            facts.push(Fact { kind, what, amount, due, code, accepted: act.accepted, turn: part.turn });
        }
    }
    grant(&mut facts);
    facts
}

/// What was asked for and then done or promised was granted, whatever was read in between.
fn grant(facts: &mut [Fact]) {
    let mut behind = Deeds::default();
    for fact in facts.iter_mut().rev() {
        if fact.kind == FactKind::Request && behind.has(fact.what) {
            fact.accepted = Some(true);
        }
        behind.add(fact);
    }
}

/// What was offered and done or promised behind it was taken, unless the customer refused it in so many words: perhaps
/// the operator did another of the kind. Where the customer said nothing more there is no answer. The model gives all offers
/// of a turn one answer, but where several stand in one, people take one of them (of annotated ones in 76 of 100 turns):
/// there those are taken that came about, and the others are not.
fn take(facts: &mut [Fact], answers: &HashMap<u32, Answer>) {
    let mut behind = Deeds::default();
    for turn in facts.chunk_by_mut(|one, next| one.turn == next.turn).rev() {
        let mut offers: Vec<&mut Fact> = turn.iter_mut().filter(|fact| fact.kind == FactKind::Proposal).collect();
        let came_about: Vec<bool> = offers.iter().map(|offer| behind.fulfil(offer)).collect();
        let are_told_apart = came_about.contains(&true) && came_about.contains(&false);
        for (offer, came_about) in offers.iter_mut().zip(came_about) {
            match answers.get(&offer.turn) {
                Some(Answer::Silence) => offer.accepted = None,
                _ if are_told_apart => offer.accepted = Some(came_about),
                Some(Answer::Other) if came_about => offer.accepted = Some(true),
                _ => {}
            }
        }
        turn.iter().for_each(|fact| behind.add(fact));
    }
}

/// The mean of how sure the models are of the topic, the outcome and each fact.
fn support(matters: &[Scored<Topic>], talk: &TalkReading) -> f32 {
    let acts = talk.acts.iter().flatten().map(|act| act.score);
    let scores: Vec<f32> =
        matters.iter().take(1).map(|topic| topic.score).chain([talk.outcome.score]).chain(acts).collect();
    scores.iter().sum::<f32>() / scores.len() as f32
}
