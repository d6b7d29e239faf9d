//! The tables of the page.

use std::time::Instant;

use benches::report::table;
use indicatif::{ParallelProgressIterator, ProgressBar, ProgressStyle};
use models::trends::themes::Theme;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rayon::prelude::*;

use crate::corpus::{Corpus, Origin, Set};
use crate::windows::{self, Alarms, CALM, Finds, Size, Swing};

const SMALL: Size = Size { now: 300, before: 1_500 };
const LARGE: Size = Size { now: 1_000, before: 5_000 };
const WIDE: Size = Size { now: 3_000, before: 8_000 };
/// Whole contacts: we have but 1,118.
const FEW: Size = Size { now: 200, before: 800 };
const SWING: Swing = Swing { topics: 0.5, languages: 0.3 };
const PLANTED: [usize; 4] = [10, 15, 20, 30];

/// All of them, of labelled messages and of whole contacts.
pub(crate) fn all(messages: &Corpus, contacts: &Corpus, seeds: &[u64], windows: usize, repetitions: usize) -> String {
    let measured = [measured(messages, &[SMALL, LARGE], seeds, repetitions), measured(contacts, &[FEW], seeds, 1)];
    [
        alarms(messages, contacts, seeds, windows),
        finds(&measured),
        each(&measured[0]),
        examples(messages, seeds),
        speed(messages, seeds),
    ]
    .join("\n")
}

fn alarms(messages: &Corpus, contacts: &Corpus, seeds: &[u64], windows: usize) -> String {
    let kinds = [
        ("messages, the same mixture", messages, SMALL, CALM, true),
        ("messages, the same mixture", messages, LARGE, CALM, true),
        ("messages, topics and languages swing", messages, SMALL, SWING, true),
        ("messages, topics and languages swing", messages, LARGE, SWING, true),
        ("the same, topics not told", messages, SMALL, SWING, false),
        ("whole contacts, the same mixture", contacts, FEW, CALM, true),
        ("whole contacts, topics and languages swing", contacts, FEW, SWING, true),
    ];
    let bar = bar("ordinary windows", kinds.len() * seeds.len());
    let row = |(name, corpus, size, swing, labelled): (&str, &Corpus, Size, Swing, bool)| {
        let one = |seed: &u64| windows::ordinary(corpus, size, swing, labelled, windows, *seed);
        let all: Vec<Alarms> = seeds.par_iter().progress_with(bar.clone()).map(one).collect();
        let (windows, alarms) =
            all.iter().fold((0, 0), |(windows, alarms), one| (windows + one.windows, alarms + one.alarms));
        let share = 100.0 * alarms as f64 / windows.max(1) as f64;
        vec![name.to_owned(), sized(size), windows.to_string(), alarms.to_string(), format!("{share:.2} %")]
    };
    let rows: Vec<_> = kinds.into_iter().map(row).collect();
    bar.finish_and_clear();
    format!(
        "**False alarms**, at a rate of one window in a hundred; a swing multiplies the weight of each topic by \
         lognormal(0, {}) and of each language by lognormal(0, {}), for now only.\n\n{}",
        SWING.topics,
        SWING.languages,
        table(&["windows without a theme", "now / before", "windows", "alarms", "share"], &rows)
    )
}

/// What came of one set.
struct Measured<'a> {
    set: &'a Set,
    size: Size,
    planted: usize,
    finds: Finds,
}

/// Each set that has enough talks, planted in windows of each of `sizes`; whole topics once a seed, and large windows.
fn measured<'a>(corpus: &'a Corpus, sizes: &[Size], seeds: &[u64], repetitions: usize) -> Vec<Measured<'a>> {
    let mut jobs = Vec::new();
    for set in &corpus.sets {
        for size in sizes {
            for planted in PLANTED {
                let whole = set.origin == Origin::Topic;
                let dear = whole && (size.now == LARGE.now || !matches!(planted, 10 | 20));
                if set.members.len() >= planted && !dear {
                    jobs.push((set, *size, planted, if whole || size.now == LARGE.now { 1 } else { repetitions }));
                }
            }
        }
    }
    let bar = bar("windows with a theme", jobs.len());
    let job = |(set, size, planted, repetitions): (&'a Set, Size, usize, usize)| {
        let mut finds = Finds::default();
        for seed in seeds {
            finds.add(&windows::planted(corpus, set, planted, size, repetitions, *seed));
        }
        Measured { set, size, planted, finds }
    };
    jobs.into_par_iter().progress_with(bar).map(job).collect()
}

fn finds(measured: &[Vec<Measured<'_>>; 2]) -> String {
    let kinds = [
        ("new matters, written by hand; seen while tuning", &measured[0], Origin::New),
        ("new matters, written by hand; not seen", &measured[0], Origin::Held),
        ("narrow matters within a topic; seen while tuning", &measured[0], Origin::Part),
        ("whole topics, the labels hidden", &measured[0], Origin::Topic),
        ("whole topics of whole contacts, the labels hidden", &measured[1], Origin::Topic),
    ];
    let mut rows = Vec::new();
    for (name, measured, origin) in kinds {
        for size in [SMALL, LARGE, FEW] {
            for planted in PLANTED {
                let of = |one: &&Measured<'_>| {
                    one.set.origin == origin && one.size.now == size.now && one.planted == planted
                };
                let mut sum = Finds::default();
                measured.iter().filter(of).for_each(|one| sum.add(&one.finds));
                if sum.windows > 0 {
                    rows.push(row(vec![name.to_owned(), sized(size), planted.to_string()], &sum));
                }
            }
        }
    }
    let head = [
        "planted",
        "now / before",
        "talks",
        "windows",
        "found",
        "of its talks planted",
        "of the planted told",
        "other themes",
    ];
    format!(
        "**Found**: a theme of the window of which at least half was planted, at a rate of one in a hundred. A set with \
         fewer talks than are planted is left out.\n\n{}",
        table(&head, &rows)
    )
}

fn row(mut cells: Vec<String>, finds: &Finds) -> Vec<String> {
    let share = |sum: f64, of: usize| if of == 0 { "–".to_owned() } else { format!("{:.2}", sum / of as f64) };
    cells.push(finds.windows.to_string());
    cells.push(share(finds.found as f64, finds.windows));
    cells.push(share(finds.purity, finds.found));
    cells.push(share(finds.recall, finds.found));
    cells.push(finds.others.to_string());
    cells
}

/// The windows in which each matter was found.
fn each(measured: &[Measured<'_>]) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for one in measured.iter().filter(|one| one.set.origin != Origin::Topic && one.size.now == SMALL.now) {
        if rows.last().is_none_or(|row| row[0] != one.set.name) {
            rows.push(vec![one.set.name.clone(), one.set.members.len().to_string()]);
        }
        if let Some(row) = rows.last_mut() {
            row.push(format!("{} of {}", one.finds.found, one.finds.windows));
        }
    }
    rows.iter_mut().for_each(|row| row.resize(2 + PLANTED.len(), "–".to_owned()));
    let head = ["matter", "talks we have", "10 planted", "15", "20", "30"];
    format!("**Each matter**, {}:\n\n{}", sized(SMALL), table(&head, &rows))
}

/// What an analyst is shown of the matters that were not seen while tuning.
fn examples(messages: &Corpus, seeds: &[u64]) -> String {
    let Some(seed) = seeds.first() else { return String::new() };
    let held = messages.sets.iter().filter(|set| set.origin == Origin::Held);
    let row = |set: &Set| {
        let (themes, _) = windows::told(messages, set, 20, LARGE, *seed, &mut StdRng::seed_from_u64(*seed));
        match themes.first() {
            Some(theme) => shown(&set.name, theme),
            None => vec![set.name.clone(), "none".to_owned(), "–".to_owned(), "–".to_owned(), "–".to_owned()],
        }
    };
    let head = ["20 talks of", "p", "talks told", "typical", "words"];
    format!("**What is shown**, {}:\n\n{}", sized(LARGE), table(&head, &held.map(row).collect::<Vec<_>>()))
}

fn shown(name: &str, theme: &Theme) -> Vec<String> {
    let words: Vec<&str> = theme.words.iter().map(|mark| mark.word.as_str()).collect();
    let typical: Vec<String> = theme.typical.iter().take(2).map(|text| text.replace('|', "/")).collect();
    vec![name.to_owned(), theme.p.to_string(), theme.members.len().to_string(), typical.join("; "), words.join(", ")]
}

fn speed(messages: &Corpus, seeds: &[u64]) -> String {
    let Some(seed) = seeds.first() else { return String::new() };
    let Some(set) = messages.sets.iter().find(|set| set.origin == Origin::New) else { return String::new() };
    let row = |size: &Size| {
        let calm = windows::ordinary(messages, *size, CALM, true, 3, *seed);
        let started = Instant::now();
        windows::told(messages, set, 30, *size, *seed, &mut StdRng::seed_from_u64(*seed));
        let alarmed = started.elapsed();
        let calm = calm.took / calm.windows.max(1) as u32;
        vec![sized(*size), format!("{:.2}", calm.as_secs_f64()), format!("{:.2}", alarmed.as_secs_f64())]
    };
    let rows: Vec<_> = [SMALL, LARGE, WIDE].iter().map(row).collect();
    let head = ["now / before", "without a theme, s", "with one, s"];
    format!("**Time**, one thread, mean of 3 and a single window:\n\n{}", table(&head, &rows))
}

fn sized(size: Size) -> String {
    format!("{} / {}", size.now, size.before)
}

fn bar(what: &'static str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    let bar = ProgressBar::new(length as u64).with_message(what);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}
