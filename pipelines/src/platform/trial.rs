//! A database of its own for one test: real, migrated, empty, gone afterwards.

use secrecy::SecretString;

use super::clock::Clock;
use super::database;
use super::store::Store;

/// A fresh database on the server that `OKNO_TEST_DATABASE_URL` names (else `DATABASE_URL`), removed on drop.
///
/// Tests that run at the same time never see one another.
#[derive(Debug)]
pub struct Trial {
    pub store: Store,
    /// The trial's own database, for processes that the test starts.
    pub url: SecretString,
}

impl Trial {
    /// A trial that lives in the machine's time. Fails the test where no server is to be had.
    pub async fn start() -> Self {
        Self::start_at(Clock::system()).await
    }

    /// A trial whose store has `clock`: usually a fixed one that the test moves.
    pub async fn start_at(clock: Clock) -> Self {
        let admin = std::env::var("OKNO_TEST_DATABASE_URL")
            .or_else(|_| std::env::var("DATABASE_URL"))
            .expect("set OKNO_TEST_DATABASE_URL to a PostgreSQL server where databases may be created")
            .into();
        let url = database::clone_of_template(&admin, &Clock::system())
            .await
            .expect("OKNO_TEST_DATABASE_URL names a server where databases may be created");
        let store = database::connect(&url, clock).await.expect("a database that was just made can be reached");
        Self { store, url }
    }
}

impl Drop for Trial {
    /// Runs on a thread of its own: a test's runtime may be the very one that is going away.
    fn drop(&mut self) {
        let url = self.url.clone();
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(database::drop_database(&url)))
        });
        if !matches!(removal.join(), Ok(Ok(Ok(())))) {
            tracing::warn!("a trial's database stays behind; a later trial removes it");
        }
    }
}
