//! Numbers in, scores out: what a series was expected to hold, how strange the newest row is, and why.
//!
//! Nothing here reads a clock, a table or a network: times and seeds are arguments, so a verdict can be repeated.

pub mod causes;
mod counts;
mod discovery;
mod holidays;
mod incident;
mod siblings;
mod silence;
mod step;
pub mod themes;
pub mod values;

use jiff::civil::DateTime;

pub use counts::CountSeries;
pub use discovery::discoveries;
pub use holidays::{CalendarDay, Feast, HolidaySource, Holidays, calendar};
pub use incident::{Course, Incident};
pub use silence::Silence;
pub use step::{Step, UnknownStep};
pub use values::ValueSeries;

/// What a series says of its newest row. All figures are finite; all but `score` and `p` are in the row's unit.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// What the rows before let expect.
    pub expected: f64,
    /// The band's lower end: one ordinary row in a hundred lies below it.
    pub lower: f64,
    /// The band's upper end: one ordinary row in a hundred lies above it.
    pub upper: f64,
    /// How strange the row is, from 0 (ordinary) to 1; grows as `p` falls.
    pub score: f64,
    /// How often an ordinary series shows as much or more by chance.
    pub p: f64,
    /// An incident begins with this row, or the row shows that the feed has stopped.
    pub alert: bool,
    /// How many steps the window has that is strangest; the newest step is its last.
    pub window: u8,
}

/// Why a row got no verdict. The series stays as it was and takes the next row.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Time runs backward.
    #[error("the row of {at} comes after that of {last}; sort the rows of a series by time")]
    Backward { at: DateTime, last: DateTime },
    /// The same step twice.
    #[error("{at} has its row already; give each step of a series one row, with the sum of its counts")]
    Repeated { at: DateTime },
    /// Between two steps.
    #[error("{at} is no whole number of steps of {step} after {last}; give the beginning of each step")]
    OffStep { at: DateTime, last: DateTime, step: Step },
    /// Not a number at all.
    #[error("the value of {at} is not a finite number; leave the row out where nothing was measured")]
    NotFinite { at: DateTime },
}

/// The score of a p-value: 0 for 1, a half for one in a hundred, ever nearer to 1 below that, never out of order.
pub(crate) fn score(p: f64) -> f64 {
    let surprise = 0.0 - p.clamp(f64::MIN_POSITIVE, 1.0).log10();
    surprise / (surprise + 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_grows_as_p_falls_and_stays_within_its_bounds() {
        assert!(score(1.0) == 0.0 && score(1.0).is_sign_positive());
        assert!((score(0.01) - 0.5).abs() < 1e-12);
        let scores: Vec<f64> = (0..300).map(|tens| score(10f64.powi(-tens))).collect();
        assert!(scores.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(score(0.0) <= 1.0 && score(0.0) > 0.99);
    }
}
