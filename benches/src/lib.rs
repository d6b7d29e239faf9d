//! What is measured on a running server: load, faults, written talks. The programs stand in `bin/`.

pub mod coffee;
pub mod desk;
pub mod house;
pub mod ledger;
pub mod machine;
pub mod report;
pub mod senders;
pub mod services;
pub mod shift;
pub mod trouble;
