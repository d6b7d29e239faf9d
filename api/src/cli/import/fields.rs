//! Fields of a CSV file.

use std::str::FromStr;

use jiff::Timestamp;

/// Says what is wrong with a row without repeating what is in it.
pub(super) fn misfit(cause: &csv::Error) -> &'static str {
    match cause.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8",
        csv::ErrorKind::UnequalLengths { .. } => "has more or fewer fields than the header",
        csv::ErrorKind::Io(_) => "could not be read from the disk",
        _ => "a field is not as its column needs it",
    }
}

/// A word of a closed list, or a sentence that names the column.
pub(super) fn word<T: FromStr>(text: &str, column: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{column} is none of the known words"))
}

/// As [`word`], empty: none.
pub(super) fn word_or_none<T: FromStr>(text: &str, column: &str) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { word(text, column).map(Some) }
}

pub(super) fn time(text: &str, column: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("{column} is not a time; write it as 2026-11-25T09:30:00Z"))
}

pub(super) fn time_or_none(text: &str, column: &str) -> Result<Option<Timestamp>, String> {
    if text.is_empty() { Ok(None) } else { time(text, column).map(Some) }
}

/// Empty: none.
pub(super) fn text_or_none(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A short name for addresses and files: lower-case letters, digits, `-`.
pub(super) fn slug(text: &str, column: &str) -> Result<(), String> {
    let fits = (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(()) } else { Err(format!("{column} has other characters than a-z, 0-9 and -, or not 1 to 63")) }
}

/// Parts between semicolons.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// At most this many characters and no control characters, which no database column of ours takes.
pub(super) fn bounded(text: &str, longest: usize, column: &str) -> Result<(), String> {
    if text.chars().any(char::is_control) {
        return Err(format!("{column} holds a control character"));
    }
    if text.chars().count() > longest { Err(format!("{column} is longer than {longest} characters")) } else { Ok(()) }
}
