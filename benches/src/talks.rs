//! The talks that the models learn from.

use std::path::Path;

use api::replay::{Dialogue, parse};

/// All of `models/data`, in the order of its files.
pub fn ours(folder: &Path) -> std::io::Result<Vec<Dialogue>> {
    let mut talks = Vec::new();
    for name in ["ru-chat", "ru-call", "kk", "uz", "en", "mixed"] {
        let text = std::fs::read_to_string(folder.join(format!("dialogues-{name}.jsonl")))?;
        talks.extend(text.lines().filter_map(|line| parse(line).ok()));
    }
    Ok(talks)
}
