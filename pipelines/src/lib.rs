//! Customers, contacts, events and what is derived from them. The only crate that speaks SQL and AMQP.
//!
//! Cut by domain; each domain folder holds its types, its rules, its SQL (`store.rs` or `store/`) and its stages.

pub mod customers;
pub mod events;
pub mod orders;
pub mod platform;
pub mod workforce;
