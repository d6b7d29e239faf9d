//! How the simulations are run: seeds, repetitions, detectors beside each other, and the tables that come of it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ParallelProgressIterator, ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::score::{Judged, Scores};
use super::series::Simulated;
use crate::report;

/// What the programs take.
#[derive(Debug, Args)]
pub struct Run {
    /// Seeds of the simulation; those below 1000 are for tuning.
    #[arg(long, value_delimiter = ',', default_value = "2001,2002,2003")]
    pub seeds: Vec<u64>,
    /// Series of each scenario and seed.
    #[arg(long, default_value_t = 100)]
    pub repetitions: u64,
    /// The page whose section is written anew; without it the tables are only shown.
    #[arg(long)]
    pub output: Option<PathBuf>,
}

/// A detector by its name in the tables.
pub struct Detector<'a> {
    pub name: &'static str,
    pub judge: Box<dyn Fn(&Simulated) -> Judged + Sync + 'a>,
}

impl fmt::Debug for Detector<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

impl Run {
    /// The command that gives the same figures again.
    pub fn command(&self, program: &str) -> String {
        let seeds = self.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        format!("`cargo run --release --bin {program} -- --seeds {seeds} --repetitions {}`", self.repetitions)
    }

    /// Simulates all series and has each detector judge each; `early`: how many first steps of an outbreak are early.
    pub fn scores(
        &self,
        scenarios: usize,
        simulate: impl Fn(usize, u64, u64) -> Simulated + Sync,
        detectors: &[Detector<'_>],
        early: usize,
    ) -> Vec<Scores> {
        let seeds = self.seeds.iter().flat_map(|seed| (0..self.repetitions).map(move |one| (*seed, one)));
        let all: Vec<_> = seeds.flat_map(|(seed, one)| (0..scenarios).map(move |at| (at, seed, one))).collect();
        let none = || vec![Scores::default(); detectors.len()];
        let judged = all.par_iter().progress_with(bar(all.len())).fold(none, |mut scores, (at, seed, one)| {
            let simulated = simulate(*at, *seed, *one);
            for (scores, detector) in scores.iter_mut().zip(detectors) {
                scores.add(&simulated, &(detector.judge)(&simulated), early);
            }
            scores
        });
        judged.reduce(none, |mut left, right| {
            left.iter_mut().zip(right).for_each(|(left, right)| left.merge(right));
            left
        })
    }
}

fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {eta}");
    let bar = ProgressBar::new(length as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// What a table says of the detectors.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The share of false positives at whose threshold outbreaks are counted as found.
    pub share: f64,
    /// What the two shares of outbreaks found are called.
    pub ever: &'static str,
    pub early: &'static str,
}

impl Wanted {
    /// One row a detector: false positives at p < 0.01, overall and in the worst scenario, and what it finds at the
    /// threshold of so many false positives.
    pub fn overall(&self, detectors: &[Detector<'_>], scores: &[Scores], name: impl Fn(usize) -> String) -> String {
        let rows = detectors.iter().zip(scores).map(|(detector, scores)| {
            let threshold = scores.threshold(self.share);
            let power = scores.power(threshold, |_, _| true);
            let worst = scores.worst(0.01).map_or_else(String::new, |(scenario, share, error)| {
                format!("{share:.4} ± {error:.4} ({})", name(scenario))
            });
            vec![
                detector.name.to_owned(),
                format!("{:.4}", scores.false_positives(0.01)),
                scores.false_positives_with_waves(0.01).map_or_else(|| "–".to_owned(), |share| format!("{share:.4}")),
                worst,
                format!("{threshold:.2e}"),
                format!("{:.3}", power.ever),
                format!("{:.3}", power.early),
            ]
        });
        let rows: Vec<_> = rows.collect();
        report::table(
            &["detector", "FPR at p < 0.01", "with waves", "worst", "threshold", self.ever, self.early],
            &rows,
        )
    }

    /// One row a group of outbreaks, with what each detector finds of it.
    pub fn groups(&self, of: &str, groups: &[Group], detectors: &[Detector<'_>], scores: &[Scores]) -> String {
        let head: Vec<&str> = [of].into_iter().chain(detectors.iter().map(|detector| detector.name)).collect();
        let thresholds: Vec<f64> = scores.iter().map(|scores| scores.threshold(self.share)).collect();
        let rows = groups.iter().map(|(name, group)| {
            let cells = scores.iter().zip(&thresholds).map(|(scores, threshold)| {
                let power = scores.power(*threshold, group);
                format!("{:.3} / {:.3}", power.ever, power.early)
            });
            [name.clone()].into_iter().chain(cells).collect()
        });
        report::table(&head, &rows.collect::<Vec<_>>())
    }
}

/// Outbreaks, told by scenario and size, and what they are called.
pub type Group = (String, Box<dyn Fn(usize, u32) -> bool>);

/// A group by its name.
pub fn group(name: String, of: impl Fn(usize, u32) -> bool + 'static) -> Group {
    (name, Box::new(of))
}
