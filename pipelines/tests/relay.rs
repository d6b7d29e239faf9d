//! From the log into the queues: everything, in order, whoever takes over from whom.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::SignedDuration;
use pipelines::events::{Event, EventBody, EventId};
use pipelines::platform::broker::{Broker, Embedded, Rabbit};
use pipelines::platform::clock::Clock;
use pipelines::platform::relay::{LEASE, Relay};
use pipelines::platform::stage::{Routes, Stage, StageError, StageName};
use pipelines::platform::store::Store;
use pipelines::platform::trial::Trial;
use support::{append, within};
use tokio_util::sync::CancellationToken;

/// Wants everything.
struct All;
/// Wants nothing that these tests append.
struct Edits;

impl Stage for All {
    const NAME: StageName = StageName::new("all");
    fn wants(_: &EventBody) -> bool {
        true
    }
    async fn run(&self, _: &Event) -> Result<(), StageError> {
        Ok(())
    }
}

impl Stage for Edits {
    const NAME: StageName = StageName::new("edits");
    fn wants(body: &EventBody) -> bool {
        matches!(body, EventBody::MessageEdited { .. })
    }
    async fn run(&self, _: &Event) -> Result<(), StageError> {
        Ok(())
    }
}

fn relay(store: &Store) -> Relay {
    let routes = Routes::default().to::<All>().to::<Edits>();
    Relay::new(store.clone(), Broker::Embedded(Embedded::new(store.clone())), routes)
}

/// What stands in the queue, with the place in the log that it came from, in the order of publishing.
async fn queued(store: &Store, stage: &str) -> Vec<(i16, i64)> {
    sqlx::query_as(
        "SELECT event.part, event.position FROM delivery JOIN event ON event.id = event_id
         WHERE stage = $1 ORDER BY number",
    )
    .bind(stage)
    .fetch_all(store.pool())
    .await
    .unwrap()
}

/// Each part from 1 on without a gap and in order.
fn check(queued: &[(i16, i64)], count: usize) {
    assert_eq!(queued.len(), count);
    let mut last = std::collections::BTreeMap::new();
    for (part, position) in queued {
        let before = last.insert(part, position).copied().unwrap_or(0);
        assert_eq!(*position, before + 1, "part {part}");
    }
}

fn fixed() -> Clock {
    Clock::fixed("2026-11-25T09:30:00Z".parse().unwrap(), 1)
}

fn after_the_lease() -> SignedDuration {
    SignedDuration::try_from(LEASE).unwrap() + SignedDuration::from_secs(1)
}

#[tokio::test]
async fn each_stage_gets_what_it_wants() {
    let trial = Trial::start().await;
    let mut relay = relay(&trial.store);
    relay.lease().await.unwrap();
    append(&trial.store, 40).await;
    while relay.pass().await.unwrap() > 0 {}
    check(&queued(&trial.store, "all").await, 40);
    check(&queued(&trial.store, "edits").await, 0);
}

#[tokio::test]
async fn parts_are_shared_out_among_the_living() {
    let clock = fixed();
    let trial = Trial::start_at(clock.clone()).await;
    let (mut a, mut b) = (relay(&trial.store), relay(&trial.store));
    assert_eq!(a.lease().await.unwrap(), 64);
    assert_eq!(b.lease().await.unwrap(), 0);
    assert_eq!((a.lease().await.unwrap(), b.lease().await.unwrap()), (32, 32));
    let mut c = relay(&trial.store);
    assert_eq!(c.lease().await.unwrap(), 0);
    assert_eq!((a.lease().await.unwrap(), b.lease().await.unwrap(), c.lease().await.unwrap()), (22, 22, 20));
    clock.advance(after_the_lease());
    assert_eq!(c.lease().await.unwrap(), 64);
}

#[tokio::test]
async fn a_lease_that_was_taken_over_leaves_no_gap_and_no_copy() {
    let clock = fixed();
    let trial = Trial::start_at(clock.clone()).await;
    let (mut a, mut b) = (relay(&trial.store), relay(&trial.store));
    a.lease().await.unwrap();
    append(&trial.store, 100).await;
    a.pass().await.unwrap();
    append(&trial.store, 100).await;
    // A falls silent; B takes everything; A wakes up and believes that it still holds its parts.
    clock.advance(after_the_lease());
    assert_eq!(b.lease().await.unwrap(), 64);
    a.pass().await.unwrap();
    check(&queued(&trial.store, "all").await, 100);
    b.pass().await.unwrap();
    append(&trial.store, 100).await;
    a.pass().await.unwrap();
    b.pass().await.unwrap();
    check(&queued(&trial.store, "all").await, 300);
    assert_eq!(a.lease().await.unwrap(), 0, "what B holds it keeps, until it gives up A's share");
}

#[tokio::test]
async fn relays_that_come_and_go_publish_everything_once() {
    let trial = Trial::start().await;
    let mut running = Vec::new();
    for _ in 0..3 {
        let stop = CancellationToken::new();
        running.push((stop.clone(), tokio::spawn(relay(&trial.store).run(stop))));
    }
    for round in 0..12 {
        append(&trial.store, 50).await;
        let (stop, task) = running.remove(0);
        if round % 2 == 0 {
            stop.cancel();
            within(task).await.unwrap();
        } else {
            // Killed at some point; its parts are taken over when the lease ends, so only a few are killed.
            task.abort();
        }
        if round % 2 == 0 || running.is_empty() {
            let stop = CancellationToken::new();
            running.push((stop.clone(), tokio::spawn(relay(&trial.store).run(stop))));
        }
    }
    within(async {
        while queued(&trial.store, "all").await.len() < 600 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    check(&queued(&trial.store, "all").await, 600);
    for (stop, task) in running {
        stop.cancel();
        within(task).await.unwrap();
    }
    let held: i64 =
        sqlx::query_scalar("SELECT count(*) FROM relay_part WHERE holder IS NOT NULL AND leased_until > $1")
            .bind(jiff_sqlx::ToSqlx::to_sqlx(trial.store.clock().now()))
            .fetch_one(trial.store.pool())
            .await
            .unwrap();
    assert_eq!(held, 0, "those that ended in order hold nothing");
}

/// Over RabbitMQ a relay that dies between the confirmation and its position leaves copies, never a gap.
#[tokio::test]
async fn over_rabbit_a_taken_over_lease_leaves_copies_at_most() {
    struct Wide;
    impl Stage for Wide {
        const NAME: StageName = StageName::new("trial-relay");
        fn wants(_: &EventBody) -> bool {
            true
        }
        async fn run(&self, _: &Event) -> Result<(), StageError> {
            Ok(())
        }
    }
    let clock = fixed();
    let trial = Trial::start_at(clock.clone()).await;
    let url = std::env::var("AMQP_URL").expect("set AMQP_URL to a RabbitMQ server");
    let broker = Broker::Rabbit(Rabbit::connect(&url.into(), clock.clone()).await.unwrap());
    let new = || Relay::new(trial.store.clone(), broker.clone(), Routes::default().to::<Wide>());
    let (mut a, mut b) = (new(), new());
    a.lease().await.unwrap();
    append(&trial.store, 50).await;
    clock.advance(after_the_lease());
    assert_eq!(b.lease().await.unwrap(), 64);
    // A publishes what it no longer holds: its position does not move.
    assert_eq!(a.pass().await.unwrap(), 50);
    assert_eq!(published(&trial.store).await, 0);
    while b.pass().await.unwrap() > 0 {}
    assert_eq!(published(&trial.store).await, 50);
    let mut deliveries = broker.consume(Wide::NAME, 200).await.unwrap();
    let mut seen = Vec::<EventId>::new();
    for _ in 0..100 {
        let delivery = within(deliveries.next()).await.unwrap();
        seen.push(delivery.event.id);
        delivery.ack().await.unwrap();
    }
    let expected: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT id FROM event").fetch_all(trial.store.pool()).await.unwrap();
    let seen: BTreeSet<_> = seen.into_iter().map(|id| id.0).collect();
    assert_eq!(seen, expected.into_iter().collect());
}

async fn published(store: &Store) -> i64 {
    sqlx::query_scalar("SELECT sum(position)::bigint FROM relay_part").fetch_one(store.pool()).await.unwrap()
}
