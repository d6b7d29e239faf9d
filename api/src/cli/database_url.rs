//! Where the database is.

use clap::Args;
use secrecy::SecretString;

use super::Failure;

/// Taken by every subcommand that needs the database.
#[derive(Clone, Debug, Args)]
pub(super) struct DatabaseUrl {
    /// PostgreSQL's address, as postgres://user:password@host:5432/okno
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<SecretString>,
}

impl DatabaseUrl {
    pub(super) fn get(&self) -> Result<SecretString, Failure> {
        self.database_url.clone().ok_or(Failure::NoDatabaseUrl)
    }
}
