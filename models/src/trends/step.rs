//! The steps that contacts are counted in.

use std::fmt;
use std::str::FromStr;

/// How much time one count covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Step {
    /// `5m`
    #[serde(rename = "5m")]
    FiveMinutes,
    /// `15m`
    #[serde(rename = "15m")]
    QuarterHour,
    /// `1h`
    #[serde(rename = "1h")]
    Hour,
    /// `1d`
    #[serde(rename = "1d")]
    Day,
    /// `1w`
    #[serde(rename = "1w")]
    Week,
}

/// A word that names no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no step; use 5m, 15m, 1h, 1d or 1w")]
pub struct UnknownStep(String);

impl Step {
    /// All steps, the shortest first.
    pub const ALL: &'static [Step] = &[Self::FiveMinutes, Self::QuarterHour, Self::Hour, Self::Day, Self::Week];

    /// The step as it stands in files, the database and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FiveMinutes => "5m",
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "1w",
        }
    }

    /// Its length in seconds of local time.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::FiveMinutes => 300,
            Self::QuarterHour => 900,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
        }
    }

    /// The step that most neighbouring rows are apart, given the seconds between them; `None` where no step fits.
    pub fn of_gaps(gaps: impl IntoIterator<Item = i64>) -> Option<Step> {
        let mut votes = [0_u32; Self::ALL.len()];
        for gap in gaps {
            if let Some(at) = Self::ALL.iter().rposition(|step| gap > 0 && gap % step.seconds() == 0) {
                votes[at] += 1;
            }
        }
        let most = votes.iter().copied().max().filter(|most| *most > 0)?;
        votes.iter().position(|count| *count == most).map(|at| Self::ALL[at])
    }
}

impl FromStr for Step {
    type Err = UnknownStep;

    fn from_str(word: &str) -> Result<Self, UnknownStep> {
        Self::ALL.iter().copied().find(|step| step.as_str() == word).ok_or_else(|| UnknownStep(word.to_owned()))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_as_it_is_written() {
        for step in Step::ALL {
            assert_eq!(step.as_str().parse(), Ok(*step));
            assert_eq!(serde_json::to_string(step).ok(), Some(format!("\"{step}\"")));
        }
        assert_eq!("2h".parse::<Step>(), Err(UnknownStep("2h".to_owned())));
    }

    #[test]
    fn the_step_of_a_file_is_the_one_that_most_rows_keep() {
        assert_eq!(Step::of_gaps([86_400, 86_400, 3 * 86_400, 86_400]), Some(Step::Day));
        assert_eq!(Step::of_gaps([604_800, 604_800, 2 * 604_800]), Some(Step::Week));
        assert_eq!(Step::of_gaps([3_600, 3_600, 7_200, 86_400]), Some(Step::Hour));
        assert_eq!(Step::of_gaps([0, -3_600, 61]), None);
        assert_eq!(Step::of_gaps([]), None);
    }
}
