//! `okno explain`: which part of a table explains that it holds more than was expected.

use std::io::Write;

use clap::Args;
use models::trends::causes::{Cause, Cube, explain};
use serde::{Serialize, Serializer};

use super::Failure;
use super::batch::Batch;
use super::table::Table;
use crate::anomalies::significant;

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    batch: Batch,
}

#[derive(Debug, Serialize)]
struct Explained {
    verdict: &'static str,
    causes: Vec<Named>,
}

#[derive(Debug, Serialize)]
struct Named {
    #[serde(rename = "where", serialize_with = "in_order")]
    place: Vec<(String, String)>,
    excess: f64,
    score: f64,
}

pub(super) fn run(args: &Explain) -> Result<(), Failure> {
    const COUNTS: [&str; 2] = ["expected", "actual"];
    let (mut table, mut tally) = Table::open(&args.batch, &COUNTS)?;
    let [expected, actual] = [table.column(COUNTS[0])?, table.column(COUNTS[1])?];
    let attributes: Vec<usize> = (0..table.head.len()).filter(|at| ![expected, actual].contains(at)).collect();
    let names = attributes.iter().map(|at| table.head[*at].clone()).collect();
    let mut cube = Cube::new(names).map_err(Failure::Cube)?;
    while let Some(row) = table.next(&mut tally)? {
        let number = |at: usize| row.fields[at].trim().parse::<f64>().ok().filter(|it| (0.0..=1e15).contains(it));
        let (Some(expected), Some(actual)) = (number(expected), number(actual)) else {
            tally.bad(row.number, "`expected` and `actual` must be numbers from 0 to 1e15");
            continue;
        };
        let values: Vec<&str> = attributes.iter().map(|at| row.fields[*at].as_str()).collect();
        if let Err(why) = cube.add(&values, expected, actual) {
            tally.bad(row.number, why);
        }
    }
    let causes: Vec<Named> = explain(&cube).causes.into_iter().map(Named::from).collect();
    let verdict = if causes.is_empty() { "none" } else { "found" };
    let line =
        serde_json::to_string(&Explained { verdict, causes }).map_err(|cause| Failure::Broken(cause.to_string()))?;
    let mut out = args.batch.writer()?;
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Failure::Output)?;
    tally.end()
}

impl From<Cause> for Named {
    fn from(cause: Cause) -> Self {
        Self { place: cause.place, excess: significant(cause.excess), score: significant(cause.score) }
    }
}

/// As a JSON object in the order of the columns.
fn in_order<S: Serializer>(place: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(place.iter().map(|(attribute, value)| (attribute, value)))
}
