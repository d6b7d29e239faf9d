//! The event log under concurrent writers and readers, and its housekeeping.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use pipelines::events::{ContactId, CustomerId, EventBody, EventId, MessageId};
use pipelines::platform::broker::{Broker, Embedded};
use pipelines::platform::clock::Clock;
use pipelines::platform::database;
use pipelines::platform::log::{Entry, Tail, housekeeping};
use pipelines::platform::relay::Relay;
use pipelines::platform::stage::Routes;
use pipelines::platform::store::{Store, part_of};
use pipelines::platform::trial::Trial;
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use support::{append, talk, within};

/// What one writer does in one change: appends to these talks, then commits or not.
#[derive(Clone, Debug)]
struct Plan {
    talks: Vec<usize>,
    without_contact: bool,
    commits: bool,
}

const TALKS: usize = 6;

fn plans() -> impl Strategy<Value = Vec<Vec<Plan>>> {
    let plan = (prop::collection::vec(0..TALKS, 0..4), any::<bool>(), prop::bool::weighted(0.8)).prop_map(
        |(mut talks, without_contact, commits)| {
            // Rows of contacts are locked in one order, as the domains do.
            talks.sort_unstable();
            Plan { talks, without_contact, commits }
        },
    );
    prop::collection::vec(prop::collection::vec(plan, 1..6), 32)
}

async fn write(store: &Store, talks: &[(CustomerId, ContactId)], plan: &Plan) -> usize {
    let mut change = store.begin().await.unwrap();
    let mut written = plan.talks.len();
    for talk in &plan.talks {
        let (customer, contact) = talks[*talk];
        let body = EventBody::MessageEdited { message_id: MessageId::new(store.clock()) };
        change.append(customer, contact, None, body).await.unwrap();
        tokio::task::yield_now().await;
    }
    if plan.without_contact {
        change.append_to_customer(talks[0].0, None, EventBody::CustomerChanged { identity_id: None });
        written += 1;
    }
    if plan.commits {
        change.commit().await.unwrap();
        written
    } else {
        drop(change);
        0
    }
}

/// Reads until `count` events were seen.
async fn read(tail: &mut Tail, count: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    within(async {
        while entries.len() < count {
            entries.extend(tail.next().await.unwrap());
        }
    })
    .await;
    entries
}

/// Each part from 1 without a gap, each contact too, in the order in which they were read.
fn check(entries: &[Entry]) -> Result<(), TestCaseError> {
    let mut parts = BTreeMap::new();
    let mut contacts = BTreeMap::new();
    for Entry { part, position, event } in entries {
        prop_assert_eq!(*part, part_of(event.customer_id));
        let last = parts.insert(*part, *position).unwrap_or(0);
        prop_assert_eq!(*position, last + 1, "part {}", part);
        if let (Some(contact), Some(seq)) = (event.contact_id, event.seq) {
            let last = contacts.insert(contact, seq).unwrap_or(0);
            prop_assert_eq!(seq, last + 1, "contact {}", contact);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    /// 32 writers that commit and abort, and a reader that reads all the while.
    #[test]
    fn positions_have_no_gaps_and_a_reader_misses_nothing(plans in plans()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let entries = runtime.block_on(async {
            let trial = Trial::start().await;
            let mut talks = Vec::new();
            for _ in 0..TALKS {
                talks.push(talk(&trial.store).await);
            }
            let mut tail = Tail::from_end(&trial.store).await.unwrap();
            let mut writers = tokio::task::JoinSet::new();
            for plan in plans {
                let (store, talks) = (trial.store.clone(), talks.clone());
                writers.spawn(async move {
                    let mut written = 0;
                    for plan in &plan {
                        written += write(&store, &talks, plan).await;
                    }
                    written
                });
            }
            let mut entries = Vec::new();
            let mut written = 0;
            while let Some(joined) = within(async {
                loop {
                    tokio::select! {
                        joined = writers.join_next() => return joined,
                        news = tail.next() => entries.extend(news.unwrap()),
                    }
                }
            }).await {
                written += joined.unwrap();
            }
            if entries.len() < written {
                entries.extend(read(&mut tail, written - entries.len()).await);
            }
            assert_eq!(entries.len(), written);
            entries
        });
        check(&entries)?;
    }
}

#[tokio::test]
async fn a_reader_goes_on_from_its_positions() {
    let trial = Trial::start().await;
    let mut tail = Tail::from_end(&trial.store).await.unwrap();
    let first = append(&trial.store, 300).await;
    let seen = read(&mut tail, 150).await;
    let mut again = Tail::after(&trial.store, tail.positions().collect::<Vec<_>>());
    let rest = read(&mut again, 300 - seen.len()).await;
    let mut ids: Vec<EventId> = seen.iter().chain(&rest).map(|entry| entry.event.id).collect();
    ids.sort_unstable();
    let mut all: Vec<EventId> = {
        let mut from_the_start = Tail::after(&trial.store, []);
        read(&mut from_the_start, 300).await.into_iter().map(|entry| entry.event.id).collect()
    };
    all.sort_unstable();
    assert_eq!(ids, all);
    assert_eq!(first.len(), 300);
}

#[tokio::test]
async fn what_another_process_commits_is_read() {
    let trial = Trial::start().await;
    let other = database::connect(&trial.url, Clock::system()).await.unwrap();
    let mut tail = Tail::from_end(&trial.store).await.unwrap();
    let customers = append(&other, 5).await;
    let entries = read(&mut tail, 5).await;
    let mut seen: Vec<_> = entries.iter().map(|entry| entry.event.customer_id).collect();
    seen.sort_unstable();
    let mut expected = customers;
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

/// Not by the net below: the wake-up itself crosses from process to process.
#[tokio::test]
async fn a_commit_wakes_other_processes() {
    let trial = Trial::start().await;
    let other = database::connect(&trial.url, Clock::system()).await.unwrap();
    let mut news = trial.store.appended();
    // The listener rings once when it begins to listen, perhaps before we did.
    within(async {
        while tokio::time::timeout(Duration::from_millis(100), news.changed()).await.is_err() {
            append(&other, 1).await;
        }
    })
    .await;
    append(&other, 1).await;
    within(news.changed()).await.unwrap();
}

#[tokio::test]
async fn an_event_that_cannot_be_read_holds_up_its_part_only() {
    let trial = Trial::start().await;
    let mut tail = Tail::from_end(&trial.store).await.unwrap();
    let customer = append(&trial.store, 1).await[0];
    read(&mut tail, 1).await;
    sqlx::query("UPDATE event SET type = 'of_tomorrow'").execute(trial.store.pool()).await.unwrap();
    let mut tail = Tail::after(&trial.store, []);
    let mut change = trial.store.begin().await.unwrap();
    change.append_to_customer(customer, None, EventBody::CustomerChanged { identity_id: None });
    let elsewhere = loop {
        let other = CustomerId::new(trial.store.clock());
        if part_of(other) != part_of(customer) {
            break other;
        }
    };
    change.append_to_customer(elsewhere, None, EventBody::CustomerChanged { identity_id: None });
    change.commit().await.unwrap();
    let entries = read(&mut tail, 1).await;
    assert_eq!(entries.iter().map(|entry| entry.event.customer_id).collect::<Vec<_>>(), [elsewhere]);
    sqlx::query("UPDATE event SET type = 'customer_changed'").execute(trial.store.pool()).await.unwrap();
    assert_eq!(read(&mut tail, 2).await.iter().map(|entry| entry.position).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn reading_news_never_scans_a_day() {
    let trial = Trial::start().await;
    housekeeping::round(&trial.store).await.unwrap().unwrap();
    let pool = trial.store.pool();
    sqlx::query(
        "INSERT INTO event (part, position, at, id, type, v, customer_id, data)
         SELECT n % 64, n / 64 + 1, $1, md5(n::text)::uuid, 'customer_changed', 1, md5(n::text)::uuid, '{}'
         FROM generate_series(0, 19999) AS n",
    )
    .bind(trial.store.clock().now().to_sqlx())
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("UPDATE log_part SET position = (SELECT max(position) FROM event WHERE event.part = log_part.part)")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("ANALYZE").execute(pool).await.unwrap();
    pool.close().await;
    everybody_leaves(&trial.url).await;
    let store = database::connect(&trial.url, Clock::system()).await.unwrap();
    let mut tail = Tail::from_end(&store).await.unwrap();
    let before = scans(&store).await;
    append(&store, 3).await;
    read(&mut tail, 3).await;
    store.pool().close().await;
    everybody_leaves(&trial.url).await;
    let store = database::connect(&trial.url, Clock::system()).await.unwrap();
    let after = scans(&store).await;
    assert!(after.1 > before.1, "the news were not found by an index");
    assert_eq!(after.0, before.0, "a partition of the log was read from end to end");
}

/// Ends the sessions that the database has and waits until they are gone: counters are complete once those who counted
/// are. That one could not be ended says nothing, it may have gone by itself; and a listener comes back at once.
async fn everybody_leaves(url: &SecretString) {
    let options: PgConnectOptions = url.expose_secret().parse().unwrap();
    let name = options.get_database().unwrap().to_owned();
    let mut outside = PgConnection::connect_with(&options.database("postgres")).await.unwrap();
    let sessions: Vec<i32> =
        sqlx::query_scalar("SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'")
            .bind(&name)
            .fetch_all(&mut outside)
            .await
            .unwrap();
    let left = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE pid = ANY($1)";
    within(async {
        while sqlx::query_scalar::<_, i64>(left).bind(&sessions).fetch_one(&mut outside).await.unwrap() > 0 {}
    })
    .await;
}

/// Scans of the days that hold events from end to end, and by index. Empty days cost nothing either way.
async fn scans(store: &Store) -> (i64, i64) {
    sqlx::query_as(
        "SELECT sum(seq_scan)::bigint, sum(idx_scan)::bigint
         FROM pg_stat_user_tables AS counted JOIN pg_class ON oid = relid
         WHERE counted.relname ~ '^event_2' AND reltuples > 0",
    )
    .fetch_one(store.pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn days_are_made_filled_and_dropped() {
    let clock = Clock::fixed("2026-11-25T23:30:00Z".parse().unwrap(), 1);
    let trial = Trial::start_at(clock.clone()).await;
    let store = &trial.store;
    let mut tail = Tail::from_end(store).await.unwrap();
    append(store, 10).await;
    assert_eq!(rows(store, "event_default").await, 10);

    let round = housekeeping::round(store).await.unwrap().unwrap();
    assert_eq!(round.made.len(), 15);
    assert_eq!(round.made[0].to_string(), "2026-11-25");
    assert_eq!((rows(store, "event_default").await, rows(store, "event_20261125").await), (0, 10));
    assert_eq!(read(&mut tail, 10).await.len(), 10);

    clock.advance(jiff::SignedDuration::from_hours(1));
    append(store, 5).await;
    assert_eq!(rows(store, "event_20261126").await, 5);
    let round = housekeeping::round(store).await.unwrap().unwrap();
    assert_eq!((round.made.len(), round.dropped.len()), (1, 0));

    // 36 days later, with nobody at work in between: a day that no relay has published is not dropped.
    clock.advance(jiff::SignedDuration::from_hours(36 * 24));
    append(store, 7).await;
    assert_eq!(rows(store, "event_default").await, 7);
    let round = housekeeping::round(store).await.unwrap().unwrap();
    assert_eq!(round.unpublished.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-11-25", "2026-11-26"]);
    assert_eq!(rows(store, "event_default").await, 0);

    let mut relay = Relay::new(store.clone(), Broker::Embedded(Embedded::new(store.clone())), Routes::default());
    relay.lease().await.unwrap();
    while relay.pass().await.unwrap() > 0 {}
    let round = housekeeping::round(store).await.unwrap().unwrap();
    assert_eq!(round.dropped.first().map(ToString::to_string).as_deref(), Some("2026-11-25"));
    assert_eq!(rows(store, "event").await, 7);
    // Readers from the very beginning go on with what there is.
    assert_eq!(read(&mut Tail::after(store, []), 7).await.len(), 7);
}

#[tokio::test]
async fn one_process_keeps_house() {
    let trial = Trial::start().await;
    let mut other = trial.store.pool().acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(hashtext('okno housekeeping'))").execute(&mut *other).await.unwrap();
    assert_eq!(housekeeping::round(&trial.store).await.unwrap(), None);
    sqlx::query("SELECT pg_advisory_unlock_all()").execute(&mut *other).await.unwrap();
    assert!(housekeeping::round(&trial.store).await.unwrap().is_some());
    assert!(housekeeping::round(&trial.store).await.unwrap().is_some(), "the lead is given up after a round");
}

#[tokio::test]
async fn what_was_received_long_ago_is_forgotten() {
    let trial = Trial::start().await;
    let now = trial.store.clock().now();
    let receive = |id: &'static str, at: Timestamp| {
        sqlx::query("INSERT INTO received (account_id, external_id, at) VALUES ($1, $2, $3)")
            .bind(trial.store.clock().id())
            .bind(id)
            .bind(at.to_sqlx())
            .execute(trial.store.pool())
    };
    receive("old", now - jiff::SignedDuration::from_hours(36 * 24)).await.unwrap();
    receive("young", now - jiff::SignedDuration::from_hours(34 * 24)).await.unwrap();
    assert_eq!(housekeeping::round(&trial.store).await.unwrap().unwrap().removed, 1);
    let left: Vec<String> =
        sqlx::query_scalar("SELECT external_id FROM received").fetch_all(trial.store.pool()).await.unwrap();
    assert_eq!(left, ["young"]);
}

async fn rows(store: &Store, table: &str) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(count).fetch_one(store.pool()).await.unwrap()
}
