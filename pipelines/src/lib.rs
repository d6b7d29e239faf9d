//! Customers, contacts, events and what is derived from them. The only crate that speaks SQL and AMQP.
//!
//! Cut by domain; each domain folder holds its types, its rules, its SQL (`store.rs` or `store/`) and its stages.

pub mod conversations;
pub mod customers;
pub mod demonstration;
pub mod events;
pub mod insights;
pub mod orders;
pub mod platform;
pub mod routing;
pub mod summaries;
pub mod trends;
pub mod workforce;
