//! Counts of a delivery service's topics by the hour or shorter, for measures of speed and of quiet: what they mean
//! does not matter there, only that they have a day, a week, levels from rare to busy, and more spread than Poisson's.

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use rand::rngs::StdRng;

use super::draws;

/// How many levels there are; series with the same rest of it are alike.
pub const LEVELS: usize = 97;

/// Begin of an hour, counted from Monday 2021-01-04.
pub fn begin(hour: u64) -> DateTime {
    after(hour as i64 * 3_600)
}

/// So many seconds after Monday 2021-01-04 began.
pub fn after(seconds: i64) -> DateTime {
    date(2021, 1, 4).at(0, 0, 0, 0).saturating_add(seconds.seconds())
}

/// The count of a series in an hour: levels go from one in some days to fifty in an hour.
pub fn count(series: usize, hour: u64, random: &mut StdRng) -> u64 {
    count_of(series, hour as i64 * 3_600, 1.0, random)
}

/// The count of a series in a part of an hour that begins so many seconds of local time after [`begin`] of hour 0.
pub fn count_of(series: usize, seconds: i64, part: f64, random: &mut StdRng) -> u64 {
    let level = 0.02 * 2500_f64.powf((series % LEVELS) as f64 / (LEVELS - 1) as f64);
    let (of_day, day) = ((seconds % 86_400) as f64 / 3_600.0, seconds / 86_400 % 7);
    let meal = |at: f64| (-((of_day - at) / 2.5).powi(2)).exp();
    let weekend = if day >= 4 { 1.4 } else { 1.0 };
    draws::count(part * level * weekend * (0.1 + meal(13.0) + 2.0 * meal(20.0)), 1.3, random)
}
