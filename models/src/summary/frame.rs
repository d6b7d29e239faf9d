//! The frame: what happened as data, from what the models read in the turns.

use crate::entities::Entity;
use crate::reading::{Evidence, Reading, Scored, TalkReading, read_contact};
use crate::summary::{Fact, corrections, slots};
use crate::taxonomy::{EntityType, FactKind, Language, Outcome, Sentiment, Speaker, Topic, TurnRole, Urgency};

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
    /// The turns of each topic.
    pub(super) issues: Vec<(Topic, Vec<u32>)>,
    /// The order that the contact is about, as a turn has it, and where.
    pub(super) order: Option<(String, u32)>,
    pub(super) support: f32,
}

/// Digits in which a number may differ from what was meant.
const MISREAD: usize = 2;

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
        let outcome = if nothing { Outcome::NoMatter } else { talk.outcome.value };
        let facts = if nothing { Vec::new() } else { facts(parts, talk) };
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
            issues: matters.iter().map(|topic| (topic.value, turns_of(topic.value, parts, &evidence))).collect(),
            topics: contact.as_ref().map_or_else(Vec::new, |of| of.topics.iter().map(|topic| topic.value).collect()),
            support: support(&matters, talk),
            language: contact.as_ref().map_or_else(|| spoken(parts), |contact| contact.language.value),
            sentiment: contact.as_ref().map_or(Sentiment::Neutral, |contact| contact.sentiment.value),
            urgency: contact.as_ref().map_or(Urgency::Normal, |contact| contact.urgency.value),
            order: order(parts),
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
    for at in 0..facts.len() {
        let (asked, rest) = facts[at..].split_at_mut(1);
        if asked[0].kind == FactKind::Request && rest.iter().any(|fact| fact.gives(asked[0].what)) {
            asked[0].accepted = Some(true);
        }
    }
}

/// Those of the turns that state the matter in which this topic was read; else the customer's turn that is surest of it,
/// else all that state the matter.
fn turns_of(topic: Topic, parts: &[Part], evidence: &Evidence) -> Vec<u32> {
    let score = |part: &Part| part.reading.topics.iter().find(|t| t.value == topic).map(|t| t.score);
    let said = parts.iter().filter(|part| part.speaker == Speaker::Customer && score(part).is_some());
    let mut stated: Vec<u32> =
        said.clone().filter(|part| evidence.issue.contains(&part.turn)).map(|part| part.turn).collect();
    stated.dedup();
    if !stated.is_empty() {
        return stated;
    }
    let surest = said.max_by(|a, b| score(a).unwrap_or(0.0).total_cmp(&score(b).unwrap_or(0.0)));
    surest.map_or_else(|| evidence.issue.clone(), |part| vec![part.turn])
}

/// The order that the contact is about. A number that is taken back gives way to the one that replaces it: to any where
/// the wrong one is named beside it, else to one that differs in few digits, since a "no" may be said of anything.
fn order(parts: &[Part]) -> Option<(String, u32)> {
    let mut order: Option<(String, u32)> = None;
    for part in parts {
        let named = part.reading.entities.iter().filter(|entity| entity.kind == EntityType::OrderNumber);
        let (denied, meant): (Vec<&Entity>, Vec<&Entity>) =
            named.partition(|entity| corrections::is_denied(&part.text, entity));
        let Some(entity) = meant.first() else { continue };
        let is_customers = part.speaker == Speaker::Customer && corrections::corrects(&part.text);
        let number = whole_number(&part.text, entity);
        let replaces = |known: &str| !denied.is_empty() || (is_customers && are_near(known, &number));
        if order.as_ref().is_none_or(|(known, _)| replaces(known)) {
            order = Some((number, part.turn));
        }
    }
    order
}

/// With the digits that a hyphen joins to it: a token's tag ends at the hyphen of "КД-14".
fn whole_number(text: &str, entity: &Entity) -> String {
    let mut rest = text.chars().skip(entity.end as usize);
    let joined = rest.next() == Some('-');
    let digits: String = rest.take_while(|c| joined && c.is_ascii_digit()).collect();
    if digits.is_empty() { entity.text.clone() } else { format!("{}-{digits}", entity.text) }
}

/// Whether one number may be the other misread or misheard; of numbers in words that is not known.
fn are_near(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|number| number.chars().filter(char::is_ascii_digit).collect::<String>());
    one.is_empty() || other.is_empty() || strsim::levenshtein(&one, &other) <= MISREAD
}

/// The mean of how sure the models are of the topic, the outcome and each fact.
fn support(matters: &[Scored<Topic>], talk: &TalkReading) -> f32 {
    let acts = talk.acts.iter().flatten().map(|act| act.score);
    let scores: Vec<f32> =
        matters.iter().take(1).map(|topic| topic.score).chain([talk.outcome.score]).chain(acts).collect();
    scores.iter().sum::<f32>() / scores.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_behind_a_hyphen_belong_to_an_order_number_and_a_case_ending_does_not() {
        let order_of = |text: &str, number: &str| {
            let start = text.find(number).map_or(0, |at| text[..at].chars().count()) as u32;
            let end = start + number.chars().count() as u32;
            let entity = Entity { kind: EntityType::OrderNumber, text: number.to_owned(), start, end };
            let reading = Reading { entities: vec![entity], ..Reading::empty() };
            let part = Part { turn: 0, speaker: Speaker::Operator, text: text.to_owned(), reading };
            order(&[part]).map(|(number, _)| number)
        };
        assert_eq!(order_of("Записал: КД-14, 2 060 рублей", "КД").as_deref(), Some("КД-14"));
        assert_eq!(order_of("48213-ші тапсырыс", "48213").as_deref(), Some("48213"));
    }
}
