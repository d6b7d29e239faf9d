//! Every way in which a row can be unlike the rows before it.

use super::{
    library::{Keep, Library},
    recent::Recent,
    tail::{Ends, Tail},
};

/// How many ways there are.
pub(super) const WAYS: usize = 10;
/// How many rows each way looks at, in the order of [`Novelty::next`].
pub(super) const ROWS: [u8; WAYS] = [1, 10, 33, 10, 32, 48, 64, 1, 16, 32];
/// The most that one way says.
const MOST: f64 = 8.0;
/// Residuals count from here on: the past lets expect 0.3 events as large.
const RARE: f64 = 4.0;
/// The longest window of values.
const LONGEST: usize = 48;
/// The window for the manner of a series.
const MANNER: usize = 32;

/// Novelty of the value, of the value at its level, of the swing away from the level and of windows, each measured as
/// the distance to the nearest of the past ([`Library`]) and set against its own largest ([`Tail`]).
#[derive(Debug, Clone)]
pub(super) struct Novelty {
    recent: Recent<LONGEST>,
    residuals: Recent<64>,
    folded: (Library<1>, Tail),
    quick: (Library<2>, Tail),
    slow: (Library<2>, Tail),
    swing: (Library<1>, Tail),
    manner: (Library<4>, Tail),
    shape: (Library<4>, Tail),
    lasting: Ends,
    /// The residual itself, its mean over 16 rows, and how loud 32 of them are: only what is very rare counts, for a
    /// poor prediction says little.
    sudden: Ends,
    shifted: Ends,
    loud: Tail,
    /// Levels that follow the value by a tenth and by three hundredths a row.
    levels: [f64; 2],
    centre: f64,
    deviation: f64,
    rows: u64,
    /// Differences below this are rounding.
    grain: f64,
}

impl Novelty {
    /// Knows nothing yet.
    pub(super) fn new() -> Self {
        Self {
            recent: Recent::new(),
            residuals: Recent::new(),
            folded: (Library::new(Keep::Cover, 300, 1), Tail::default()),
            quick: (Library::new(Keep::Cover, 300, 4), Tail::default()),
            slow: (Library::new(Keep::Cover, 300, 4), Tail::default()),
            swing: (Library::new(Keep::Cover, 300, 4), Tail::default()),
            manner: (Library::new(Keep::Thin, 600, MANNER as u64), Tail::default()),
            shape: (Library::new(Keep::Thin, 600, LONGEST as u64), Tail::default()),
            lasting: Ends::default(),
            sudden: Ends::default(),
            shifted: Ends::default(),
            loud: Tail::default(),
            levels: [0.0; 2],
            centre: 0.0,
            deviation: 0.0,
            rows: 0,
            grain: 0.0,
        }
    }

    /// How far the row stands out in each way; `off` is how many deviations it lay off its expectation.
    pub(super) fn next(&mut self, value: f64, off: f64) -> [f64; WAYS] {
        if self.rows == 0 {
            (self.levels, self.centre) = ([value; 2], value);
        }
        self.rows += 1;
        self.grain = self.grain.max(1e-9 * value.abs());
        self.recent.push(value);
        self.residuals.push(off);

        let folded = self.fold(value);
        let swing = value - self.levels[0];
        self.levels[0] += 0.1 * swing;
        self.levels[1] += 0.03 * (value - self.levels[1]);
        let [quick, slow] = self.levels;
        let manner = self.recent.holds(MANNER).then(|| self.recent.manner(MANNER));
        let shape = self.recent.holds(LONGEST).then(|| self.recent.shape());
        let loud = (0..32).filter_map(|back| self.residuals.back(back)).map(|off| off.abs().min(8.0)).sum::<f64>();
        let grain = self.grain;
        [
            strange(&mut self.folded, Some([folded]), 1e-9),
            strange(&mut self.quick, Some([value, quick]), grain),
            strange(&mut self.slow, Some([value, slow]), grain),
            strange(&mut self.swing, Some([swing]), grain),
            strange(&mut self.manner, manner, grain),
            strange(&mut self.shape, shape, grain),
            ordinary(self.lasting.next(self.residuals.mean(64), 1e-9)),
            rare(self.sudden.next(off, 1e-9)),
            rare(self.shifted.next(self.residuals.mean(16), 1e-9)),
            rare(self.loud.next(loud, 1e-9)),
        ]
    }

    /// The value on a scale that is linear near the centre and logarithmic far from it.
    fn fold(&mut self, value: f64) -> f64 {
        let off = value - self.centre;
        let deviation = self.deviation.max(self.grain).max(f64::MIN_POSITIVE);
        let folded = if self.rows > 10 { (off / deviation).clamp(-1e9, 1e9).asinh() } else { 0.0 };
        let share = (1.0 / self.rows as f64).max(0.0003);
        self.centre += share * off;
        self.deviation += share * (off.abs() - self.deviation);
        folded
    }
}

/// How far the point's distance to the nearest of its library stands out; a missing point counts as a known one.
fn strange<const N: usize>((library, tail): &mut (Library<N>, Tail), point: Option<[f64; N]>, grain: f64) -> f64 {
    let distance = point.and_then(|point| library.next(point)).unwrap_or(0.0);
    ordinary(tail.next(distance, grain))
}

fn ordinary(surprise: f64) -> f64 {
    surprise.min(MOST)
}

/// What is left of a surprise beyond `RARE`.
fn rare(surprise: f64) -> f64 {
    (surprise - RARE).clamp(0.0, MOST)
}
