//! The only place that knows what time it is and that rolls dice.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rand::{RngCore, SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// Gives times, ids and secrets. Cheap to clone; clones of a fixed clock share their time.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<Mutex<Fixed>>),
}

#[derive(Debug)]
struct Fixed {
    now: Timestamp,
    dice: StdRng,
}

impl Clock {
    /// The machine's clock and its entropy.
    pub fn system() -> Self {
        Self { source: Source::System }
    }

    /// A clock that stands still at `now` until [`Clock::advance`], with ids and secrets drawn from `seed`.
    pub fn fixed(now: Timestamp, seed: u64) -> Self {
        let fixed = Fixed { now, dice: StdRng::seed_from_u64(seed) };
        Self { source: Source::Fixed(Arc::new(Mutex::new(fixed))) }
    }

    /// Now, UTC, in whole microseconds: what PostgreSQL can hold, so a value read back equals the one written.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(&self) -> Timestamp {
        let exact = match &self.source {
            Source::System => Timestamp::now(),
            Source::Fixed(fixed) => lock(fixed).now,
        };
        Timestamp::from_microsecond(exact.as_microsecond()).unwrap_or(exact)
    }

    /// Moves a fixed clock forward; the machine's clock moves by itself.
    pub fn advance(&self, by: jiff::SignedDuration) {
        if let Source::Fixed(fixed) = &self.source {
            let mut fixed = lock(fixed);
            fixed.now = fixed.now.saturating_add(by).unwrap_or(fixed.now);
        }
    }

    /// A new version 7 UUID (RFC 9562, section 5.7): ordered by time to the millisecond, 74 random bits.
    pub fn id(&self) -> Uuid {
        let millis = self.now().as_millisecond().max(0).cast_unsigned();
        let mut random = [0u8; 10];
        self.fill(&mut random);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// 256 random bits for tokens.
    pub fn secret(&self) -> [u8; 32] {
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        bytes
    }

    /// A number from 0 up to, not including, 1: to spread retries.
    pub fn fraction(&self) -> f64 {
        let mut bytes = [0u8; 4];
        self.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that rolls dice")]
    fn fill(&self, bytes: &mut [u8]) {
        match &self.source {
            Source::System => rand::rng().fill_bytes(bytes),
            Source::Fixed(fixed) => lock(fixed).dice.fill_bytes(bytes),
        }
    }
}

/// A poisoned lock only means that another test thread failed; its time is still good.
fn lock(fixed: &Mutex<Fixed>) -> std::sync::MutexGuard<'_, Fixed> {
    fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_repeats_itself() {
        let start: Timestamp = "2026-11-25T09:30:00.123456789Z".parse().unwrap();
        let (a, b) = (Clock::fixed(start, 7), Clock::fixed(start, 7));
        assert_eq!(a.id(), b.id());
        assert_eq!(a.secret(), b.secret());
        assert_eq!(a.now().subsec_nanosecond() % 1_000, 0);
    }

    #[test]
    fn ids_are_ordered_by_time() {
        let clock = Clock::fixed("2026-11-25T09:30:00Z".parse().unwrap(), 1);
        let earlier = clock.id();
        clock.advance(jiff::SignedDuration::from_millis(1));
        assert!(earlier < clock.id());
    }
}
