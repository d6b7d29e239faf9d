//! Windows of talks with and without a theme, and what the engine says of them.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use models::taxonomy::{Language, Topic};
use models::trends::themes::{Talk, Theme, themes};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::corpus::{Corpus, Origin, Set};

/// Windows without a theme that may raise an alarm.
pub(crate) const RATE: f64 = 0.01;

#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) now: usize,
    pub(crate) before: usize,
}

/// How far now differs from before without a theme: the standard deviation of the logarithm of each topic's and each
/// language's weight.
#[derive(Clone, Copy)]
pub(crate) struct Swing {
    pub(crate) topics: f64,
    pub(crate) languages: f64,
}

pub(crate) const CALM: Swing = Swing { topics: 0.0, languages: 0.0 };

/// What came of windows without a theme.
#[derive(Default)]
pub(crate) struct Alarms {
    pub(crate) windows: usize,
    pub(crate) alarms: usize,
    pub(crate) took: Duration,
}

/// What came of windows with one.
#[derive(Default)]
pub(crate) struct Finds {
    pub(crate) windows: usize,
    pub(crate) found: usize,
    /// The share of a found theme's talks that were planted, summed up.
    pub(crate) purity: f64,
    /// The share of what was planted that it holds, summed up.
    pub(crate) recall: f64,
    /// Themes beside the planted one.
    pub(crate) others: usize,
}

impl Finds {
    pub(crate) fn add(&mut self, other: &Finds) {
        self.windows += other.windows;
        self.found += other.found;
        self.purity += other.purity;
        self.recall += other.recall;
        self.others += other.others;
    }
}

/// No text stands in now and before alike.
struct Window {
    now: Vec<usize>,
    before: Vec<usize>,
}

/// Ordinary windows; without `labelled` the engine is not told the topics.
pub(crate) fn ordinary(corpus: &Corpus, size: Size, swing: Swing, labelled: bool, windows: usize, seed: u64) -> Alarms {
    let mut random = StdRng::seed_from_u64(seed);
    let mut alarms = Alarms::default();
    for window in 0..windows {
        let drawn = draw(corpus, &[], size, swing, &mut random);
        let (now, before) = (talks(corpus, &drawn.now, labelled), talks(corpus, &drawn.before, labelled));
        let started = Instant::now();
        let themes = themes(&now, &before, RATE, window as u64);
        alarms.took += started.elapsed();
        alarms.windows += 1;
        alarms.alarms += usize::from(!themes.is_empty());
    }
    alarms
}

/// Windows in which `planted` talks of `set` take the place of as many others.
pub(crate) fn planted(corpus: &Corpus, set: &Set, planted: usize, size: Size, windows: usize, seed: u64) -> Finds {
    let mut random = StdRng::seed_from_u64(seed);
    let mut finds = Finds::default();
    for window in 0..windows {
        let (themes, kept) = told(corpus, set, planted, size, window as u64, &mut random);
        let kept: HashSet<u128> = kept.into_iter().map(|at| at as u128).collect();
        let mut best: Option<(f64, f64)> = None;
        for theme in &themes {
            let right = theme.members.iter().filter(|id| kept.contains(id)).count() as f64;
            let (purity, recall) = (right / theme.members.len() as f64, right / kept.len() as f64);
            match purity >= 0.5 && best.is_none() {
                true => best = Some((purity, recall)),
                false => finds.others += 1,
            }
        }
        finds.windows += 1;
        if let Some((purity, recall)) = best {
            finds.found += 1;
            finds.purity += purity;
            finds.recall += recall;
        }
    }
    finds
}

/// One window with talks of `set`: its themes, and which talks were planted.
pub(crate) fn told(
    corpus: &Corpus,
    set: &Set,
    planted: usize,
    size: Size,
    seed: u64,
    random: &mut StdRng,
) -> (Vec<Theme>, Vec<usize>) {
    let mut kept = set.members.clone();
    kept.shuffle(random);
    kept.truncate(planted);
    let size = Size { now: size.now - kept.len(), ..size };
    let mut drawn = draw(corpus, &set.members, size, CALM, random);
    drawn.now.extend(&kept);
    let labelled = set.origin != Origin::Topic;
    let (now, before) = (talks(corpus, &drawn.now, labelled), talks(corpus, &drawn.before, labelled));
    (themes(&now, &before, RATE, seed), kept)
}

fn talks<'a>(corpus: &'a Corpus, which: &[usize], labelled: bool) -> Vec<Talk<'a>> {
    let talk = |at: &usize| {
        let sample = &corpus.samples[*at];
        Talk {
            id: *at as u128,
            vector: &sample.vector,
            text: &sample.text,
            language: sample.language,
            topic: sample.topic.filter(|_| labelled),
            at: None,
        }
    };
    which.iter().map(talk).collect()
}

/// Now is drawn by weight without putting back (Efraimidis & Spirakis 2006), before is drawn of the rest alike.
fn draw(corpus: &Corpus, without: &[usize], size: Size, swing: Swing, random: &mut StdRng) -> Window {
    let without: HashSet<usize> = without.iter().copied().collect();
    let topics = weights(Topic::ALL.len(), swing.topics, random);
    let languages = weights(Language::ALL.len(), swing.languages, random);
    let place = |topic: Topic| Topic::ALL.iter().position(|known| *known == topic).unwrap_or(0);
    let mut keys: Vec<(f64, usize)> = Vec::with_capacity(corpus.ordinary.len());
    for at in corpus.ordinary.iter().filter(|at| !without.contains(at)) {
        let sample = &corpus.samples[*at];
        let language = Language::ALL.iter().position(|known| *known == sample.language).unwrap_or(0);
        let weight = sample.topic.map_or(1.0, |topic| topics[place(topic)]) * languages[language];
        keys.push((-random.random::<f64>().max(f64::MIN_POSITIVE).ln() / weight, *at));
    }
    keys.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut drawn: Vec<usize> = keys.into_iter().map(|(_, at)| at).collect();
    let mut before = drawn.split_off(size.now);
    before.shuffle(random);
    before.truncate(size.before);
    Window { now: drawn, before }
}

fn weights(of: usize, swing: f64, random: &mut StdRng) -> Vec<f64> {
    let normal = rand_distr::StandardNormal;
    (0..of).map(|_| (swing * random.sample::<f64, _>(normal)).exp()).collect()
}
