//! Why a measurement ended early.

use std::path::PathBuf;

/// Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(
        "set DATABASE_URL to a PostgreSQL server where databases may be created; `script/services start` gives one"
    )]
    NoDatabase,
    #[error(transparent)]
    Database(#[from] pipelines::platform::database::DatabaseError),
    #[error(transparent)]
    Store(#[from] pipelines::platform::store::StoreError),
    #[error(transparent)]
    World(#[from] pipelines::workforce::WorkforceError),
    #[error(transparent)]
    Telegram(#[from] api::replay::TelegramError),
    #[error(transparent)]
    Replay(#[from] api::replay::ReplayError),
    #[error("{file} is not as it was published: {cause}; fetch the public data again")]
    Coffee { file: PathBuf, cause: serde_json::Error },
    #[error("the machine knows no time zones; install tzdata")]
    Zones,
    #[error("{0} is missing; build it with `cargo build --package api`")]
    NoProgram(PathBuf),
    #[error("the server did not get ready; see {0}")]
    NotReady(PathBuf),
    #[error("the server refused {path}: {said}")]
    Refused { path: String, said: String },
    #[error("the server did not answer: {0}")]
    Unanswered(#[from] reqwest::Error),
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    #[error("there are no messages to send in {0}; start in the folder of the checkout")]
    NoTexts(PathBuf),
    #[error("something was lost, or came twice or out of order; the table says what")]
    NotWhole,
    #[error("`script/services {0}` failed; run it to see why")]
    Services(String),
    #[error("model: {0}")]
    Model(#[from] models::manifest::LoadError),
    #[error(transparent)]
    Read(#[from] models::reading::ReadError),
}
