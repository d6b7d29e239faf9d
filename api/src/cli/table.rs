//! CSV files, row by row: a bad row is told by its line and does not stop the rest.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use super::Failure;
use super::batch::{Batch, Lines};
use super::tally::Tally;

/// Rows under a head. A row is one line; quoted fields may hold commas and quotes, not the ends of lines.
pub(super) struct Table {
    lines: Lines<Box<dyn BufRead>>,
    fields: Fields,
    pub(super) head: Vec<String>,
}

/// A row of as many fields as the head has.
#[derive(Debug)]
pub(super) struct Row {
    /// Its line, counted from 1.
    pub(super) number: u64,
    pub(super) fields: Vec<String>,
}

impl Table {
    /// The table that the command was given; `columns` must be in its head.
    pub(super) fn open(batch: &Batch, columns: &[&'static str]) -> Result<(Self, Tally), Failure> {
        let (mut lines, tally) = batch.lines()?;
        let mut fields = Fields::new();
        let first = lines.next(&tally)?.and_then(|line| line.text.ok());
        let first = first.as_deref().map(|text| text.trim_start_matches('\u{feff}'));
        let head = first.and_then(|text| fields.of(text).ok()).unwrap_or_default();
        let head: Vec<String> = head.iter().map(|name| name.trim().to_owned()).collect();
        match columns.iter().find(|column| !head.iter().any(|name| name == *column)) {
            Some(missing) => Err(Failure::NoHead { column: missing }),
            None => Ok((Self { lines, fields, head }, tally)),
        }
    }

    /// Where a column of the head stands.
    pub(super) fn column(&self, name: &'static str) -> Result<usize, Failure> {
        self.head.iter().position(|column| column == name).ok_or(Failure::NoHead { column: name })
    }

    /// The next good row; bad ones before it are told. None at the end.
    pub(super) fn next(&mut self, tally: &mut Tally) -> Result<Option<Row>, Failure> {
        while let Some(line) = self.lines.next(tally)? {
            let fields = line.text.and_then(|text| self.fields.of(&text));
            match fields {
                Ok(fields) if fields.len() == self.head.len() => return Ok(Some(Row { number: line.number, fields })),
                Ok(fields) => {
                    tally.bad(line.number, format!("{} fields, and {} in the head", fields.len(), self.head.len()));
                }
                Err(why) => tally.bad(line.number, why),
            }
        }
        Ok(None)
    }
}

/// Takes lines apart.
struct Fields {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    fn new() -> Self {
        // A line ends where its end is, not at a carriage return within it.
        let reader = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        Self { reader, text: Vec::new(), ends: Vec::new() }
    }

    fn of(&mut self, line: &str) -> Result<Vec<String>, &'static str> {
        let line = line.trim_end_matches(['\n', '\r']);
        // A line has no more fields than bytes and one, and no field is longer than the line.
        self.text.resize(line.len() + 1, 0);
        self.ends.resize(line.len() + 2, 0);
        self.reader.reset();
        let (_, _, written, ends) = self.reader.read_record(line.as_bytes(), &mut self.text, &mut self.ends);
        let (text, places) = (&mut self.text[written..], &mut self.ends[ends..]);
        // The end of the line ends the last field, where no quote is open.
        let (result, _, more, last) = self.reader.read_record(b"\n", text, places);
        if result != ReadRecordResult::Record {
            return Err("a quote that is not closed");
        }
        let text = str::from_utf8(&self.text[..written + more]).map_err(|_| "not UTF-8")?;
        let mut from = 0;
        let fields = self.ends[..ends + last].iter().map(|end| {
            let field = text.get(from..*end).unwrap_or_default().to_owned();
            from = *end;
            field
        });
        Ok(fields.collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_taken_apart_and_an_open_quote_spoils_its_own_line_only() {
        let mut fields = Fields::new();
        assert_eq!(
            fields.of("a,\"b, \"\"c\"\"\",\r\n"),
            Ok(vec!["a".to_owned(), "b, \"c\"".to_owned(), String::new()])
        );
        assert!(fields.of("a,\"b\n").is_err());
        assert_eq!(fields.of("1,2\n"), Ok(vec!["1".to_owned(), "2".to_owned()]));
    }

    proptest! {
        #[test]
        fn what_csv_writes_is_read_back(row in prop::collection::vec("[^\r\n\u{feff}]{0,8}", 1..6)) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            writer.write_record(&row).expect("memory takes it");
            let line = String::from_utf8(writer.into_inner().expect("memory takes it")).expect("UTF-8");
            prop_assert_eq!(Fields::new().of(&line), Ok(row));
        }

        #[test]
        fn no_line_panics(line in ".{0,60}") {
            let _ = Fields::new().of(&line);
        }
    }
}
