//! How often somebody may try. Counts live in this process; each api process counts its own.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use uuid::Uuid;

use super::errors::{ApiError, Code};

/// Tries at signing in, by login and by peer address; messages of visitors.
#[derive(Debug)]
pub struct Limits {
    by_login: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_visitor: DefaultKeyedRateLimiter<String>,
    by_visitors_address: DefaultKeyedRateLimiter<IpAddr>,
    by_new_visitors_address: DefaultKeyedRateLimiter<IpAddr>,
    by_line: DefaultKeyedRateLimiter<Uuid>,
}

/// Ten tries at once, then one in fifteen seconds: a person who mistypes is not held up, a guesser is.
const BY_LOGIN: (u32, Duration) = (10, Duration::from_secs(15));
/// A whole office signs in from one address at the start of a shift.
const BY_ADDRESS: (u32, Duration) = (60, Duration::from_secs(2));

/// A person who writes fast writes three short messages in a second, for a moment.
const BY_VISITOR: (u32, Duration) = (30, Duration::from_millis(500));

/// A mobile operator hides thousands of visitors behind one address, but not hundreds who write in the same second.
const BY_VISITORS_ADDRESS: (u32, Duration) = (1_000, Duration::from_millis(10));
const BY_NEW_VISITORS_ADDRESS: (u32, Duration) = (300, Duration::from_millis(100));
/// What a widget says besides messages: that somebody types, that it wants to read on.
const BY_LINE: (u32, Duration) = (40, Duration::from_millis(250));

impl Default for Limits {
    fn default() -> Self {
        Self {
            by_login: limiter(BY_LOGIN),
            by_address: limiter(BY_ADDRESS),
            by_visitor: limiter(BY_VISITOR),
            by_visitors_address: limiter(BY_VISITORS_ADDRESS),
            by_new_visitors_address: limiter(BY_NEW_VISITORS_ADDRESS),
            by_line: limiter(BY_LINE),
        }
    }
}

impl Limits {
    /// Takes one try at signing in, or says when the next one is free.
    pub fn try_sign_in(&self, login: &str, address: IpAddr) -> Result<(), ApiError> {
        take(&self.by_address, &address)?;
        take(&self.by_login, &login.to_lowercase())
    }

    /// Takes one message of a visitor, or says when the next one is free.
    pub fn try_write(&self, thread: &str, address: IpAddr) -> Result<(), ApiError> {
        take(&self.by_visitor, &thread.to_owned())?;
        take(&self.by_visitors_address, &address)
    }

    /// Makes room for one more visitor from an address, or says when there is some.
    pub fn try_visit(&self, address: IpAddr) -> Result<(), ApiError> {
        take(&self.by_new_visitors_address, &address)
    }

    /// Takes one command of an open line, or says when the next one is free.
    pub fn try_command(&self, line: Uuid) -> Result<(), ApiError> {
        take(&self.by_line, &line)
    }

    /// Forgets who has not tried for a while; called now and then, so the tables stay small.
    pub fn forget(&self) {
        self.by_login.retain_recent();
        self.by_address.retain_recent();
        self.by_visitor.retain_recent();
        self.by_visitors_address.retain_recent();
        self.by_new_visitors_address.retain_recent();
        self.by_line.retain_recent();
    }
}

/// So many at once, then one more in each period.
pub(crate) fn limiter<K: Hash + Eq + Clone>((burst, refill): (u32, Duration)) -> DefaultKeyedRateLimiter<K> {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(refill).unwrap_or(Quota::per_minute(NonZeroU32::MIN)).allow_burst(burst);
    DefaultKeyedRateLimiter::keyed(quota)
}

fn take<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), ApiError> {
    limiter.check_key(key).map_err(|early| {
        ApiError::new(Code::RateLimited, "too many tries; wait as long as Retry-After says")
            .after(early.wait_time_from(DefaultClock::default().now()))
    })
}
