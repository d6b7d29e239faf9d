//! The newest values and what they look like.

/// The newest `N` values, oldest overwritten.
#[derive(Debug, Clone)]
pub(super) struct Recent<const N: usize> {
    ring: [f64; N],
    rows: usize,
}

impl<const N: usize> Recent<N> {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { ring: [0.0; N], rows: 0 }
    }

    /// Takes the newest value.
    pub(super) fn push(&mut self, value: f64) {
        self.ring[self.rows % N] = value;
        self.rows += 1;
    }

    /// Whether so many values are held.
    pub(super) fn holds(&self, count: usize) -> bool {
        self.rows.min(N) >= count
    }

    /// The value that came `back` rows ago; 0 is the newest.
    pub(super) fn back(&self, back: usize) -> Option<f64> {
        (back < N && back < self.rows).then(|| self.ring[(self.rows - 1 - back) % N])
    }

    /// The mean of the newest `count` values, of fewer where fewer came.
    pub(super) fn mean(&self, count: usize) -> f64 {
        self.stretch(0, count)
    }

    fn stretch(&self, skip: usize, count: usize) -> f64 {
        let (sum, counted) = (skip..skip + count)
            .map_while(|back| self.back(back))
            .fold((0.0, 0.0), |(sum, counted), value| (sum + value, counted + 1.0));
        if counted > 0.0 { sum / counted } else { 0.0 }
    }

    /// Level, spread, roughness (mean step from row to row) and slope of the newest `count` values.
    pub(super) fn manner(&self, count: usize) -> [f64; 4] {
        let level = self.mean(count);
        let (mut square, mut rough) = (0.0, 0.0);
        for back in 0..count {
            let value = self.back(back).unwrap_or(level);
            square += (value - level) * (value - level);
            rough += self.back(back + 1).map_or(0.0, |before| (value - before).abs());
        }
        let (square, rough) = (square / count as f64, rough / count as f64);
        [level, square.sqrt(), rough, 2.0 * (self.mean(count / 2) - level)]
    }

    /// The means of the four newest stretches of `N / 4` values: the coarse shape.
    pub(super) fn shape(&self) -> [f64; 4] {
        std::array::from_fn(|part| self.stretch(part * (N / 4), N / 4))
    }
}
