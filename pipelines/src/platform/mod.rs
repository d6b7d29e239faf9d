//! What every domain stands on: the clock, ids, the store and its transaction, the log, the broker, the worker.

pub mod broker;
pub mod clock;
pub mod database;
pub mod history;
pub mod id;
pub mod log;
pub mod page;
pub mod privacy;
pub mod relay;
pub mod signals;
pub mod stage;
pub mod store;
pub mod trial;
mod wake;
pub mod worker;
