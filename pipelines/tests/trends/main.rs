//! Trends on a real PostgreSQL: every contact counted once as what it is, every step judged once, one alert an incident.

#![allow(clippy::unwrap_used, reason = "what a test stands on may fail it")]
#![allow(dead_code, reason = "this takes a part of the world of conversations")]

mod alerting;
mod counting;
mod dishes;
mod given;
mod holidays;
mod judging;
mod plans;
mod shown;
mod silences;
mod themes;
#[path = "../conversations/world.rs"]
mod world;
