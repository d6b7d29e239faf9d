//! The scoring rules of the Numenta Anomaly Benchmark, version 1.1.

use super::corpus::Recording;

/// What a hit, a false alarm and a miss weigh.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    hit: f64,
    alarm: f64,
    miss: f64,
}

pub(crate) const PROFILES: [Profile; 3] = [
    Profile { name: "standard", hit: 1.0, alarm: 0.11, miss: 1.0 },
    Profile { name: "low FP", hit: 1.0, alarm: 0.22, miss: 1.0 },
    Profile { name: "low FN", hit: 1.0, alarm: 0.11, miss: 2.0 },
];

/// What lowering the threshold to `score` adds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    score: f64,
    gain: f64,
    /// The window found with it, or a row outside of all.
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Found,
    Earlier,
    Outside,
}

pub(crate) struct Outcome {
    pub(crate) tuned: f64,
    pub(crate) holdout: f64,
    pub(crate) threshold: f64,
    pub(crate) groups: Vec<Group>,
}

/// One group's share in the totals, and what was found at the tuned threshold.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) windows: usize,
    pub(crate) tuned: f64,
    pub(crate) holdout: f64,
    pub(crate) found: usize,
    pub(crate) wrong: usize,
}

/// From raw gains over the detector that never alarms to a score of which a perfect detector has 100.
pub(crate) fn scale(recordings: &[Recording], profile: Profile) -> f64 {
    let windows: usize = recordings.iter().map(|it| it.windows.len()).sum();
    100.0 / (windows as f64 * (profile.hit + profile.miss))
}

pub(crate) fn outcome(recordings: &[Recording], steps: &[Vec<Step>], profile: Profile) -> Outcome {
    let scale = scale(recordings, profile);
    let of = |wanted: &dyn Fn(&Recording) -> bool| -> Vec<Step> {
        recordings.iter().zip(steps).filter(|(it, _)| wanted(it)).flat_map(|(_, steps)| steps.clone()).collect()
    };
    let threshold = best(of(&|_| true));
    let mut names: Vec<&String> = recordings.iter().map(|it| &it.group).collect();
    names.sort();
    names.dedup();
    let groups: Vec<Group> = names
        .into_iter()
        .map(|name| {
            let (own, others) = (of(&|it| it.group == *name), of(&|it| it.group != *name));
            let count = |kind| own.iter().filter(|step| step.score >= threshold && step.kind == kind).count();
            Group {
                name: name.clone(),
                windows: recordings.iter().filter(|it| it.group == *name).map(|it| it.windows.len()).sum(),
                tuned: scale * sum(&own, threshold),
                holdout: scale * sum(&own, best(others)),
                found: count(Kind::Found),
                wrong: count(Kind::Outside),
            }
        })
        .collect();
    let total = |part: fn(&Group) -> f64| groups.iter().map(part).sum();
    Outcome { tuned: total(|it| it.tuned), holdout: total(|it| it.holdout), threshold, groups }
}

/// The gains of one file, highest score first. In a window the earliest detection counts; a row outside costs more the
/// further it lies behind a window.
pub(crate) fn steps(recording: &Recording, scores: &[f64], profile: Profile) -> Vec<Step> {
    let judged = recording.probation..recording.rows.len();
    let mut rows: Vec<usize> = judged.filter(|row| scores.get(*row).is_some_and(|score| *score > 0.0)).collect();
    rows.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]));
    let mut worth = vec![-profile.miss; recording.windows.len()];
    rows.into_iter()
        .map(|row| {
            let score = scores[row];
            let Some(which) = recording.windows.iter().position(|(first, last)| (*first..=*last).contains(&row)) else {
                return Step { score, gain: profile.alarm * outside(recording, row), kind: Kind::Outside };
            };
            let (first, last) = recording.windows[which];
            let place = -((last - row + 1) as f64) / (last - first + 1) as f64;
            let kind = if worth[which] == -profile.miss { Kind::Found } else { Kind::Earlier };
            let gain = (profile.hit * sigmoid(place) / sigmoid(-1.0) - worth[which]).max(0.0);
            worth[which] += gain;
            Step { score, gain, kind }
        })
        .collect()
}

/// What all rows at or above a threshold gain.
pub(crate) fn sum(steps: &[Step], threshold: f64) -> f64 {
    steps.iter().filter(|step| step.score >= threshold).map(|step| step.gain).sum()
}

fn outside(recording: &Recording, row: usize) -> f64 {
    let before = recording.windows.iter().filter(|(_, last)| *last < row).max_by_key(|(_, last)| *last);
    before.map_or(-1.0, |(first, last)| sigmoid((row - last) as f64 / ((last - first) as f64).max(1.0)))
}

/// The threshold with the highest sum; above all scores where no sum is above zero.
fn best(mut steps: Vec<Step>) -> f64 {
    steps.sort_by(|one, other| other.score.total_cmp(&one.score));
    let (mut sum, mut most, mut threshold) = (0.0, 0.0, f64::INFINITY);
    for same in steps.chunk_by(|one, other| one.score == other.score) {
        sum += same.iter().map(|step| step.gain).sum::<f64>();
        if sum > most {
            (most, threshold) = (sum, same[0].score);
        }
    }
    threshold
}

fn sigmoid(place: f64) -> f64 {
    if place > 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * place).exp()) - 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Recording {
        let rows = (0..100).map(|_| (jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0), 0.0)).collect();
        Recording { group: "one".to_owned(), rows, windows: vec![(40, 49), (70, 79)], probation: 15 }
    }

    fn scored(alarms: &[(usize, f64)]) -> Outcome {
        let mut scores = vec![0.0; 100];
        for (row, score) in alarms {
            scores[*row] = *score;
        }
        let recordings = [recording()];
        let steps: Vec<_> = recordings.iter().map(|it| steps(it, &scores, PROFILES[0])).collect();
        outcome(&recordings, &steps, PROFILES[0])
    }

    #[test]
    fn the_first_row_of_every_window_is_perfect_and_silence_is_nothing() {
        assert!((scored(&[(40, 0.9), (70, 0.8)]).tuned - 100.0).abs() < 1e-9);
        assert_eq!(scored(&[]).tuned, 0.0);
    }

    #[test]
    fn later_rows_of_a_window_earn_less_and_a_second_one_nothing() {
        // The last row of a window of ten: 2/(1+e^−0.5) − 1 = 0.2449187, over 2/(1+e^−5) − 1 = 0.9866143.
        let wanted = 100.0 * (0.244_918_7 / 0.986_614_3 + 1.0) / 4.0;
        assert!((scored(&[(49, 0.9)]).tuned - wanted).abs() < 1e-5);
        assert!((scored(&[(40, 0.9), (41, 0.9), (49, 0.9)]).tuned - 50.0).abs() < 1e-9);
    }

    #[test]
    fn rows_outside_cost_by_their_distance_and_probation_is_free() {
        let hit = 200.0 / 4.0;
        assert!((scored(&[(40, 0.9), (20, 0.9)]).tuned - (hit - 100.0 * 0.11 / 4.0)).abs() < 1e-9);
        assert!((scored(&[(40, 0.9), (14, 0.9)]).tuned - hit).abs() < 1e-9);
        // One row behind a window of ten: 2/(1+e^(5/9)) − 1 = −0.2708467.
        assert!((scored(&[(40, 0.9), (50, 0.9)]).tuned - (hit - 100.0 * 0.11 * 0.270_846_7 / 4.0)).abs() < 1e-5);
    }
}
