//! Whatever is read, corrected, delivered twice, late or all at once: each contact counts once as what it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use jiff_sqlx::ToSqlx;
use models::taxonomy::Topic;
use pipelines::conversations::Accepted;
use pipelines::events::{Channel, Event, EventBody, EventId, InsightId};
use pipelines::platform::broker::{Broker, Embedded, Rabbit};
use pipelines::platform::clock::Clock;
use pipelines::platform::relay::Relay;
use pipelines::platform::stage::{Routes, Stage, StageName};
use pipelines::trends::{Count, Rebuild};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use sqlx::Row;

use crate::world::World;

/// What a person or a model last said of a contact.
#[derive(Clone, Debug, Default)]
struct Known {
    read: Vec<Topic>,
    abstained: bool,
    corrected: Option<Topic>,
}

pub(crate) const TOPICS: [Topic; 4] = [Topic::LateDelivery, Topic::Payment, Topic::App, Topic::Menu];

/// Puts a reading of the contact so far into the store, as the stage that reads would.
pub(crate) async fn reads(world: &World, contact: &Accepted, topics: &[Topic], abstained: bool) {
    let topics: Vec<_> = topics.iter().map(|topic| serde_json::json!({"value": topic, "score": 0.9})).collect();
    sqlx::query(
        "INSERT INTO insight (customer_id, id, contact_id, as_of_seq, model, version, topic, abstained, sentiment, urgency,
                              language, result, latency_us, made_at)
         VALUES ($1, $2, $3, 1, 'm', '1', $4, $5, 'neutral', 'normal', 'ru', jsonb_build_object('v', 1, 'topics', $6::jsonb),
                 1, $7)
         ON CONFLICT (customer_id, contact_id, message_id) DO UPDATE SET
           topic = excluded.topic, abstained = excluded.abstained, result = excluded.result",
    )
    .bind(contact.customer_id.0)
    .bind(world.store().clock().id())
    .bind(contact.contact_id.0)
    .bind(topics.first().and_then(|topic| topic["value"].as_str().map(str::to_owned)))
    .bind(abstained)
    .bind(serde_json::Value::Array(topics))
    .bind(world.store().clock().now().to_sqlx())
    .execute(world.store().pool())
    .await
    .unwrap();
}

pub(crate) async fn corrects(world: &World, contact: &Accepted, topic: Topic) {
    sqlx::query(
        "UPDATE insight SET corrected = corrected || jsonb_build_object('topic', $3::text)
         WHERE customer_id = $1 AND contact_id = $2 AND message_id IS NULL",
    )
    .bind(contact.customer_id.0)
    .bind(contact.contact_id.0)
    .bind(topic.as_str())
    .execute(world.store().pool())
    .await
    .unwrap();
}

pub(crate) fn ready(world: &World, contact: &Accepted) -> Event {
    Event {
        id: EventId::new(world.store().clock()),
        v: 1,
        at: world.store().clock().now(),
        customer_id: contact.customer_id,
        contact_id: Some(contact.contact_id),
        seq: Some(1),
        actor_id: None,
        body: EventBody::InsightReady {
            insight_id: InsightId::new(world.store().clock()),
            message_id: None,
            as_of_seq: 1,
        },
    }
}

/// All counts as (time, topic, channel, number), those of nobody too.
async fn counts(world: &World) -> Vec<(String, String, String, i32)> {
    let rows = sqlx::query(
        "SELECT at::text, topic, channel, n FROM trend_count ORDER BY at, topic, city_id, channel, restaurant_id",
    );
    let rows = rows.fetch_all(world.store().pool()).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}

async fn contacts(world: &World) -> Vec<(uuid::Uuid, String, Vec<String>)> {
    let rows =
        sqlx::query("SELECT contact_id, at::text || day::text || dish, topics FROM trend_contact ORDER BY contact_id");
    let rows = rows.fetch_all(world.store().pool()).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

fn clock(seed: u64) -> Clock {
    Clock::fixed("2026-11-20T10:00:00Z".parse().unwrap(), seed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_follow_any_sequence_of_readings_and_corrections_and_a_recount_gives_the_same() {
    for seed in 1..=4 {
        let world = World::at(clock(seed)).await;
        let stage = Count::new(world.store().clone());
        let mut dice = StdRng::seed_from_u64(seed);
        let accounts = [world.account(Channel::Site).await, world.account(Channel::Telegram).await];
        let mut said = Vec::new();
        let mut undelivered = Vec::new();
        for step in 0..160 {
            if said.len() < 12 || dice.random_range(0..6) == 0 {
                let place = dice.random_range(0..2);
                let name = format!("{}", 100 + said.len());
                let accepted = world.says(&accounts[place], &name, &format!("{step}"), "где заказ").await;
                said.push((accepted, place, world.store().clock().now(), None::<Known>));
                world.store().clock().advance(jiff::SignedDuration::from_secs(dice.random_range(1..400)));
            }
            let at = dice.random_range(0..said.len());
            let (contact, _, _, known) = &mut said[at];
            match known {
                Some(known) if dice.random_bool(0.3) => {
                    let topic = TOPICS[dice.random_range(0..TOPICS.len())];
                    corrects(&world, contact, topic).await;
                    known.corrected = Some(topic);
                }
                _ => {
                    let mut topics = TOPICS.to_vec();
                    topics.shuffle(&mut dice);
                    topics.truncate(dice.random_range(1..=3));
                    let abstained = dice.random_bool(0.15);
                    reads(&world, contact, &topics, abstained).await;
                    let corrected = known.as_ref().and_then(|known| known.corrected);
                    *known = Some(Known { read: topics, abstained, corrected });
                }
            }
            undelivered.push(ready(&world, contact));
            if dice.random_bool(0.4) {
                undelivered.shuffle(&mut dice);
                let some = undelivered.split_off(undelivered.len() / 2);
                for result in join_all(some.iter().chain(&some).map(|event| stage.run(event))).await {
                    result.unwrap();
                }
            }
        }
        undelivered.shuffle(&mut dice);
        for result in join_all(undelivered.iter().map(|event| stage.run(event))).await {
            result.unwrap();
        }
        let mut expected = BTreeMap::<(i64, String, &str), i32>::new();
        for (_, place, at, known) in &said {
            let Some(known) = known else { continue };
            let mut topics: BTreeSet<&str> = match (known.corrected, known.abstained) {
                (Some(topic), _) => [topic.as_str()].into(),
                (None, true) => BTreeSet::new(),
                (None, false) => known.read.iter().map(|topic| topic.as_str()).collect(),
            };
            topics.insert("");
            for topic in topics {
                let key = (at.as_second().div_euclid(300) * 300, topic.to_owned(), accounts[*place].channel.as_str());
                *expected.entry(key).or_default() += 1;
            }
        }
        let expected: Vec<_> = expected
            .into_iter()
            .map(|((at, topic, channel), n)| {
                let at = jiff::Timestamp::from_second(at).unwrap().strftime("%Y-%m-%d %H:%M:%S+00").to_string();
                (at, topic, channel.to_owned(), n)
            })
            .collect();
        let live = counts(&world).await;
        assert_eq!(live, expected, "seed {seed}");

        let (before, day) = (contacts(&world).await, "2026-11-20".parse().unwrap());
        sqlx::query("UPDATE trend_count SET n = n + 5 WHERE topic = ''").execute(world.store().pool()).await.unwrap();
        sqlx::query("DELETE FROM trend_count WHERE topic <> ''").execute(world.store().pool()).await.unwrap();
        let mut broken_off = Rebuild::begin(world.store(), day, day).await.unwrap();
        let left = broken_off.left();
        assert!(broken_off.step().await.unwrap());
        drop(broken_off);
        let mut rebuild = Rebuild::begin(world.store(), day, day).await.unwrap();
        assert_eq!(rebuild.left(), left - 1, "it goes on where it stopped");
        while rebuild.step().await.unwrap() {}
        rebuild.finish().await.unwrap();
        assert_eq!((counts(&world).await, contacts(&world).await), (live, before), "seed {seed}");
    }
}

#[tokio::test]
async fn a_contact_counts_in_its_citys_day_and_in_the_kitchen_of_its_last_order() {
    let world = World::at(Clock::fixed("2026-11-20T20:03:00Z".parse().unwrap(), 1)).await;
    let account = world.account(Channel::App).await;
    let said = world.says(&account, "100", "1", "где заказ").await;
    for statement in [
        "INSERT INTO city (id, country, slug, name, zone) VALUES (md5('c')::uuid, 'ru', 'almaty', 'Алматы', 'Asia/Almaty')",
        "INSERT INTO restaurant (id, brand_id, city_id, name, address)
         SELECT md5('r' || n)::uuid, brand.id, md5('c')::uuid, 'r' || n, 'a' FROM brand, generate_series(1, 3) n",
        "INSERT INTO customer_order (customer_id, id, number, brand_id, city_id, restaurant_id, status, placed_at, total_minor,
                                     currency)
         SELECT customer_id, md5('o' || n)::uuid, n::text, brand.id, md5('c')::uuid, md5('r' || n)::uuid, 'delivered',
                timestamptz '2026-11-20T20:03:00Z' - make_interval(hours => CASE n WHEN 1 THEN 25 WHEN 2 THEN 2 ELSE -1 END), 1, 'RUB'
         FROM customer, brand, generate_series(1, 3) n",
    ] {
        sqlx::query(statement).execute(world.store().pool()).await.unwrap();
    }
    reads(&world, &said, &[Topic::LateDelivery], false).await;
    Count::new(world.store().clone()).run(&ready(&world, &said)).await.unwrap();
    let row = sqlx::query(
        "SELECT at = '2026-11-20T20:00:00Z' AND day = '2026-11-21' AND city_id = md5('c')::uuid
                AND restaurant_id = md5('r2')::uuid AND channel = 'app' FROM trend_contact",
    );
    assert!(row.fetch_one(world.store().pool()).await.unwrap().get::<bool, _>(0));
    assert_eq!(
        world.number("SELECT count(*) FROM trend_count WHERE n = 1 AND restaurant_id = md5('r2')::uuid").await,
        2
    );
    // an import mends the zone of the city, and the contact's day with it
    sqlx::query("UPDATE city SET zone = 'Europe/Moscow'").execute(world.store().pool()).await.unwrap();
    Count::new(world.store().clone()).run(&ready(&world, &said)).await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM trend_contact WHERE day = '2026-11-20'").await, 1);
    assert_eq!(world.number("SELECT sum(n) FROM trend_count WHERE restaurant_id = md5('r2')::uuid").await, 2);
}

/// The same over the queue of a stage: what is published twice or in any order counts once.
async fn counts_over(broker: impl AsyncFn(&World) -> Broker) {
    let world = World::new().await;
    let broker = broker(&world).await;
    let account = world.account(Channel::Site).await;
    let mut said = Vec::new();
    for number in 0..20 {
        let accepted = world.says(&account, &(100 + number).to_string(), &number.to_string(), "где заказ").await;
        reads(&world, &accepted, &[TOPICS[number % 4], TOPICS[(number + 1) % 4]], false).await;
        said.push(accepted);
    }
    // a queue of this test's own: others may use the same server
    let queue = StageName::new(format!("trial-{}", Clock::system().id()).leak());
    let events: Vec<_> = said.iter().map(|contact| ready(&world, contact)).collect();
    broker.publish(queue, &events).await.unwrap();
    let again: Vec<_> = said.iter().rev().map(|contact| ready(&world, contact)).collect();
    broker.publish(queue, &again).await.unwrap();
    let stage = Count::new(world.store().clone());
    let mut deliveries = broker.consume(queue, 8).await.unwrap();
    for number in 0..40 {
        let delivery = tokio::time::timeout(Duration::from_secs(60), deliveries.next()).await.unwrap().unwrap();
        stage.run(&delivery.event).await.unwrap();
        // what is not acknowledged comes again
        match number {
            0..5 => delivery.give_back().await.unwrap(),
            _ => delivery.ack().await.unwrap(),
        }
    }
    for _ in 0..5 {
        let delivery = tokio::time::timeout(Duration::from_secs(60), deliveries.next()).await.unwrap().unwrap();
        stage.run(&delivery.event).await.unwrap();
        delivery.ack().await.unwrap();
    }
    assert_eq!(world.number("SELECT sum(n)::bigint FROM trend_count WHERE topic = ''").await, 20);
    assert_eq!(world.number("SELECT sum(n)::bigint FROM trend_count WHERE topic <> ''").await, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_embedded_broker_delivers_twice_counts_once() {
    counts_over(async |world: &World| Broker::Embedded(Embedded::new(world.store().clone()))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rabbitmq_delivers_twice_counts_once() {
    counts_over(async |world: &World| {
        let url = std::env::var("AMQP_URL").expect("set AMQP_URL to a RabbitMQ server").into();
        Broker::Rabbit(Rabbit::connect(&url, world.store().clock().clone()).await.unwrap())
    })
    .await;
}

#[tokio::test]
async fn the_relay_brings_readings_of_contacts_and_closings_to_the_stage() {
    let world = World::new().await;
    let broker = Broker::Embedded(Embedded::new(world.store().clone()));
    let account = world.account(Channel::Site).await;
    let said = world.says(&account, "100", "1", "где заказ").await;
    let mut change = world.store().begin().await.unwrap();
    for message in [None, said.message_id] {
        let body =
            EventBody::InsightReady { insight_id: InsightId::new(change.clock()), message_id: message, as_of_seq: 1 };
        change.append(said.customer_id, said.contact_id, None, body).await.unwrap();
    }
    change.commit().await.unwrap();
    let mut relay = Relay::new(world.store().clone(), broker, Routes::default().to::<Count>());
    relay.lease().await.unwrap();
    relay.pass().await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM delivery WHERE stage = 'trend'").await, 1);
}
