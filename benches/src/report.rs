//! Tables of figures, for a person and for `docs/results`.

use std::path::Path;

use crate::ledger::{Sums, percentile};
use crate::shift::Stored;
use crate::trouble::Trouble;

/// Rows of cells under a head, as Markdown.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let mut text = line(&head) + &line(&rule);
    text.extend(rows.iter().map(|row| line(row)));
    text
}

/// Milliseconds at the 50th, 95th and 99th of a hundred, and the longest.
pub fn times(name: &str, values: &[f64]) -> Vec<String> {
    let at = |percent| percentile(values, percent).map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    vec![name.to_owned(), values.len().to_string(), at(50.0), at(95.0), at(99.0), at(100.0)]
}

/// The three times of a measurement.
pub fn latencies(sums: &Sums) -> String {
    table(
        &["from sending to", "n", "p50 ms", "p95 ms", "p99 ms", "longest ms"],
        &[
            times("the answer that it is stored", &sums.until_stored),
            times("its frame on the operator's page", &sums.until_shown),
            times("its reading on the operator's page", &sums.until_read),
        ],
    )
}

/// What was sent, and what became of it.
pub fn counts(sums: &Sums, stored: &Stored) -> String {
    let counts =
        [sums.sent, stored.messages, stored.read, sums.shown, stored.twice, sums.holes, sums.repeats, sums.retried];
    table(
        &["sent", "stored", "read", "shown", "stored twice", "holes", "repeats", "sends tried again"],
        &[counts.iter().map(u64::to_string).collect()],
    )
}

/// Shows the report, and writes it where `file` says.
pub fn publish(report: &str, file: Option<&Path>) -> Result<(), Trouble> {
    use std::io::Write as _;
    std::io::stdout().write_all(report.as_bytes())?;
    if let Some(file) = file {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, report)?;
    }
    Ok(())
}

/// Writes a section of a page anew, from its heading to the next; the page or the section is begun where it is missing.
pub fn section(file: &Path, heading: &str, text: &str) -> Result<(), Trouble> {
    let page = std::fs::read_to_string(file).unwrap_or_default();
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(file, with_section(&page, heading, text))?)
}

fn with_section(page: &str, heading: &str, text: &str) -> String {
    let title = format!("## {heading}\n");
    let section = format!("{title}\n{}\n", text.trim());
    let begin = match page.starts_with(&title) {
        true => Some(0),
        false => page.find(&format!("\n{title}")).map(|at| at + 1),
    };
    let Some(begin) = begin else {
        return match page.trim_end() {
            "" => section,
            page => format!("{page}\n\n{section}"),
        };
    };
    let end = page[begin + title.len()..].find("\n## ").map(|at| begin + title.len() + at + 1);
    let rest = end.map(|end| format!("\n{}", &page[end..])).unwrap_or_default();
    format!("{}{section}{rest}", &page[..begin])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_one_before_and_leaves_its_neighbours() {
        let page = with_section("# Page\n", "One", "first");
        let page = with_section(&page, "Two", "second\n\n### Under it\n\nmore");
        assert_eq!(page, "# Page\n\n## One\n\nfirst\n\n## Two\n\nsecond\n\n### Under it\n\nmore\n");
        let again = with_section(&page, "One", "anew");
        assert_eq!(again, page.replace("first", "anew"));
        assert_eq!(with_section(&again, "Two", "short"), "# Page\n\n## One\n\nanew\n\n## Two\n\nshort\n");
    }
}
