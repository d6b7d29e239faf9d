//! The command line: one file per subcommand.

use clap::{Parser, Subcommand};

mod database_url;
mod demo;
mod failure;
mod import;
mod migrate;
mod openapi;
mod replay;
mod serve;
mod surroundings;
mod tally;
mod tools;

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
    /// Show everything on one machine: its own PostgreSQL, all roles, customers, orders and talks to look at.
    Demo(demo::Demo),
    /// Run Okno, or a part of it, against a database.
    Serve(serve::Serve),
    /// Make the database where it is missing and bring its data to this version.
    Migrate(migrate::Migrate),
    /// Bring in customers, orders or a menu from a CSV file.
    Import(import::Import),
    /// Play written talks against a running server, as customers and operators would.
    Replay(replay::Replay),
    /// Print the description of the HTTP interface (OpenAPI 3.1).
    Openapi,
}

/// Runs a subcommand to its end.
pub fn run(okno: Okno) -> Result<(), Failure> {
    surroundings::prepare()?;
    match okno.task {
        Task::Demo(args) => demo::run(&args),
        Task::Serve(args) => serve::run(&args),
        Task::Migrate(args) => migrate::run(&args),
        Task::Import(args) => import::run(&args),
        Task::Replay(args) => replay::run(&args),
        Task::Openapi => openapi::run(),
    }
}
