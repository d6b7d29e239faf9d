//! The detector of the paper that the weekly counts come from: farringtonFlexible of the R package surveillance, with its
//! settings b = 5, w = 3, ten levels of the year, 26 weeks left out, trend always, weights above 2.58, threshold nbPlugin.

use super::peers::tail;
use super::score::Judged;
use super::series::Simulated;

const YEAR: usize = 52;
const YEARS: usize = 5;
/// Weeks beside the same week of a past year that count as the same.
const BESIDE: usize = 3;
const LEFT_OUT: usize = 26;
/// Base, trend, and nine levels beside the first.
const TERMS: usize = 11;
const FAR: f64 = 2.58;

/// What is expected of the tested weeks is the same with and without an outbreak in them: none lasts 26 weeks.
pub fn judge(simulated: &Simulated) -> Judged {
    let tested = simulated.tested.clone();
    let expected: Vec<(f64, f64)> = tested.clone().map(|week| expect(&simulated.counts, week)).collect();
    let judged = |counts: &[u64]| {
        counts.iter().zip(&expected).map(|(count, (mean, spread))| tail(*count, *mean, *spread)).collect()
    };
    let outbreaks = simulated.outbreaks.iter().map(|outbreak| judged(&outbreak.counts)).collect();
    Judged { clean: judged(&simulated.counts[tested]), outbreaks }
}

/// Mean and variance over mean of a week, by a quasi-Poisson regression on the five years before it.
fn expect(counts: &[u64], week: usize) -> (f64, f64) {
    let base = week - YEARS * YEAR - BESIDE..week - LEFT_OUT;
    let rows: Vec<[f64; TERMS]> = base.clone().map(|at| row(at, week)).collect();
    let observed: Vec<f64> = counts[base].iter().map(|count| *count as f64).collect();
    let first = fit(&rows, &observed, &vec![1.0; rows.len()]);
    let weights = weights(&rows, &observed, &first);
    let last = fit(&rows, &observed, &weights);
    (last.mean(&row(week, week)), last.spread)
}

/// The first level holds the same weeks of every year; the 45 between them fall into nine of five.
fn row(at: usize, week: usize) -> [f64; TERMS] {
    let mut row = [0.0; TERMS];
    row[0] = 1.0;
    row[1] = (at as f64 - week as f64) / YEAR as f64;
    let before = (week + BESIDE - at) % YEAR;
    if before > 2 * BESIDE {
        row[2 + (before - 2 * BESIDE - 1) / 5] = 1.0;
    }
    row
}

struct Fit {
    terms: [f64; TERMS],
    /// Lower triangle of the information matrix's root.
    root: [[f64; TERMS]; TERMS],
    spread: f64,
}

impl Fit {
    fn mean(&self, row: &[f64; TERMS]) -> f64 {
        let sum: f64 = self.terms.iter().zip(row).map(|(term, value)| term * value).sum();
        sum.clamp(-15.0, 15.0).exp()
    }

    /// How much a row of this weight pulls the fit to itself.
    fn leverage(&self, row: &[f64; TERMS], weight: f64) -> f64 {
        let half = forward(&self.root, row);
        weight * half.iter().map(|part| part * part).sum::<f64>()
    }
}

/// By iteratively weighted least squares.
fn fit(rows: &[[f64; TERMS]], observed: &[f64], weights: &[f64]) -> Fit {
    let average = observed.iter().sum::<f64>() / observed.len() as f64;
    let mut fit = Fit { terms: [0.0; TERMS], root: [[0.0; TERMS]; TERMS], spread: 1.0 };
    fit.terms[0] = (average + 0.1).ln();
    for _ in 0..30 {
        let mut information = [[0.0; TERMS]; TERMS];
        let mut score = [0.0; TERMS];
        for ((row, observed), weight) in rows.iter().zip(observed).zip(weights) {
            let mean = fit.mean(row);
            for left in 0..TERMS {
                score[left] += weight * row[left] * (observed - mean);
                for right in 0..=left {
                    information[left][right] += weight * mean * row[left] * row[right];
                }
            }
        }
        // A level without a case has no finite estimate; this keeps it where it makes no difference.
        (0..TERMS).for_each(|at| information[at][at] += 1e-6);
        fit.root = root(information);
        let step = backward(&fit.root, &forward(&fit.root, &score));
        let longest = step.iter().fold(0.0_f64, |longest, part| longest.max(part.abs()));
        let shorten = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        fit.terms.iter_mut().zip(step).for_each(|(term, part)| *term += shorten * part);
        if longest < 1e-7 {
            break;
        }
    }
    let far = rows.iter().zip(observed).zip(weights).map(|((row, observed), weight)| {
        let mean = fit.mean(row);
        weight * (observed - mean).powi(2) / mean
    });
    fit.spread = (far.sum::<f64>() / (rows.len() - TERMS) as f64).max(1.0);
    fit
}

/// Past outbreaks weigh less: by their standardised Anscombe residuals.
fn weights(rows: &[[f64; TERMS]], observed: &[f64], fit: &Fit) -> Vec<f64> {
    let raw: Vec<f64> = rows
        .iter()
        .zip(observed)
        .map(|(row, observed)| {
            let mean = fit.mean(row);
            let anscombe = 1.5 * (observed.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt());
            let residual = anscombe / (fit.spread * (1.0 - fit.leverage(row, mean)).max(1e-6)).sqrt();
            if residual > FAR { residual.powi(-2) } else { 1.0 }
        })
        .collect();
    let whole: f64 = raw.iter().sum();
    raw.iter().map(|weight| weight * rows.len() as f64 / whole).collect()
}

/// Cholesky's.
fn root(matrix: [[f64; TERMS]; TERMS]) -> [[f64; TERMS]; TERMS] {
    let mut root = [[0.0; TERMS]; TERMS];
    for at in 0..TERMS {
        for under in at..TERMS {
            let known: f64 = (0..at).map(|before| root[under][before] * root[at][before]).sum();
            let rest = matrix[under][at] - known;
            root[under][at] = if under == at { rest.max(1e-12).sqrt() } else { rest / root[at][at] };
        }
    }
    root
}

fn forward(root: &[[f64; TERMS]; TERMS], of: &[f64; TERMS]) -> [f64; TERMS] {
    let mut solved = [0.0; TERMS];
    for at in 0..TERMS {
        let known: f64 = (0..at).map(|before| root[at][before] * solved[before]).sum();
        solved[at] = (of[at] - known) / root[at][at];
    }
    solved
}

fn backward(root: &[[f64; TERMS]; TERMS], of: &[f64; TERMS]) -> [f64; TERMS] {
    let mut solved = [0.0; TERMS];
    for at in (0..TERMS).rev() {
        let known: f64 = (at + 1..TERMS).map(|after| root[after][at] * solved[after]).sum();
        solved[at] = (of[at] - known) / root[at][at];
    }
    solved
}
