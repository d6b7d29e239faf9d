//! How much noisier counts are than Poisson's: the variance is mean × (a + b × mean).
//!
//! a alone is the quasi-Poisson of Noufaily et al. (2013, section 2), b alone the usual negative binomial; which of them a
//! series follows is learned by weighted least squares of squared residuals, cut so that outbreaks do not count. A squared
//! residual varies with the square of the noise that it tells of, so the noisier a row is expected to be the less it
//! weighs (Davidian and Carroll, Journal of the American Statistical Association 82 (1987), 1079–1091). Without that the
//! busy months, which vary most and where a wave that comes each year at another time is missed most, decide the line
//! alone, and it runs too low in the quiet ones.

/// Sums over rows, newer rows weighing more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::trends) struct Spread {
    rows: f32,
    mean: f32,
    square: f32,
    noise: f32,
    product: f32,
}

/// A row is forgotten over so many more.
const MEMORY: f64 = 600.0;
/// How many rows what is believed at first is worth, and which dispersion that is.
const FIRST: (f64, f64) = (8.0, 1.3);

impl Spread {
    pub(in crate::trends) const LENGTH: usize = 5;

    pub(in crate::trends) fn new() -> Spread {
        Spread { rows: 0.0, mean: 0.0, square: 0.0, noise: 0.0, product: 0.0 }
    }

    /// Dispersion, that is variance over mean, at a mean; how unsure it is makes it wider.
    ///
    /// An estimate of n rows leaves a t distribution of n degrees of freedom, whose variance is n / (n − 2) times as
    /// large: a young series of few contacts, whose zeros alone say nothing of noise, calls two at once no surprise.
    pub(in crate::trends) fn at(&self, mean: f64) -> f64 {
        self.line().at(mean)
    }

    fn line(&self) -> Line {
        let [rows, first, second, noise, product] = self.figures().map(f64::from);
        let centre = if rows > 0.0 { first / rows } else { 0.0 };
        // What was believed at first is forgotten like a row: the rows since hold what it lost.
        let (worth, believed) = (FIRST.0 * (1.0 - rows / MEMORY).max(0.0), FIRST.1);
        let (rows, noise) = (rows + worth, noise + worth * believed);
        let (first, product) = (first + worth * centre, product + worth * believed * centre);
        // Many rows say that b is zero: it is believed where means differ and noise differs with them.
        let second = second + 300.0 * centre * centre + 1e-9;
        let under = rows * second - first * first;
        let mut b = (rows * product - first * noise) / under.max(1e-12);
        let mut a = (noise - b * first) / rows;
        if b < 0.0 {
            (a, b) = (noise / rows, 0.0);
        }
        // Less noise than Poisson's is believed where it is clear only.
        let floor = (a * (1.0 + 1.0 * (2.0 / rows).sqrt())).clamp(0.01, 1.0);
        if a < floor && floor < 1.0 {
            a = floor;
        }
        if a < 1.0 && floor >= 1.0 {
            (a, b) = (1.0, ((product - first) / second).max(0.0));
        }
        Line { a: a.max(floor), b, unsure: rows / (rows - 2.0) }
    }

    /// Takes the squared residual of a row.
    pub(in crate::trends) fn learn(&mut self, mean: f64, squared: f64, sure: f64) {
        let kept = 1.0 - 1.0 / MEMORY;
        let centre = if self.rows > 0.0 { f64::from(self.mean) / f64::from(self.rows) } else { mean };
        let line = self.line();
        let relative = line.at(centre) / line.at(mean);
        let weight = mean / (mean + 0.5) * sure * sure * relative.powi(2).clamp(1.0 / 64.0, 1.0);
        let noise = (squared / mean).clamp(-1e15, 1e15);
        let new = [weight, weight * mean, weight * mean * mean, weight * noise, weight * mean * noise];
        let old = self.figures();
        let mut figures = [0.0; 5];
        for (at, figure) in figures.iter_mut().enumerate() {
            *figure = (f64::from(old[at]) * kept + new[at]).clamp(-1e30, 1e30) as f32;
        }
        *self = Self::of(figures);
    }

    pub(in crate::trends) fn figures(&self) -> [f32; Self::LENGTH] {
        [self.rows, self.mean, self.square, self.noise, self.product]
    }

    pub(in crate::trends) fn of([rows, mean, square, noise, product]: [f32; Self::LENGTH]) -> Spread {
        Spread { rows, mean, square, noise, product }
    }
}

/// Dispersion by mean, as it is believed now.
struct Line {
    a: f64,
    b: f64,
    unsure: f64,
}

impl Line {
    fn at(&self, mean: f64) -> f64 {
        ((self.a + self.b * mean) * self.unsure).min(1e12)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_seen_little_believes_in_more_noise_and_who_has_seen_much_only_what_was_seen() {
        assert!((Spread::new().at(0.01) - 1.3 * 8.0 / 6.0).abs() < 1e-9);
        let mut steady = Spread::new();
        (0..3_000).for_each(|_| steady.learn(80.0, 0.8, 1.0));
        assert!(steady.at(80.0) < 0.012, "{}", steady.at(80.0));
    }
}
