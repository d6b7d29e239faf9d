//! The command line: one file per subcommand.

use clap::{Parser, Subcommand};

mod anomalies;
mod batch;
mod classify;
mod database_url;
mod demo;
mod explain;
mod failure;
mod import;
mod migrate;
mod models;
mod openapi;
mod operator;
mod reading;
mod replay;
mod serve;
mod summarise;
mod surroundings;
mod table;
mod tally;
mod tools;
mod trends;

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
    /// Make somebody who may sign in: the first administrator of a fresh installation.
    Operator(operator::Operator),
    /// Bring in restaurants, customers, orders or a menu from a CSV file.
    Import(import::Import),
    /// Play written talks against a running server, as customers and operators would.
    Replay(replay::Replay),
    /// Say what the model understands of messages: JSON lines {"id","text"} in, JSON lines out.
    Classify(Box<classify::Classify>),
    /// Say what happened in contacts: JSON lines {"id","channel","turns":[{"speaker","text"}]} in, JSON lines out.
    Summarise(Box<summarise::Summarise>),
    /// Say how strange each row of a series is: CSV series,at,count in; CSV with expected,lower,upper,score,p,alert out.
    Anomalies(anomalies::Anomalies),
    /// Say which part explains a rise: CSV of attributes and expected,actual in; JSON out.
    Explain(explain::Explain),
    /// List the models, verify their files, measure how well they read.
    Models(models::Models),
    /// Count contacts anew, or tell the webhook once more.
    Trends(trends::Trends),
    /// Print the description of the HTTP interface (OpenAPI 3.1).
    Openapi,
}

impl Task {
    /// A command on files tells its bad lines on standard error, where a log would hide them.
    fn usual_log(&self) -> &'static str {
        match self {
            Self::Operator(_)
            | Self::Import(_)
            | Self::Classify(_)
            | Self::Summarise(_)
            | Self::Anomalies(_)
            | Self::Explain(_)
            | Self::Models(_)
            | Self::Trends(_)
            | Self::Openapi => "warn",
            Self::Demo(_) | Self::Serve(_) | Self::Migrate(_) | Self::Replay(_) => "info",
        }
    }
}

/// Runs a subcommand to its end.
pub fn run(okno: Okno) -> Result<(), Failure> {
    surroundings::prepare(okno.task.usual_log())?;
    match okno.task {
        Task::Demo(args) => demo::run(&args),
        Task::Serve(args) => serve::run(&args),
        Task::Migrate(args) => migrate::run(&args),
        Task::Operator(args) => operator::run(&args),
        Task::Import(args) => import::run(&args),
        Task::Replay(args) => replay::run(&args),
        Task::Classify(args) => classify::run(&args),
        Task::Summarise(args) => summarise::run(&args),
        Task::Anomalies(args) => anomalies::run(&args),
        Task::Explain(args) => explain::run(&args),
        Task::Models(args) => models::run(&args),
        Task::Trends(args) => trends::run(&args),
        Task::Openapi => openapi::run(),
    }
}
