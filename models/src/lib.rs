//! Text and turns become labels, entities and scores.

pub mod entities;
pub mod evaluate;
pub mod manifest;
pub mod reading;
pub mod remote;
pub mod sentences;
pub mod summary;
pub mod taxonomy;
