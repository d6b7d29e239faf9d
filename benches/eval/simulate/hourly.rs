//! Hourly counts of a delivery service's topics, for measures of speed: what they mean does not matter there, only that
//! they have a day, a week, levels from rare to busy, and more spread than Poisson's.

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use rand::rngs::StdRng;

use super::draws;

/// Begin of an hour, counted from Monday 2021-01-04.
pub fn begin(hour: u64) -> DateTime {
    date(2021, 1, 4).at(0, 0, 0, 0).saturating_add((hour as i64).hours())
}

/// The count of a series in an hour: levels go from one in some days to fifty in an hour.
pub fn count(series: usize, hour: u64, random: &mut StdRng) -> u64 {
    let level = 0.02 * 2500_f64.powf((series % 97) as f64 / 96.0);
    let (of_day, day) = (hour % 24, hour / 24 % 7);
    let meal = |at: f64| (-((of_day as f64 - at) / 2.5).powi(2)).exp();
    let weekend = if day >= 4 { 1.4 } else { 1.0 };
    draws::count(level * weekend * (0.1 + meal(13.0) + 2.0 * meal(20.0)), 1.3, random)
}
