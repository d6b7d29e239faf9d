//! `okno models`: which models there are, whether their files are whole, how well one reads labelled text.

use std::fmt::Write as _;
use std::io::Write;

use clap::{Args, Subcommand};
use models::evaluate::{Labelled, Report, evaluate};
use models::manifest;

use super::batch::Batch;
use super::reading::{Models as Folder, Reading};
use super::{Failure, surroundings};

#[derive(Debug, Args)]
pub(super) struct Models {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Name each model with its version, size, licence and base.
    List(Folder),
    /// Check every file of every model against the manifest.
    Verify(Folder),
    /// Read labelled messages and contacts (JSON lines in the annotation format) and count what is right.
    Evaluate(Box<Evaluate>),
}

#[derive(Debug, Args)]
struct Evaluate {
    #[command(flatten)]
    batch: Batch,
    #[command(flatten)]
    reading: Reading,
    /// Write all figures as JSON instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Models) -> Result<(), Failure> {
    match &args.task {
        Task::List(folder) => list(folder),
        Task::Verify(folder) => verify(folder),
        Task::Evaluate(args) => measure(args),
    }
}

fn list(folder: &Folder) -> Result<(), Failure> {
    let mut text = format!("{:16} {:10} {:>9}  {:12} base\n", "model", "version", "MiB", "licence");
    for (path, manifest) in manifest::list(&folder.folder()?)? {
        let size = manifest.files.iter().map(|file| file.bytes).sum::<u64>() as f64 / f64::from(1 << 20);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (version, base) = (&manifest.version, &manifest.base);
        // writing to a string cannot fail
        let _ = writeln!(text, "{name:16} {version:10} {size:9.1}  {:12} {}", base.licence, base.name);
    }
    say(&text)
}

fn verify(folder: &Folder) -> Result<(), Failure> {
    for (path, _) in manifest::list(&folder.folder()?)? {
        let manifest = manifest::verify(&path)?;
        say(&format!("{}: {} files as the manifest says\n", path.display(), manifest.files.len()))?;
    }
    Ok(())
}

fn measure(args: &Evaluate) -> Result<(), Failure> {
    let reader = args.reading.load()?;
    let (mut lines, mut tally) = args.batch.lines()?;
    let mut rows = Vec::<Labelled>::new();
    while let Some(line) = lines.next(&tally)? {
        let row = line.text.and_then(|text| {
            serde_json::from_str(&text).map_err(|_| "neither a labelled message nor a labelled contact")
        });
        match row {
            Ok(row) => rows.push(row),
            Err(why) => tally.bad(line.number, why),
        }
    }
    let report = surroundings::runtime()?.block_on(evaluate(&reader, &rows)).map_err(Failure::Unread)?;
    let text = match args.json {
        true => serde_json::to_string_pretty(&report).map_err(|cause| Failure::Broken(cause.to_string()))? + "\n",
        false => table(&report),
    };
    let mut out = args.batch.writer()?;
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)?;
    tally.end()
}

/// Figures in percent; `-` where there was nothing to count.
fn table(report: &Report) -> String {
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.1}", share * 100.0));
    let mut text = format!("{} {}\n\n", report.model.id, report.model.version);
    text += "messages        n  topic F1  class  sentiment F1  language  entity F1  critical n  recall  precision\n";
    for (part, of) in &report.messages {
        let _ = writeln!(
            text,
            "{part:11} {:5} {:>9} {:>6} {:>13} {:>9} {:>10} {:>11} {:>7} {:>10}",
            of.n,
            percent(Some(of.topic_macro_f1)),
            percent(Some(of.class_accuracy)),
            percent(Some(of.sentiment_macro_f1)),
            percent(Some(of.language_accuracy)),
            percent(of.entity_micro_f1),
            of.critical_n,
            percent(of.critical_recall),
            percent(of.critical_precision),
        );
    }
    text += "\ncontacts        n  topic F1  class  sentiment F1  language  urgency\n";
    for (part, of) in &report.contacts {
        let _ = writeln!(
            text,
            "{part:11} {:5} {:>9} {:>6} {:>13} {:>9} {:>8}",
            of.n,
            percent(Some(of.topic_macro_f1)),
            percent(Some(of.class_accuracy)),
            percent(Some(of.sentiment_macro_f1)),
            percent(Some(of.language_accuracy)),
            percent(Some(of.urgency_accuracy)),
        );
    }
    text += "\nentities        n  precision  recall\n";
    for (kind, of) in &report.entities {
        let _ = writeln!(text, "{kind:12} {:4} {:>10} {:>7}", of.n, percent(of.precision), percent(of.recall));
    }
    text
}

fn say(text: &str) -> Result<(), Failure> {
    std::io::stdout().write_all(text.as_bytes()).map_err(Failure::Output)
}
