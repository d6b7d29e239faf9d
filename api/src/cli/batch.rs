//! What the batch commands share: where lines come from and go to, and a line that is bad.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use super::tally::{Tally, open};

/// A line that is longer than this is no message.
const MEGABYTE: usize = 1024 * 1024;

/// Where a batch command reads and writes.
#[derive(Debug, Args)]
pub(super) struct Batch {
    /// Read this file instead of standard input.
    #[arg(long)]
    input: Option<PathBuf>,
    /// Write this file instead of standard output.
    #[arg(long)]
    output: Option<PathBuf>,
}

impl Batch {
    /// The lines to come, of a megabyte at most, and the tally that counts them.
    pub(super) fn lines(&self) -> Result<(Lines<Box<dyn BufRead>>, Tally), Failure> {
        self.lines_up_to(MEGABYTE)
    }

    /// As [`Batch::lines`], for longer lines: of `longest` bytes at most.
    pub(super) fn lines_up_to(&self, longest: usize) -> Result<(Lines<Box<dyn BufRead>>, Tally), Failure> {
        let (from, size): (Box<dyn BufRead>, _) = match &self.input {
            Some(path) => {
                let file = open(path)?;
                let size = file.metadata().ok().map(|of| of.len());
                (Box::new(BufReader::new(file)), size)
            }
            None => (Box::new(io::stdin().lock()), None),
        };
        Ok((Lines { from, number: 0, longest }, Tally::new(size)))
    }

    pub(super) fn writer(&self) -> Result<Box<dyn Write>, Failure> {
        Ok(match &self.output {
            Some(path) => Box::new(BufWriter::new(File::create(path).map_err(Failure::Output)?)),
            None => Box::new(BufWriter::new(io::stdout().lock())),
        })
    }
}

/// A line with its number, counted from 1; not a text where it is too long or not UTF-8.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) text: Result<String, &'static str>,
}

/// The lines of a file, empty ones left out.
pub(super) struct Lines<R> {
    from: R,
    number: u64,
    longest: usize,
}

impl<R: BufRead> Lines<R> {
    /// None at the end.
    pub(super) fn next(&mut self, tally: &Tally) -> Result<Option<Line>, Failure> {
        loop {
            let mut bytes = Vec::new();
            let read = read_line(&mut self.from, self.longest, &mut bytes).map_err(Failure::Reading)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            tally.bytes(read);
            let text = if read > self.longest {
                Err("longer than a line may be")
            } else {
                String::from_utf8(bytes).map_err(|_| "not UTF-8")
            };
            if !text.as_ref().is_ok_and(|text| text.trim().is_empty()) {
                return Ok(Some(Line { number: self.number, text }));
            }
        }
    }
}

/// Reads to the end of the line, keeping no more than `longest` bytes of it; gives its whole length.
fn read_line(from: &mut impl BufRead, longest: usize, into: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        let available = from.fill_buf()?;
        if available.is_empty() {
            return Ok(length);
        }
        let end = available.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(available.len());
        let room = longest.saturating_sub(into.len());
        into.extend_from_slice(&available[..taken.min(room)]);
        length += taken;
        from.consume(taken);
        if end.is_some() {
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_number_and_bad_ones_do_not_stop_the_rest() {
        let mut long = vec![b'a'; MEGABYTE + 1];
        long.push(b'\n');
        let input = [b"one\n\n  \n\xff\n".as_slice(), &long, "четыре".as_bytes()].concat();
        let mut lines = Lines { from: input.as_slice(), number: 0, longest: MEGABYTE };
        let (tally, mut seen) = (Tally::new(None), Vec::new());
        while let Some(line) = lines.next(&tally).unwrap() {
            seen.push((line.number, line.text.map(|text| text.trim().to_owned())));
        }
        let expected = [
            (1, Ok("one".to_owned())),
            (4, Err("not UTF-8")),
            (5, Err("longer than a line may be")),
            (6, Ok("четыре".to_owned())),
        ];
        assert_eq!(seen, expected);
    }
}
