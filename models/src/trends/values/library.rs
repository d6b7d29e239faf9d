//! How far the newest points lie from everything seen before.

use std::collections::VecDeque;

/// With fewer points nothing is compared.
const LEAST: usize = 10;

/// What a full library does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Every second point goes, and from then on every second one comes: often seen kinds stay, single ones fade.
    Thin,
    /// Points that lie near another go, and from then on only what is new comes: nothing is forgotten.
    Cover,
}

/// Past points of `N` coordinates and the distance of a new point to the nearest of them: the discord of a stream
/// (Keogh et al. 2005, "HOT SAX") with bounded memory. A point can be compared `delay` rows after it came, so that a
/// window isn't compared with itself.
#[derive(Debug, Clone)]
pub(super) struct Library<const N: usize> {
    keep: Keep,
    room: usize,
    delay: u64,
    points: Vec<[f64; N]>,
    waiting: VecDeque<[f64; N]>,
    /// Thin: one point in so many comes. Cover: what lies nearer than `radius` is known.
    every: u64,
    radius: f64,
    rows: u64,
}

impl<const N: usize> Library<N> {
    /// At most `room` points; each is known `delay` rows after it came.
    pub(super) fn new(keep: Keep, room: usize, delay: u64) -> Self {
        let (points, waiting) = (Vec::new(), VecDeque::new());
        Self { keep, room, delay, points, waiting, every: 1, radius: 0.0, rows: 0 }
    }

    /// The distance to the nearest known point; then the new one is put by. None while there is too little to compare
    /// with.
    pub(super) fn next(&mut self, point: [f64; N]) -> Option<f64> {
        let distance = if self.points.len() > LEAST { self.distance(&point) } else { None };
        if self.keep == Keep::Cover || self.rows.is_multiple_of(self.every) {
            self.waiting.push_back(point);
        }
        self.rows += 1;
        if self.waiting.len() as u64 > self.delay / self.every
            && let Some(point) = self.waiting.pop_front()
        {
            self.put(point);
        }
        distance
    }

    fn distance(&self, point: &[f64; N]) -> Option<f64> {
        let least = self.points.iter().map(|known| square(known, point)).fold(f64::INFINITY, f64::min);
        (!self.points.is_empty()).then(|| least.sqrt())
    }

    fn is_new(&self, point: &[f64; N]) -> bool {
        self.distance(point).is_none_or(|distance| distance > self.radius)
    }

    fn put(&mut self, point: [f64; N]) {
        match self.keep {
            Keep::Thin => {
                self.points.push(point);
                if self.points.len() >= self.room {
                    let mut place = 0;
                    self.points.retain(|_| {
                        place += 1;
                        place % 2 == 0
                    });
                    self.every *= 2;
                }
            }
            Keep::Cover => {
                if self.is_new(&point) {
                    self.points.push(point);
                }
                if self.points.len() >= self.room {
                    self.widen();
                }
            }
        }
    }

    /// Widens the radius so that at least the nearest fifth of the points finds a neighbour within it.
    fn widen(&mut self) {
        let mut gaps: Vec<f64> = self
            .points
            .iter()
            .enumerate()
            .map(|(place, point)| {
                let others = self.points.iter().enumerate().filter(|(other, _)| *other != place);
                others.map(|(_, other)| square(other, point)).fold(f64::INFINITY, f64::min).sqrt()
            })
            .collect();
        gaps.sort_by(f64::total_cmp);
        self.radius = gaps[gaps.len() / 5].max(1.5 * self.radius);
        for point in std::mem::take(&mut self.points) {
            if self.is_new(&point) {
                self.points.push(point);
            }
        }
    }
}

fn square<const N: usize>(one: &[f64; N], other: &[f64; N]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_of_the_past_is_found_after_its_delay() {
        let mut library = Library::new(Keep::Cover, 100, 3);
        for row in 0..20 {
            library.next([f64::from(row), 0.0]);
        }
        // 17, 18 and 19 still wait.
        assert_eq!(library.next([19.0, 4.0]), Some((9.0f64 + 16.0).sqrt()));
    }

    #[test]
    fn a_full_library_keeps_its_room() {
        for keep in [Keep::Thin, Keep::Cover] {
            let mut library = Library::new(keep, 50, 1);
            let (mut x, mut y) = (0.1f64, 0.7f64);
            for _ in 0..5000 {
                (x, y) = ((1.3 * x + y).sin(), x);
                library.next([x, y]);
                assert!(library.points.len() < 50 && library.waiting.len() <= 2);
            }
            assert!(library.points.len() > 10);
        }
    }

    #[test]
    fn a_cover_never_forgets_and_thinning_does() {
        let mut known = [Keep::Thin, Keep::Cover].map(|keep| Library::new(keep, 50, 1));
        for library in &mut known {
            library.next([0.0]);
            library.next([1000.0]);
            (0..3000).for_each(|row: i32| {
                library.next([f64::from(row % 97)]);
            });
        }
        let [thin, cover] = known.map(|mut library| library.next([1000.0]));
        assert_eq!(cover, Some(0.0));
        assert!(thin > Some(800.0));
    }
}
