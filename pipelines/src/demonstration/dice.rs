//! Draws from a seed: the same seed, the same world.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

#[derive(Debug)]
pub(super) struct Dice(StdRng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A seed for dice of their own.
    pub(super) fn seed(&mut self) -> u64 {
        self.0.random()
    }

    /// True `percent` times of a hundred.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// From `least` to `most`, both possible.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        self.0.random_range(least..=most)
    }

    /// One of `things`, all as likely.
    pub(super) fn one<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        things.choose(&mut self.0).expect("tables of the demonstration are not empty")
    }

    /// Puts `things` into any order, all as likely.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        things.shuffle(&mut self.0);
    }

    /// One of `things`, each as likely as its weight; at least one weight is above zero.
    pub(super) fn weighted<'a, T>(&mut self, things: &'a [T], weight: impl Fn(&T) -> u32) -> &'a T {
        let total: u32 = things.iter().map(&weight).sum();
        let mut at = self.0.random_range(0..total.max(1));
        for thing in things {
            match at.checked_sub(weight(thing)) {
                Some(rest) => at = rest,
                None => return thing,
            }
        }
        self.one(things)
    }

    /// How long until something that comes about every `mean` minutes on average, without memory.
    pub(super) fn wait(&mut self, mean: i64) -> i64 {
        let u: f64 = self.0.random_range(f64::EPSILON..1.0);
        (-(mean as f64) * u.ln()) as i64
    }
}
