//! The numbers of a verdict, as they are written.

use models::trends::Verdict;
use serde::Serialize;

/// Digits that are written: enough to rank by, and for p down to 1e-300.
const DIGITS: usize = 9;

/// A verdict with numbers as short as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figures {
    pub(crate) expected: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
    pub(crate) score: f64,
    pub(crate) p: f64,
    pub(crate) alert: bool,
}

impl Figures {
    /// The numbers in the order of the columns.
    pub(crate) fn all(&self) -> [f64; 5] {
        [self.expected, self.lower, self.upper, self.score, self.p]
    }
}

impl From<Verdict> for Figures {
    fn from(verdict: Verdict) -> Self {
        Self {
            expected: significant(verdict.expected),
            lower: significant(verdict.lower),
            upper: significant(verdict.upper),
            score: significant(verdict.score),
            p: significant(verdict.p),
            alert: verdict.alert,
        }
    }
}

/// The number with so many digits as are written.
pub(crate) fn significant(number: f64) -> f64 {
    format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_however_small() {
        for (number, written) in [
            (1.234_567_894_321e-300, "1.23456789e-300"),
            (0.000_123_456_789_98, "0.00012345679"),
            (0.5, "0.5"),
            (0.0, "0"),
            (123_456_789_123.0, "123456789000"),
        ] {
            assert_eq!(
                serde_json::to_string(&significant(number)).ok().as_deref().map(|it| it.trim_end_matches(".0")),
                Some(written)
            );
        }
    }
}
