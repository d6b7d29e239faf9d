//! The talks that the models learn from.

use std::path::Path;

use api::replay::{Dialogue, parse};

/// The parts that they are kept in: `dialogues-PART.jsonl`.
pub const PARTS: [&str; 6] = ["ru-chat", "ru-call", "kk", "uz", "en", "mixed"];

/// All of `models/data`, in the order of its files.
pub fn ours(folder: &Path) -> std::io::Result<Vec<Dialogue>> {
    let mut talks = Vec::new();
    for part in PARTS {
        let text = std::fs::read_to_string(folder.join(format!("dialogues-{part}.jsonl")))?;
        talks.extend(text.lines().filter_map(|line| parse(line).ok()));
    }
    Ok(talks)
}
