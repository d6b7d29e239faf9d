//! What a row's expectation is made of: the regressors of its time.

use std::f64::consts::TAU;

use jiff::civil::{Date, DateTime};

use super::super::{Holidays, Step};

pub(in crate::trends) const LEVEL: usize = 0;
pub(in crate::trends) const GROWTH: usize = 1;
/// How far the last weeks lay above the rest of the model.
pub(in crate::trends) const LATELY: usize = 2;
/// By how much the season comes later each year, in radians: a year of 52 weeks, a moving feast.
pub(in crate::trends) const SLIP: usize = 3;
/// The first harmonic.
pub(in crate::trends) const SEASON: usize = 4;

/// What is believed of a coefficient at first, and how fast it is forgotten.
#[derive(Debug, Clone, Copy)]
pub(in crate::trends) struct Wish {
    pub(in crate::trends) mean: f64,
    pub(in crate::trends) deviation: f64,
    /// The factor on its variance with each row.
    pub(in crate::trends) forgets: f64,
}

/// The regressors of one row that are not zero.
#[derive(Debug, Clone, Copy)]
pub(in crate::trends) struct Row {
    values: [f64; 32],
    length: usize,
}

impl Row {
    pub(in crate::trends) fn entries(&self) -> impl Iterator<Item = (usize, f64)> {
        self.values[..self.length].iter().copied().enumerate().filter(|(_, value)| *value != 0.0)
    }

    fn push(&mut self, value: f64) {
        self.values[self.length] = value;
        self.length += 1;
    }
}

/// How many pairs of annual harmonics a step has.
pub(in crate::trends) const fn harmonics(step: Step) -> usize {
    match step {
        Step::Day => 3,
        _ => 2,
    }
}

/// The coefficients of a step, in the order of [`row`].
pub(in crate::trends) fn wishes(step: Step) -> Vec<Wish> {
    let day = 86_400.0 / step.seconds() as f64;
    let wish =
        |mean: f64, deviation: f64, days: f64| Wish { mean, deviation, forgets: 1.0 + 1.0 / (days * day).max(8.0) };
    let slow = if step == Step::Week { 7.0 } else { 1.0 };
    let level = match step {
        Step::Week => 3650.0,
        Step::Day => 700.0,
        _ => 90.0,
    };
    let mut wishes =
        vec![wish(0.0, 1.5, level), wish(0.0, 0.3, level), wish(0.2, 0.3, 700.0 * slow), wish(0.0, 0.015, 20_000.0)];
    for harmonic in 0..harmonics(step) {
        let deviation = [0.4, 0.25, 0.15][harmonic];
        wishes.extend([wish(0.0, deviation * 1.0, 1_500.0 * slow); 2]);
    }
    match step {
        Step::Week => wishes.push(wish(0.0, 0.5, 20_000.0)),
        _ => wishes.extend([wish(0.0, 1.0, 3_000.0); 3]),
    }
    wishes
}

/// The regressors of the row that begins at `at`.
pub(in crate::trends) fn row(step: Step, at: DateTime, holidays: &Holidays, lately: f64) -> Row {
    let day = at.date();
    let mut row = Row { values: [0.0; 32], length: 0 };
    row.push(1.0);
    row.push(0.0);
    row.push(lately);
    row.push(0.0);
    let half = if step == Step::Week { 3.5 } else { 0.0 };
    let phase = TAU * ((f64::from(days(day)) + half) / 365.2425).fract();
    for harmonic in 1..=harmonics(step) {
        let (sin, cos) = (phase * harmonic as f64).sin_cos();
        row.push(cos);
        row.push(sin);
    }
    if step == Step::Week {
        let free = (0..7).filter(|ahead| after(day, *ahead).is_some_and(|day| holidays.holds(day))).count();
        row.push(free as f64 / 7.0);
        return row;
    }
    let holds = |ahead: i32| after(day, ahead).is_some_and(|day| holidays.holds(day));
    let today = holds(0);
    row.push(f64::from(u8::from(today)));
    row.push(f64::from(u8::from(!today && holds(1))));
    row.push(f64::from(u8::from(!today && holds(-1))));
    row
}

fn after(day: Date, days: i32) -> Option<Date> {
    day.checked_add(jiff::Span::new().days(days)).ok()
}

/// Days since 2000-01-01.
fn days(day: Date) -> i32 {
    const EPOCH: Date = jiff::civil::date(2000, 1, 1);
    (day.duration_since(EPOCH).as_hours() / 24) as i32
}

/// How many rows "lately" covers.
pub(in crate::trends) fn lately(step: Step) -> f64 {
    let day = 86_400.0 / step.seconds() as f64;
    match step {
        Step::Week => 12.0,
        Step::Day => 28.0,
        _ => 3.0 * day,
    }
}

/// So many rows on one side are a level that stays.
pub(in crate::trends) const fn shift(step: Step) -> i16 {
    match step {
        Step::Week => 6,
        Step::Day => 14,
        Step::Hour => 30,
        Step::QuarterHour => 100,
        Step::FiveMinutes => 250,
    }
}

/// So few contacts in a row are never cut when the noise is learned. How often two or three come together is all that a
/// quiet series tells of its noise; cut at one, only the share of zeros is left, and that says less noise where there is
/// more. Of days and weeks there are so few that the outbreaks among them would pass for noise: those are cut.
pub(in crate::trends) const fn few(step: Step) -> f64 {
    match step {
        Step::Week | Step::Day => 0.0,
        Step::Hour | Step::QuarterHour | Step::FiveMinutes => 3.0,
    }
}

/// After so many rows a feed that stopped is one that ended.
pub(in crate::trends) const fn silence(step: Step) -> u32 {
    match step {
        Step::Week => 8,
        _ => (28 * 86_400 / step.seconds()) as u32,
    }
}

/// How many visits the shape of the week remembers.
pub(in crate::trends) fn profile(step: Step) -> f64 {
    if step == Step::Day { 104.0 } else { 52.0 }
}
