//! Conversations on a real PostgreSQL: accepted once, in order, owned by one, replied to with open eyes.

#![allow(clippy::unwrap_used, reason = "what a test stands on may fail it")]

mod accepting;
mod calls;
mod delivering;
mod plans;
mod reading;
mod serving;
mod summaries;
mod world;
