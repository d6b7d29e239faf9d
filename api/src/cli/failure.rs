//! Why a subcommand ended early: each is one sentence that says what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use models::evaluate::ReferenceError;
use models::manifest::LoadError;
use models::reading::ReadError;
use models::trends::causes::Refused as CubeError;
use pipelines::insights::CorrectionsError;
use pipelines::platform::broker::BrokerError;
use pipelines::platform::database::DatabaseError;
use pipelines::platform::store::StoreError;
use pipelines::workforce::WorkforceError;

use super::demo::PostgresError;

use crate::replay::{ReplayError, TelegramError};

/// Printed by `main` after `okno: `; the exit code is 1.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the address {0} is already taken; stop the program that listens there or choose another with --listen")]
    AddressTaken(SocketAddr),
    #[error("cannot listen on {address}: {cause}; choose another with --listen")]
    Listen { address: SocketAddr, cause: std::io::Error },
    #[error("no database is named; set DATABASE_URL, or run `okno demo`, which brings its own")]
    NoDatabaseUrl,
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    #[error("the machine knows no time zones; install the package tzdata")]
    NoTimeZones,
    #[error("the demonstration could not be loaded: {0}")]
    Workforce(#[source] WorkforceError),
    #[error("nobody was made: {0}")]
    Operator(#[source] WorkforceError),
    #[error("there is no built page in {0}; build it with `npm ci && npm run build` in operator-web")]
    NoPage(PathBuf),
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error(transparent)]
    Model(#[from] LoadError),
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    #[error("{path} is no menu ({cause}); it needs a header line with the columns name and ingredients")]
    Menu { path: PathBuf, cause: csv::Error },
    #[error("the model could not read: {0}")]
    Unread(#[source] ReadError),
    #[error("the corrections were not given out: {0}")]
    Corrections(#[source] CorrectionsError),
    #[error("there are no model weights in {0}; set OKNO_MODELS to the folder that holds them")]
    NoModels(PathBuf),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot open {path}: {cause}; check the path and the permissions")]
    Input { path: PathBuf, cause: std::io::Error },
    #[error("reading broke off: {0}; check the disk and start again")]
    Reading(#[source] std::io::Error),
    #[error("{0} has no readable header line; save it as CSV in UTF-8")]
    NotCsv(PathBuf),
    #[error("{file} lacks the column `{column}`; `okno import --help` lists the columns")]
    NoColumn { file: PathBuf, column: &'static str },
    #[error("the first line names no column `{column}`; begin with a line of the columns' names")]
    NoHead { column: &'static str },
    #[error("line {line} of {path} is no date; write one date a line, as 2026-03-21")]
    NoDate { path: PathBuf, line: usize },
    #[error("the table cannot be explained: {0}")]
    Cube(#[source] CubeError),
    #[error("{0} bad lines were left out; their numbers stand above, everything else is done")]
    BadLines(u64),
    #[error("these are no days: --to lies before --from")]
    NoDays,
    #[error("the webhook has not come to position {0}; give --after the position of a request that arrived")]
    NotSoFar(i64),
    #[error(transparent)]
    Replay(ReplayError),
    #[error("not everything that was sent arrived; the table and the lines above say what is missing")]
    NotWhole,
    #[error("cannot write the output: {0}; free some space or choose another place")]
    Output(#[source] std::io::Error),
    #[error("the server stopped: {0}; see the log above")]
    Stopped(#[source] std::io::Error),
    #[error("{0}; this is a fault of Okno, please report it")]
    Broken(String),
}
