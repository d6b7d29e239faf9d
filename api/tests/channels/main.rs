//! The channels against a real server on a real PostgreSQL; only Telegram's own servers are stood in for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod fetching;
mod line;
mod polling;
mod sending;
mod telegram_stand_in;
mod updates;
mod visitors;
mod webhook;
mod world;
