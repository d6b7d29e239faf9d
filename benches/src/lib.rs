//! What is measured on a running server: load, faults, written talks; and on simulated counts. The programs stand in
//! `bin/`, those that judge quality in `../eval/`.

pub mod coffee;
pub mod desk;
pub mod house;
pub mod ledger;
pub mod machine;
pub mod report;
pub mod senders;
pub mod services;
pub mod shift;
#[path = "../eval/simulate/mod.rs"]
pub mod simulate;
pub mod talks;
pub mod trouble;
