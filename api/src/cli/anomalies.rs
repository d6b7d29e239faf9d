//! `okno anomalies`: what each row of a file was expected to be, and how strange it is.

use std::io::{BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use models::country::Country;
use models::trends::{Holidays, Step};

use super::Failure;
use super::batch::Batch;
use super::table::Table;
use super::tally::open;
use crate::anomalies::{Figures, Judge, Kind};

#[derive(Debug, Args)]
pub(super) struct Anomalies {
    #[command(flatten)]
    batch: Batch,
    /// What the numbers are.
    #[arg(long, value_enum)]
    kind: Kind,
    /// How far the rows of a series are apart: auto, 5m, 15m, 1h, 1d or 1w. With auto it is what most distances of a
    /// series' first nine rows say; each row is judged by what is known when it comes. Values take any distance.
    #[arg(long, default_value = "auto", value_parser = step)]
    step: Found,
    /// Whose public holidays to know: ru, kz or uz.
    #[arg(long)]
    country: Option<Country>,
    /// More holidays: a file with one ISO date a line.
    #[arg(long)]
    holidays: Option<PathBuf>,
}

/// The step that was given, or that is to be found.
#[derive(Clone, Copy, Debug)]
struct Found(Option<Step>);

fn step(word: &str) -> Result<Found, String> {
    match word {
        "auto" => Ok(Found(None)),
        word => word.parse().map(|step| Found(Some(step))).map_err(|_| "use auto, 5m, 15m, 1h, 1d or 1w".to_owned()),
    }
}

pub(super) fn run(args: &Anomalies) -> Result<(), Failure> {
    let mut holidays = args.country.map_or_else(Holidays::none, Holidays::of);
    if let Some(path) = &args.holidays {
        holidays = holidays.with(dates(path)?);
    }
    let mut judge = Judge::new(args.kind, args.step.0, holidays);
    let (mut table, mut tally) = Table::open(&args.batch, &["series", "at", "count"])?;
    let columns = [table.column("series")?, table.column("at")?, table.column("count")?];
    let mut out = csv::Writer::from_writer(args.batch.writer()?);
    let head = ["series", "at", "count", "expected", "lower", "upper", "score", "p", "alert"];
    out.write_record(head).map_err(written)?;
    while let Some(row) = table.next(&mut tally)? {
        let [series, at, count] = columns.map(|column| row.fields[column].as_str());
        match judge.row(series, at, count) {
            Ok(figures) => write(&mut out, [series, at, count], &figures)?,
            Err(why) => tally.bad(row.number, why),
        }
    }
    out.flush().map_err(Failure::Output)?;
    tally.end()
}

/// Each row goes out at once: who feeds a pipe row by row sees each verdict before the next row.
fn write(out: &mut csv::Writer<Box<dyn Write>>, row: [&str; 3], figures: &Figures) -> Result<(), Failure> {
    let numbers = figures.all().map(|number| format!("{number:?}"));
    let alert = if figures.alert { "true" } else { "false" };
    out.write_record(row.into_iter().chain(numbers.iter().map(String::as_str)).chain([alert])).map_err(written)?;
    out.flush().map_err(Failure::Output)
}

fn written(cause: csv::Error) -> Failure {
    Failure::Output(cause.into())
}

/// The dates of a file, one a line; empty lines are left out.
fn dates(path: &Path) -> Result<Vec<Date>, Failure> {
    let mut dates = Vec::new();
    for (number, line) in BufReader::new(open(path)?).lines().enumerate() {
        let line = line.map_err(Failure::Reading)?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if !line.is_empty() {
            let bad = |_| Failure::NoDate { path: path.to_owned(), line: number + 1 };
            dates.push(line.parse().map_err(bad)?);
        }
    }
    Ok(dates)
}
