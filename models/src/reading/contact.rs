//! A contact so far, read from the readings of its customer messages.

use crate::reading::{Reading, Scored};
use crate::taxonomy::{Class, Language, Sentiment, Speaker, Topic, Urgency};

/// A topic that no message was this sure of is not one of the contact.
const SURE: f32 = 0.5;
/// The mood of the end of a contact weighs more than that of its beginning.
const LATER: f32 = 1.15;

/// Reads the contact so far from its turns in order; none when the customer has said nothing yet.
///
/// Topics: the first statement of a matter weighs most, greetings and noise count only when there is
/// nothing else. Urgency: the highest reached. Sentiment: over the whole. Language: that of most
/// messages. Entities stay with their messages and are empty here.
pub fn read_contact(readings: &[(Speaker, &Reading)]) -> Option<Reading> {
    let said: Vec<&Reading> = readings.iter().filter(|(who, _)| *who == Speaker::Customer).map(|(_, r)| *r).collect();
    if said.is_empty() {
        return None;
    }
    let (topics, abstained) = topics(&said);
    Some(Reading {
        language: language(&said),
        mixed: said.iter().any(|r| r.mixed) || said.iter().any(|r| r.language.value != said[0].language.value),
        topics,
        abstained,
        sentiment: sentiment(&said),
        urgency: urgency(&said),
        entities: Vec::new(),
    })
}

fn topics(said: &[&Reading]) -> (Vec<Scored<Topic>>, bool) {
    let mut best: Vec<(Scored<Topic>, f32)> = Vec::new();
    for (turn, reading) in said.iter().enumerate() {
        // What is stated early is the matter; what comes later is more often a detail of it.
        let weight = 1.0 / (1.0 + turn as f32 * 0.25);
        for topic in reading.topics.iter().filter(|_| !reading.abstained) {
            match best.iter_mut().find(|(t, _)| t.value == topic.value) {
                Some((known, rank)) => {
                    known.score = known.score.max(topic.score);
                    *rank += topic.score * weight;
                }
                None => best.push((*topic, topic.score * weight)),
            }
        }
    }
    best.sort_by(|a, b| b.1.total_cmp(&a.1));
    let matter = |t: &Scored<Topic>| t.value.class() != Class::Other;
    let all: Vec<Scored<Topic>> = best.into_iter().map(|(t, _)| t).collect();
    let any_matter = all.iter().any(|t| matter(t) && t.score >= SURE);
    let kept: Vec<_> = all.iter().copied().filter(|t| t.score >= SURE && (matter(t) || !any_matter)).collect();
    if kept.is_empty() {
        let guess = all
            .first()
            .copied()
            .or_else(|| said.iter().flat_map(|r| r.topics.first()).copied().max_by(|a, b| a.score.total_cmp(&b.score)));
        return (guess.into_iter().collect(), true);
    }
    (kept, false)
}

fn urgency(said: &[&Reading]) -> Scored<Urgency> {
    let mut highest = said[0].urgency;
    for reading in said {
        let u = reading.urgency;
        if u.value > highest.value || (u.value == highest.value && u.score > highest.score) {
            highest = u;
        }
    }
    highest
}

fn sentiment(said: &[&Reading]) -> Scored<Sentiment> {
    weigh(said.iter().enumerate().map(|(turn, r)| (r.sentiment, LATER.powi(turn.min(40) as i32))), Sentiment::ALL)
}

fn language(said: &[&Reading]) -> Scored<Language> {
    weigh(said.iter().map(|r| (r.language, 1.0)), Language::ALL)
}

/// The label with the largest weighted score; its share of the whole weight is the new score.
fn weigh<T: Copy + PartialEq>(votes: impl Iterator<Item = (Scored<T>, f32)>, all: &[T]) -> Scored<T> {
    let mut sums = vec![0.0_f32; all.len()];
    let mut whole = 0.0;
    for (vote, weight) in votes {
        whole += weight;
        for (sum, label) in sums.iter_mut().zip(all) {
            if *label == vote.value {
                *sum += vote.score * weight;
            }
        }
    }
    let mut best = 0;
    for (i, sum) in sums.iter().enumerate() {
        if *sum > sums[best] {
            best = i;
        }
    }
    Scored { value: all[best], score: sums[best] / whole }
}
