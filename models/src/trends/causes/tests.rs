use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::*;

/// A leaf: city, topic, dish, what is expected, what came.
type Row = ([usize; 3], f64, f64);

const NAMES: [&str; 3] = ["city", "topic", "dish"];

/// Leaves of 6 cities, 5 topics and 8 dishes of which this many are expected each.
fn even(expected: f64) -> Vec<Row> {
    let place = |at: usize| [at % 6, at / 6 % 5, at / 30];
    (0..240).map(|at| (place(at), expected, expected)).collect()
}

/// The same, with the actual counts and eight past ones drawn by chance.
fn drawn(mean: f64, seed: u64) -> Vec<Row> {
    let mut random = SmallRng::seed_from_u64(seed);
    let past = |random: &mut SmallRng| (0..8).map(|_| poisson(mean, random)).sum::<f64>() / 8.0;
    even(mean).iter().map(|(place, ..)| (*place, past(&mut random), poisson(mean, &mut random))).collect()
}

/// By Knuth's product of uniform numbers.
fn poisson(mean: f64, random: &mut SmallRng) -> f64 {
    let (mut product, mut count) = (random.random::<f64>(), 0.0);
    while product > (-mean).exp() {
        product *= random.random::<f64>();
        count += 1.0;
    }
    count
}

/// Multiplies what came in some leaves.
fn times(rows: &mut [Row], factor: f64, holds: impl Fn(&[usize; 3]) -> bool) {
    rows.iter_mut().filter(|row| holds(&row.0)).for_each(|row| row.2 = (row.2 * factor).round());
}

fn cube(rows: &[Row], order: [usize; 3]) -> Cube {
    let mut cube = Cube::new(order.map(|at| NAMES[at].to_owned()).to_vec()).expect("three names");
    for (place, expected, actual) in rows {
        cube.add(&order.map(|at| place[at].to_string()), *expected, *actual).expect("a row");
    }
    cube
}

fn explained(rows: &[Row]) -> Explanation {
    explain(&cube(rows, [0, 1, 2]))
}

/// The places of the causes as `city=1 topic=2`, sorted.
fn places(explanation: &Explanation) -> Vec<String> {
    let words = |cause: &Cause| {
        let parts: Vec<String> = cause.place.iter().map(|(name, value)| format!("{name}={value}")).collect();
        parts.join(" ")
    };
    let mut places: Vec<String> = explanation.causes.iter().map(words).collect();
    places.sort();
    places
}

#[test]
fn a_conjunction_that_rose_is_named_with_its_excess() {
    let mut rows = even(4.0);
    times(&mut rows, 3.0, |place| place[0] == 2 && place[1] == 4);
    let found = explained(&rows);
    assert_eq!(places(&found), ["city=2 topic=4"]);
    // Eight leaves of 4 that became 12.
    let cause = &found.causes[0];
    assert_eq!((cause.excess, cause.share, found.excess), (64.0, 1.0, 64.0));
    assert!(cause.score > 0.99 && (2.7..3.3).contains(&cause.times), "{cause:?}");
}

#[test]
fn a_rise_of_a_whole_value_is_named_once_and_not_by_its_parts() {
    for attribute in 0..3 {
        let mut rows = drawn(5.0, attribute as u64);
        times(&mut rows, 3.0, |place| place[attribute] == 1);
        assert_eq!(places(&explained(&rows)), [format!("{}=1", NAMES[attribute])]);
    }
}

#[test]
fn what_rose_from_next_to_nothing_is_one_cause_however_far_it_rose() {
    for came in [4.0, 9.0, 40.0] {
        // One past contact in each of eight places, and one now; of the dish none before.
        let usual = (0..8).map(|at| ([at % 4, at % 5, 0], 0.125, f64::from(u8::from(at == 2))));
        let surge = (0..6).map(|at| ([at % 2, at % 3, 3], 0.0, came));
        let rows: Vec<Row> = usual.chain(surge).collect();
        let found = explained(&rows);
        assert_eq!(places(&found), ["dish=3"], "{came}: {found:?}");
    }
}

#[test]
fn causes_that_overlap_multiply_and_share_the_excess() {
    let mut rows = even(8.0);
    times(&mut rows, 3.0, |place| place[0] == 2);
    times(&mut rows, 2.0, |place| place[1] == 4);
    let found = explained(&rows);
    assert_eq!(places(&found), ["city=2", "topic=4"]);
    let shared: f64 = found.causes.iter().map(|cause| cause.excess).sum();
    assert!((shared - found.excess).abs() < 1e-9, "{found:?}");
}

#[test]
fn a_surge_within_a_surge_is_a_cause_of_its_own() {
    let mut rows = drawn(6.0, 7);
    times(&mut rows, 2.0, |place| place[0] == 2);
    times(&mut rows, 4.0, |place| place[0] == 2 && place[1] == 1);
    assert_eq!(places(&explained(&rows)), ["city=2", "city=2 topic=1"]);
}

#[test]
fn three_causes_are_named_and_no_fourth() {
    let mut rows = drawn(6.0, 3);
    for at in 0..4 {
        times(&mut rows, 5.0, |place| place[0] == at && place[1] == at);
    }
    let found = explained(&rows);
    assert_eq!(found.causes.len(), 3);
    assert!(places(&found).iter().all(|place| place.starts_with("city=") && place.contains(" topic=")), "{found:?}");
}

#[test]
fn chance_makes_no_cause() {
    let alarms = (0..200).filter(|seed| !explained(&drawn(0.7, *seed)).causes.is_empty()).count();
    assert!(alarms <= 2, "{alarms} of 200");
}

#[test]
fn a_rise_of_everything_is_the_level_and_not_a_cause() {
    let mut rows = even(10.0);
    times(&mut rows, 1.6, |_| true);
    let found = explained(&rows);
    assert_eq!(found.causes, []);
    assert!((found.level - 1.6).abs() < 0.03, "{found:?}");
    times(&mut rows, 3.0, |place| place[2] == 3 && place[0] == 0);
    assert_eq!(places(&explained(&rows)), ["city=0 dish=3"]);
}

#[test]
fn what_fell_is_not_named_and_hides_nothing() {
    let mut rows = drawn(6.0, 5);
    times(&mut rows, 0.0, |place| place[0] < 2);
    assert_eq!(explained(&rows).causes, []);
    times(&mut rows, 2.0, |place| place[1] == 3);
    assert_eq!(places(&explained(&rows)), ["topic=3"]);
}

#[test]
fn what_was_never_seen_before_is_found() {
    let mut rows = drawn(2.0, 6);
    for row in rows.iter_mut().filter(|row| row.0[2] == 7) {
        (row.1, row.2) = (0.0, 5.0);
    }
    let found = explained(&rows);
    assert_eq!(places(&found), ["dish=7"]);
    assert_eq!(found.causes[0].excess, 150.0);
}

#[test]
fn of_how_many_past_counts_something_is_the_mean_may_be_stated() {
    // Fourteen where two are expected are a surge if those are the mean of twenty counts, and may be chance if of one.
    let rows: Vec<Row> =
        even(2.0).iter().map(|row| (row.0, 2.0, if row.0 == [1, 2, 3] { 14.0 } else { 2.0 })).collect();
    let stated = |past: f64| places(&explain(&cube(&rows, [0, 1, 2]).mean_of(past)));
    assert_eq!(stated(20.0), ["city=1 topic=2 dish=3"]);
    assert_eq!(stated(1.0), Vec::<String>::new());
    assert_eq!(stated(f64::NAN), stated(1.0), "else their fractions tell");
}

#[test]
fn counts_that_vary_more_than_chance_lets_them_make_no_cause() {
    let mut random = SmallRng::seed_from_u64(9);
    for _ in 0..20 {
        // Contacts come in eights: the variance is eight times the mean.
        let rows: Vec<Row> =
            even(12.0).iter().map(|(place, mean, _)| (*place, *mean, 8.0 * poisson(mean / 8.0, &mut random))).collect();
        assert_eq!(explained(&rows).causes, []);
    }
}

#[test]
fn a_leaf_may_come_in_several_rows_and_empty_ones_not_at_all() {
    let mut rows = drawn(0.3, 4);
    times(&mut rows, 20.0, |place| place[0] == 2 && place[1] == 1);
    let whole = explained(&rows);
    assert_eq!(places(&whole), ["city=2 topic=1"]);
    let halves: Vec<Row> = rows.iter().flat_map(|row| [(row.0, row.1, 0.0), (row.0, 0.0, row.2)]).collect();
    assert_eq!(explained(&halves), whole);
    rows.retain(|row| row.1 + row.2 > 0.0);
    assert!(rows.len() < 240);
    assert_eq!(explained(&rows), whole);
}

#[test]
fn a_bad_row_is_refused_by_its_number_and_the_cube_goes_on() {
    let mut cube = Cube::new(vec!["city".into()]).expect("one name");
    assert_eq!(cube.add(&["a"], 1.0, 1.0), Ok(()));
    for (row, value) in [(2, -1.0), (3, f64::NAN), (4, f64::INFINITY), (5, 1e300)] {
        let refused = cube.add(&["a"], value, 1.0).expect_err("no count");
        assert!(refused.to_string().starts_with(&format!("row {row}: the expected count is")), "{refused}");
    }
    let refused = cube.add(&["a"], 1.0, -0.5).expect_err("no count");
    assert!(refused.to_string().starts_with("row 6: the actual count is -0.5"), "{refused}");
    assert_eq!(cube.add(&["a", "b"], 1.0, 1.0), Err(Refused::Values { row: 7, values: 2, attributes: 1 }));
    assert_eq!(cube.add(&["b"], 1.0, 1.0), Ok(()));
    assert_eq!(explain(&cube).excess, 0.0);
    let names = |many: usize| (0..many).map(|at| at.to_string()).collect();
    assert!(Cube::new(names(8)).is_ok());
    assert!(matches!(Cube::new(names(9)), Err(Refused::TooMany { attributes: 9 })));
    assert!(matches!(Cube::new(vec!["a".into(), "a".into()]), Err(Refused::Repeated { .. })));
}

#[test]
fn the_smallest_cubes_have_an_answer() {
    let none = |cube: &Cube, excess: f64| {
        let found = explain(cube);
        assert_eq!((found.causes.len(), found.excess), (0, excess));
    };
    none(&Cube::new(Vec::new()).expect("no names"), 0.0);
    none(&Cube::new(vec!["city".into()]).expect("a name"), 0.0);
    let mut bare = Cube::new(Vec::new()).expect("no names");
    bare.add::<&str>(&[], 1.0, 900.0).expect("a row");
    none(&bare, 899.0);
    let mut single = Cube::new(vec!["city".into()]).expect("a name");
    single.add(&["a"], 1.0, 900.0).expect("a row");
    // One city is the whole.
    none(&single, 899.0);
    single.add(&["b"], 0.0, 0.0).expect("a row");
    none(&single, 899.0);
    single.add(&["c"], 900.0, 900.0).expect("a row");
    assert_eq!(places(&explain(&single)), ["city=a"]);
    let nothing: Vec<Row> = even(3.0).iter().map(|row| (row.0, row.1, 0.0)).collect();
    none(&cube(&nothing, [0, 1, 2]), -720.0);
    let new: Vec<Row> = even(3.0).iter().map(|row| (row.0, 0.0, row.2)).collect();
    none(&cube(&new, [0, 1, 2]), 720.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_rows_and_attributes_does_not_matter(seed in 0_u64..10_000, city in 0_usize..6, topic in 0_usize..5) {
        let mut rows = drawn(1.5, seed);
        times(&mut rows, 4.0, |place| place[0] == city && place[1] == topic);
        times(&mut rows, 3.0, |place| place[2] == topic);
        let first = explained(&rows);
        rows.shuffle(&mut SmallRng::seed_from_u64(seed));
        prop_assert_eq!(&explained(&rows), &first);
        let turned = explain(&cube(&rows, [2, 0, 1]));
        prop_assert_eq!(turned.causes.len(), first.causes.len());
        for (turned, first) in turned.causes.into_iter().zip(first.causes) {
            let mut place = turned.place.clone();
            place.sort_by_key(|(name, _)| NAMES.iter().position(|other| other == name));
            prop_assert_eq!(Cause { place, ..turned }, first);
        }
    }

    #[test]
    fn whatever_comes_in_only_finite_figures_come_out(
        rows in prop::collection::vec((0_usize..4, 0_usize..3, 0_usize..9, 0_usize..9), 0..60),
    ) {
        let counts = [0.0, 0.125, 1.0, 3.0, 1e-9, 17.3, 2_000.0, 1e9, 1e15];
        let rows: Vec<Row> =
            rows.iter().map(|(city, topic, expected, actual)| ([*city, *topic, 0], counts[*expected], counts[*actual])).collect();
        let found = explained(&rows);
        prop_assert!(found.excess.is_finite() && found.level.is_finite() && found.level > 0.0, "{:?}", found);
        prop_assert!(found.causes.len() <= MOST);
        for cause in &found.causes {
            prop_assert!(cause.excess.is_finite() && cause.times.is_finite() && cause.times >= 1.2, "{:?}", cause);
            prop_assert!((0.0..=1.0).contains(&cause.share) && (0.0..=1.0).contains(&cause.score), "{:?}", cause);
            prop_assert!((1..=3).contains(&cause.place.len()), "{:?}", cause);
        }
    }
}
