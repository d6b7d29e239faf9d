use std::path::PathBuf;

use clap::Args;
use models::evaluate::{Labelled, LabelledContact, LabelledFacts, Reference, evaluate, evaluate_summaries};
use serde::Serialize;

use super::table::{summaries, table};
use crate::cli::batch::Batch;
use crate::cli::reading::Reading;
use crate::cli::{Failure, surroundings, tally};

#[derive(Debug, Args)]
pub(super) struct Evaluate {
    #[command(flatten)]
    batch: Batch,
    #[command(flatten)]
    reading: Reading,
    /// What to measure: how messages and contacts are read, or the summaries of contacts. For summaries the input holds
    /// lines of dialogues.jsonl and, in any order, those of facts.jsonl.
    #[arg(long, value_enum, default_value_t = Task::Reading)]
    task: Task,
    /// A folder of references to measure beside the model, as models/training/references.py makes it.
    #[arg(long)]
    references: Option<PathBuf>,
    /// Write all figures as JSON instead of tables.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Task {
    Reading,
    Summaries,
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
            serde_json::from_str(&text).map_err(|_| "no labelled message, labelled contact or facts of one")
        });
        match row {
            Ok(row) => rows.push(row),
            Err(why) => bad.bad(line.number, why),
        }
    }
    let bar = tally::rows(rows.len());
    let runtime = surroundings::runtime()?;
    let text = match args.task {
        Task::Reading => {
            let report = runtime.block_on(evaluate(&reader, &references, &rows, || bar.inc(1)));
            shown(&report.map_err(Failure::Unread)?, args.json, table)?
        }
        Task::Summaries => {
            let (contacts, facts) = of_summaries(rows);
            let writer = args.reading.writer(&reader.clone().into())?;
            let done = || bar.inc(1);
            let report = runtime.block_on(evaluate_summaries(&reader, writer.as_ref(), &contacts, &facts, done));
            shown(&report.map_err(Failure::Unread)?, args.json, summaries)?
        }
    };
    bar.finish_and_clear();
    let mut out = args.batch.writer()?;
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)?;
    bad.end()
}

fn of_summaries(rows: Vec<Labelled>) -> (Vec<LabelledContact>, Vec<LabelledFacts>) {
    let (mut contacts, mut facts) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Labelled::Contact(contact) => contacts.push(contact),
            Labelled::Facts(of) => facts.push(of),
            Labelled::Message(_) => {}
        }
    }
    (contacts, facts)
}

fn shown<R: Serialize>(report: &R, json: bool, table: fn(&R) -> String) -> Result<String, Failure> {
    match json {
        true => Ok(serde_json::to_string_pretty(report).map_err(|cause| Failure::Broken(cause.to_string()))? + "\n"),
        false => Ok(table(report)),
    }
}
