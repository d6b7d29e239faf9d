//! The whole engine on made streams: what it must find, where it must be quiet, what it must survive.

use jiff::{ToSpan as _, civil::DateTime, civil::date};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::{ValueSeries, Verdict};

fn at(row: usize) -> DateTime {
    date(2026, 3, 2).at(0, 0, 0, 0) + (5 * row as i64).minutes()
}

fn verdicts(values: &[f64]) -> Vec<Verdict> {
    let mut series = ValueSeries::new();
    values.iter().enumerate().map(|(row, value)| series.next(at(row), *value).unwrap()).collect()
}

fn normal(seed: u64, rows: usize) -> Vec<f64> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut one = || {
        let radius = (-2.0 * random.random::<f64>().max(1e-12).ln()).sqrt();
        radius * (std::f64::consts::TAU * random.random::<f64>()).cos()
    };
    (0..rows).map(|_| one()).collect()
}

/// A day of 288 rows, ±30 about 100, and noise of 3.
fn daily(seed: u64, rows: usize) -> Vec<f64> {
    let wave = |row: usize| 100.0 + 30.0 * (std::f64::consts::TAU * row as f64 / 288.0).sin();
    normal(seed, rows).into_iter().enumerate().map(|(row, noise)| wave(row) + 3.0 * noise).collect()
}

const STREAMS: u64 = 3;
const PLANTED: usize = 1200;

/// In how many streams an alert comes within `rows` rows of what `plant` does at row `PLANTED`.
fn found(stream: fn(u64, usize) -> Vec<f64>, rows: usize, plant: fn(usize, f64, f64) -> f64) -> u64 {
    let alerts = |seed: u64| {
        let noise = normal(seed + 50, PLANTED + rows);
        let mut values = stream(seed, PLANTED + rows);
        for row in PLANTED..values.len() {
            values[row] = plant(row - PLANTED, values[row], noise[row]);
        }
        verdicts(&values)[PLANTED..].iter().any(|verdict| verdict.alert)
    };
    (0..STREAMS).map(|seed| u64::from(alerts(seed))).sum()
}

fn alerts(values: &[f64]) -> usize {
    verdicts(values).iter().filter(|verdict| verdict.alert).count()
}

#[test]
fn planted_changes_are_found() {
    fn spike(row: usize, value: f64, size: f64) -> f64 {
        if row == 0 { value + size } else { value }
    }
    assert_eq!(found(normal, 1, |row, value, _| spike(row, value, 10.0)), STREAMS, "a spike in noise");
    assert_eq!(found(daily, 1, |row, value, _| spike(row, value, 40.0)), STREAMS, "a spike in a day");
    assert_eq!(found(normal, 40, |_, value, _| value + 4.0), STREAMS, "another level");
    assert_eq!(found(normal, 40, |_, value, noise| value + 4.0 * noise), STREAMS, "another spread");
    assert_eq!(found(daily, 250, |_, _, noise| 100.0 + 3.0 * noise), STREAMS, "a day without its wave");
}

#[test]
fn ordinary_streams_are_quiet() {
    let noise: usize = (0..STREAMS).map(|seed| alerts(&normal(100 + seed, 1500))).sum();
    assert!(noise <= 3, "{noise} alerts in 4,500 rows of noise");
    let season: usize = (0..STREAMS).map(|seed| alerts(&daily(200 + seed, 1500))).sum();
    assert!(season <= 3, "{season} alerts in 4,500 rows of ordinary days");
    assert_eq!(alerts(&[7.25; 1000]), 0);
}

#[test]
fn an_incident_is_one_alert() {
    let mut values = normal(1, 1000);
    values[800..850].iter_mut().for_each(|value| *value += 12.0);
    let told = verdicts(&values)[800..].iter().filter(|verdict| verdict.alert).count();
    assert!((1..=2).contains(&told), "{told} alerts for one level that came and went");
}

#[test]
fn the_band_holds_nearly_all_ordinary_rows() {
    for values in [normal(7, 2000), daily(8, 2000)] {
        let inside = |(verdict, value): &(Verdict, f64)| (verdict.lower..=verdict.upper).contains(value);
        let share = verdicts(&values).into_iter().zip(values).skip(500).filter(inside).count() as f64 / 1500.0;
        assert!((0.965..=0.995).contains(&share), "{share} within the band");
    }
}

#[test]
fn what_is_no_number_is_refused_and_changes_nothing() {
    let values = normal(3, 40);
    let known = verdicts(&values);
    let mut series = ValueSeries::new();
    for (row, value) in values.iter().enumerate() {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(series.next(at(row), wrong).unwrap_err().to_string().contains("leave the row out"));
        }
        assert_eq!(series.next(at(row), *value).unwrap(), known[row]);
    }
}

#[test]
fn times_may_repeat_and_run_backward() {
    let mut series = ValueSeries::new();
    for (row, value) in normal(4, 500).into_iter().enumerate() {
        sound(series.next(at(row * 7919 % 13), value).unwrap());
    }
}

#[test]
fn the_unit_does_not_matter() {
    let values = daily(5, 700);
    let plain = verdicts(&values);
    let scaled = verdicts(&values.iter().map(|value| value * 1024.0).collect::<Vec<_>>());
    for (one, other) in plain.iter().zip(&scaled) {
        assert!((one.score - other.score).abs() < 1e-9 && one.alert == other.alert);
        assert!((one.expected * 1024.0 - other.expected).abs() < 1e-6 * other.expected.abs().max(1.0));
    }
}

fn sound(verdict: Verdict) {
    let Verdict { expected, lower, upper, score, p, .. } = verdict;
    assert!(expected.is_finite() && lower.is_finite() && upper.is_finite(), "{verdict:?}");
    assert!((0.0..=1.0).contains(&score) && (0.0..=1.0).contains(&p), "{verdict:?}");
    assert!(lower <= expected && expected <= upper, "{verdict:?}");
}

fn rubbish() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        Just(0.0),
        Just(-0.0),
        Just(f64::MAX),
        Just(f64::MIN),
        Just(f64::MIN_POSITIVE),
        Just(5e-324),
        Just(1e-300),
        -1.0..1.0f64,
        -1e12..1e12f64,
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
    ];
    let run = (value, 1..60usize).prop_map(|(value, times)| vec![value; times]);
    prop::collection::vec(run, 1..12).prop_map(|runs| runs.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn rubbish_gives_sound_verdicts(values in rubbish()) {
        verdicts(&values).into_iter().for_each(sound);
    }

    #[test]
    fn later_rows_change_nothing(seed in 0..1000u64, cut in 1..400usize, later in rubbish()) {
        let mut values = daily(seed, 400);
        let before = verdicts(&values);
        values.truncate(cut);
        values.extend(later);
        let bits = |it: &Verdict| [it.expected, it.lower, it.upper, it.score, it.p].map(f64::to_bits);
        for (one, other) in before[..cut].iter().zip(&verdicts(&values)) {
            prop_assert_eq!((bits(one), one.alert, one.window), (bits(other), other.alert, other.window));
        }
    }
}
