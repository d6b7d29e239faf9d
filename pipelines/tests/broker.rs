//! One contract over both brokers, on real servers; and what only RabbitMQ has.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod support;

use std::time::Duration;

use lapin::options::{BasicGetOptions, QueueDeleteOptions};
use lapin::types::AMQPValue;
use pipelines::events::{CustomerId, Event, EventBody, EventId};
use pipelines::platform::broker::{Broker, BrokerError, Deliveries, Delivery, Embedded, Rabbit};
use pipelines::platform::clock::Clock;
use pipelines::platform::stage::StageName;
use pipelines::platform::trial::Trial;
use support::proxy::Proxy;
use support::within;

/// A broker with a stage that nobody else uses, and the ways to harm it.
struct Bench {
    broker: Broker,
    stage: StageName,
    clock: Clock,
    harm: Harm,
}

enum Harm {
    Embedded(Trial),
    Rabbit(Proxy),
}

#[derive(Clone, Copy)]
enum Kind {
    Embedded,
    Rabbit,
}

fn amqp_url() -> String {
    std::env::var("AMQP_URL").expect("set AMQP_URL to a RabbitMQ server: script/services start rabbitmq")
}

impl Bench {
    async fn new(kind: Kind) -> Self {
        let stage = StageName::new(format!("trial-{}", Clock::system().id()).leak());
        match kind {
            Kind::Embedded => {
                let clock = Clock::fixed("2026-11-25T09:30:00Z".parse().unwrap(), 1);
                let trial = Trial::start_at(clock.clone()).await;
                let broker = Broker::Embedded(Embedded::new(trial.store.clone()));
                Self { broker, stage, clock, harm: Harm::Embedded(trial) }
            }
            Kind::Rabbit => {
                let proxy = Proxy::before(&amqp_url()).await;
                let clock = Clock::system();
                let rabbit = Rabbit::connect(&proxy.url().into(), clock.clone()).await.unwrap();
                Self { broker: Broker::Rabbit(rabbit), stage, clock, harm: Harm::Rabbit(proxy) }
            }
        }
    }

    /// Asks until the link stands again, where it was cut.
    async fn consume(&self, prefetch: u16) -> Deliveries {
        within(async {
            loop {
                match self.broker.consume(self.stage, prefetch).await {
                    Ok(deliveries) => return deliveries,
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        })
        .await
    }

    async fn publish(&self, events: &[Event]) {
        self.broker.publish(self.stage, events).await.unwrap();
    }

    fn events(&self, count: usize) -> Vec<Event> {
        (0..count).map(|_| self.event()).collect()
    }

    fn event(&self) -> Event {
        Event {
            id: EventId::new(&self.clock),
            v: 1,
            at: self.clock.now(),
            customer_id: CustomerId::new(&self.clock),
            contact_id: None,
            seq: None,
            actor_id: None,
            body: EventBody::CustomerChanged { identity_id: None },
        }
    }

    /// Lets `by` pass: on the fixed clock at once, on the real one by waiting.
    async fn pass(&self, by: Duration) {
        match self.harm {
            Harm::Embedded(_) => self.clock.advance(by.try_into().unwrap()),
            Harm::Rabbit(_) => tokio::time::sleep(by).await,
        }
    }

    /// Breaks every connection that the broker has.
    async fn cut(&self) {
        match &self.harm {
            Harm::Embedded(trial) => {
                // Our own connection goes down with the others.
                let _ = sqlx::query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()",
                )
                .execute(trial.store.pool())
                .await;
            }
            Harm::Rabbit(proxy) => proxy.cut().await,
        }
    }

    async fn tidy(self) {
        if let Harm::Rabbit(_) = self.harm {
            let (channel, _connection) = raw().await;
            for queue in [format!("okno.{}", self.stage), format!("okno.{}.dead", self.stage)] {
                channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
            }
        }
    }
}

/// A client of RabbitMQ that knows nothing of ours; the connection lives as long as the channel is used.
async fn raw() -> (lapin::Channel, lapin::Connection) {
    let properties = lapin::ConnectionProperties::default();
    let connection = lapin::Connection::connect(&amqp_url(), properties).await.unwrap();
    (connection.create_channel().await.unwrap(), connection)
}

async fn next(deliveries: &mut Deliveries) -> Delivery {
    // After a cut the first answer may be an error; the consumer goes on by itself.
    within(async {
        loop {
            match deliveries.next().await {
                Ok(delivery) => return delivery,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    })
    .await
}

/// Nothing more is there: an event published now is the very next.
async fn nothing_else(bench: &Bench, deliveries: &mut Deliveries) {
    let last = bench.event();
    bench.publish(std::slice::from_ref(&last)).await;
    let delivery = next(deliveries).await;
    assert_eq!(delivery.event, last);
    delivery.ack().await.unwrap();
}

macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test] async fn $name() { super::$name(super::Bench::new(super::Kind::Embedded).await).await; })+
        }
        mod rabbit {
            $(#[tokio::test] async fn $name() { super::$name(super::Bench::new(super::Kind::Rabbit).await).await; })+
        }
    };
}

contract!(
    everything_published_comes_in_order_and_once,
    competing_consumers_share,
    no_more_than_prefetch_is_out,
    a_retry_comes_later_and_counts,
    what_is_discarded_is_dead_until_redriven,
    what_is_given_back_comes_at_once,
    closing_gives_back_what_was_not_begun,
    a_dropped_delivery_comes_again,
    a_cut_connection_loses_nothing,
    what_was_published_is_there,
    an_unreadable_body_is_dead,
    waiting_can_be_broken_off_without_loss,
);

async fn everything_published_comes_in_order_and_once(bench: Bench) {
    let events = bench.events(300);
    bench.publish(&events[..100]).await;
    bench.publish(&events[100..]).await;
    let mut deliveries = bench.consume(16).await;
    for event in &events {
        let delivery = next(&mut deliveries).await;
        assert_eq!((&delivery.event, delivery.attempt), (event, 1));
        delivery.ack().await.unwrap();
    }
    nothing_else(&bench, &mut deliveries).await;
    bench.tidy().await;
}

async fn competing_consumers_share(bench: Bench) {
    let events = bench.events(40);
    let (mut one, mut other) = (bench.consume(1).await, bench.consume(1).await);
    bench.publish(&events).await;
    let mut seen = Vec::new();
    let mut shares = [0, 0];
    while seen.len() < events.len() {
        let (which, delivery) = within(async {
            tokio::select! { d = one.next() => (0, d.unwrap()), d = other.next() => (1, d.unwrap()) }
        })
        .await;
        shares[which] += 1;
        seen.push(delivery.event.id);
        delivery.ack().await.unwrap();
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), events.len());
    assert!(shares.iter().all(|share| *share > 0), "{shares:?}");
    bench.tidy().await;
}

async fn no_more_than_prefetch_is_out(bench: Bench) {
    bench.publish(&bench.events(3)).await;
    let mut held = bench.consume(2).await;
    let (first, second) = (next(&mut held).await, next(&mut held).await);
    // The third goes to whoever has room.
    let mut other = bench.consume(2).await;
    let third = next(&mut other).await;
    assert!(third.event.id != first.event.id && third.event.id != second.event.id);
    for delivery in [first, second, third] {
        delivery.ack().await.unwrap();
    }
    other.close().await.unwrap();
    nothing_else(&bench, &mut held).await;
    bench.tidy().await;
}

async fn a_retry_comes_later_and_counts(bench: Bench) {
    let mut deliveries = bench.consume(4).await;
    let event = bench.event();
    bench.publish(std::slice::from_ref(&event)).await;
    next(&mut deliveries).await.retry(Duration::from_secs(2), "the other side is away").await.unwrap();
    nothing_else(&bench, &mut deliveries).await;
    bench.pass(Duration::from_secs(2)).await;
    let again = next(&mut deliveries).await;
    assert_eq!((&again.event, again.attempt), (&event, 2));
    again.retry(Duration::ZERO, "still away").await.unwrap();
    let again = next(&mut deliveries).await;
    assert_eq!((&again.event, again.attempt), (&event, 3));
    again.ack().await.unwrap();
    nothing_else(&bench, &mut deliveries).await;
    bench.tidy().await;
}

async fn what_is_discarded_is_dead_until_redriven(bench: Bench) {
    let mut deliveries = bench.consume(4).await;
    let events = bench.events(2);
    bench.publish(&events).await;
    next(&mut deliveries).await.retry(Duration::ZERO, "once").await.unwrap();
    for _ in 0..2 {
        next(&mut deliveries).await.discard("no such message; asked by +7 900 123-05-63").await.unwrap();
    }
    nothing_else(&bench, &mut deliveries).await;
    for _ in 0..2 {
        let dead = bench.broker.dead(bench.stage, 10).await.unwrap();
        assert_eq!(dead.len(), 2, "looking takes nothing away");
        let retried = dead.iter().find(|dead| dead.event_id == Some(events[0].id)).unwrap();
        assert_eq!(retried.attempts, 2);
        assert_eq!(retried.error.as_deref(), Some("no such message; asked by [phone]"));
        assert_eq!(retried.body, serde_json::to_value(&events[0]).unwrap());
        assert!(retried.died_at.is_some());
    }
    assert_eq!(bench.broker.redrive(bench.stage).await.unwrap(), 2);
    for _ in 0..2 {
        let delivery = next(&mut deliveries).await;
        assert_eq!(delivery.attempt, 1);
        delivery.ack().await.unwrap();
    }
    assert_eq!(bench.broker.dead(bench.stage, 10).await.unwrap(), []);
    bench.tidy().await;
}

async fn what_is_given_back_comes_at_once(bench: Bench) {
    let (mut one, event) = (bench.consume(1).await, bench.event());
    bench.publish(std::slice::from_ref(&event)).await;
    next(&mut one).await.give_back().await.unwrap();
    let again = next(&mut one).await;
    assert_eq!(again.event, event);
    again.ack().await.unwrap();
    bench.tidy().await;
}

async fn closing_gives_back_what_was_not_begun(bench: Bench) {
    let events = bench.events(5);
    bench.publish(&events).await;
    let mut closing = bench.consume(8).await;
    let begun = next(&mut closing).await;
    closing.close().await.unwrap();
    let mut other = bench.consume(8).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let delivery = next(&mut other).await;
        seen.push(delivery.event.id);
        delivery.ack().await.unwrap();
    }
    assert!(!seen.contains(&begun.event.id));
    begun.ack().await.unwrap();
    nothing_else(&bench, &mut other).await;
    bench.tidy().await;
}

async fn a_dropped_delivery_comes_again(bench: Bench) {
    let (mut one, event) = (bench.consume(1).await, bench.event());
    bench.publish(std::slice::from_ref(&event)).await;
    let dropped = next(&mut one).await;
    drop(dropped);
    drop(one);
    // The embedded broker waits for the lease.
    if let Harm::Embedded(_) = bench.harm {
        let mut early = bench.consume(1).await;
        nothing_else(&bench, &mut early).await;
        bench.pass(Duration::from_secs(16)).await;
    }
    let mut other = bench.consume(1).await;
    let again = next(&mut other).await;
    assert_eq!((&again.event, again.attempt), (&event, 2));
    again.ack().await.unwrap();
    bench.tidy().await;
}

async fn a_cut_connection_loses_nothing(bench: Bench) {
    let events = bench.events(50);
    bench.publish(&events[..40]).await;
    let mut deliveries = bench.consume(4).await;
    let mut seen = Vec::new();
    let mut lost = 0;
    for turn in 0.. {
        if seen.len() == events.len() {
            break;
        }
        let delivery = next(&mut deliveries).await;
        let id = delivery.event.id;
        if turn == 10 {
            bench.cut().await;
            // Published into a broken link: an error, or done, never both.
            within(async { while bench.broker.publish(bench.stage, &events[40..]).await.is_err() {} }).await;
        }
        match delivery.ack().await {
            Ok(()) if !seen.contains(&id) => seen.push(id),
            Ok(()) => {}
            Err(_) => lost += 1,
        }
        assert!(lost < 20, "the link does not come back");
        if let Harm::Embedded(_) = bench.harm {
            bench.pass(Duration::from_secs(1)).await;
        }
    }
    bench.tidy().await;
}

/// Publishing comes back after the broker has everything: a cut at that very moment loses nothing.
async fn what_was_published_is_there(bench: Bench) {
    let events = bench.events(100);
    for some in events.chunks(10) {
        // A link that was cut before this attempt is an error, and nobody relies on what it left.
        within(async { while bench.broker.publish(bench.stage, some).await.is_err() {} }).await;
        bench.cut().await;
    }
    let mut deliveries = bench.consume(8).await;
    let mut left: std::collections::BTreeSet<_> = events.iter().map(|event| event.id).collect();
    while !left.is_empty() {
        let delivery = next(&mut deliveries).await;
        left.remove(&delivery.event.id);
        delivery.ack().await.unwrap();
    }
    bench.tidy().await;
}

async fn an_unreadable_body_is_dead(bench: Bench) {
    let mut deliveries = bench.consume(1).await;
    let event = bench.event();
    match &bench.harm {
        Harm::Embedded(trial) => {
            sqlx::query("INSERT INTO delivery (stage, event_id, body, ready_at) VALUES ($1, $2, '{\"v\": 99}', $3)")
                .bind(bench.stage.as_str())
                .bind(event.id.0)
                .bind(jiff_sqlx::ToSqlx::to_sqlx(bench.clock.now()))
                .execute(trial.store.pool())
                .await
                .unwrap();
        }
        Harm::Rabbit(_) => {
            let (channel, _connection) = raw().await;
            // without a confirmation the message may still be on its way when the connection is dropped
            channel.confirm_select(lapin::options::ConfirmSelectOptions::default()).await.unwrap();
            let queue = format!("okno.{}", bench.stage);
            let publish = channel.basic_publish(
                "".into(),
                queue.as_str().into(),
                lapin::options::BasicPublishOptions::default(),
                b"{\"v\": 99}",
                lapin::BasicProperties::default(),
            );
            publish.await.unwrap().await.unwrap();
        }
    }
    nothing_else(&bench, &mut deliveries).await;
    let dead = within(async {
        loop {
            match bench.broker.dead(bench.stage, 10).await.unwrap() {
                dead if dead.is_empty() => tokio::task::yield_now().await,
                dead => return dead,
            }
        }
    })
    .await;
    assert_eq!(dead[0].body, serde_json::json!({"v": 99}));
    assert!(dead[0].error.as_deref().unwrap().starts_with("unreadable event"));
    bench.tidy().await;
}

async fn waiting_can_be_broken_off_without_loss(bench: Bench) {
    let events = bench.events(30);
    let mut deliveries = bench.consume(4).await;
    let mut seen = Vec::new();
    for event in &events {
        bench.publish(std::slice::from_ref(event)).await;
        // Broken off at every point that a slow or a fast answer can have reached.
        for micros in [0, 50, 200, 500, 1_000, 2_000] {
            if let Ok(delivery) = tokio::time::timeout(Duration::from_micros(micros), deliveries.next()).await {
                let delivery = delivery.unwrap();
                seen.push(delivery.event.id);
                delivery.ack().await.unwrap();
            }
        }
    }
    while seen.len() < events.len() {
        let delivery = next(&mut deliveries).await;
        assert_eq!(delivery.attempt, 1);
        seen.push(delivery.event.id);
        delivery.ack().await.unwrap();
    }
    assert_eq!(seen, events.iter().map(|event| event.id).collect::<Vec<_>>());
    bench.tidy().await;
}

#[tokio::test]
async fn rabbit_says_that_a_message_found_no_queue() {
    let bench = Bench::new(Kind::Rabbit).await;
    bench.publish(&bench.events(1)).await;
    let (channel, _connection) = raw().await;
    let queue = format!("okno.{}", bench.stage);
    channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    let events = bench.events(2);
    let outcome = bench.broker.publish(bench.stage, &events).await;
    assert!(matches!(outcome, Err(BrokerError::Unroutable(stage)) if stage == bench.stage), "{outcome:?}");
    // The queue is declared anew, so the next attempt arrives.
    bench.publish(&events).await;
    let mut deliveries = bench.consume(2).await;
    for event in &events {
        let delivery = next(&mut deliveries).await;
        assert_eq!(&delivery.event, event);
        delivery.ack().await.unwrap();
    }
    bench.tidy().await;
}

#[tokio::test]
async fn rabbit_counts_the_deaths_of_a_message() {
    let bench = Bench::new(Kind::Rabbit).await;
    let mut deliveries = bench.consume(1).await;
    bench.publish(&bench.events(1)).await;
    next(&mut deliveries).await.retry(Duration::from_millis(300), "first").await.unwrap();
    drop(deliveries);
    let (channel, _connection) = raw().await;
    let queue = format!("okno.{}", bench.stage);
    let message = within(async {
        loop {
            match channel.basic_get(queue.as_str().into(), BasicGetOptions::default()).await.unwrap() {
                Some(message) => return message,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    })
    .await;
    let headers = message.delivery.properties.headers().clone().unwrap();
    let Some(AMQPValue::FieldArray(deaths)) = headers.inner().get("x-death") else { panic!("no x-death: {headers:?}") };
    let [AMQPValue::FieldTable(death)] = deaths.as_slice() else { panic!("not one death: {deaths:?}") };
    assert_eq!(death.inner().get("count"), Some(&AMQPValue::LongLongInt(1)));
    assert_eq!(death.inner().get("reason"), Some(&AMQPValue::LongString("expired".into())));
    assert_eq!(death.inner().get("queue"), Some(&AMQPValue::LongString("okno.retry.1s".into())));
    bench.tidy().await;
}

#[tokio::test]
async fn a_wrong_address_is_said_without_repeating_it() {
    let error = Rabbit::connect(&"http://user:hunter2@".to_owned().into(), Clock::system()).await.unwrap_err();
    assert!(matches!(error, BrokerError::Address));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}
