//! The worker: so many at once, each finished, retried or given up, none lost at the end.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipelines::events::{CustomerId, Event, EventBody, EventId};
use pipelines::platform::broker::{Broker, Dead, Embedded};
use pipelines::platform::clock::Clock;
use pipelines::platform::relay::Relay;
use pipelines::platform::stage::{Routes, Stage, StageError, StageName};
use pipelines::platform::trial::Trial;
use pipelines::platform::worker;
use support::{append, within};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the stage of these tests does with an event.
#[derive(Clone, Copy, Debug)]
enum Act {
    Finish,
    FailOnce,
    FailAlways,
    Refuse,
    PanicOnce,
    PanicAlways,
}

/// Acts as it is told, once it has a permit.
struct Told {
    act: Act,
    permits: Semaphore,
    begun: AtomicUsize,
    most_at_once: AtomicUsize,
    now: AtomicUsize,
    finished: Mutex<Vec<EventId>>,
    tries: Mutex<HashMap<EventId, usize>>,
}

impl Stage for Told {
    const NAME: StageName = StageName::new("told");

    fn wants(_: &EventBody) -> bool {
        true
    }

    async fn run(&self, event: &Event) -> Result<(), StageError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        self.permits.acquire().await.unwrap().forget();
        self.now.fetch_sub(1, Ordering::SeqCst);
        let tries = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry(event.id).or_default();
            *tries += 1;
            *tries
        };
        match self.act {
            Act::FailOnce if tries == 1 => return Err(StageError::retry("not yet")),
            Act::FailAlways => return Err(StageError::retry("never")),
            Act::Refuse => return Err(StageError::discard("no such message")),
            Act::PanicOnce if tries == 1 => panic!("as this test wants it"),
            Act::PanicAlways => panic!("as this test wants it"),
            _ => {}
        }
        self.finished.lock().unwrap().push(event.id);
        Ok(())
    }
}

struct Bench {
    trial: Trial,
    clock: Clock,
    broker: Broker,
    stage: Arc<Told>,
    stop: CancellationToken,
    worker: JoinHandle<()>,
}

impl Bench {
    async fn new(act: Act, permits: usize, in_flight: u16) -> Self {
        let clock = Clock::fixed("2026-11-25T09:30:00Z".parse().unwrap(), 1);
        let trial = Trial::start_at(clock.clone()).await;
        let broker = Broker::Embedded(Embedded::new(trial.store.clone()));
        let stage = Arc::new(Told {
            act,
            permits: Semaphore::new(permits),
            begun: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            now: AtomicUsize::new(0),
            finished: Mutex::default(),
            tries: Mutex::default(),
        });
        let stop = CancellationToken::new();
        let worker = tokio::spawn(worker::run(stage.clone(), broker.clone(), clock.clone(), in_flight, stop.clone()));
        Self { trial, clock, broker, stage, stop, worker }
    }

    async fn publish(&self, count: usize) {
        let events: Vec<Event> = (0..count)
            .map(|_| Event {
                id: EventId::new(&self.clock),
                v: 1,
                at: self.clock.now(),
                customer_id: CustomerId::new(&self.clock),
                contact_id: None,
                seq: None,
                actor_id: None,
                body: EventBody::CustomerChanged { identity_id: None },
            })
            .collect();
        self.broker.publish(Told::NAME, &events).await.unwrap();
    }

    fn finished(&self) -> usize {
        self.stage.finished.lock().unwrap().len()
    }

    fn begun(&self) -> usize {
        self.stage.begun.load(Ordering::SeqCst)
    }

    /// Deliveries in the queue: all, and those that somebody holds.
    async fn left(&self) -> (i64, i64) {
        sqlx::query_as("SELECT count(*), count(leased_by) FROM delivery")
            .fetch_one(self.trial.store.pool())
            .await
            .unwrap()
    }

    /// Lets time pass until the first delivery is given up, and gives it.
    async fn given_up(&self) -> Vec<Dead> {
        within(async {
            loop {
                let dead = self.broker.dead(Told::NAME, 1).await.unwrap();
                if !dead.is_empty() {
                    return dead;
                }
                self.clock.advance(jiff::SignedDuration::from_secs(300));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
    }

    /// Lets time pass until `done`, but none while somebody holds a delivery: no lease ends under a slow machine.
    async fn until(&self, done: impl AsyncFn() -> bool) {
        within(async {
            while !done().await {
                if self.left().await.1 == 0 {
                    self.clock.advance(jiff::SignedDuration::from_secs(1));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn so_many_are_in_flight_and_no_more() {
    let bench = Bench::new(Act::Finish, 0, 4).await;
    bench.publish(10).await;
    within(async {
        while bench.begun() < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    bench.stage.permits.add_permits(10);
    bench.until(async || bench.left().await.0 == 0).await;
    assert_eq!((bench.finished(), bench.stage.most_at_once.load(Ordering::SeqCst)), (10, 4));
}

#[tokio::test]
async fn what_fails_is_tried_again() {
    let bench = Bench::new(Act::FailOnce, 1_000, 4).await;
    bench.publish(5).await;
    bench.until(async || bench.left().await.0 == 0).await;
    assert_eq!((bench.finished(), bench.begun()), (5, 10));
}

#[tokio::test]
async fn a_panic_is_a_failure_like_any_other() {
    let bench = Bench::new(Act::PanicOnce, 1_000, 4).await;
    bench.publish(5).await;
    bench.until(async || bench.left().await.0 == 0).await;
    assert_eq!((bench.finished(), bench.begun()), (5, 10));
}

#[tokio::test]
async fn what_always_fails_is_given_up_in_the_end() {
    let bench = Bench::new(Act::FailAlways, 1_000, 1).await;
    bench.publish(1).await;
    let dead = bench.given_up().await;
    assert_eq!((dead[0].attempts, dead[0].error.as_deref()), (worker::MAX_ATTEMPTS, Some("never")));
    assert_eq!(bench.begun(), 20);
    assert_eq!(bench.left().await.0, 0);
}

/// Not by the lease of a delivery that a dead task forgot: the worker itself sees the panic.
#[tokio::test]
async fn what_always_panics_is_given_up_in_the_end() {
    let bench = Bench::new(Act::PanicAlways, 1_000, 1).await;
    bench.publish(1).await;
    let dead = bench.given_up().await;
    assert_eq!(dead[0].error.as_deref(), Some("the stage panicked; see the log"));
    assert_eq!(bench.begun(), 20);
}

#[tokio::test]
async fn what_is_refused_is_given_up_at_once() {
    let bench = Bench::new(Act::Refuse, 1_000, 1).await;
    bench.publish(1).await;
    bench.until(async || bench.left().await.0 == 0).await;
    let dead = bench.broker.dead(Told::NAME, 1).await.unwrap();
    assert_eq!((dead[0].attempts, dead[0].error.as_deref(), bench.begun()), (1, Some("no such message"), 1));
}

#[tokio::test]
async fn what_never_came_to_an_end_is_given_up_without_another_try() {
    let bench = Bench::new(Act::Finish, 0, 1).await;
    sqlx::query(
        "INSERT INTO delivery (stage, event_id, body, ready_at, attempts)
         VALUES ('told', $1, jsonb_build_object('id', $1, 'v', 1, 'at', '2026-11-25T09:00:00Z', 'customer_id', $1,
                 'contact_id', null, 'seq', null, 'actor_id', null, 'type', 'customer_changed',
                 'data', jsonb_build_object('identity_id', null)), $2, 20)",
    )
    .bind(bench.clock.id())
    .bind(jiff_sqlx::ToSqlx::to_sqlx(bench.clock.now()))
    .execute(bench.trial.store.pool())
    .await
    .unwrap();
    bench.until(async || bench.left().await.0 == 0).await;
    let dead = bench.broker.dead(Told::NAME, 1).await.unwrap();
    assert_eq!((dead[0].error.as_deref(), bench.begun()), (Some("20 attempts came to no end"), 0));
}

#[tokio::test]
async fn the_end_waits_for_what_is_begun_and_gives_back_the_rest() {
    let bench = Bench::new(Act::Finish, 0, 3).await;
    bench.publish(10).await;
    within(async {
        while bench.begun() < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    bench.stop.cancel();
    // Long enough for a worker that does not wait to have given everything back.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!bench.worker.is_finished());
    bench.stage.permits.add_permits(1_000);
    let Bench { trial, worker, stage, .. } = bench;
    within(worker).await.unwrap();
    assert_eq!(stage.begun.load(Ordering::SeqCst), 3);
    let left: (i64, i64, i64) =
        sqlx::query_as("SELECT count(*), count(leased_by), sum(attempts)::bigint FROM delivery")
            .fetch_one(trial.store.pool())
            .await
            .unwrap();
    assert_eq!(left, (7, 0, 0));
}

#[tokio::test]
async fn what_does_not_end_in_time_is_given_back() {
    let bench = Bench::new(Act::Finish, 0, 2).await;
    bench.publish(2).await;
    within(async {
        while bench.begun() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    bench.stop.cancel();
    let Bench { trial, worker, stage, .. } = bench;
    within(worker).await.unwrap();
    assert_eq!(stage.finished.lock().unwrap().len(), 0);
    let left: (i64, i64) =
        sqlx::query_as("SELECT count(*), count(leased_by) FROM delivery").fetch_one(trial.store.pool()).await.unwrap();
    assert_eq!(left, (2, 0));
}

/// The whole way, and each event once: commit, log, relay, queue, stage.
#[tokio::test]
async fn from_the_commit_to_the_stage() {
    let bench = Bench::new(Act::Finish, 1_000, 8).await;
    let routes = Routes::default().to::<Told>();
    let relay = Relay::new(bench.trial.store.clone(), bench.broker.clone(), routes);
    let relaying = tokio::spawn(relay.run(bench.stop.clone()));
    for _ in 0..10 {
        append(&bench.trial.store, 20).await;
    }
    within(async {
        while bench.finished() < 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let mut ids = bench.stage.finished.lock().unwrap().clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), bench.begun()), (200, 200));
    bench.stop.cancel();
    within(relaying).await.unwrap();
    within(bench.worker).await.unwrap();
}
