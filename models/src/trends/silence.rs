//! A feed that has stopped: a run of zeros where contacts were expected. It is an alert of its own, and its zeros teach
//! the series nothing.

/// A run of zeros that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Silence {
    /// Rows without a contact.
    pub rows: u32,
    /// How many contacts were expected in them.
    pub missed: f32,
    /// Variance of that sum, as far as counts make it.
    pub(crate) noise: f32,
    /// Standard deviation of that sum, as far as the expectation is unsure.
    pub(crate) unsure: f32,
    /// How often so long a silence comes by chance.
    pub p: f32,
}

/// Below this a feed has stopped.
const STOPPED: f32 = 1e-5;

impl Silence {
    /// Whether the feed has stopped, as far as its rows tell.
    pub fn stopped(&self) -> bool {
        self.rows > 1 && self.p < STOPPED
    }
}
