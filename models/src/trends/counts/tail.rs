//! Tails of the negative binomial distribution, exact where counts are low.

use statrs::function::erf::erfc;
use statrs::function::gamma::ln_gamma;

/// From this mean on a gamma distribution stands in: steps of one are then far below the standard deviation.
const MANY: f64 = 5_000.0;
/// Below this mean no series is steadier than Poisson's: whole counts of a mean m vary by m (1 − m) at least, and
/// neither a plan nor a division shows in zeros and ones.
const QUIET: f64 = 1.0;
/// Poisson's variance over its mean, with room for the negative binomial to be computed.
const POISSON: f64 = 1.0 + 2e-4;

/// A count's distribution before it is seen: negative binomial of this mean and variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted {
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl Counted {
    /// A distribution of this mean and variance.
    pub(super) fn new(mean: f64, variance: f64) -> Counted {
        let mean = mean.clamp(1e-12, 1e18);
        let least = if mean < QUIET { mean * POISSON } else { (mean * 1e-4).max(0.05) };
        Counted { mean, variance: variance.clamp(least, 1e38) }
    }

    /// Whether a gamma distribution stands in, read halfway between counts: where counts are many, and where they vary
    /// less than Poisson's (a plan or a division made them), which no negative binomial does.
    fn smooth(&self) -> bool {
        self.mean > MANY || self.variance < self.mean * (1.0 + 1e-4)
    }

    fn size(&self) -> f64 {
        self.mean * self.mean / (self.variance - self.mean)
    }

    /// How often a count is higher than this, and how often it is just this.
    pub(super) fn above(&self, count: u64) -> (f64, f64) {
        let count = count as f64;
        if self.smooth() || count > 1e6 {
            let above = self.gamma_above(count + 0.5);
            return (above, (self.gamma_above(count - 0.5) - above).max(0.0));
        }
        let just = self.just(count);
        (self.beta(count + 1.0), just)
    }

    /// How often no contact comes at all.
    pub(super) fn none(&self) -> f64 {
        if self.smooth() { 1.0 - self.gamma_above(0.5) } else { self.just(0.0) }
    }

    fn just(&self, count: f64) -> f64 {
        let size = self.size();
        let odds = self.mean / size;
        (ln_gamma(count + size) - ln_gamma(size) - ln_gamma(count + 1.0) - size * odds.ln_1p()
            + count * (odds / (1.0 + odds)).ln())
        .exp()
    }

    /// P(X ≥ count) = I_x(count, size), x = mean / (mean + size) (Abramowitz and Stegun 26.5.24), by the continued
    /// fraction 26.5.8 in Lentz's way, on the side where it converges fast.
    fn beta(&self, count: f64) -> f64 {
        let size = self.size();
        let odds = self.mean / size;
        let (x, y) = (odds / (1.0 + odds), 1.0 / (1.0 + odds));
        let front = ln_gamma(count + size) - ln_gamma(size) - ln_gamma(count) + count * x.ln() - size * odds.ln_1p();
        if x < (count + 1.0) / (count + size + 2.0) {
            (front + (fraction(count, size, x) / count).ln()).exp().min(1.0)
        } else {
            1.0 - (front + (fraction(size, count, y) / size).ln()).exp().min(1.0)
        }
    }

    /// The upper tail of a gamma distribution by Wilson and Hilferty's cube root (1931).
    fn gamma_above(&self, value: f64) -> f64 {
        if value <= 0.0 {
            return 1.0;
        }
        let shape = self.mean * self.mean / self.variance;
        let spread = 1.0 / (9.0 * shape);
        normal_above(((value / self.mean).cbrt() - 1.0 + spread) / spread.sqrt())
    }

    /// The value that a gamma distribution of this mean and variance surpasses as often as a normal one does `z`.
    fn gamma_value(&self, z: f64) -> f64 {
        let spread = self.variance / (9.0 * self.mean * self.mean);
        self.mean * (1.0 - spread + z * spread.sqrt()).max(0.0).powi(3)
    }

    /// Where counts are cut when the spread is learned, at `few` or above, and which share of the variance is left.
    pub(super) fn cut(&self, z: f64, few: f64) -> (f64, f64) {
        let cut = self.gamma_value(z).max(self.mean + z * self.variance.sqrt()).max(few);
        if cut > 200.0 || self.smooth() {
            // E[min(Z, z)²] of a normal count with both tails, of which one is cut.
            let (density, above) = ((-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt(), normal_above(z));
            return (cut, 1.0 - (z * density + above) + z * z * above);
        }
        let (mut sum, mut left, mut just) = (0.0_f64, 1.0_f64, self.just(0.0));
        let (size, odds) = (self.size(), self.mean / self.size());
        let mut count = 0.0;
        while count < cut {
            sum += just * (count - self.mean).powi(2);
            left -= just;
            just *= (count + size) / (count + 1.0) * odds / (1.0 + odds);
            count += 1.0;
        }
        (cut, ((sum + left.max(0.0) * (cut - self.mean).powi(2)) / self.variance).clamp(0.05, 1.0))
    }

    /// The band's ends: the count that one row in a hundred surpasses, and the one that one in a hundred stays below.
    pub(super) fn band(&self) -> (f64, f64) {
        const Z: f64 = 2.326_347_874_040_841;
        if self.mean > 50.0 || self.smooth() {
            return (self.gamma_value(-Z), self.gamma_value(Z));
        }
        let (size, odds) = (self.size(), self.mean / self.size());
        let (mut below, mut just, mut count) = (0.0, self.just(0.0), 0.0);
        let mut lower = None;
        loop {
            below += just;
            if lower.is_none() && below > 0.01 {
                lower = Some(count);
            }
            if below >= 0.99 || count > 100_000.0 {
                return (lower.unwrap_or(0.0), count);
            }
            just *= (count + size) / (count + 1.0) * odds / (1.0 + odds);
            count += 1.0;
        }
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let safe = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / safe(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    for m in 1..400 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / safe(1.0 + even * d);
        c = safe(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / safe(1.0 + odd * d);
        c = safe(1.0 + odd / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-12 {
            break;
        }
    }
    value
}

/// P(Z > z) of a standard normal.
pub(super) fn normal_above(z: f64) -> f64 {
    erfc(z / std::f64::consts::SQRT_2) / 2.0
}

/// The z that a standard normal surpasses with this probability: Acklam's rational approximation, good to 1e-9 of z.
pub(super) fn normal_value(p: f64) -> f64 {
    let p = p.clamp(1e-300, 1.0 - 1e-16);
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let poly = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        poly(&C, q) / (poly(&D, q) * q + 1.0)
    };
    if p < 0.02425 {
        -tail(p)
    } else if p > 0.97575 {
        tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        -q * poly(&A, r) / (poly(&B, r) * r + 1.0)
    }
}
