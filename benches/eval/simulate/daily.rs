//! Daily counts after Noufaily, Morbey, Colón-González, Elliot, Smith, Lake, McCarthy: Comparison of statistical
//! algorithms for daily syndromic surveillance aberration detection. Bioinformatics 35 (2019), 3110–3118, and the
//! authors' programs (repository FelipeJColon/AlgorithmComparison).
//!
//! Taken from them: seven years of 52 weeks, the first day a Monday; the mean of day t (counted from 1, of the days on
//! which the service works) is `exp(θ + βu + Σⱼ (γ₁ cos(2πju/Y) + γ₂ sin(2πju/Y)) + Σₗ (γ₃ cos(2πlu/D) + γ₄ sin(2πlu/D)))`
//! with u = t + shift, D working days a week and Y = 52 D a year; the variance is φ times the mean. Signals 5 to 12 work
//! five days a week: weekends are zeros, a holiday is a zero and the working day after it has half as many again; on a
//! holiday the others have twice as many. Signals 5 and 7 are divided by 10, signal 12 by 100. Signals 5, 6 and 15 have a
//! wave every year, spread `LogNormal(0, 0.5)` over units of 50 days. In the last 49 weeks one outbreak starts: its size
//! is Poisson with mean k D times the standard deviation of the count in its first day, k = 2, 3, 5 and 10, its cases
//! come `LogNormal(0, 0.5)` units of 4 days later, and are counted by weekday: 1.5, 1.1, 1, 1, 1.1 times from Monday to
//! Friday where five days are worked, else twice on Saturday and Sunday. Sums are rounded at the end.
//!
//! Where two readings are possible:
//! - The standard deviation is that of the signal itself, after its division ([`Sizes::Signal`]), or that before it, as
//!   in the programs ([`Sizes::Program`]), which makes outbreaks of signals 5 and 7 ten and of signal 12 a hundred times
//!   as large. For signals 13 and 14 the programs take other signals' parameters, as it seems by mistake: not here.
//! - The wave of signal 15 is sized by the program's own parameters for it, but counted by the weekdays of seven days;
//!   the program counts it in fives, which no week has.
//! - The programs read a calendar with weeks of whole years. Here it is seven years of 364 days with the bank holidays
//!   of England of 2010–2016 on the nearest day of the same weekday; days bear the dates from Monday 2010-01-04 on, and
//!   the dates of the holidays are told to detectors.
//! - An alarm on a day of a yearly wave is neither false nor a find: the wave is an outbreak of its own. The share of
//!   false alarms with these days as ordinary ones is given beside (the paper counts both ways).
//! - "By the fourth day" counts calendar days, the first day of the outbreak included.

use std::f64::consts::TAU;
use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::Rng;
use rand::rngs::StdRng;

use super::draws;
use super::series::{Outbreak, Simulated, Truth, random};

const YEARS: usize = 7;
const YEAR: usize = 52 * 7;
const DAYS: usize = YEARS * YEAR;
const TESTED: Range<usize> = DAYS - 49 * 7..DAYS;
/// Sizes of the current outbreaks.
pub const TIMES: [u32; 4] = [2, 3, 5, 10];

/// Table 1 of the paper: θ, β, γ₁ to γ₄, φ, shift, harmonics of the year and of the week, working days a week, divisor.
#[derive(Clone, Copy, Debug)]
struct Signal {
    base: f64,
    trend: f64,
    year: [f64; 2],
    week: [f64; 2],
    spread: f64,
    shift: f64,
    harmonics: [u32; 2],
    days: usize,
    divisor: f64,
}

#[rustfmt::skip]
const SIGNALS: [Signal; 16] = [
    seven(6.0,  0.0,    [0.2, 0.2],   [0.5, 0.4],  2.0, 29.0,   [1, 2]),
    seven(0.5,  0.0,    [1.5, 1.4],   [0.5, 0.4],  1.0, -167.0, [1, 2]),
    seven(5.5,  0.0,    [0.0, 0.0],   [0.3, 0.25], 1.0, 1.0,    [0, 2]),
    seven(2.0,  0.0,    [0.0, 0.0],   [0.3, 0.25], 1.0, 1.0,    [0, 2]),
    five(6.0,   0.0,    [0.3, 2.0],   [0.3, 0.5],  1.5, -50.0,  [1, 1], 10.0),
    five(1.0,   0.0,    [0.1, 2.0],   [0.05, 0.05], 1.0, -50.0, [1, 1], 1.0),
    five(6.0,   0.0001, [0.0, 0.0],   [0.6, 0.9],  1.5, 0.0,    [0, 1], 10.0),
    five(3.0,   0.0,    [1.5, 0.1],   [0.2, 0.3],  1.0, -150.0, [1, 1], 1.0),
    five(3.0,   0.0,    [0.2, 0.1],   [0.05, 0.15], 1.0, -200.0, [1, 1], 1.0),
    five(5.0,   0.0,    [0.2, 0.1],   [0.05, 0.1], 1.0, 0.0,    [1, 1], 1.0),
    five(0.5,   0.0,    [0.4, 0.0],   [0.05, 0.15], 1.0, 0.0,   [2, 1], 1.0),
    five(9.0,   0.0,    [0.5, 0.2],   [0.2, 0.5],  1.0, 0.0,    [1, 1], 100.0),
    seven(2.0,  0.0005, [0.8, 0.8],   [0.8, 0.4],  4.0, 57.0,   [1, 2]),
    seven(0.05, 0.0,    [0.01, 0.01], [1.8, 0.1],  1.0, -85.0,  [4, 1]),
    seven(3.0,  0.0,    [0.8, 0.6],   [0.8, 0.4],  4.0, 29.0,   [1, 2]),
    seven(6.0,  0.0,    [0.0, 0.0],   [0.8, 0.4],  4.0, 1.0,    [0, 2]),
];

const fn seven(
    base: f64,
    trend: f64,
    year: [f64; 2],
    week: [f64; 2],
    spread: f64,
    shift: f64,
    harmonics: [u32; 2],
) -> Signal {
    Signal { base, trend, year, week, spread, shift, harmonics, days: 7, divisor: 1.0 }
}

#[allow(clippy::too_many_arguments, reason = "a row of a table")]
const fn five(
    base: f64,
    trend: f64,
    year: [f64; 2],
    week: [f64; 2],
    spread: f64,
    shift: f64,
    harmonics: [u32; 2],
    divisor: f64,
) -> Signal {
    Signal { base, trend, year, week, spread, shift, harmonics, days: 5, divisor }
}

impl Signal {
    /// Of working day `t`, before division.
    fn mean(&self, t: usize) -> f64 {
        let u = t as f64 + self.shift;
        let waves = |[cosine, sine]: [f64; 2], harmonics: u32, period: usize| {
            let angle = move |j: u32| TAU * f64::from(j) * u / period as f64;
            (1..=harmonics).map(|j| cosine * angle(j).cos() + sine * angle(j).sin()).sum::<f64>()
        };
        let [year, week] = self.harmonics;
        let season = waves(self.year, year, 52 * self.days) + waves(self.week, week, self.days);
        (self.base + self.trend * u + season).exp()
    }

    /// The calendar day, from 0, of a working day counted from 1.
    fn day(&self, t: usize) -> usize {
        (t - 1) / self.days * 7 + (t - 1) % self.days
    }

    fn working_days(&self) -> usize {
        YEARS * 52 * self.days
    }
}

/// What the wave of a year is: where it starts (working days of the year, from 1), its size.
struct Wave {
    starts: Range<usize>,
    times: f64,
    sized_by: Signal,
}

fn wave(signal: usize) -> Option<Wave> {
    match signal {
        4 => Some(Wave { starts: 1..21, times: 3.0 * 5.0 * 80.0, sized_by: SIGNALS[4] }),
        5 => Some(Wave { starts: 1..21, times: 3.0 * 5.0 * 50.0, sized_by: SIGNALS[5] }),
        14 => Some(Wave { starts: 210..231, times: 3.0 * 7.0 * 150.0, sized_by: SIGNALS[5] }),
        _ => None,
    }
}

/// Whose standard deviation an outbreak is sized by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sizes {
    /// That of what is counted.
    Signal,
    /// That of what is drawn, before it is divided.
    Program,
}

/// How many signals there are.
pub const COUNT: usize = SIGNALS.len();

/// The series of a signal, counted from 0; the same arguments give the same one.
pub fn simulate(sizes: Sizes, at: usize, seed: u64, repetition: u64) -> Simulated {
    let (signal, holidays) = (SIGNALS[at], holidays());
    let random = &mut random(seed, at, repetition);
    let drawn: Vec<f64> =
        (1..=signal.working_days()).map(|t| draws::count(signal.mean(t), signal.spread, random) as f64).collect();
    let waves = waves(at, &signal, random);
    let counted = |extra: &[f64], from: usize| -> Vec<u64> {
        let mut counts = vec![0; DAYS - from];
        for (working, drawn) in drawn.iter().enumerate() {
            let (t, day) = (working + 1, signal.day(working + 1));
            if day >= from {
                let sum = drawn / signal.divisor + waves[working] + extra.get(working).unwrap_or(&0.0);
                counts[day - from] = (sum * factor(&signal, t, &holidays)).round_ties_even() as u64;
            }
        }
        counts
    };
    let first = signal.working_days() - 49 * signal.days + 1;
    let outbreaks = TIMES.map(|times| {
        let t = random.random_range(first..=signal.working_days());
        let divisor = if sizes == Sizes::Signal { signal.divisor } else { 1.0 };
        let deviation = (signal.spread * signal.mean(t)).sqrt() / divisor;
        let cases = outbreak(f64::from(times) * signal.days as f64 * deviation, 4.0, random);
        let mut extra = vec![0.0; signal.working_days()];
        add(&mut extra, &signal, t, &cases);
        let last = (t + cases.len() - 1).min(signal.working_days());
        let (start, end) = (signal.day(t), signal.day(last) + 1);
        Outbreak { times, start, counts: counted(&extra, TESTED.start), steps: start..end }
    });
    let mut truths = vec![Truth { mean: 0.0, scale: 0.0, added: 0.0 }; DAYS];
    for t in 1..=signal.working_days() {
        let scale = factor(&signal, t, &holidays) / signal.divisor;
        truths[signal.day(t)] = Truth { mean: signal.mean(t), scale, added: waves[t - 1] * signal.divisor };
    }
    Simulated {
        scenario: at,
        begins: (0..DAYS).map(|day| begin(day).to_datetime(jiff::civil::Time::midnight())).collect(),
        counts: counted(&[], 0),
        truths,
        spread: signal.spread,
        tested: TESTED,
        outbreaks: outbreaks.into(),
    }
}

/// What is added by the yearly waves, on each working day.
fn waves(at: usize, signal: &Signal, random: &mut StdRng) -> Vec<f64> {
    let mut waves = vec![0.0; signal.working_days()];
    let Some(wave) = wave(at) else { return waves };
    for year in 0..YEARS {
        let t = year * 52 * signal.days + random.random_range(wave.starts.clone());
        let deviation = (wave.sized_by.spread * wave.sized_by.mean(t)).sqrt();
        let cases = outbreak(wave.times * deviation, 50.0, random);
        add(&mut waves, signal, t, &cases);
    }
    waves
}

/// Cases by working day from the start on.
fn outbreak(mean: f64, unit: f64, random: &mut StdRng) -> Vec<u64> {
    loop {
        let size = draws::count(mean, 1.0, random);
        if size >= 2 {
            return draws::spread(size, unit, random);
        }
    }
}

fn add(to: &mut [f64], signal: &Signal, start: usize, cases: &[u64]) {
    const FIVE: [f64; 5] = [1.5, 1.1, 1.0, 1.0, 1.1];
    const SEVEN: [f64; 7] = [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0];
    for (t, cases) in (start..=to.len()).zip(cases) {
        let weekday = (t - 1) % signal.days;
        to[t - 1] += *cases as f64 * if signal.days == 5 { FIVE[weekday] } else { SEVEN[weekday] };
    }
}

/// What a holiday, or the day before, makes of a day's count.
fn factor(signal: &Signal, t: usize, holidays: &[usize]) -> f64 {
    let holiday = |t: usize| holidays.binary_search(&signal.day(t)).is_ok();
    match signal.days {
        7 if holiday(t) => 2.0,
        5 if holiday(t) => 0.0,
        5 if t > 1 && holiday(t - 1) => 1.5,
        _ => 1.0,
    }
}

/// Bank holidays as days from the start: New Year, Good Friday and Easter Monday, the two of May, the one of August,
/// Christmas and the day after, and those of a wedding (2011) and a jubilee (2012).
fn holidays() -> Vec<usize> {
    const EACH_YEAR: [usize; 6] = [0, 126, 147, 238, 357, 358];
    const GOOD_FRIDAY: [usize; YEARS] = [95, 109, 95, 88, 109, 95, 81];
    let yearly = (0..YEARS).flat_map(|year| {
        let easter = GOOD_FRIDAY[year];
        EACH_YEAR.into_iter().chain([easter, easter + 3]).map(move |day| year * YEAR + day)
    });
    let mut days: Vec<usize> = yearly.chain([YEAR + 116, 2 * YEAR + 155]).collect();
    days.sort_unstable();
    days
}

/// Their dates, for detectors.
pub fn holiday_dates() -> Vec<Date> {
    holidays().into_iter().map(begin).collect()
}

fn begin(day: usize) -> Date {
    date(2010, 1, 4).saturating_add((day as i64).days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_day_services_rest_at_weekends_and_on_holidays_and_holidays_double_the_others() {
        let (mut on, mut off) = (0.0, 0.0);
        for (at, signal) in SIGNALS.iter().enumerate() {
            let simulated = simulate(Sizes::Signal, at, 1, 0);
            assert_eq!(simulated.counts, simulate(Sizes::Program, at, 1, 0).counts);
            let rests = signal.days == 5;
            let idle = (0..DAYS).filter(|day| day % 7 >= 5 || holidays().contains(day));
            let least = idle.map(|day| simulated.counts[day]).max();
            assert_eq!(least == Some(0), rests, "signal {}", at + 1);
            if !rests {
                for day in holidays().into_iter().filter(|day| *day >= 14) {
                    on += simulated.counts[day] as f64;
                    off += simulated.counts[day - 14] as f64;
                }
            }
        }
        assert!((1.8..2.2).contains(&(on / off)), "{on} on holidays, {off} two weeks before");
    }

    #[test]
    fn holidays_lie_on_working_days_and_in_their_order() {
        let holidays = holidays();
        assert!(holidays.iter().all(|day| day % 7 < 5) && holidays.is_sorted());
        assert_eq!(holidays.len(), 7 * 8 + 2);
    }
}
