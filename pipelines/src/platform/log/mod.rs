//! The event log as its readers see it: 64 parts, each read by a position that has no gaps.

mod consumer;
pub mod housekeeping;
pub(super) mod store;
mod tail;

use crate::events::Event;

pub use consumer::{Consumer, go_back, is_read};
pub use tail::Tail;

/// One event at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub part: i16,
    /// Gap-free within the part, from 1: whoever has seen `n` has seen all before it.
    pub position: i64,
    pub event: Event,
}
