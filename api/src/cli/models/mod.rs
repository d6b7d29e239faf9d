//! `okno models`: which models there are, whether their files are whole, how well one reads labelled text, and what
//! people corrected.

mod corrections;
mod evaluate;
mod table;

use std::fmt::Write as _;
use std::io::Write;

use clap::{Args, Subcommand};
use models::manifest;

use super::Failure;
use super::reading::Models as Folder;

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
    Evaluate(Box<evaluate::Evaluate>),
    /// Give out the messages that operators corrected, personal data masked, in the annotation format.
    ExportCorrections(corrections::ExportCorrections),
}

pub(super) fn run(args: &Models) -> Result<(), Failure> {
    match &args.task {
        Task::List(folder) => list(folder),
        Task::Verify(folder) => verify(folder),
        Task::Evaluate(args) => evaluate::run(args),
        Task::ExportCorrections(args) => corrections::run(args),
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

fn say(text: &str) -> Result<(), Failure> {
    std::io::stdout().write_all(text.as_bytes()).map_err(Failure::Output)
}
