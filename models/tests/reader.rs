//! The shipped model, read as the server reads it.

use std::path::PathBuf;
use std::sync::LazyLock;

use models::reading::{MenuWords, Reader};
use models::taxonomy::{Class, EntityType, Language, Sentiment, Topic, Urgency};
use proptest::prelude::*;
use serde::Deserialize;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights/reading-1")
}

static READER: LazyLock<Reader> = LazyLock::new(|| {
    let menu =
        MenuWords::new(vec![("Том ям".to_owned(), EntityType::Dish), ("арахис".to_owned(), EntityType::Ingredient)]);
    Reader::load(&folder(), menu, 2).expect("the shipped model loads")
});

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts")
}

#[derive(Deserialize)]
struct Case {
    text: String,
    logits: Vec<Vec<f32>>,
    /// The first values of the sentence vector.
    vector: Vec<f32>,
}

#[test]
fn numbers_equal_those_of_pytorch() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("fixtures/reading-1.json")).expect("the fixture parses");
    assert!(cases.len() >= 100, "{} texts are too few", cases.len());
    let texts: Vec<String> = cases.iter().map(|c| c.text.clone()).collect();
    let encoded = runtime().block_on(READER.encode(&texts)).expect("they encode");
    for (case, encoded) in cases.iter().zip(&encoded) {
        let scale = case.logits.iter().flatten().fold(1.0_f32, |most, l| most.max(l.abs()));
        for (ours, theirs) in encoded.logits.iter().flatten().zip(case.logits.iter().flatten()) {
            assert!((ours - theirs).abs() <= 1e-3 * scale, "{ours} for {theirs} in {:?}", case.text);
        }
        for (ours, theirs) in encoded.vector.iter().zip(&case.vector) {
            assert!((ours - theirs).abs() <= 1e-3, "{ours} for {theirs} in {:?}", case.text);
        }
        assert_eq!(encoded.logits.iter().map(Vec::len).collect::<Vec<_>>(), vec![31, 3, 3, 4]);
    }
}

#[tokio::test]
async fn plain_messages_are_understood() {
    let texts = [
        "Где мой заказ 48213? Жду уже полтора часа, это безобразие!",
        "у ребёнка аллергия на арахис, он весь покрылся пятнами после вашего том яма, срочно",
        "Кешке төрт адамға үстел брондағым келеді",
        "Do you deliver to the airport and how much is it?",
    ];
    let readings = READER.read(texts.iter().map(|t| (*t).to_owned()).collect()).await.expect("they are read");
    assert_eq!(readings[0].class(), Some(Class::Complaint));
    assert_eq!(readings[0].sentiment.value, Sentiment::Negative);
    let found: Vec<_> = readings[0].entities.iter().map(|e| (e.kind, e.text.as_str())).collect();
    assert_eq!(found, [(EntityType::OrderNumber, "48213"), (EntityType::Duration, "полтора часа")]);
    assert_eq!(readings[1].urgency.value, Urgency::Critical);
    assert_eq!(readings[1].topic(), Some(Topic::FoodSafety));
    assert_eq!(readings[2].topic(), Some(Topic::TableBooking));
    assert_eq!(readings[2].language.value, Language::Kk);
    assert_eq!(readings[3].topic(), Some(Topic::DeliveryTerms));
    assert_eq!(readings[3].language.value, Language::En);
}

#[tokio::test]
async fn any_text_has_a_reading() {
    let nothing = ["", "  \n", "\u{200b}\u{200d}\u{feff}"];
    for reading in READER.read(nothing.map(str::to_owned).to_vec()).await.expect("they are read") {
        assert!(reading.abstained && reading.topics.is_empty() && reading.entities.is_empty());
        assert_eq!(reading.urgency.value, Urgency::Normal);
    }
    let odd =
        ["😡😡😡".to_owned(), "а".repeat(100_000), "заказ 48213 ".repeat(9_000), "!!!".to_owned(), "ᚠ漢字".to_owned()];
    for reading in READER.read(odd.to_vec()).await.expect("they are read") {
        assert!(!reading.topics.is_empty());
        assert!(reading.topics.iter().all(|t| (0.0..=1.0).contains(&t.score)));
    }
    assert_eq!(READER.read(Vec::new()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn calls_in_flight_keep_their_answers() {
    let texts = ["где заказ", "оставьте отзыв", "plov bormi", "thanks a lot"].map(str::to_owned);
    let together = READER.read(texts.to_vec()).await.expect("they are read");
    let calls = texts.map(|text| tokio::spawn(async move { READER.read(vec![text]).await }));
    for (call, expected) in calls.into_iter().zip(together) {
        let alone = call.await.expect("no panic").expect("it is read");
        assert_eq!(alone[0].topics.first().map(|t| t.value), expected.topics.first().map(|t| t.value));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_unicode_is_read_the_same_alone_and_in_a_batch(texts in prop::collection::vec("\\PC{0,60}", 1..5)) {
        let runtime = runtime();
        let together = runtime.block_on(READER.read(texts.clone())).expect("they are read");
        for (text, in_batch) in texts.iter().zip(&together) {
            let alone = &runtime.block_on(READER.read(vec![text.clone()])).expect("it is read")[0];
            prop_assert_eq!(&alone.entities, &in_batch.entities);
            prop_assert!((alone.language.score - in_batch.language.score).abs() < 1e-3);
            for entity in &in_batch.entities {
                let len = (entity.end - entity.start) as usize;
                let slice: String = text.chars().skip(entity.start as usize).take(len).collect();
                prop_assert_eq!(&slice, &entity.text);
            }
        }
    }
}
