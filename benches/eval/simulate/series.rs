//! A simulated series: its counts, what is true about them, and the outbreaks to be found in its last steps.

use std::ops::Range;

use jiff::civil::DateTime;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Counts without a current outbreak, and outbreaks of which each is added to them by itself.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// Which scenario or signal, counted from 0.
    pub scenario: usize,
    /// Begin of each step.
    pub begins: Vec<DateTime>,
    /// Past outbreaks are in them, current ones are not.
    pub counts: Vec<u64>,
    /// What is true of each count, without current outbreaks.
    pub truths: Vec<Truth>,
    /// Variance over mean of what was drawn.
    pub spread: f64,
    /// The steps that detectors are tested on: the last ones.
    pub tested: Range<usize>,
    pub outbreaks: Vec<Outbreak>,
}

/// How a count came about: `scale` times the sum of a draw of this mean and what was added, rounded.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    pub mean: f64,
    pub scale: f64,
    pub added: f64,
}

impl Truth {
    /// Whether a yearly wave runs, which is an outbreak of its own.
    pub fn waves(&self) -> bool {
        self.added > 0.0
    }
}

/// A current outbreak.
#[derive(Clone, Debug)]
pub struct Outbreak {
    /// Its size in standard deviations of a count at its start.
    pub times: u32,
    /// The step in which it starts.
    pub start: usize,
    /// What is counted in the tested steps with it.
    pub counts: Vec<u64>,
    /// The steps from its start to its last case.
    pub steps: Range<usize>,
}

impl Simulated {
    /// All counts, with an outbreak.
    pub fn with(&self, outbreak: &Outbreak) -> Vec<u64> {
        [&self.counts[..self.tested.start], &outbreak.counts].concat()
    }
}

/// The randomness of one series: the same arguments give the same, others another.
pub(super) fn random(seed: u64, scenario: usize, repetition: u64) -> StdRng {
    let mut key = [0; 32];
    for (place, part) in key.chunks_exact_mut(8).zip([seed, scenario as u64, repetition, 0]) {
        place.copy_from_slice(&part.to_le_bytes());
    }
    StdRng::from_seed(key)
}
