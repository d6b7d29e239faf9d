//! Customers, orders, the workforce and templates on a real PostgreSQL.

mod bulk;
mod card;
mod idempotency;
mod operators;
mod plans;
mod resolving;
mod sessions;
mod world;
