//! Counts with known outbreaks, drawn as two papers of outbreak detection describe them, and the scores that they use.

pub mod cubes;
pub mod daily;
mod draws;
pub mod engine;
pub mod farrington;
pub mod greedy;
pub mod hourly;
pub mod peers;
pub mod run;
pub mod score;
pub mod series;
pub mod weekly;
