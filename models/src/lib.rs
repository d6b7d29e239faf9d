//! Text and turns become labels, entities and scores.

pub mod reading;
pub mod taxonomy;
