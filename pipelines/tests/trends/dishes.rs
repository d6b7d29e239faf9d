//! A contact complains of the dish that its customer names: counted with it, corrected with it, found as a cause.

use std::collections::BTreeMap;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use models::taxonomy::Topic;
use pipelines::conversations::Accepted;
use pipelines::events::Channel;
use pipelines::platform::clock::Clock;
use pipelines::platform::page::Limit;
use pipelines::platform::stage::Stage;
use pipelines::trends::alerts::{self, Filter};
use pipelines::trends::{Count, Rebuild, tick};
use pipelines::workforce::Role;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use sqlx::Row;

use crate::counting::{corrects, reads, ready};
use crate::judging::{BEGIN, world};
use crate::world::World;

/// A menu with two soups that a word may mean, and two cities with a kitchen each.
async fn cook(world: &World) {
    for statement in [
        "INSERT INTO menu_item (id, brand_id, country, category, name, price_minor, active)
         SELECT md5(item.name || item.country)::uuid, brand.id, 'ru', '', item.name, 1, item.active FROM brand, (VALUES
           ('Том ям с курицей', 'ru', true), ('Том ям с креветкой', 'ru', true), ('Плов', 'ru', true),
           ('Зелёный чай', 'ru', false)) AS item (name, country, active)",
        "INSERT INTO city (id, country, slug, name, zone)
         SELECT md5(n)::uuid, 'ru', n, upper(n), 'UTC' FROM (VALUES ('a'), ('b'), ('c')) AS city (n)",
        "INSERT INTO restaurant (id, brand_id, city_id, name, address)
         SELECT md5('r' || city.slug)::uuid, brand.id, city.id, 'r', 'a' FROM brand, city",
    ] {
        sqlx::query(statement).execute(world.store().pool()).await.unwrap();
    }
}

/// Puts a reading of a contact's message into the store: what it is about, and the dishes it names.
async fn hears(world: &World, contact: &Accepted, topic: Option<Topic>, dishes: &[&str]) {
    let topics: Vec<_> = topic.iter().map(|topic| serde_json::json!({"value": topic, "score": 0.9})).collect();
    let entity = |said: &&str| serde_json::json!({"type": "dish", "text": said, "start": 0, "end": 1});
    let mut entities = vec![serde_json::json!({"type": "person", "text": "Плов", "start": 0, "end": 1})];
    entities.extend(dishes.iter().map(entity));
    sqlx::query(
        "INSERT INTO insight (customer_id, id, contact_id, message_id, as_of_seq, model, version, abstained, sentiment, urgency,
                              language, result, latency_us, made_at)
         VALUES ($1, $2, $3, $4, 1, 'm', '1', $5, 'neutral', 'normal', 'ru', $6, 1, $7)
         ON CONFLICT (customer_id, contact_id, message_id) DO UPDATE SET
           abstained = excluded.abstained, result = excluded.result",
    )
    .bind(contact.customer_id.0)
    .bind(world.store().clock().id())
    .bind(contact.contact_id.0)
    .bind(contact.message_id.unwrap().0)
    .bind(topic.is_none())
    .bind(serde_json::json!({"v": 1, "topics": topics, "entities": entities}))
    .bind(world.store().clock().now().to_sqlx())
    .execute(world.store().pool())
    .await
    .unwrap();
}

/// The dish that each contact counts with.
async fn dishes(world: &World) -> BTreeMap<uuid::Uuid, String> {
    let rows = sqlx::query("SELECT contact_id, dish FROM trend_contact").fetch_all(world.store().pool()).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn dish(world: &World, contact: &Accepted) -> String {
    Count::new(world.store().clone()).run(&ready(world, contact)).await.unwrap();
    dishes(world).await.remove(&contact.contact_id.0).unwrap()
}

async fn set(world: &World, statement: &'static str, contact: &Accepted) {
    sqlx::query(statement).bind(contact.contact_id.0).execute(world.store().pool()).await.unwrap();
}

#[tokio::test]
async fn a_complaint_counts_with_the_first_dish_that_its_menu_or_order_has() {
    let world = world().await;
    cook(&world).await;
    let account = world.account(Channel::Site).await;
    let said = world.says(&account, "100", "1", "том ям прокис").await;
    let later = world.says(&account, "100", "2", "и плов").await;
    reads(&world, &said, &[Topic::FoodQuality, Topic::Menu], false).await;
    hears(&world, &said, Some(Topic::FoodQuality), &["пицца", "том яме"]).await;
    hears(&world, &later, None, &["плова"]).await;
    assert_eq!(dish(&world, &said).await, "плов", "nothing says which of the two soups it is");
    hears(&world, &later, Some(Topic::NewOrder), &["плова"]).await;
    assert_eq!(dish(&world, &said).await, "", "what is ordered is not complained of");
    hears(&world, &later, Some(Topic::FoodQuality), &["зеленый чай", "плова"]).await;
    assert_eq!(dish(&world, &said).await, "зеленый чай", "also where it is no longer sold");

    for statement in [
        "INSERT INTO customer_order (customer_id, id, number, brand_id, city_id, restaurant_id, status, placed_at, total_minor,
                                     currency)
         SELECT customer_id, md5('o' || n)::uuid, n::text, brand.id, md5('a')::uuid, md5('ra')::uuid, 'delivered',
                timestamptz '2026-11-01' - make_interval(hours => n), 1, 'RUB'
         FROM customer, brand, generate_series(1, 2) n",
        "INSERT INTO order_line (customer_id, order_id, line, name, quantity, price_minor)
         SELECT customer_id, md5('o' || n)::uuid, n, CASE n WHEN 1 THEN 'Том Ям с креветкой' ELSE 'Плов' END, 1, 1
         FROM customer, generate_series(1, 2) n",
    ] {
        sqlx::query(statement).execute(world.store().pool()).await.unwrap();
    }
    assert_eq!(dish(&world, &said).await, "том ям с креветкой", "the last order says which");
}

#[tokio::test]
async fn a_corrected_label_and_an_edited_message_move_the_dish() {
    let world = world().await;
    cook(&world).await;
    let account = world.account(Channel::Site).await;
    let said = world.says(&account, "100", "1", "плов").await;
    hears(&world, &said, Some(Topic::Menu), &["плов"]).await;
    reads(&world, &said, &[Topic::Menu], false).await;
    assert_eq!(dish(&world, &said).await, "");
    corrects(&world, &said, Topic::FoodSafety).await;
    assert_eq!(dish(&world, &said).await, "плов", "a person knew that it is a complaint");
    hears(&world, &said, Some(Topic::Menu), &["Том ям с курицей"]).await;
    assert_eq!(dish(&world, &said).await, "том ям с курицей", "the same count with another dish");
    corrects(&world, &said, Topic::Menu).await;
    assert_eq!(dish(&world, &said).await, "");
    let of_message = "UPDATE insight SET corrected = corrected || '{\"topic\": \"complaint.food_quality\"}'
                      WHERE contact_id = $1 AND message_id IS NOT NULL";
    set(&world, of_message, &said).await;
    set(&world, "UPDATE insight SET corrected = '{\"v\": 1}' WHERE contact_id = $1 AND message_id IS NULL", &said)
        .await;
    reads(&world, &said, &[Topic::FoodQuality], false).await;
    assert_eq!(dish(&world, &said).await, "том ям с курицей");
    assert_eq!(world.number("SELECT count(*) FROM trend_contact").await, 1);
    assert_eq!(world.number("SELECT sum(n)::bigint FROM trend_count WHERE topic = ''").await, 1);
}

/// What a contact's one message says.
#[derive(Clone, Debug)]
struct Said {
    topic: Option<Topic>,
    dishes: Vec<&'static str>,
    corrected: Option<Topic>,
}

const TOPICS: [Option<Topic>; 5] =
    [Some(Topic::FoodQuality), Some(Topic::MissingItem), Some(Topic::Menu), Some(Topic::NewOrder), None];
/// How dishes are called, and what is meant.
const NAMED: [(&str, &str); 5] = [
    ("плова", "плов"),
    ("том ям с курицей", "том ям с курицей"),
    ("том ям", ""),
    ("зелёным чаем", "зеленый чай"),
    ("пицца", ""),
];

impl Said {
    fn draw(dice: &mut StdRng) -> Self {
        let mut dishes: Vec<_> = NAMED.iter().map(|(said, _)| *said).collect();
        dishes.shuffle(dice);
        dishes.truncate(dice.random_range(0..3));
        Self { topic: *TOPICS.choose(dice).unwrap(), dishes, corrected: None }
    }

    /// By the rule in one sentence: the first known dish of a message that complains, or of a contact that a person called
    /// a complaint, if it counts as one.
    fn dish(&self) -> &'static str {
        let complains = |topic: Option<Topic>| topic.is_some_and(|topic| topic.as_str().starts_with("complaint"));
        if !complains(self.corrected.or(self.topic)) {
            return "";
        }
        let known = |said: &&str| NAMED.iter().find(|(called, _)| called == said).map(|(_, meant)| *meant).unwrap();
        self.dishes.iter().map(known).find(|meant| !meant.is_empty()).unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dishes_follow_any_sequence_of_readings_and_a_recount_gives_the_same() {
    let mut with_dish = 0;
    for seed in 1..=3 {
        let world = World::at(Clock::fixed("2026-11-20T10:00:00Z".parse().unwrap(), seed)).await;
        cook(&world).await;
        let (account, stage) = (world.account(Channel::Telegram).await, Count::new(world.store().clone()));
        let mut dice = StdRng::seed_from_u64(seed);
        let mut all: Vec<(Accepted, Said)> = Vec::new();
        let mut undelivered = Vec::new();
        for step in 0..90 {
            if all.len() < 10 {
                let contact = world.says(&account, &(100 + step).to_string(), &step.to_string(), "плов").await;
                world.store().clock().advance(SignedDuration::from_secs(200));
                all.push((contact, Said::draw(&mut dice)));
            }
            let at = dice.random_range(0..all.len());
            let (contact, said) = &mut all[at];
            if step > 30 && dice.random_bool(0.3) {
                let topic = *TOPICS[..4].choose(&mut dice).unwrap();
                corrects(&world, contact, topic.unwrap()).await;
                said.corrected = topic;
            } else {
                *said = Said { corrected: said.corrected, ..Said::draw(&mut dice) };
            }
            hears(&world, contact, said.topic, &said.dishes).await;
            reads(&world, contact, said.topic.as_slice(), said.topic.is_none()).await;
            undelivered.push(ready(&world, contact));
            if dice.random_bool(0.3) {
                undelivered.shuffle(&mut dice);
                let some = undelivered.split_off(undelivered.len() / 2);
                for result in join_all(some.iter().chain(&some).map(|event| stage.run(event))).await {
                    result.unwrap();
                }
            }
        }
        // a correction of what was never read is lost with it: only those that were read are compared
        for (contact, said) in &all {
            hears(&world, contact, said.topic, &said.dishes).await;
            reads(&world, contact, said.topic.as_slice(), said.topic.is_none()).await;
            if let Some(topic) = said.corrected {
                corrects(&world, contact, topic).await;
            }
            undelivered.push(ready(&world, contact));
        }
        undelivered.shuffle(&mut dice);
        for result in join_all(undelivered.iter().map(|event| stage.run(event))).await {
            result.unwrap();
        }
        let expected: BTreeMap<_, _> = all.iter().map(|(at, said)| (at.contact_id.0, said.dish().to_owned())).collect();
        let live = dishes(&world).await;
        assert_eq!(live, expected, "seed {seed}");
        with_dish += live.values().filter(|dish| !dish.is_empty()).count();

        sqlx::query("UPDATE trend_contact SET dish = 'x'").execute(world.store().pool()).await.unwrap();
        let day = "2026-11-20".parse().unwrap();
        let mut rebuild = Rebuild::begin(world.store(), day, day).await.unwrap();
        while rebuild.step().await.unwrap() {}
        rebuild.finish().await.unwrap();
        assert_eq!(dishes(&world).await, live, "seed {seed}");
    }
    assert!(with_dish >= 3, "{with_dish}");
}

/// Three weeks of complaints in three cities, none with a dish.
async fn usual(world: &World) {
    let begin: Timestamp = BEGIN.parse().unwrap();
    let mut dice = StdRng::seed_from_u64(8);
    let mut rows = Vec::new();
    for five in 0..21 * 24 * 12 {
        let at = begin.checked_add((five * 5).minutes()).unwrap();
        for (topic, city, percent) in [
            ("complaint.food_quality", "a", 12),
            ("complaint.food_quality", "b", 9),
            ("complaint.food_quality", "c", 14),
            ("complaint.late_delivery", "a", 30),
        ] {
            if dice.random_range(0..100) < percent {
                rows.push((at, topic, city));
            }
        }
    }
    sqlx::query(
        "INSERT INTO trend_count (at, topic, city_id, channel, restaurant_id, day, n)
         SELECT new.at, topic.word, md5(new.city)::uuid, 'site', md5('r' || new.city)::uuid, (new.at AT TIME ZONE 'UTC')::date,
                count(*)
         FROM unnest($1::timestamptz[], $2::text[], $3::text[]) AS new (at, topic, city)
         CROSS JOIN LATERAL (VALUES (''), (new.topic)) AS topic (word)
         GROUP BY new.at, topic.word, new.city",
    )
    .bind(rows.iter().map(|row| row.0.to_sqlx()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.1.to_owned()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.2.to_owned()).collect::<Vec<_>>())
    .execute(world.store().pool())
    .await
    .unwrap();
}

#[tokio::test]
async fn a_dish_that_many_complain_of_in_two_cities_is_the_cause_and_leads_to_its_talks() {
    let world = world().await;
    cook(&world).await;
    usual(&world).await;
    world.store().clock().advance(SignedDuration::from_hours(20 * 24 + 12));
    tick(world.store()).await.unwrap();
    let (account, stage) = (world.account(Channel::Site).await, Count::new(world.store().clone()));
    let mut named = Vec::new();
    for number in 0..44 {
        let name = (100 + number).to_string();
        let said = world.says(&account, &name, &name, "том ям прокис").await;
        let place = if number % 2 == 0 { "a" } else { "b" };
        sqlx::query("UPDATE contact SET city_id = md5($2)::uuid, restaurant_id = md5('r' || $2)::uuid WHERE id = $1")
            .bind(said.contact_id.0)
            .bind(place)
            .execute(world.store().pool())
            .await
            .unwrap();
        let of = if number % 11 == 10 { "вчера" } else { "том яме с курицей" };
        hears(&world, &said, Some(Topic::FoodQuality), &[of]).await;
        reads(&world, &said, &[Topic::FoodQuality], false).await;
        stage.run(&ready(&world, &said)).await.unwrap();
        if number % 11 != 10 {
            named.push(said.contact_id);
        }
        world.store().clock().advance(SignedDuration::from_secs(60));
    }
    world.store().clock().advance(SignedDuration::from_mins(18));
    tick(world.store()).await.unwrap();
    let analyst = world.person("anna", 0, &[Role::Analyst]).await;
    let all = alerts::list(world.store(), &analyst, Filter::default(), None, Limit::default()).await.unwrap().items;
    // of those that saw too few no cause is named
    let open: Vec<_> = all.into_iter().filter(|alert| alert.ended.is_none() && !alert.causes.is_empty()).collect();
    assert!(!open.is_empty());
    for alert in &open {
        let causes: Vec<_> = alert.causes.iter().map(|cause| cause.dish.as_deref()).collect();
        assert_eq!(causes, [Some("Том ям с курицей")], "{alert:#?}");
        let cause = &alert.causes[0];
        assert_eq!((&cause.city, &cause.restaurant, cause.channel), (&None, &None, None), "both cities");
        assert!(cause.share > 0.8, "{cause:?}");
    }
    let (most, first) = (Limit::new(100), open.iter().min_by_key(|alert| alert.began).unwrap().id);
    let talks = async |cause| {
        let page = alerts::contacts(world.store(), &analyst, first, cause, None, most).await.unwrap();
        page.items.into_iter().map(|contact| contact.contact_id).collect::<Vec<_>>()
    };
    let mut of_cause = talks(Some(0)).await;
    of_cause.sort_unstable();
    named.sort_unstable();
    assert_eq!(of_cause, named);
    assert_eq!(talks(None).await.len(), 44);
}
