//! Values of any kind and any step: strange ones are found as they come.
//!
//! A row is compared with its own past in seven ways (`novelty`): as a value, as a value at its level, as a swing, as
//! part of a window, and against a regression on level and season. Each way's distance is set against its own largest so far
//! (`tail`), so all speak one language, the expected number of such events in a history of this length; their sum is
//! the row's surprise, and what was told already is held back (`telling`). A row costs about ten microseconds whatever
//! came before; a series holds less than 100 KB.

mod library;
mod novelty;
mod recent;
mod regression;
mod tail;
mod telling;
#[cfg(test)]
mod tests;

use jiff::civil::DateTime;

use super::{Refused, Verdict, score};
use novelty::{Novelty, ROWS};
use regression::Regression;
use telling::Telling;

/// The surprise at which an incident begins.
const ALERT: f64 = 10.0;
/// With so many rows seen, half of a surprise counts.
const SHORT: f64 = 50.0;
/// Ordinary series hold this many events a history with any surprise at all,
const MANY: f64 = 4.0;
/// and fewer by this rate as the surprise grows.
const FALL: f64 = 0.22;
/// Larger values count as this, so that squares stay finite.
const LARGEST: f64 = 1e100;

/// The state of one series of values. Times may have any step, repeat or run backward: they only say the hour of the
/// day and the day of the week; what counts is the order of the rows.
#[derive(Debug, Clone)]
pub struct ValueSeries {
    regression: Regression,
    novelty: Novelty,
    telling: Telling,
    rows: u64,
}

impl Default for ValueSeries {
    fn default() -> Self {
        Self::new()
    }
}

impl ValueSeries {
    /// A series without a past.
    pub fn new() -> Self {
        Self { regression: Regression::new(), novelty: Novelty::new(), telling: Telling::default(), rows: 0 }
    }

    /// The verdict on the newest row, from it and the rows before it. `p` is two-sided, and it counts the whole
    /// history: how often an ordinary series holds as strange a row in as many rows as were seen. A row whose
    /// incident was told already is no news and has p = 1 and score 0.
    ///
    /// # Errors
    /// A value that is not a finite number; the series stays as it was.
    pub fn next(&mut self, at: DateTime, value: f64) -> Result<Verdict, Refused> {
        if !value.is_finite() {
            return Err(Refused::NotFinite { at });
        }
        let value = value.clamp(-LARGEST, LARGEST);
        let expected = self.regression.next(at, value);
        let ways = self.novelty.next(value, expected.off);
        self.rows += 1;
        let known = self.rows as f64 / (self.rows as f64 + SHORT);
        let surprise = known * ways.iter().sum::<f64>();
        let strangest = (0..ways.len()).max_by(|one, other| ways[*one].total_cmp(&ways[*other])).unwrap_or(0);
        let (news, alert) = self.telling.next(surprise);
        let p = chance(news);
        Ok(Verdict {
            expected: expected.value,
            lower: expected.lower,
            upper: expected.upper,
            score: score(p),
            p,
            alert,
            window: ROWS[strangest],
        })
    }
}

/// How often an ordinary series holds such a surprise: the chance of one or more events of which `MANY`·e^(−`FALL`·s)
/// are expected. The two were set on simulated ordinary series: noise, autoregression and seasons hold fewer, small
/// counts, random walks and heavy tails more.
fn chance(surprise: f64) -> f64 {
    let expected = MANY * (-FALL * surprise).exp();
    (-expected).exp_m1() / (-MANY).exp_m1()
}
