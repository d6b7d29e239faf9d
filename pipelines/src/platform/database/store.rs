//! Statements about databases. Names of databases cannot be bound, so they are quoted here and nowhere else.

use sqlx::migrate::{AppliedMigration, Migrate};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

/// A trial's database outlives its test only when the test was killed; after this long it was.
const ABANDONED_AFTER_S: i64 = 2 * 60 * 60;

/// Migrations that the database has seen; none where it has never been migrated.
pub(super) async fn applied(pool: &PgPool) -> Result<Vec<AppliedMigration>, sqlx::Error> {
    let mut conn = pool.acquire().await?;
    let migrated = sqlx::query_scalar!(r#"SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS "migrated!""#)
        .fetch_one(&mut *conn);
    if !migrated.await? {
        return Ok(Vec::new());
    }
    conn.list_applied_migrations("_sqlx_migrations").await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))
}

pub(super) async fn exists(admin: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS "exists!""#, name)
        .fetch_one(admin)
        .await
}

/// Makes a database unless there is one of that name.
pub(super) async fn create(admin: &mut PgConnection, name: &str, template: Option<&str>) -> Result<(), sqlx::Error> {
    if exists(admin, name).await? {
        return Ok(());
    }
    let template = template.map_or_else(|| "template0".to_owned(), quoted);
    let statement = format!("CREATE DATABASE {} TEMPLATE {template} ENCODING 'UTF8'", quoted(name));
    match sqlx::raw_sql(AssertSqlSafe(statement)).execute(admin).await {
        Ok(_) => Ok(()),
        Err(error) if error.as_database_error().is_some_and(|inner| inner.is_unique_violation()) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) async fn drop(admin: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name));
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(admin).await?;
    Ok(())
}

pub(super) async fn rename(admin: &mut PgConnection, from: &str, to: &str) -> Result<(), sqlx::Error> {
    let statement = format!("ALTER DATABASE {} RENAME TO {}", quoted(from), quoted(to));
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(admin).await?;
    Ok(())
}

/// One process at a time looks for the template and makes it; held until the connection closes.
pub(super) async fn lock_templates(admin: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_lock(hashtext('okno templates'))").execute(admin).await?;
    Ok(())
}

/// Removes the databases that killed tests left behind; their names carry the second of their making.
pub(super) async fn drop_abandoned_trials(admin: &mut PgConnection, now_s: i64) -> Result<(), sqlx::Error> {
    let names = sqlx::query_scalar!(
        r#"SELECT datname::text AS "name!" FROM pg_database
           WHERE datname ~ '^okno_trial_[0-9]+_' AND split_part(datname, '_', 3)::bigint < $1"#,
        now_s - ABANDONED_AFTER_S,
    )
    .fetch_all(&mut *admin)
    .await?;
    for name in names {
        drop(admin, &name).await?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
