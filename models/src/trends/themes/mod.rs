//! Themes that no label has: talks of the last hours that lie nearer to each other than those of the days before let
//! expect.
//!
//! Talks of now and of before are thrown together. Around each, balls of its nearest others are drawn, and the share of
//! now in a ball is held against what the topics and languages of its talks let expect: a scan statistic (Kulldorff 1997,
//! "A spatial scan statistic") over neighbourhoods instead of circles on a map. How large its maximum gets by chance is
//! told by dealing the labels "now" and "before" anew among the talks of each topic in each language, so the p-value of a
//! window holds whatever the shape of the cloud, and a topic or a language that has only grown is no theme: counts see
//! that better.

mod grow;
mod near;
mod pool;
mod scan;
mod space;
#[cfg(test)]
mod tests;
mod words;

use jiff::Timestamp;

use crate::taxonomy::{Language, Topic};
pub use words::Mark;

use pool::Pool;
use scan::Scan;

/// Themes that one window tells at most.
const THEMES: usize = 3;
/// Talks of a theme at least; fewer are an incident of their own, not a theme.
const SMALLEST: usize = 8;
/// Typical talks that stand for a theme.
const TYPICAL: usize = 5;
/// Equal parts of the window, by which the growth of a theme is told.
const PARTS: usize = 8;

/// The words of one customer in one contact. Give each customer once: three contacts of one person are one voice.
#[derive(Debug, Clone, Copy)]
pub struct Talk<'a> {
    /// The contact. A talk whose id came before is ignored.
    pub id: u128,
    /// The sentence vector of `text`, of length one. A talk with a vector of another width than most, of length zero or
    /// with a number that is not finite is ignored.
    pub vector: &'a [f32],
    /// What the customer said, masked. A talk of fewer than three words is ignored, and so is a mere greeting; a text
    /// that was said twice, but for its digits, counts once.
    pub text: &'a str,
    pub language: Language,
    /// What the reading model says it is about.
    pub topic: Option<Topic>,
    pub at: Option<Timestamp>,
}

/// Talks of now that belong together and did not come before.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its contacts, the most typical first.
    pub members: Vec<u128>,
    /// What the most typical of them said.
    pub typical: Vec<String>,
    /// The words that mark it against all other talks, the strongest first.
    pub words: Vec<Mark>,
    /// Its languages with their talks, the commonest first.
    pub languages: Vec<(Language, usize)>,
    /// The commonest topic of its talks, and their share: with a topic that alarms already, say it once.
    pub topic: Option<(Topic, f64)>,
    /// Talks of before that lie among its own.
    pub before: usize,
    /// How many talks of now those let expect.
    pub expected: f64,
    /// Its talks in eight equal parts of the window; empty where no times were given.
    pub growth: Vec<usize>,
    /// How often a window without a theme shows as much.
    pub p: f64,
    /// From 0 to 1, grows as `p` falls.
    pub score: f64,
}

/// The themes of a window, at most three, the strongest first. `before` are talks of the days before, best of the same
/// hours, several times as many as now. Where the talks of each topic in each language are drawn alike now and before, no
/// more than one window in 1 / `rate` raises a false alarm, however topics and languages swing and however few talks they
/// have.
/// Equal talks and an equal `seed` give equal themes, in whatever order the talks come.
pub fn themes(now: &[Talk<'_>], before: &[Talk<'_>], rate: f64, seed: u64) -> Vec<Theme> {
    let pool = Pool::gather(now, before);
    let Some(space) = space::of(&pool) else { return Vec::new() };
    let nearest = near::neighbourhoods(&space, scan::WIDEST);
    let mut scan = Scan::over(&pool, &nearest);
    let mut themes = Vec::new();
    for round in 0..THEMES as u64 {
        let Some(found) = scan.strongest(rate, seed.wrapping_add(round)) else { break };
        let grown = grow::from(&space, &scan, &found.core);
        scan.remove(&grown.members);
        if pool.talks_of(&grown.members) >= SMALLEST {
            themes.push(pool.tell(&grown, found.p));
        }
    }
    themes
}
