//! The regression of counts on conjunctions, and how probable it is.
//!
//! Let a leaf's count be Poisson of mean `r·λ`, and let what is expected of it be the mean of `n` past counts, each
//! Poisson of mean `λ`. Given their sum `T = A + nE`, the count `A` is binomial with the odds `r/n`, whatever `λ` is
//! (Przyborowski and Wilenski 1940, Biometrika 31:313): the noise of what was expected is in the model and no `λ` has to
//! be known. Leaves with the same `r` add up, so a set of causes is a logistic regression with the offset `-ln n` on few
//! regions: one for each combination of causes that overlap there. Overlapping causes multiply.
//!
//! The logarithm of a cause's factor has a normal prior, which keeps it finite where nothing was expected. The
//! probability of the set is Laplace's (MacKay 2003, Information Theory, 27; Bishop 2006, 4.4.1).

use super::cells::Region;

/// The prior of a cause's factor: its median, and the spread of its logarithm. Two of three lie within x2 and x8.
const FACTOR: f64 = 4.0;
const SPREAD: f64 = 0.7;
/// The same where something rose by far more than others do: what hardly came before has no factor of its own size.
const WIDE: f64 = 2.0;
/// The spread of the logarithm of the factor of the whole.
const LEVEL_SPREAD: f64 = 0.3;
/// The odds that the whole has a factor.
const LEVEL_ODDS: f64 = 0.1;
/// Causes and the level.
const WIDTH: usize = super::MOST + 1;
const STEPS: usize = 40;

/// A regression on the causes of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// Logarithms of the causes' factors, then zeros.
    pub factors: [f64; super::MOST],
    /// Logarithm of the factor of the whole, zero where it was not asked for.
    pub level: f64,
    /// Logarithm of how many times more probable the counts are than with no cause.
    pub evidence: f64,
}

/// How the counts of a cube are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Model {
    /// Whether the whole may have a factor of its own.
    pub level: bool,
    /// Of the logarithm of a cause's factor.
    pub spread: f64,
}

impl Model {
    /// Factors as they usually are.
    pub(super) const PLAIN: Self = Self { level: false, spread: SPREAD };
    /// Factors of any size.
    pub(super) const WILD: Self = Self { level: false, spread: WIDE };

    /// How much more probable counts are at the logarithm of a factor than at the factor 1, as a logarithm.
    fn gain(self, sums: Region, log: f64) -> f64 {
        sums.actual * log - sums.tried() * (log.exp_m1() / (1.0 + sums.past)).ln_1p()
    }

    /// Fits `causes` factors to regions; the bits of a region's number say which causes hold it.
    pub(super) fn fit(self, regions: &[Region], causes: usize) -> Fit {
        let width = causes + usize::from(self.level);
        let mut at = [0.0; WIDTH];
        at[..causes].fill(FACTOR.ln());
        let mut best = self.posterior(regions, causes, &at);
        let mut shape = Curve::default();
        for _ in 0..STEPS {
            shape = self.curve(regions, causes, &at);
            let step = shape.solve(width);
            let mut length = 1.0;
            let mut moved = false;
            while length > 1e-3 {
                let mut next = at;
                (0..width).for_each(|i| next[i] += length * step[i]);
                let value = self.posterior(regions, causes, &next);
                if value > best {
                    moved = value - best > 1e-9;
                    (at, best) = (next, value);
                    break;
                }
                length /= 2.0;
            }
            if !moved {
                break;
            }
        }
        let mut factors = [0.0; super::MOST];
        factors[..causes].copy_from_slice(&at[..causes]);
        let volume = 0.5 * (width as f64 * std::f64::consts::TAU.ln() - shape.log_determinant(width));
        Fit { factors, level: if self.level { at[causes] } else { 0.0 }, evidence: best + volume }
    }

    /// The logarithm of the likelihood and the priors.
    fn posterior(self, regions: &[Region], causes: usize, at: &[f64; WIDTH]) -> f64 {
        let likelihood: f64 =
            regions.iter().enumerate().map(|(mask, sums)| self.gain(*sums, self.log(mask, causes, at))).sum();
        let priors: f64 = at[..causes].iter().map(|log| normal(log - FACTOR.ln(), self.spread)).sum();
        let level = if self.level { normal(at[causes], LEVEL_SPREAD) + LEVEL_ODDS.ln() } else { 0.0 };
        likelihood + priors + level
    }

    /// The logarithm of the factor of a region.
    fn log(self, mask: usize, causes: usize, at: &[f64; WIDTH]) -> f64 {
        let level = if self.level { at[causes] } else { 0.0 };
        level + (0..causes).filter(|cause| mask >> cause & 1 == 1).map(|cause| at[cause]).sum::<f64>()
    }

    /// Gradient and negative second derivatives of the posterior.
    fn curve(self, regions: &[Region], causes: usize, at: &[f64; WIDTH]) -> Curve {
        let mut curve = Curve::default();
        let width = causes + usize::from(self.level);
        for (mask, sums) in regions.iter().enumerate() {
            let share = sums.share(self.log(mask, causes, at));
            let tried = sums.tried();
            let (slope, bend) = (sums.actual - tried * share, tried * share * (1.0 - share));
            let on = |i: usize| i == causes || mask >> i & 1 == 1;
            for i in (0..width).filter(|i| on(*i)) {
                curve.slope[i] += slope;
                for j in (0..=i).filter(|j| on(*j)) {
                    curve.bend[i][j] += bend;
                }
            }
        }
        for (i, log) in at.iter().enumerate().take(width) {
            let (center, spread) = if i == causes { (0.0, LEVEL_SPREAD) } else { (FACTOR.ln(), self.spread) };
            curve.slope[i] -= (log - center) / (spread * spread);
            curve.bend[i][i] += 1.0 / (spread * spread);
        }
        curve
    }

    /// The evidence for one cause of its own, where the factor of what it holds is known without it.
    pub(super) fn alone(self, sums: Region, known: f64) -> f64 {
        self.one(sums, known, FACTOR.ln()).1
    }

    /// The factor of a part that fell, and the evidence for it.
    pub(super) fn fallen(self, sums: Region) -> (f64, f64) {
        let (log, evidence) = self.one(sums, 1.0, -FACTOR.ln());
        (log.exp(), evidence)
    }

    /// The evidence of `alone` at most.
    pub(super) fn alone_at_most(self, sums: Region, known: f64) -> f64 {
        self.at_most(sums, known, FACTOR.ln())
    }

    /// The evidence of `fallen` at most.
    pub(super) fn fallen_at_most(self, sums: Region) -> f64 {
        self.at_most(sums, 1.0, -FACTOR.ln())
    }

    /// Spares most cells their fit, and takes no logarithm. The gain bends down everywhere, so it lies below its tangent at
    /// the factor 1: what the tangent less the parabola of the prior reaches no evidence exceeds. Nor does it exceed the gain
    /// at its highest, a Kullback-Leibler divergence, which is less than the chi-squared one (Gibbs and Su 2002,
    /// International Statistical Review 70:419).
    fn at_most(self, sums: Region, known: f64, prior: f64) -> f64 {
        let share = known / (known + sums.past);
        let slope = sums.actual - sums.tried() * share;
        let squared = slope * slope / (sums.tried() * share * (1.0 - share));
        (slope * prior + 0.5 * (slope * self.spread).powi(2)).min(squared)
    }

    /// The logarithm of one factor, and the evidence for it.
    fn one(self, sums: Region, known: f64, prior: f64) -> (f64, f64) {
        let base = known.ln();
        let tried = sums.tried();
        let precision = 1.0 / (self.spread * self.spread);
        let mut log = ((sums.actual + 1.0) / (sums.expected * known + 1.0)).ln();
        let mut bend = precision;
        for _ in 0..4 {
            let share = sums.share(base + log);
            bend = tried * share * (1.0 - share) + precision;
            log += (sums.actual - tried * share - (log - prior) * precision) / bend;
            log = log.clamp(-10.0, 10.0);
        }
        let gain = self.gain(sums, base + log) - self.gain(sums, base);
        (log, gain + normal(log - prior, self.spread) + 0.5 * (std::f64::consts::TAU / bend).ln())
    }
}

impl Region {
    /// All contacts, the newest and the past ones.
    fn tried(&self) -> f64 {
        self.actual + self.past * self.expected
    }

    /// The share of the newest among them at the logarithm of a factor.
    fn share(&self, log: f64) -> f64 {
        let odds = log.exp() / self.past;
        odds / (1.0 + odds)
    }
}

fn normal(from: f64, spread: f64) -> f64 {
    -0.5 * (from / spread).powi(2) - spread.ln() - 0.5 * std::f64::consts::TAU.ln()
}

/// Slope of a surface, and how it bends down; the lower half of a symmetric matrix.
#[derive(Debug, Clone, Copy, Default)]
struct Curve {
    slope: [f64; WIDTH],
    bend: [[f64; WIDTH]; WIDTH],
}

impl Curve {
    /// The lower factor of Cholesky.
    fn root(&self, width: usize) -> [[f64; WIDTH]; WIDTH] {
        let mut root = [[0.0; WIDTH]; WIDTH];
        for i in 0..width {
            for j in 0..=i {
                let rest = self.bend[i][j] - (0..j).map(|k| root[i][k] * root[j][k]).sum::<f64>();
                // The priors keep the matrix positive; the bound is for rounding only.
                root[i][j] = if i == j { rest.max(1e-12).sqrt() } else { rest / root[j][j] };
            }
        }
        root
    }

    /// Newton's step.
    fn solve(&self, width: usize) -> [f64; WIDTH] {
        let root = self.root(width);
        let mut step = self.slope;
        for i in 0..width {
            step[i] = (step[i] - (0..i).map(|k| root[i][k] * step[k]).sum::<f64>()) / root[i][i];
        }
        for i in (0..width).rev() {
            step[i] = (step[i] - (i + 1..width).map(|k| root[k][i] * step[k]).sum::<f64>()) / root[i][i];
        }
        step
    }

    fn log_determinant(&self, width: usize) -> f64 {
        let root = self.root(width);
        (0..width).map(|i| 2.0 * root[i][i].ln()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: Model = Model::PLAIN;

    fn region(expected: f64, actual: f64) -> Region {
        Region { expected, actual, past: 8.0 }
    }

    #[test]
    fn the_gain_is_the_ratio_of_binomial_likelihoods() {
        // 60 of 140 at the odds 3/8 beside the odds 1/8.
        let by_hand = 60.0 * (3.0f64 / 11.0 * 9.0).ln() + 80.0 * (8.0f64 / 11.0 * 9.0 / 8.0).ln();
        assert!((MODEL.gain(region(10.0, 60.0), 3.0f64.ln()) - by_hand).abs() < 1e-9);
        // With many past counts it is Poisson's.
        let exact = Region { past: 1e9, ..region(10.0, 60.0) };
        assert!((MODEL.gain(exact, 3.0f64.ln()) - (60.0 * 3.0f64.ln() - 20.0)).abs() < 1e-5);
    }

    #[test]
    fn factors_of_much_are_its_ratios_and_multiply_where_causes_overlap() {
        let regions = [region(9e4, 9e4), region(1e4, 3e4), region(2e4, 1e5), region(1e3, 1.5e4)];
        let fit = MODEL.fit(&regions, 2);
        assert!((fit.factors[0].exp() - 3.0).abs() < 0.01 && (fit.factors[1].exp() - 5.0).abs() < 0.01, "{fit:?}");
        let raised: Vec<Region> = regions.iter().map(|it| Region { actual: it.actual * 1.5, ..*it }).collect();
        let fit = Model { level: true, ..MODEL }.fit(&raised, 2);
        assert!((fit.level.exp() - 1.5).abs() < 0.01 && (fit.factors[1].exp() - 5.0).abs() < 0.02, "{fit:?}");
    }

    #[test]
    fn no_evidence_is_more_than_it_can_be() {
        let counts = [0.0, 0.125, 1.0, 3.5, 20.0, 700.0];
        let all = counts.iter().flat_map(|expected| counts.iter().map(move |actual| (*expected, *actual)));
        let (mut least, mut nearest) = (f64::INFINITY, f64::INFINITY);
        for ((expected, actual), past) in all.flat_map(|counts| [1.0, 8.0, 400.0].map(|past| (counts, past))) {
            for (model, known) in [(Model::PLAIN, 1.0), (Model::PLAIN, 2.5), (Model::WILD, 1.0), (Model::WILD, 0.4)] {
                let sums = Region { expected, actual, past };
                let rests = [
                    model.alone_at_most(sums, known) - model.alone(sums, known),
                    model.fallen_at_most(sums) - model.fallen(sums).1,
                ];
                least = rests.iter().fold(least, |least, rest| least.min(*rest));
                if (actual, expected) == (0.125, 0.125) {
                    nearest = nearest.min(rests[0]);
                }
            }
        }
        assert!(least > -1e-9 && nearest < 1.0, "{least}, {nearest}");
    }

    /// The integral over the factor, by small steps.
    #[test]
    fn the_evidence_is_the_integral_over_the_factor() {
        for (expected, actual) in [(10.0, 40.0), (3.0, 4.0), (0.0, 12.0), (200.0, 420.0)] {
            let one = region(expected, actual);
            let step = 1e-3;
            let at = |log: f64| (MODEL.gain(one, log) + normal(log - FACTOR.ln(), SPREAD)).exp() * step;
            let integral: f64 = (-4_000..8_000).map(|at_step| at(f64::from(at_step) * step)).sum();
            let whole = MODEL.fit(&[region(1e3, 1e3), one], 1).evidence;
            assert!((whole - integral.ln()).abs() < 0.1, "{expected} {actual}: {whole} beside {}", integral.ln());
            assert!((MODEL.alone(one, 1.0) - whole).abs() < 0.02);
        }
    }
}
