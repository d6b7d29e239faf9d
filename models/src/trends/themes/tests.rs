use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::{Talk, Theme, themes};
use crate::taxonomy::{Language, Topic};

const WIDTH: usize = 24;
const RATE: f64 = 0.01;

/// What one customer said.
#[derive(Clone)]
struct Said {
    id: u128,
    vector: Vec<f32>,
    text: String,
    topic: Topic,
    language: Language,
}

impl Said {
    fn talk(&self) -> Talk<'_> {
        let (topic, language) = (Some(self.topic), self.language);
        Talk { id: self.id, vector: &self.vector, text: &self.text, language, topic, at: None }
    }
}

fn length_one(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|number| *number /= length);
    vector
}

fn around(middle: &[f32], spread: f32, random: &mut StdRng) -> Vec<f32> {
    length_one(middle.iter().map(|number| number + spread * (random.random::<f32>() - 0.5)).collect())
}

/// Six letters that stand for a number: numbers themselves do not make texts differ.
fn word(mut number: usize) -> String {
    let letters = (0..6).map(|_| {
        let letter = b'a' + (number % 26) as u8;
        number /= 26;
        char::from(letter)
    });
    letters.collect()
}

/// Talks of a dozen matters, four topics and two languages.
fn ordinary(talks: usize, random: &mut StdRng) -> Vec<Said> {
    let mut fixed = StdRng::seed_from_u64(7);
    let middles: Vec<Vec<f32>> = (0..12).map(|_| around(&[0.0; WIDTH], 1.0, &mut fixed)).collect();
    let topics = [Topic::App, Topic::Courier, Topic::Menu, Topic::Payment];
    let one = |at: usize| {
        let matter = random.random_range(0..middles.len());
        Said {
            id: at as u128,
            vector: around(&middles[matter], 0.9, random),
            text: format!("where is {} of {}", word(at), word(matter * 31)),
            topic: topics[matter % topics.len()],
            language: if random.random::<bool>() { Language::Ru } else { Language::Uz },
        }
    };
    (0..talks).map(one).collect()
}

/// Talks of a matter that no ordinary talk has.
fn strange(talks: usize, random: &mut StdRng) -> Vec<Said> {
    let middle = around(&[0.0; WIDTH], 1.0, &mut StdRng::seed_from_u64(99));
    let one = |at: usize| Said {
        id: 1_000_000 + at as u128,
        vector: around(&middle, 0.5, random),
        text: format!("plastic in the pesto {}", word(5_000 + at)),
        topic: Topic::Courier,
        language: Language::Ru,
    };
    (0..talks).map(one).collect()
}

fn found(now: &[Said], before: &[Said]) -> Vec<Theme> {
    let now: Vec<Talk<'_>> = now.iter().map(Said::talk).collect();
    let before: Vec<Talk<'_>> = before.iter().map(Said::talk).collect();
    themes(&now, &before, RATE, 1)
}

/// A window with `planted` strange talks.
fn window(planted: usize, seed: u64) -> (Vec<Said>, Vec<Said>) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut before = ordinary(700, &mut random);
    let mut now = before.split_off(560);
    now.extend(strange(planted, &mut random));
    (now, before)
}

#[test]
fn talks_that_did_not_come_before_are_a_theme() {
    let (now, before) = window(20, 1);
    let themes = found(&now, &before);
    assert_eq!(themes.len(), 1, "{themes:?}");
    let theme = &themes[0];
    let right = theme.members.iter().filter(|id| **id >= 1_000_000).count();
    assert!(right >= 18 && theme.members.len() - right <= 2, "{theme:?}");
    assert!(theme.p <= RATE && theme.p > 0.0 && theme.score > 0.49);
    assert!(theme.before <= 2 && theme.expected < 10.0);
    assert!(theme.typical.iter().all(|text| text.contains("pesto")), "{:?}", theme.typical);
    let words: Vec<&str> = theme.words.iter().map(|mark| mark.word.as_str()).collect();
    assert!(words.contains(&"pesto") && words.contains(&"plastic") && !words.contains(&"where"), "{words:?}");
    assert_eq!(theme.languages[0].0, Language::Ru);
    assert_eq!(theme.topic.map(|(topic, _)| topic), Some(Topic::Courier));
    assert!(theme.growth.is_empty());
}

#[test]
fn two_matters_are_two_themes() {
    let (mut now, before) = window(20, 2);
    let middle = around(&[0.0; WIDTH], 1.0, &mut StdRng::seed_from_u64(98));
    let mut random = StdRng::seed_from_u64(3);
    now.extend((0..20).map(|at| Said {
        id: 2_000_000 + at as u128,
        vector: around(&middle, 0.5, &mut random),
        text: format!("drone lost points {}", word(9_000 + at)),
        topic: Topic::App,
        language: Language::Uz,
    }));
    let themes = found(&now, &before);
    let matters = |theme: &Theme| theme.members.iter().map(|id| id / 1_000_000).max();
    let mut of: Vec<_> = themes.iter().map(matters).collect();
    of.sort_unstable();
    assert_eq!(of, [Some(1), Some(2)], "{themes:?}");
}

#[test]
fn a_window_like_those_before_tells_nothing() {
    let alarms = (0..40).filter(|seed| {
        let (now, before) = window(0, 100 + seed);
        !found(&now, &before).is_empty()
    });
    // One in a hundred is allowed: four of forty come in one of a thousand such tests.
    assert!(alarms.count() < 4);
}

#[test]
fn a_topic_that_only_grew_is_no_theme() {
    let alarms = (0..20).filter(|seed| {
        let (now, before) = window(0, 200 + seed);
        let rare = |said: &Said| said.topic == Topic::App;
        let before: Vec<Said> = before
            .into_iter()
            .enumerate()
            .filter(|(at, said)| !rare(said) || at % 4 == 0)
            .map(|(_, said)| said)
            .collect();
        !found(&now, &before).is_empty()
    });
    assert!(alarms.count() < 3);
}

/// Talks of four topics that each sound another way in either language; `uz` of a hundred are in the second.
fn bilingual(talks: usize, uz: u32, random: &mut StdRng) -> Vec<Said> {
    let mut fixed = StdRng::seed_from_u64(17);
    let middles: Vec<Vec<f32>> = (0..8).map(|_| around(&[0.0; WIDTH], 1.0, &mut fixed)).collect();
    let topics = [Topic::App, Topic::Courier, Topic::Menu, Topic::Payment];
    let one = |_: usize| {
        let (topic, second) = (random.random_range(0..4), random.random_range(0..100) < uz);
        let id = random.random::<u32>();
        Said {
            id: u128::from(id),
            vector: around(&middles[topic + 4 * usize::from(second)], 0.9, random),
            text: format!("where is {} of {}", word(id as usize), word(topic)),
            topic: topics[topic],
            language: if second { Language::Uz } else { Language::Ru },
        }
    };
    (0..talks).map(one).collect()
}

#[test]
fn a_language_that_only_grew_within_every_topic_is_no_theme() {
    let alarms = (0..20).filter(|seed| {
        let mut random = StdRng::seed_from_u64(400 + seed);
        let (now, before) = (bilingual(140, 80, &mut random), bilingual(560, 10, &mut random));
        !found(&now, &before).is_empty()
    });
    assert!(alarms.count() < 3);
}

/// So many talks of each of sixteen topics, the first `uz` in the second language; languages sound alike in all topics.
fn rare(each: usize, uz: usize, random: &mut StdRng) -> Vec<Said> {
    let mut fixed = StdRng::seed_from_u64(23);
    let middles: Vec<Vec<f32>> = (0..8).map(|_| around(&[0.0; WIDTH], 1.0, &mut fixed)).collect();
    let one = |at: usize| {
        let (topic, second) = (at % 16, at / 16 < uz);
        let (id, sound) = (random.random::<u32>(), random.random_range(0..4));
        Said {
            id: u128::from(id),
            vector: around(&middles[sound + 4 * usize::from(second)], 0.9, random),
            text: format!("where is {} of {}", word(id as usize), word(topic)),
            topic: Topic::ALL[topic],
            language: if second { Language::Uz } else { Language::Ru },
        }
    };
    (0..16 * each).map(one).collect()
}

#[test]
fn a_language_that_grew_where_each_topic_has_few_talks_is_no_theme() {
    let alarms = (0..20).filter(|seed| {
        let mut random = StdRng::seed_from_u64(500 + seed);
        let (now, before) = (rare(5, 4, &mut random), rare(7, 1, &mut random));
        !found(&now, &before).is_empty()
    });
    assert!(alarms.count() < 3);
}

#[test]
fn the_order_of_talks_does_not_matter() {
    let (mut now, mut before) = window(15, 4);
    let themes = found(&now, &before);
    assert!(!themes.is_empty());
    assert_eq!(themes, found(&now, &before));
    let mut random = StdRng::seed_from_u64(5);
    now.shuffle(&mut random);
    before.shuffle(&mut random);
    assert_eq!(themes, found(&now, &before));
}

#[test]
fn one_template_sent_by_many_is_no_theme_and_its_copies_count_with_one() {
    let (mut now, before) = window(0, 6);
    let first = strange(1, &mut StdRng::seed_from_u64(8)).remove(0);
    now.extend((0..30).map(|at| Said {
        id: first.id + at,
        text: format!("Order {at}: plastic in the pesto!"),
        ..first.clone()
    }));
    assert!(found(&now, &before).is_empty());
    now.extend(strange(20, &mut StdRng::seed_from_u64(9)).into_iter().map(|said| Said { id: said.id + 500, ..said }));
    let themes = found(&now, &before);
    assert_eq!(themes.len(), 1, "{themes:?}");
    assert!(themes[0].members.len() >= 45, "{}", themes[0].members.len());
}

#[test]
fn growth_is_told_in_eight_parts_of_the_window() {
    let (now, before) = window(20, 1);
    let at = |second: usize| jiff::Timestamp::from_second(1_764_000_000 + second as i64).ok();
    let mut talks: Vec<Talk<'_>> = now.iter().map(Said::talk).collect();
    for (place, talk) in talks.iter_mut().enumerate() {
        talk.at = at(if talk.id < 1_000_000 { place * 18 % 3_601 } else { 2_700 + place });
    }
    talks[0].at = at(0);
    talks[1].at = at(3_600);
    let before: Vec<Talk<'_>> = before.iter().map(Said::talk).collect();
    let themes = themes(&talks, &before, RATE, 1);
    assert_eq!(themes[0].growth.len(), 8);
    assert!(themes[0].growth[6] >= 18, "{:?}", themes[0].growth);
    assert_eq!(themes[0].growth.iter().sum::<usize>(), themes[0].members.len());
}

#[test]
fn rubbish_is_left_out_and_changes_nothing() {
    let (mut now, before) = window(15, 4);
    let themes = found(&now, &before);
    let mut rubbish = strange(6, &mut StdRng::seed_from_u64(11));
    for (at, said) in rubbish.iter_mut().enumerate() {
        said.id += 7_000;
        match at {
            0 => said.vector[3] = f32::NAN,
            1 => said.vector = vec![0.0; WIDTH],
            2 => said.vector = vec![0.2; WIDTH + 1],
            3 => said.text = "pesto 12345 [phone] !".to_owned(),
            4 => said.topic = Topic::Greeting,
            _ => said.vector[0] = f32::INFINITY,
        }
    }
    now.extend(rubbish);
    let again = now[0].clone();
    now.push(again);
    assert_eq!(themes, found(&now, &before));
}

#[test]
fn few_or_no_talks_tell_nothing() {
    let (now, before) = window(10, 1);
    assert!(found(&[], &[]).is_empty());
    assert!(found(&now, &[]).is_empty());
    assert!(found(&[], &before).is_empty());
    assert!(found(&now[..1], &[]).is_empty());
    assert!(found(&now[..1], &before[..3]).is_empty());
}

#[test]
fn where_all_lie_together_chance_decides_who_is_nearest() {
    let alarms = (0..20_u128).filter(|seed| {
        let (now, before) = window(0, 300);
        let alike = |talks: &[Said]| -> Vec<Said> {
            let one = |said: &Said| Said { vector: now[0].vector.clone(), id: said.id + 1_000 * seed, ..said.clone() };
            talks.iter().map(one).collect()
        };
        !found(&alike(&now), &alike(&before)).is_empty()
    });
    assert!(alarms.count() < 3);
}
