//! What every domain stands on: the clock, ids, the store and its transaction, the log, the broker, the worker.

pub mod clock;
pub mod database;
pub mod history;
pub mod id;
pub mod page;
pub mod signals;
pub mod stage;
pub mod store;
pub mod trial;
