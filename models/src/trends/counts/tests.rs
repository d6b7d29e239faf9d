use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;

use super::tail::Counted;
use super::*;

fn begin(step: Step, row: usize) -> DateTime {
    date(2024, 1, 1).at(0, 0, 0, 0).saturating_add((row as i64 * step.seconds()).seconds())
}

fn series(step: Step) -> CountSeries {
    CountSeries::new(step, Arc::new(Holidays::none()))
}

fn read(series: &mut CountSeries, step: Step, from: usize, counts: &[u64]) -> Vec<Verdict> {
    counts.iter().enumerate().map(|(row, count)| series.next(begin(step, from + row), *count).unwrap()).collect()
}

/// Counts that go up and down by a fixed rule.
fn noisy(level: u64, rows: usize) -> Vec<u64> {
    let mut state = 12_345_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % 7
    };
    (0..rows).map(|_| level + draw()).collect()
}

#[test]
fn a_verdict_uses_the_rows_up_to_its_own_only() {
    let counts = noisy(5, 200);
    let mut changed = counts.clone();
    changed[120..].iter_mut().for_each(|count| *count = *count * 31 + 400);
    let bits = |counts: &[u64]| -> Vec<[u64; 5]> {
        let verdicts = read(&mut series(Step::Day), Step::Day, 0, counts);
        verdicts.iter().map(|it| [it.expected, it.lower, it.upper, it.score, it.p].map(f64::to_bits)).collect()
    };
    let (first, second) = (bits(&counts), bits(&changed));
    assert_eq!(first[..120], second[..120]);
    assert_ne!(first[120..], second[120..]);
}

#[test]
fn a_packed_series_goes_on_as_if_it_had_not_been_packed() {
    for step in Step::ALL {
        let counts = noisy(3, 400);
        let mut kept = series(*step);
        read(&mut kept, *step, 0, &counts[..300]);
        let bytes = kept.pack();
        assert!(bytes.len() <= 2_048, "{step}: {}", bytes.len());
        let mut unpacked = CountSeries::unpack(&bytes, *step, Arc::new(Holidays::none())).unwrap();
        assert_eq!(read(&mut kept, *step, 300, &counts[300..]), read(&mut unpacked, *step, 300, &counts[300..]));
        assert_eq!(kept.pack(), unpacked.pack());
        let other = if *step == Step::Day { Step::Hour } else { Step::Day };
        assert!(CountSeries::unpack(&bytes, other, Arc::new(Holidays::none())).is_none());
        assert!(CountSeries::unpack(&bytes[..bytes.len() - 1], *step, Arc::new(Holidays::none())).is_none());
    }
}

#[test]
fn rows_that_do_not_fit_are_refused_and_change_nothing() {
    let mut series = series(Step::Day);
    read(&mut series, Step::Day, 0, &noisy(4, 40));
    let before = series.pack();
    let last = begin(Step::Day, 39);
    assert!(matches!(series.next(last, 4), Err(Refused::Repeated { .. })));
    assert!(matches!(series.next(begin(Step::Day, 38), 4), Err(Refused::Backward { .. })));
    assert!(matches!(series.next(last.saturating_add(30.hours()), 4), Err(Refused::OffStep { .. })));
    assert_eq!(series.pack(), before);
}

#[test]
fn a_burst_is_one_alert_and_a_level_that_stays_becomes_the_expectation() {
    let mut series = series(Step::Day);
    read(&mut series, Step::Day, 0, &noisy(10, 300));
    let burst = read(&mut series, Step::Day, 300, &[60, 70, 65]);
    assert_eq!(burst.iter().filter(|it| it.alert).count(), 1);
    assert!(burst[0].alert && burst.iter().all(|it| it.p < 1e-4));
    let stays = read(&mut series, Step::Day, 303, &noisy(40, 60));
    assert!(stays.last().unwrap().expected > 35.0, "{:?}", stays.last());
    assert!(stays[40..].iter().all(|it| it.p > 0.001));
}

#[test]
fn a_stopped_feed_is_told_and_teaches_nothing() {
    let mut series = series(Step::Hour);
    read(&mut series, Step::Hour, 0, &noisy(20, 24 * 28));
    let expected = read(&mut series, Step::Hour, 24 * 28, &[0; 24]).last().unwrap().expected;
    assert!(series.silence().unwrap().stopped());
    assert!(expected > 15.0, "{expected}");
    read(&mut series, Step::Hour, 24 * 29, &[21]);
    assert!(series.silence().is_none());
}

#[test]
fn tails_are_those_worked_out_by_hand() {
    // Mean 2 and variance 4: size 2, so P(X = n) = (n + 1) / 2^(n + 2): 1/4, 1/4, 3/16, 1/8.
    let counted = Counted::new(2.0, 4.0);
    let (above, just) = counted.above(2);
    assert!((just - 3.0 / 16.0).abs() < 1e-12 && (above - 5.0 / 16.0).abs() < 1e-12);
    assert!((counted.none() - 0.25).abs() < 1e-12);
    // Poisson's as the variance falls to the mean: P(X > 3) of mean 1 is 1 - e⁻¹ (1 + 1 + 1/2 + 1/6).
    let (above, _) = Counted::new(1.0, 1.000_11).above(3);
    assert!((above - (1.0 - (-1.0_f64).exp() * (8.0 / 3.0))).abs() < 1e-5, "{above}");
    // Far out there are still digits: P(X > 60) = 62/2 · … of size 2 is (63 + 1) / 2^62 - 1 / 2^62.
    let (above, _) = counted.above(60);
    assert!((above / (63.0 / 2_f64.powi(62)) - 1.0).abs() < 1e-9, "{above}");
}

#[test]
fn quiet_counts_tell_their_noise_by_how_often_contacts_come_together() {
    // Mean 0.02 and variance 0.026: P is 0.98266, 0.01512, 0.00186 for 0, 1, 2 and 0.00036 above, so that
    // E[(min(X, 3) - 0.02)²] is 0.0254 of 0.026. Cut at one it would be 0.0170, and 0.0136 at a variance of 0.04.
    let (cut, left) = Counted::new(0.02, 0.026).cut(1.6, design::few(Step::Hour));
    assert!(cut == 3.0 && (left - 0.977).abs() < 0.01, "{cut} {left}");
    // A mean below one with less than its own variance is Poisson's: P(X > 0) of mean 0.3 is 1 - e^-0.3.
    let (above, _) = Counted::new(0.3, 0.1).above(0);
    assert!((above - (1.0 - (-0.3_f64).exp())).abs() < 1e-4, "{above}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_comes_in_figures_are_finite_and_in_their_bounds(
        step in prop::sample::select(Step::ALL.to_vec()),
        rows in prop::collection::vec((1_usize..40, prop_oneof![0_u64..3, 0_u64..1_000, Just(u64::MAX), any::<u64>()]), 1..120),
    ) {
        let mut series = series(step);
        let mut at = 0;
        for (steps, count) in rows {
            at += if steps < 36 { 1 } else { steps * steps };
            let verdict = series.next(begin(step, at), count).unwrap();
            let figures = [verdict.expected, verdict.lower, verdict.upper, verdict.score, verdict.p];
            prop_assert!(figures.iter().all(|figure| figure.is_finite() && *figure >= 0.0), "{verdict:?}");
            prop_assert!(verdict.p > 0.0 && verdict.p <= 1.0 && verdict.score <= 1.0 && verdict.lower <= verdict.upper, "{verdict:?}");
        }
    }
}
