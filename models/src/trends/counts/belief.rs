//! What is believed of the coefficients of one series: a Gaussian that each count moves a little.
//!
//! The dynamic generalised linear model of West, Harrison and Migon (Journal of the American Statistical Association 80
//! (1985), 73–83): the linear predictor's mean and variance are matched to a gamma distribution of the rate, a count
//! moves that exactly, and what it learned goes back to all coefficients by linear Bayes. A quasi-likelihood divides the
//! count by the dispersion first. Cost and size depend on the number of coefficients only.

use statrs::function::gamma::digamma;

use super::design::{GROWTH, LEVEL, Row, SEASON, SLIP, Wish};

/// Mean and packed covariance (lower triangle, by rows) of the coefficients.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::trends) struct Belief {
    pub(in crate::trends) mean: Vec<f32>,
    pub(in crate::trends) covariance: Vec<f32>,
}

/// The expected rate of a row, before its count is seen: a gamma distribution.
#[derive(Debug, Clone, Copy)]
pub(in crate::trends) struct Rate {
    /// Mean of the logarithm.
    log: f64,
    /// Variance of the logarithm.
    variance: f64,
    shape: f64,
    /// The mean rate.
    pub(in crate::trends) mean: f64,
}

impl Rate {
    /// Its standard deviation over its mean.
    pub(in crate::trends) fn deviation(&self) -> f64 {
        (1.0 / self.shape).sqrt()
    }
}

impl Belief {
    /// What is believed before any count: each coefficient by itself.
    pub(in crate::trends) fn new(wishes: &[Wish]) -> Belief {
        let mean = wishes.iter().map(|wish| wish.mean as f32).collect();
        let mut belief = Belief { mean, covariance: vec![0.0; wishes.len() * (wishes.len() + 1) / 2] };
        for (at, wish) in wishes.iter().enumerate() {
            belief.covariance[packed(at, at)] = (wish.deviation * wish.deviation) as f32;
        }
        belief
    }

    /// Moves on by `years`: the level grows, and the season slips against the calendar.
    ///
    /// The slip turns each pair of harmonics; the covariance follows by the derivative (an extended Kalman step).
    pub(in crate::trends) fn grow(&mut self, years: f64, pairs: usize) {
        let years = years as f32;
        self.mean[LEVEL] += years * self.mean[GROWTH];
        self.add(LEVEL, &[(GROWTH, years)]);
        for pair in 0..pairs {
            let (cosine, sine) = (SEASON + 2 * pair, SEASON + 2 * pair + 1);
            let pace = years * (pair + 1) as f32;
            let (sin, cos) = (pace * self.mean[SLIP]).sin_cos();
            let (a, b) = (self.mean[cosine], self.mean[sine]);
            self.mean[cosine] = cos * a + sin * b;
            self.mean[sine] = cos * b - sin * a;
            // A turn is three shears, so that the covariance stays one.
            let shear = -(sin / (1.0 + cos));
            self.add(cosine, &[(sine, -shear)]);
            self.add(sine, &[(cosine, -sin)]);
            self.add(cosine, &[(sine, -shear)]);
            let (a, b) = (self.mean[cosine], self.mean[sine]);
            self.add(cosine, &[(SLIP, pace * b)]);
            self.add(sine, &[(SLIP, -pace * a)]);
        }
    }

    /// The covariance after `to` gained `factor` times each other coefficient.
    fn add(&mut self, to: usize, others: &[(usize, f32)]) {
        for (from, factor) in others {
            let own = self.at(to, to) + factor * (2.0 * self.at(to, *from) + factor * self.at(*from, *from));
            for other in (0..self.mean.len()).filter(|other| *other != to) {
                let moved = factor * self.at(*from, other);
                self.covariance[packed(to.max(other), to.min(other))] += moved;
            }
            self.covariance[packed(to, to)] = own;
        }
    }

    /// Forgets a little of each coefficient, by component discounts (West and Harrison, Bayesian Forecasting, 6.3), but
    /// never knows less than at the beginning.
    pub(in crate::trends) fn forget(&mut self, wishes: &[Wish]) {
        let mut factor = [1.0_f32; 32];
        for (at, wish) in wishes.iter().enumerate() {
            let most = (wish.deviation * wish.deviation) as f32;
            let now = self.covariance[packed(at, at)];
            factor[at] = (wish.forgets as f32).min((most / now.max(1e-12)).max(0.0)).sqrt();
        }
        let mut place = 0;
        for row in 0..wishes.len() {
            for column in 0..=row {
                self.covariance[place] *= factor[row] * factor[column];
                place += 1;
            }
        }
    }

    /// The rate of a row; `offset` and `unsure` are mean and variance of what else its logarithm is made of.
    pub(in crate::trends) fn rate(&self, row: &Row, offset: f64, unsure: f64) -> Rate {
        let along = self.along(row);
        let mut log = offset;
        let mut variance = unsure.max(0.0) + 1e-7;
        for (at, value) in row.entries() {
            log += value * f64::from(self.mean[at]);
            variance += value * along[at];
        }
        let log = log.clamp(-30.0, 45.0);
        let variance = variance.clamp(1e-7, 9.0);
        let shape = inverse_trigamma(variance);
        Rate { log, variance, shape, mean: (log - digamma(shape)).exp() * shape }
    }

    /// Learns from a count, worth `weight` of a row and `dispersion` times as noisy as a Poisson count. Gives what
    /// it learned, for each unit of variance: how far means move and what variances lose.
    pub(in crate::trends) fn learn(
        &mut self,
        row: &Row,
        rate: &Rate,
        count: f64,
        weight: f64,
        dispersion: f64,
    ) -> (f64, f64) {
        let worth = weight / dispersion;
        let shape = rate.shape + worth * count;
        let scale = rate.shape / rate.mean + worth;
        let moved = digamma(shape) - scale.ln() - rate.log;
        let left = trigamma(shape) / rate.variance;
        let along = self.along(row);
        let step = moved / rate.variance;
        let shrink = ((1.0 - left) / rate.variance).max(0.0);
        let mut place = 0;
        for (at, own) in along.iter().enumerate().take(self.mean.len()) {
            self.mean[at] = (f64::from(self.mean[at]) + own * step) as f32;
            for other in &along[..=at] {
                self.covariance[place] = (f64::from(self.covariance[place]) - own * other * shrink) as f32;
                place += 1;
            }
            let own = packed(at, at);
            self.covariance[own] = self.covariance[own].max(1e-9);
        }
        (step, shrink)
    }

    /// Knows less of a coefficient than before.
    pub(in crate::trends) fn doubt(&mut self, at: usize, variance: f64) {
        self.covariance[packed(at, at)] += variance as f32;
    }

    pub(in crate::trends) fn at(&self, row: usize, column: usize) -> f32 {
        self.covariance[packed(row.max(column), row.min(column))]
    }

    /// The covariance times the row.
    fn along(&self, row: &Row) -> [f64; 32] {
        let mut along = [0.0; 32];
        for (at, value) in row.entries() {
            for (other, sum) in along.iter_mut().enumerate().take(self.mean.len()) {
                *sum += value * f64::from(self.at(at, other));
            }
        }
        along
    }
}

/// Where the packed covariance has an entry; the row is not before the column.
pub(in crate::trends) fn packed(row: usize, column: usize) -> usize {
    row * (row + 1) / 2 + column
}

/// ψ′(x) for x > 0: recurrence up to 8, then the asymptotic series (Abramowitz and Stegun 6.4.12).
fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 8.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    sum + 1.0 / x
        + square / 2.0
        + square / x * (1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square / 30.0)))
}

/// The x at which ψ′ has this value: 1/y + 1/2 for small y, then Newton's steps on 1/ψ′ (Smyth, limma's trigammaInverse).
fn inverse_trigamma(y: f64) -> f64 {
    if y < 1e-5 {
        return 1.0 / y + 0.5;
    }
    let mut x = 0.5 + 1.0 / y;
    for _ in 0..8 {
        let value = trigamma(x);
        let step = value * (1.0 - value / y) / tetragamma(x);
        x += step;
        if -step / x < 1e-8 {
            break;
        }
    }
    x
}

/// ψ″(x) for x > 0.
fn tetragamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 8.0 {
        sum -= 2.0 / (x * x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    sum - square - square / x - square * square * (0.5 - square * (1.0 / 6.0 - square * (1.0 / 6.0 - square * 0.3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivatives_of_digamma_are_those_of_tables() {
        // Abramowitz and Stegun, table 6.1 and ψ′(1) = π²/6, ψ′(1/2) = π²/2, ψ″(1) = −2ζ(3).
        assert!((trigamma(1.0) - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-9);
        assert!((trigamma(0.5) - std::f64::consts::PI.powi(2) / 2.0).abs() < 1e-9);
        assert!((tetragamma(1.0) + 2.0 * 1.202_056_903_159_594).abs() < 1e-7);
        for y in [1e-7, 1e-4, 0.01, 0.3, 1.0, 5.0, 9.0] {
            assert!((trigamma(inverse_trigamma(y)) / y - 1.0).abs() < 1e-6, "{y}");
        }
    }
}
