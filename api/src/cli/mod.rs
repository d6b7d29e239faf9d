//! The command line: one file per subcommand.

use clap::{Parser, Subcommand};

mod failure;
mod openapi;
mod surroundings;

pub use failure::Failure;

/// Okno: the operator's single window of a contact centre.
#[derive(Debug, Parser)]
#[command(name = "okno", version)]
pub struct Okno {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Print the description of the HTTP interface (OpenAPI 3.1).
    Openapi,
}

/// Runs a subcommand to its end.
pub fn run(okno: Okno) -> Result<(), Failure> {
    surroundings::prepare()?;
    match okno.task {
        Task::Openapi => openapi::run(),
    }
}
