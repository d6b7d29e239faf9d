//! A matter that no topic names: one alert that grows with its talks and ends when they stop, whoever looks.

use std::path::Path;

use jiff::{SignedDuration, ToSpan};
use models::reading::Precision;
use models::sentences::{SentenceModel, Sentences};
use models::taxonomy::{Language, Topic};
use pipelines::conversations::Account;
use pipelines::events::Channel;
use pipelines::platform::clock::Clock;
use pipelines::platform::page::Limit;
use pipelines::platform::stage::Stage;
use pipelines::trends::alerts::{self, Filter, TrendAlert};
use pipelines::trends::{AlertKind, AlertState, Count, Themes};
use pipelines::workforce::{Actor, Role};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde::Deserialize;

use crate::counting::{reads, ready};
use crate::world::World;

/// Ten in the morning of a Sunday; talks come from then on for two hours, each day.
const BEGIN: &str = "2026-11-01T10:00:00Z";
/// The talks of an ordinary day.
const ORDINARY: usize = 36;
const DAYS: usize = 8;
/// What people write about, and what a reading takes a matter for that it does not know.
const TOPICS: [Topic; 6] =
    [Topic::App, Topic::Courier, Topic::LateDelivery, Topic::Menu, Topic::Payment, Topic::Promotions];

#[derive(Deserialize)]
struct Labelled {
    text: String,
    topics: Vec<Topic>,
    language: Language,
}

#[derive(Deserialize)]
struct Written {
    theme: String,
    text: String,
    language: Language,
}

struct Saying {
    text: String,
    topic: Topic,
    language: Language,
}

fn lines<T: for<'a> Deserialize<'a>>(file: &str) -> Vec<T> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What customers say about them, no text twice.
fn ordinary() -> Vec<Saying> {
    let mut all: Vec<Labelled> =
        Language::ALL.iter().flat_map(|language| lines(&format!("models/data/utterances-{language}.jsonl"))).collect();
    all.retain(|said| TOPICS.contains(&said.topics[0]));
    all.shuffle(&mut StdRng::seed_from_u64(7));
    all.into_iter().map(|said| Saying { text: said.text, topic: said.topics[0], language: said.language }).collect()
}

/// A machine that calls at dawn; each customer gives a number of their own.
fn strange() -> Vec<Saying> {
    let mut written = lines::<Written>("benches/eval/data/themes.jsonl");
    written.retain(|said| said.theme == "calls_at_dawn");
    written.shuffle(&mut StdRng::seed_from_u64(8));
    let of = |(at, said): (usize, Written)| Saying {
        text: format!("{}. Мой номер +7 701 123 {:02} {:02}", said.text, at, at + 1),
        topic: TOPICS[at % TOPICS.len()],
        language: said.language,
    };
    written.into_iter().enumerate().map(of).collect()
}

/// The customers' side of a centre whose clock is at the beginning.
struct Town {
    world: World,
    account: Account,
    analyst: Actor,
    customers: usize,
}

impl Town {
    async fn new() -> Self {
        let world = World::at(Clock::fixed(BEGIN.parse().unwrap(), 3)).await;
        let account = world.account(Channel::Site).await;
        let analyst = world.person("analyst", 0, &[Role::Analyst, Role::Quality]).await;
        Self { world, account, analyst, customers: 0 }
    }

    /// Somebody writes for the first time, is read and counted.
    async fn says(&mut self, said: &Saying) {
        self.customers += 1;
        let who = (10_000 + self.customers).to_string();
        let accepted = self.world.says(&self.account, &who, &who, &said.text).await;
        reads(&self.world, &accepted, &[said.topic], false).await;
        sqlx::query("UPDATE insight SET language = $2 WHERE contact_id = $1")
            .bind(accepted.contact_id.0)
            .bind(said.language.as_str())
            .execute(self.world.store().pool())
            .await
            .unwrap();
        Count::new(self.world.store().clone()).run(&ready(&self.world, &accepted)).await.unwrap();
    }

    async fn day(&mut self, ordinary: &[Saying], strange: &[Saying]) {
        let begin = self.world.store().clock().now();
        let mut all: Vec<&Saying> = ordinary.iter().chain(strange).collect();
        all.shuffle(&mut StdRng::seed_from_u64(self.customers as u64));
        let pause = SignedDuration::from_secs(2 * 3_600 / all.len() as i64);
        for said in all {
            self.says(said).await;
            self.pass(pause);
        }
        self.pass(begin.checked_add(2.hours()).unwrap().duration_since(self.world.store().clock().now()));
    }

    fn pass(&self, time: SignedDuration) {
        self.world.store().clock().advance(time);
    }

    fn themes(&self) -> Themes {
        let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/weights/sentence-1");
        let sentences = Sentences::load(&weights, 1, Precision::Auto).unwrap();
        Themes::new(self.world.store().clone(), SentenceModel::Here(sentences))
    }

    async fn alerts(&self) -> Vec<TrendAlert> {
        let filter = Filter { kind: Some(AlertKind::Theme), ..Filter::default() };
        alerts::list(self.world.store(), &self.analyst, filter, None, Limit::default()).await.unwrap().items
    }

    /// How many talks the alert opens to, each of which can be read.
    async fn behind(&self, alert: &TrendAlert) -> i64 {
        let (store, most) = (self.world.store(), Limit::new(100));
        let talks = alerts::contacts(store, &self.analyst, alert.id, None, None, most).await.unwrap();
        talks.items.iter().filter(|contact| contact.opens).count() as i64
    }

    async fn sentences(&self, alert: &TrendAlert) -> Vec<String> {
        alerts::detail(self.world.store(), &self.analyst, alert.id).await.unwrap().sentences
    }
}

#[tokio::test]
async fn a_matter_without_a_topic_is_one_alert_that_grows_and_ends_and_no_restart_raises_it_again() {
    let mut town = Town::new().await;
    let (ordinary, strange) = (ordinary(), strange());
    let (early, late) = strange.split_at(25);
    let mut days = ordinary.chunks(ORDINARY);
    for _ in 1..DAYS {
        town.day(days.next().unwrap(), &[]).await;
        town.pass(SignedDuration::from_hours(22));
    }
    town.day(days.next().unwrap(), early).await;
    let mut themes = town.themes();
    assert_eq!(themes.look().await.unwrap(), 1);
    let began = town.alerts().await;
    assert_eq!(began.len(), 1, "{began:#?}");
    let alert = &began[0];
    assert_eq!((alert.state, alert.topic, alert.ended), (AlertState::Open, None, None));
    assert!((20..=30).contains(&alert.n) && alert.expected < 12.0 && alert.p < 0.001, "{alert:#?}");
    assert_eq!((alert.lower, alert.upper), (None, None), "nothing tells what is usual of a theme");
    assert!(alert.words.iter().any(|word| word == "утра"), "{:?}", alert.words);
    let sentences = town.sentences(alert).await;
    assert!((3..=5).contains(&sentences.len()), "{sentences:?}");
    assert!(sentences.iter().all(|said| said.contains("[phone]") && !said.contains("701")), "{sentences:?}");
    assert_eq!(town.behind(alert).await, alert.n);

    assert_eq!(themes.look().await.unwrap(), 1);
    assert_eq!(town.alerts().await, began, "nothing new was said");

    for said in late {
        town.says(said).await;
        town.pass(SignedDuration::from_mins(1));
    }
    themes.look().await.unwrap();
    let grown = town.alerts().await;
    assert_eq!((grown.len(), grown[0].id, grown[0].began), (1, alert.id, alert.began));
    assert_eq!(town.behind(&grown[0]).await, grown[0].n);
    assert!(grown[0].n > alert.n && grown[0].seq > alert.seq && grown[0].peak_at > alert.peak_at, "{grown:#?}");

    let mut restarted = town.themes();
    restarted.look().await.unwrap();
    assert_eq!(town.alerts().await, grown, "who starts anew knows what stands in the store");

    town.pass(SignedDuration::from_hours(4));
    assert_eq!(restarted.look().await.unwrap(), 0);
    let ended = town.alerts().await;
    assert_eq!((ended.len(), ended[0].id, ended[0].state), (1, alert.id, AlertState::Ended));
    assert_eq!(ended[0].ended, Some(town.world.store().clock().now()));
    restarted.look().await.unwrap();
    assert_eq!(town.alerts().await, ended);
    let numbers = town.world.number("SELECT count(*) FROM event WHERE type = 'alert_changed'").await;
    assert_eq!(numbers, 3, "it began, grew and ended");
}

#[tokio::test]
async fn ordinary_days_raise_nothing() {
    let mut town = Town::new().await;
    let ordinary = ordinary();
    for (day, said) in ordinary.chunks(ORDINARY).take(DAYS).enumerate() {
        if day > 0 {
            town.pass(SignedDuration::from_hours(22));
        }
        town.day(said, &[]).await;
    }
    assert_eq!(town.themes().look().await.unwrap(), 0);
    assert_eq!(town.alerts().await, []);
}
