//! The database as a whole, on a real server.

use pipelines::platform::clock::Clock;
use pipelines::platform::database::{self, DatabaseError};
use pipelines::platform::trial::Trial;

#[tokio::test]
async fn trials_are_migrated_and_apart() {
    let (one, other) = tokio::join!(Trial::start(), Trial::start());
    database::check(&one.store).await.unwrap();
    sqlx::query("INSERT INTO brand (id, slug, name) VALUES ($1, 'a', 'A')")
        .bind(one.store.clock().id())
        .execute(one.store.pool())
        .await
        .unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM brand").fetch_one(other.store.pool()).await.unwrap();
    assert_eq!(seen, 0);
}

#[tokio::test]
async fn a_trial_is_gone_afterwards() {
    let trial = Trial::start().await;
    let url = trial.url.clone();
    drop(trial);
    assert!(matches!(database::connect(&url, Clock::system()).await, Err(DatabaseError::Missing)));
}

#[tokio::test]
async fn a_missing_database_is_made_and_migrated_once() {
    let trial = Trial::start().await;
    let url = trial.url.clone();
    database::drop_database(&url).await.unwrap();
    let (a, b) = tokio::join!(database::create_if_missing(&url), database::create_if_missing(&url));
    a.unwrap();
    b.unwrap();
    let store = database::connect(&url, Clock::system()).await.unwrap();
    assert!(matches!(database::check(&store).await, Err(DatabaseError::Older)));
    let (a, b) = tokio::join!(database::migrate(&store), database::migrate(&store));
    a.unwrap();
    b.unwrap();
    database::check(&store).await.unwrap();
}

#[tokio::test]
async fn data_of_another_version_is_refused() {
    let trial = Trial::start().await;
    let run = |statement: &'static str| sqlx::query(statement).execute(trial.store.pool());
    run("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'tomorrow', true, '', 0)")
    .await
    .unwrap();
    assert!(matches!(database::check(&trial.store).await, Err(DatabaseError::Newer { version: 9999 })));
    assert!(matches!(database::migrate(&trial.store).await, Err(DatabaseError::Newer { version: 9999 })));
    run("DELETE FROM _sqlx_migrations WHERE version = 9999").await.unwrap();
    run("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1").await.unwrap();
    assert!(matches!(database::check(&trial.store).await, Err(DatabaseError::Altered { version: 1 })));
    assert!(matches!(database::migrate(&trial.store).await, Err(DatabaseError::Altered { version: 1 })));
}

#[tokio::test]
async fn an_unreadable_address_is_said_without_repeating_it() {
    let error = database::connect(&"mysql//:hunter2".to_owned().into(), Clock::system()).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Address));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}
