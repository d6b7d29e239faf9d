//! Text and turns become labels, entities and scores; numbers become alarms.

pub mod country;
pub mod entities;
pub mod evaluate;
pub mod manifest;
pub mod reading;
pub mod remote;
pub mod sentences;
pub mod summary;
pub mod taxonomy;
pub mod trends;
