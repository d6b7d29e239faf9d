//! How far a batch command has come, and which lines were bad.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;

/// Counts lines, tells the bad ones by number on standard error, draws a bar where somebody watches.
#[derive(Debug)]
pub(super) struct Tally {
    bar: ProgressBar,
    bad: u64,
}

impl Tally {
    /// `size` is the number of bytes to come, where it is known.
    pub(super) fn new(size: Option<u64>) -> Self {
        let bar = match size {
            _ if !io::stderr().is_terminal() => ProgressBar::hidden(),
            Some(size) => ProgressBar::new(size).with_style(style("{bar:40} {bytes}/{total_bytes} {eta}")),
            None => ProgressBar::new_spinner().with_style(style("{spinner} {bytes} {elapsed}")),
        };
        Self { bar, bad: 0 }
    }

    pub(super) fn bytes(&self, read: usize) {
        self.bar.inc(read as u64);
    }

    pub(super) fn bad(&mut self, line: u64, why: impl std::fmt::Display) {
        self.bad += 1;
        self.bar.suspend(|| {
            // nothing better can be done where even standard error is closed
            let _ = writeln!(io::stderr(), "line {line}: {why}");
        });
    }

    /// A failure where any line was bad.
    pub(super) fn end(self) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        if self.bad == 0 { Ok(()) } else { Err(Failure::BadLines(self.bad)) }
    }
}

/// A bar that counts so many rows, where somebody watches.
pub(super) fn rows(count: usize) -> ProgressBar {
    match io::stderr().is_terminal() {
        true => ProgressBar::new(count as u64).with_style(style("{bar:40} {pos}/{len} {eta}")),
        false => ProgressBar::hidden(),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Opens a file to be read.
pub(super) fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|cause| Failure::Input { path: path.to_owned(), cause })
}
