//! Statements put side by side.

use std::collections::HashSet;

/// Each statement once, and of more than `most` the last: they tell how things stand at the end of a talk.
pub(super) fn listed(mut all: Vec<String>, most: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    all.retain(|words| seen.insert(words.clone()));
    let from = all.len().saturating_sub(most);
    all.split_off(from)
}

/// Statements side by side: the first as it stands, the rest in lower case.
pub(super) fn joined(all: &[String]) -> String {
    let mut words = String::new();
    for statement in all {
        match words.is_empty() {
            true => words.push_str(statement),
            false => words.push_str(&format!("; {}", lower(statement))),
        }
    }
    words
}

fn lower(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}

/// With a full stop, where none of its kind stands.
pub(super) fn closed(mut words: String) -> String {
    if !words.ends_with(['.', '!', '?', '…']) {
        words.push('.');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_listed_once_and_the_last_of_too_many() {
        let of = |all: &[&str], most| listed(all.iter().map(|words| (*words).to_owned()).collect(), most);
        assert_eq!(of(&["возврат", "бонусы", "возврат"], 5), ["возврат", "бонусы"]);
        assert_eq!(of(&["возврат", "бонусы", "скидка"], 2), ["бонусы", "скидка"]);
        assert!(of(&[], 2).is_empty());
    }
}
