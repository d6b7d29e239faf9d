//! The newest steps taken together, so that a small rise that lasts is seen.

use super::super::Step;
use super::tail::Counted;

/// How many steps the windows have.
const WINDOWS: [usize; 4] = [1, 2, 4, 7];

/// The rows that a window may reach back over, and one more that breaks its ties.
pub(super) const KEPT: usize = 7;

/// Where the harmonic mean is below this a row was an alarm, and no later window reaches back over it. Of shorter steps,
/// of which there are many, alerts begin far lower, and where series are many lower still: what has not raised one is not
/// used up, so that a small rise that lasts adds up.
const fn alarm(step: Step) -> f64 {
    match step {
        Step::Week | Step::Day => 0.01,
        Step::Hour | Step::QuarterHour | Step::FiveMinutes => 1e-6,
    }
}

/// A row, what was expected of it before it came, and how strange it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Seen {
    pub(crate) count: u64,
    pub(crate) mean: f32,
    /// Variance of the count around its rate.
    pub(crate) noise: f32,
    /// Standard deviation of the rate, over its mean.
    pub(crate) unsure: f32,
    /// Its own p-value, uniform where nothing happens.
    pub(crate) own: f32,
    /// It was an alarm.
    pub(crate) alarm: bool,
}

/// The newest rows since the last gap, the newest last.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Recent(pub(super) Vec<Seen>);

impl Recent {
    pub(crate) fn push(&mut self, seen: Seen) {
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        self.0.push(seen);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The p-value of each window that the rows since the last gap and the last alarm fill.
    ///
    /// An alarm uses up the rows before it, as a chart of cumulative sums starts anew after its signal: what comes after
    /// is judged by what is new in it. Two weeks are not summed up but judged by [`both`].
    pub(crate) fn tails(&self, step: Step, newest: &Seen) -> [Option<f64>; 4] {
        let before = &self.0;
        let (mut tails, mut alone) = ([None; 4], 1.0);
        for (place, steps) in WINDOWS.iter().enumerate() {
            let Some(first) = (before.len() + 1).checked_sub(*steps) else { break };
            if before[first..].iter().any(|seen| seen.alarm) {
                break;
            }
            if let (Step::Week, [last]) = (step, &before[first..]) {
                tails[place] = Some(both(alone, f64::from(last.own)));
                continue;
            }
            let (mut count, mut mean, mut noise) = (newest.count, f64::from(newest.mean), f64::from(newest.noise));
            let mut unsure = mean * f64::from(newest.unsure);
            for seen in &before[first..] {
                count = count.saturating_add(seen.count);
                mean += f64::from(seen.mean);
                noise += f64::from(seen.noise);
                // The same coefficients made all expectations, so their errors add up.
                unsure += f64::from(seen.mean) * f64::from(seen.unsure);
            }
            let (above, just) = Counted::new(mean, noise + unsure * unsure).above(count);
            // Ties are broken by the row before the window: it is uniform by itself, which makes the window's p-value
            // uniform though counts are whole, and low where a rise began.
            let tie = match first.checked_sub(1).map(|at| before[at]) {
                Some(seen) if !seen.alarm => f64::from(seen.own),
                _ => 0.5,
            };
            tails[place] = Some((above + tie * just).clamp(1e-300, 1.0));
            if *steps == 1 {
                alone = above + 0.5 * just;
            }
        }
        tails
    }
}

/// One p-value of two rows that are independent: how often the product of two uniform numbers is lower than theirs
/// (Fisher, Statistical Methods for Research Workers, section 21.1).
///
/// Where contacts are few their noise has a long tail, and one freak week makes a strange sum of two; the product asks
/// both weeks. Where they are many it is as good as the sum.
fn both(one: f64, other: f64) -> f64 {
    let product = (one * other).clamp(1e-300, 1.0);
    product * (1.0 - product.ln())
}

/// What the windows weigh.
fn weights(step: Step) -> [f64; 4] {
    match step {
        Step::Week => [0.45, 0.5, 0.05, 0.0],
        Step::Day => [0.4, 0.2, 0.2, 0.2],
        Step::Hour | Step::QuarterHour | Step::FiveMinutes => [0.5, 0.25, 0.15, 0.1],
    }
}

/// One p-value of all windows, the steps of the one that tells most, and whether it is an alarm.
///
/// The weighted harmonic mean of p-values (Wilson, PNAS 116 (2019), 1195–1200) is near the likelihood ratio of an unknown
/// window; as windows overlap and alarms start them anew, its distribution is not that of independent ones, so it is
/// brought back to a uniform one by [`EXCESS`].
pub(crate) fn combine(step: Step, tails: &[Option<f64>; 4]) -> (f64, u8, bool) {
    let (mut sum, mut most, mut window) = (0.0, 0.0, 1);
    for (at, weight) in weights(step).into_iter().enumerate() {
        let told = tails[at].map_or(0.0, |tail| weight / tail);
        sum += told;
        if told > most {
            (most, window) = (told, WINDOWS[at] as u8);
        }
    }
    (uniform(step, 1.0 / sum), window, 1.0 / sum < alarm(step))
}

/// Decimal logarithms of the harmonic mean.
const MEANS: [f64; 14] = [-5.0, -4.5, -4.0, -3.5, -3.0, -2.5, -2.25, -2.0, -1.75, -1.5, -1.0, -0.5, -0.25, 0.0];
/// How often it is lower than that, over what it is: sixty million steps of standard normal numbers, started anew after
/// each alarm, for weeks, days and shorter steps. Weeks have 1.2 times as much at the low end: a series of weeks has few
/// rows, and where it has few contacts too its noise is believed too low.
const EXCESS: [[f64; 14]; 3] = [
    [0.740, 0.770, 0.800, 0.810, 0.842, 0.894, 0.928, 0.965, 0.992, 1.022, 1.085, 1.100, 1.090, 1.0],
    [0.380, 0.435, 0.485, 0.531, 0.571, 0.653, 0.706, 0.765, 0.830, 0.902, 1.044, 1.146, 1.147, 1.0],
    [1.015, 1.038, 1.031, 1.040, 1.058, 1.079, 1.093, 1.107, 1.121, 1.137, 1.172, 1.189, 1.165, 1.0],
];

fn uniform(step: Step, mean: f64) -> f64 {
    let excess = match step {
        Step::Week => &EXCESS[0],
        Step::Day => &EXCESS[1],
        Step::Hour | Step::QuarterHour | Step::FiveMinutes => &EXCESS[2],
    };
    let mean = mean.clamp(1e-300, 1.0);
    let log = mean.log10();
    let above = MEANS.partition_point(|one| *one < log).clamp(1, MEANS.len() - 1);
    let part = ((log - MEANS[above - 1]) / (MEANS[above] - MEANS[above - 1])).max(0.0);
    (mean * (excess[above - 1] + part * (excess[above] - excess[above - 1]))).clamp(1e-300, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_rise_that_lasts_adds_up_though_no_row_of_it_stands_out() {
        let (mut recent, mut least, mut alone) = (Recent::default(), 1.0_f64, 1.0_f64);
        for _ in 0..12 {
            let newest = Seen { count: 30, mean: 20.0, noise: 20.0, unsure: 0.01, own: 0.5, alarm: false };
            let tails = recent.tails(Step::Hour, &newest);
            let (p, _, alarm) = combine(Step::Hour, &tails);
            (least, alone) = (least.min(p), alone.min(tails[0].unwrap_or(1.0)));
            recent.push(Seen { own: tails[0].unwrap_or(0.5) as f32, alarm, ..newest });
        }
        assert!(alone > 0.01 && least < 1e-6, "{alone} {least}");
    }

    #[test]
    fn two_strange_weeks_tell_more_than_one_freak_week_of_the_same_sum() {
        let p = |counts: [u64; 2]| {
            let mut recent = Recent::default();
            let (mut pair, mut own) = (None, 0.5);
            for count in counts {
                let newest = Seen { count, mean: 1.0, noise: 4.0, unsure: 0.05, own, alarm: false };
                let tails = recent.tails(Step::Week, &newest);
                (pair, own) = (tails[1], tails[0].unwrap_or(0.5) as f32);
                recent.push(Seen { own, ..newest });
            }
            pair.unwrap_or(1.0)
        };
        assert!(p([5, 5]) < p([10, 0]) / 2.0, "{} {}", p([5, 5]), p([10, 0]));
        assert!(p([5, 5]) < p([0, 10]) / 2.0, "{} {}", p([5, 5]), p([0, 10]));
    }
}
