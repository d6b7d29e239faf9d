//! The files of the benchmark.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::Path;

use jiff::civil::DateTime;

/// One file: its rows, the windows in which something happened (first and last row), and how many rows at its
/// beginning are not judged.
pub(crate) struct Recording {
    pub(crate) group: String,
    pub(crate) rows: Vec<(DateTime, f64)>,
    pub(crate) windows: Vec<(usize, usize)>,
    pub(crate) probation: usize,
}

/// All files that the windows name and the folder has, by group.
pub(crate) fn read(folder: &Path) -> Result<Vec<Recording>, Error> {
    let windows = std::fs::read_to_string(folder.join("combined_windows.json")).map_err(|error| {
        Error::new(
            error.kind(),
            format!("{} holds no combined_windows.json; give the benchmark's folder", folder.display()),
        )
    })?;
    let windows: BTreeMap<String, Vec<(String, String)>> = serde_json::from_str(&windows)?;
    let mut recordings = Vec::new();
    for (name, windows) in windows {
        let file = folder.join("data").join(&name);
        if !file.exists() {
            continue;
        }
        let rows = std::fs::read_to_string(&file)?.lines().skip(1).map(row).collect::<Result<Vec<_>, _>>()?;
        let windows = windows
            .iter()
            .map(|(begin, end)| {
                let (begin, end) = (time(begin)?, time(end)?);
                let inside = |(at, _): &(DateTime, f64)| (begin..=end).contains(at);
                let first = rows.iter().position(inside);
                first.zip(rows.iter().rposition(inside)).ok_or_else(|| wrong(&format!("{name}: a window without rows")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let group = name.split('/').next().unwrap_or_default().to_owned();
        let probation = (rows.len() * 15 / 100).min(750);
        recordings.push(Recording { group, rows, windows, probation });
    }
    Ok(recordings)
}

fn row(line: &str) -> Result<(DateTime, f64), Error> {
    let (at, value) = line.split_once(',').ok_or_else(|| wrong(line))?;
    Ok((time(at)?, value.trim().parse().map_err(|_| wrong(line))?))
}

/// The windows carry fractions of a second, the rows don't.
fn time(text: &str) -> Result<DateTime, Error> {
    text.get(..19).and_then(|text| text.parse().ok()).ok_or_else(|| wrong(text))
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("the benchmark isn't as it was published: {what}"))
}
