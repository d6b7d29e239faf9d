//! The database as a whole: reached, made, brought to this version of the data, removed.

mod store;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::clock::Clock;
use super::store::Store;

/// The shape of the data that this program reads and writes.
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// Connections of one process. PostgreSQL allows a hundred by itself: room for four processes and a person.
const CONNECTIONS: u32 = 20;

/// Longest wait for a connection, also for the first one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reaches the database; does not look at the version of its data.
pub async fn connect(url: &SecretString, clock: Clock) -> Result<Store, DatabaseError> {
    let options = parse(url)?
        .application_name("okno")
        // A process that hangs in the middle of a change must not hold its contact and its part of the log for ever.
        .options([("idle_in_transaction_session_timeout", "60s")]);
    let pool =
        PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_with(options).await?;
    Ok(Store::new(pool, clock))
}

/// Brings the data to this program's version. Several processes may call it at once; one works, the others wait.
pub async fn migrate(store: &Store) -> Result<(), DatabaseError> {
    // On a connection of its own: a failed migration keeps its lock until the connection is closed.
    let mut conn = store.pool().acquire().await?.detach();
    let done = MIGRATIONS.run(&mut conn).await;
    conn.close().await?;
    Ok(done?)
}

/// Says whether this program and the data fit together, without changing anything.
pub async fn check(store: &Store) -> Result<(), DatabaseError> {
    let applied = store::applied(store.pool()).await?;
    for of in &applied {
        let ours = MIGRATIONS.iter().find(|migration| migration.version == of.version);
        match ours {
            None => return Err(DatabaseError::Newer { version: of.version }),
            Some(ours) if ours.checksum != of.checksum => return Err(DatabaseError::Altered { version: of.version }),
            Some(_) => {}
        }
    }
    match MIGRATIONS.iter().find(|ours| applied.iter().all(|of| of.version != ours.version)) {
        Some(_) => Err(DatabaseError::Older),
        None => Ok(()),
    }
}

/// Makes an empty database where there is none; the server's `postgres` database is asked to.
pub async fn create_if_missing(url: &SecretString) -> Result<(), DatabaseError> {
    let (mut admin, name) = admin_of(url).await?;
    store::create(&mut admin, &name, None).await?;
    Ok(admin.close().await?)
}

/// Removes the database and whatever is connected to it.
pub async fn drop_database(url: &SecretString) -> Result<(), DatabaseError> {
    let (mut admin, name) = admin_of(url).await?;
    store::drop(&mut admin, &name).await?;
    Ok(admin.close().await?)
}

/// A database of its own for one test, cloned from a template that is migrated once; gives its address.
pub(super) async fn clone_of_template(admin: &SecretString, clock: &Clock) -> Result<SecretString, DatabaseError> {
    let options = parse(admin)?;
    let mut admin = PgConnection::connect_with(&options).await?;
    let template = format!("okno_template_{}", fingerprint());
    store::lock_templates(&mut admin).await?;
    store::drop_abandoned_trials(&mut admin, clock.now().as_second()).await?;
    if !store::exists(&mut admin, &template).await? {
        let draft = format!("{template}_draft");
        store::drop(&mut admin, &draft).await?;
        store::create(&mut admin, &draft, None).await?;
        let mut fresh = PgConnection::connect_with(&options.clone().database(&draft)).await?;
        MIGRATIONS.run(&mut fresh).await?;
        fresh.close().await?;
        store::rename(&mut admin, &draft, &template).await?;
    }
    let name = format!("okno_trial_{}_{:08x}", clock.now().as_second(), clock.id().as_u128() as u32);
    store::create(&mut admin, &name, Some(&template)).await?;
    admin.close().await?;
    Ok(options.database(&name).to_url_lossy().to_string().into())
}

/// Tells sets of migrations apart: checkouts with different ones share a server.
fn fingerprint() -> String {
    let mut digest = <sha2::Sha256 as sha2::Digest>::new();
    for migration in MIGRATIONS.iter() {
        sha2::Digest::update(&mut digest, &migration.checksum);
    }
    sha2::Digest::finalize(digest).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

async fn admin_of(url: &SecretString) -> Result<(PgConnection, String), DatabaseError> {
    let options = parse(url)?;
    let name = options.get_database().unwrap_or(options.get_username()).to_owned();
    Ok((PgConnection::connect_with(&options.database("postgres")).await?, name))
}

fn parse(url: &SecretString) -> Result<PgConnectOptions, DatabaseError> {
    url.expose_secret().parse().map_err(|_| DatabaseError::Address)
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("DATABASE_URL cannot be read; write it as postgres://user:password@host:5432/okno")]
    Address,
    #[error("the database does not exist; create it with `okno migrate`")]
    Missing,
    #[error("the data is of an older version; run `okno migrate` first")]
    Older,
    #[error("the data is of a newer version ({version}) than this program; start the newer program")]
    Newer { version: i64 },
    #[error("migration {version} of the data is not the one this program knows; start the program that made it")]
    Altered { version: i64 },
    #[error("the database did not answer; check DATABASE_URL and that PostgreSQL is running: {0}")]
    Unreachable(#[source] sqlx::Error),
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        /// SQLSTATE `invalid_catalog_name`.
        const NO_SUCH_DATABASE: &str = "3D000";
        match error.as_database_error().and_then(|inner| inner.code()) {
            Some(code) if code == NO_SUCH_DATABASE => Self::Missing,
            _ => Self::Unreachable(error),
        }
    }
}

impl From<MigrateError> for DatabaseError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Newer { version },
            MigrateError::VersionMismatch(version) => Self::Altered { version },
            other => Self::Unreachable(sqlx::Error::Migrate(Box::new(other))),
        }
    }
}
