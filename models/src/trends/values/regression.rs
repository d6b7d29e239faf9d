//! What the rows before let expect of the next one.

use jiff::civil::DateTime;

use super::recent::Recent;

const INPUTS: usize = 8;
const DAY: usize = 288;
const WEEK: usize = 336;
/// The weight of a row falls by a half in about 1,400 rows.
const FORGET: f64 = 0.9995;

/// Recursive least squares (Haykin, Adaptive Filter Theory, ch. 10) on the last three values, two slow levels, and
/// what stood at this time of day and at this hour of the week. Residuals beyond three deviations are cut (Huber), so
/// that an incident doesn't become the norm. Memory: about 6 KB.
#[derive(Debug, Clone)]
pub(super) struct Regression {
    weights: [f64; INPUTS],
    spread: [[f64; INPUTS]; INPUTS],
    values: Recent<3>,
    level: f64,
    square: f64,
    slow: f64,
    slower: f64,
    day: Vec<Option<f64>>,
    week: Vec<Option<f64>>,
    /// Mean square of the cut residuals.
    noise: f64,
    rows: u64,
    /// How far below and above the expectation one row in a hundred lies, in deviations.
    below: f64,
    above: f64,
}

/// What was expected of a row, and how far off it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    pub(super) value: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
    /// The residual in deviations, cut at ±50; 0 for the first rows.
    pub(super) off: f64,
}

impl Regression {
    /// Knows nothing yet.
    pub(super) fn new() -> Self {
        let weights = [0.0, 0.5, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0];
        let (day, week) = (vec![None; DAY], vec![None; WEEK]);
        let (level, square, slow, slower, noise) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let values = Recent::new();
        let (below, above) = (2.33, 2.33);
        Self { weights, spread: unsure(), values, level, square, slow, slower, day, week, noise, rows: 0, below, above }
    }

    /// Says what was expected, then learns the row.
    pub(super) fn next(&mut self, at: DateTime, value: f64) -> Expected {
        if self.rows == 0 {
            (self.level, self.slow, self.slower) = (value, value, value);
        }
        let seconds = (i64::from(at.hour()) * 60 + i64::from(at.minute())) * 60 + i64::from(at.second());
        let time = seconds as usize * DAY / 86_400;
        let weekday = at.weekday().to_monday_zero_offset() as usize;
        let hour = (weekday * 86_400 + seconds as usize) * WEEK / 604_800;

        let deviation = self.square.sqrt().max(1e-9 * self.level.abs()).max(f64::MIN_POSITIVE);
        let normal = |value: f64| ((value - self.level) / deviation).clamp(-10.0, 10.0);
        let last = |back: usize| self.values.back(back).map_or(0.0, normal);
        let inputs = [
            1.0,
            last(0),
            last(1),
            last(2),
            normal(self.slow),
            self.day[time].map_or(last(0), normal),
            self.week[hour].map_or(last(0), normal),
            normal(self.slower),
        ];
        let guess: f64 = self.weights.iter().zip(&inputs).map(|(weight, input)| weight * input).sum();
        let guess = guess.clamp(-20.0, 20.0);
        let residual = normal(value) - guess;
        let scale = self.noise.sqrt();
        let off = if self.rows > 20 { (residual / scale.max(1e-6)).clamp(-50.0, 50.0) } else { 0.0 };
        let back = |normal: f64| self.level + normal * deviation;
        let (lower, upper) = (back(guess - self.below * scale), back(guess + self.above * scale));
        let expected = Expected { value: back(guess), lower, upper, off };

        self.rows += 1;
        let cut = if self.rows > 51 { residual.clamp(-3.0 * scale, 3.0 * scale) } else { residual };
        self.noise += (cut * cut - self.noise) * (1.0 / self.rows as f64).max(0.003);
        if self.rows > 10 {
            self.learn(&inputs, cut);
            let step = (10.0 / self.rows as f64).clamp(0.02, 0.5);
            self.below += step * if off < -self.below { 0.99 } else { -0.01 };
            self.above += step * if off > self.above { 0.99 } else { -0.01 };
            (self.below, self.above) = (self.below.clamp(0.0, 50.0), self.above.clamp(0.0, 50.0));
        }
        self.follow(value, time, hour);
        expected
    }

    fn learn(&mut self, inputs: &[f64; INPUTS], residual: f64) {
        let gain: [f64; INPUTS] =
            std::array::from_fn(|row| self.spread[row].iter().zip(inputs).map(|(a, b)| a * b).sum());
        let whole = FORGET + inputs.iter().zip(&gain).map(|(a, b)| a * b).sum::<f64>();
        if whole.is_nan() || whole < 0.5 * FORGET {
            // Rounding took the spread's positive definiteness.
            self.spread = unsure();
            return;
        }
        let trace: f64 = (0..INPUTS).map(|place| self.spread[place][place]).sum();
        let forget = if trace > 1e4 { 1.0 } else { FORGET };
        for row in 0..INPUTS {
            self.weights[row] += gain[row] / whole * residual;
            for column in 0..INPUTS {
                self.spread[row][column] = (self.spread[row][column] - gain[row] * gain[column] / whole) / forget;
            }
        }
    }

    fn follow(&mut self, value: f64, time: usize, hour: usize) {
        let share = (1.0 / self.rows as f64).max(0.0005);
        let off = value - self.level;
        self.level += share * off;
        self.square += share * (off * off - self.square);
        self.slow += (value - self.slow) / 8.0;
        self.slower += (value - self.slower) / 48.0;
        self.day[time] = Some(self.day[time].map_or(value, |known| known + 0.25 * (value - known)));
        self.week[hour] = Some(self.week[hour].map_or(value, |known| known + 0.3 * (value - known)));
        self.values.push(value);
    }
}

fn unsure() -> [[f64; INPUTS]; INPUTS] {
    std::array::from_fn(|row| std::array::from_fn(|column| if row == column { 100.0 } else { 0.0 }))
}
