//! Customers, orders, the workforce and templates on a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "what a test stands on may fail it")]

mod bulk;
mod card;
mod idempotency;
mod operators;
mod plans;
mod resolving;
mod sessions;
mod templates;
mod world;
