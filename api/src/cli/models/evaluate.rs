use std::path::PathBuf;

use clap::Args;
use models::evaluate::{Labelled, Reference, evaluate};

use super::table::table;
use crate::cli::batch::Batch;
use crate::cli::reading::Reading;
use crate::cli::{Failure, surroundings, tally};

#[derive(Debug, Args)]
pub(super) struct Evaluate {
    #[command(flatten)]
    batch: Batch,
    #[command(flatten)]
    reading: Reading,
    /// A folder of references to measure beside the model, as models/training/references.py makes it.
    #[arg(long)]
    references: Option<PathBuf>,
    /// Write all figures as JSON instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Evaluate) -> Result<(), Failure> {
    let reader = args.reading.load()?;
    let references = match &args.references {
        Some(folder) => Reference::load_all(folder, args.reading.threads())?,
        None => Vec::new(),
    };
    let (mut lines, mut bad) = args.batch.lines()?;
    let mut rows = Vec::<Labelled>::new();
    while let Some(line) = lines.next(&bad)? {
        let row = line.text.and_then(|text| {
            serde_json::from_str(&text).map_err(|_| "neither a labelled message nor a labelled contact")
        });
        match row {
            Ok(row) => rows.push(row),
            Err(why) => bad.bad(line.number, why),
        }
    }
    let bar = tally::rows(rows.len());
    let report = surroundings::runtime()?.block_on(evaluate(&reader, &references, &rows, || bar.inc(1)));
    bar.finish_and_clear();
    let report = report.map_err(Failure::Unread)?;
    let text = match args.json {
        true => serde_json::to_string_pretty(&report).map_err(|cause| Failure::Broken(cause.to_string()))? + "\n",
        false => table(&report),
    };
    let mut out = args.batch.writer()?;
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)?;
    bad.end()
}
