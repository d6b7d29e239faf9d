use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use models::reading::ReadingModel;
use pipelines::insights::corrections;
use pipelines::platform::clock::Clock;
use pipelines::platform::database;

use crate::cli::database_url::DatabaseUrl;
use crate::cli::reading::Reading;
use crate::cli::{Failure, surroundings};

#[derive(Debug, Args)]
pub(super) struct ExportCorrections {
    /// Write this file instead of standard output.
    #[arg(long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseUrl,
    /// Finds the names and addresses to mask.
    #[command(flatten)]
    reading: Reading,
}

pub(super) fn run(args: &ExportCorrections) -> Result<(), Failure> {
    let reader = ReadingModel::Here(args.reading.load()?).for_bulk();
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(Failure::Output)?)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    surroundings::runtime()?.block_on(async {
        let store = database::connect(&args.database.get()?, Clock::system()).await?;
        database::check(&store).await?;
        let mut after = None;
        loop {
            let (lines, next) = corrections(store.pool(), &reader, after).await.map_err(Failure::Corrections)?;
            for line in lines {
                let line = serde_json::to_string(&line).map_err(|cause| Failure::Broken(cause.to_string()))?;
                writeln!(out, "{line}").map_err(Failure::Output)?;
            }
            after = next;
            if after.is_none() {
                return out.flush().map_err(Failure::Output);
            }
        }
    })
}
