//! One incident is told once.

use super::ALERT;

/// The shortest stretch for which a row told is not told again.
const REST: f64 = 20.0;
/// The same as a share of the rows seen.
const REST_SHARE: f64 = 0.06;
/// What is told again has to be so many times as strange.
const AGAIN: f64 = 1.3;
/// A row nearly as strange as the one told belongs to it.
const ONGOING: f64 = 0.7;

/// Holds back what was told already: after a row that was told, the next has to be a third stranger; that
/// demand falls to nothing over a stretch of `REST_SHARE` of the rows seen, which begins anew while the incident goes
/// on.
#[derive(Debug, Clone, Default)]
pub(super) struct Telling {
    told: f64,
    since: f64,
    rest: f64,
    rows: u64,
    /// Rows since the incident that goes on last showed itself.
    calm: Option<f64>,
}

impl Telling {
    /// What of a row's surprise is news (all of it or nothing), and whether an incident begins.
    pub(super) fn next(&mut self, surprise: f64) -> (f64, bool) {
        self.rows += 1;
        self.since += 1.0;
        let left = if self.rest > 0.0 { (1.0 - self.since / self.rest).max(0.0) } else { 0.0 };
        let asked = if left > 0.0 { AGAIN * self.told * left } else { 0.0 };
        let news = if surprise > asked { surprise } else { 0.0 };
        if news > 0.0 {
            self.told = news;
            self.since = 0.0;
            self.rest = (REST_SHARE * self.rows as f64).max(REST);
        } else if left > 0.0 && surprise > ONGOING * self.told {
            self.since = 0.0;
        }
        let begins = news >= ALERT && self.calm.is_none();
        self.calm = match self.calm {
            _ if begins || (self.calm.is_some() && surprise >= ALERT / 2.0) => Some(0.0),
            Some(calm) if calm < REST => Some(calm + 1.0),
            _ => None,
        };
        (news, begins)
    }
}
