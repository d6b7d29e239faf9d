//! The talks of now and before as one cloud, in an order that does not know which is which.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::grow::Grown;
use super::{PARTS, TYPICAL, Talk, Theme, words};
use crate::taxonomy::Topic;
use crate::trends;

/// Words a talk has at least.
const WORDS: usize = 3;

/// What counts of the talks that were given.
pub(super) struct Pool<'a> {
    /// One for each text. Their order is by a mixing of the id, so that what falls to the first of equals falls to now
    /// and before alike.
    pub(super) talks: Vec<Talk<'a>>,
    /// Whether each is of now.
    pub(super) now: Vec<bool>,
    /// All talks of now with the text of each, itself among them if it is of now.
    said: Vec<Vec<Talk<'a>>>,
    /// From the first to the last talk of now.
    window: Option<(Timestamp, Timestamp)>,
}

impl<'a> Pool<'a> {
    pub(super) fn gather(now: &[Talk<'a>], before: &[Talk<'a>]) -> Pool<'a> {
        let mut given: Vec<(Talk<'a>, bool)> = now.iter().map(|talk| (*talk, true)).collect();
        given.extend(before.iter().map(|talk| (*talk, false)));
        let width = width(&given);
        given.retain(|(talk, _)| counts(talk, width));
        given.sort_by_key(|(talk, now)| (mixed(talk.id), talk.id, !now));
        let mut pool = Pool { talks: Vec::new(), now: Vec::new(), said: Vec::new(), window: None };
        let (mut ids, mut places) = (HashSet::new(), HashMap::new());
        for (talk, now) in given {
            if !ids.insert(talk.id) {
                continue;
            }
            let place = *places.entry(words::bare(talk.text)).or_insert_with(|| {
                pool.talks.push(talk);
                pool.now.push(now);
                pool.said.push(Vec::new());
                pool.talks.len() - 1
            });
            if now {
                pool.said[place].push(talk);
            }
        }
        let times = || pool.said.iter().flatten().filter_map(|talk| talk.at);
        pool.window = times().min().zip(times().max());
        pool
    }

    /// How many talks of now the texts at `places` stand for.
    pub(super) fn talks_of(&self, places: &[usize]) -> usize {
        places.iter().map(|place| self.said[*place].len()).sum()
    }

    /// The theme of `grown` in the terms of who asked.
    pub(super) fn tell(&self, grown: &Grown, p: f64) -> Theme {
        let members: Vec<Talk<'a>> = grown.members.iter().flat_map(|place| self.said[*place].iter().copied()).collect();
        let mut languages = Vec::new();
        let mut topics: Vec<(Option<Topic>, usize)> = Vec::new();
        for talk in &members {
            count(&mut languages, talk.language);
            count(&mut topics, talk.topic);
        }
        commonest_first(&mut languages);
        commonest_first(&mut topics);
        let all = members.len() as f64;
        Theme {
            typical: grown.members.iter().take(TYPICAL).map(|place| self.talks[*place].text.to_owned()).collect(),
            words: words::marks(&grown.members, &self.talks),
            languages,
            topic: topics.first().and_then(|(topic, talks)| topic.map(|topic| (topic, *talks as f64 / all))),
            before: grown.before,
            expected: grown.expected,
            growth: self.growth(&members),
            members: members.iter().map(|talk| talk.id).collect(),
            p,
            score: trends::score(p),
        }
    }

    fn growth(&self, members: &[Talk<'_>]) -> Vec<usize> {
        let Some((first, last)) = self.window else { return Vec::new() };
        let span = (last.as_second() - first.as_second()).max(1) as f64;
        let mut parts = vec![0; PARTS];
        for at in members.iter().filter_map(|talk| talk.at) {
            let part = (at.as_second() - first.as_second()) as f64 / span * PARTS as f64;
            parts[(part as usize).min(PARTS - 1)] += 1;
        }
        parts
    }
}

/// Whether a talk says anything and its vector can be used.
fn counts(talk: &Talk<'_>, width: usize) -> bool {
    let length: f32 = talk.vector.iter().map(|number| number * number).sum();
    talk.vector.len() == width
        && length.is_finite()
        && length > f32::EPSILON
        && talk.topic != Some(Topic::Greeting)
        && words::of(talk.text).count() >= WORDS
}

/// The width that most vectors have; the greater of equals.
fn width(given: &[(Talk<'_>, bool)]) -> usize {
    let mut widths = BTreeMap::new();
    for (talk, _) in given {
        *widths.entry(talk.vector.len()).or_insert(0_usize) += 1;
    }
    widths.into_iter().max_by_key(|(width, talks)| (*talks, *width)).map_or(0, |(width, _)| width)
}

/// Ids of contacts grow with time; this has none of their order (splitmix64, Steele et al. 2014).
fn mixed(id: u128) -> u64 {
    let mut bits = (id as u64) ^ ((id >> 64) as u64).rotate_left(32);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn count<T: PartialEq>(tally: &mut Vec<(T, usize)>, of: T) {
    match tally.iter_mut().find(|(known, _)| *known == of) {
        Some((_, times)) => *times += 1,
        None => tally.push((of, 1)),
    }
}

fn commonest_first<T>(tally: &mut [(T, usize)]) {
    tally.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
}
