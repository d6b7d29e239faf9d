//! The shipped model, read as the server reads it.

use std::path::PathBuf;
use std::sync::LazyLock;

use models::reading::{MenuWords, Precision, Reader, Said};
use models::taxonomy::{
    Class, EntityType, FactKind, FactType, Language, Outcome, Sentiment, Speaker, Topic, TurnRole, Urgency,
};
use proptest::prelude::*;
use serde::Deserialize;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights/reading-2")
}

static READER: LazyLock<Reader> = LazyLock::new(|| {
    let menu =
        MenuWords::new(vec![("Том ям".to_owned(), EntityType::Dish), ("арахис".to_owned(), EntityType::Ingredient)]);
    Reader::load(&folder(), menu, 2, Precision::Auto).expect("the shipped model loads")
});

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts")
}

#[derive(Deserialize)]
struct Case {
    text: String,
    logits: Vec<Vec<f32>>,
    /// The first values of the vector.
    vector: Vec<f32>,
    /// The best tag of each token.
    tags: Vec<usize>,
    /// What those tags mark.
    spans: Vec<(EntityType, String)>,
}

#[test]
fn numbers_equal_those_of_pytorch() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("fixtures/reading-2.json")).expect("the fixture parses");
    assert!(cases.len() >= 200, "{} texts are too few", cases.len());
    let texts: Vec<String> = cases.iter().map(|c| c.text.clone()).collect();
    let exact = Reader::load(&folder(), MenuWords::default(), 2, Precision::F32).expect("the shipped model loads");
    let encoded = runtime().block_on(exact.encode(&texts)).expect("they encode");
    for (case, encoded) in cases.iter().zip(&encoded) {
        let scale = case.logits.iter().flatten().fold(1.0_f32, |most, l| most.max(l.abs()));
        for (ours, theirs) in encoded.logits.iter().flatten().zip(case.logits.iter().flatten()) {
            assert!((ours - theirs).abs() <= 1e-3 * scale, "{ours} for {theirs} in {:?}", case.text);
        }
        for (ours, theirs) in encoded.vector.iter().zip(&case.vector) {
            assert!((ours - theirs).abs() <= 1e-3, "{ours} for {theirs} in {:?}", case.text);
        }
        assert_eq!(encoded.logits.iter().map(Vec::len).collect::<Vec<_>>(), vec![31, 3, 3, 4, 8]);
        assert_eq!(encoded.tokens.len(), case.tags.len(), "tokens of {:?}", case.text);
        for (logits, tag) in encoded.tokens.iter().zip(&case.tags) {
            let best = logits.iter().copied().fold(f32::MIN, f32::max);
            assert!(best - logits[*tag] <= 2e-3 * scale, "a tag of {:?}", case.text);
        }
    }
}

#[test]
fn the_fastest_path_says_what_the_exact_one_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("fixtures/reading-2.json")).expect("the fixture parses");
    let texts: Vec<String> = cases.iter().map(|c| c.text.clone()).collect();
    let encoded = runtime().block_on(READER.encode(&texts)).expect("they encode");
    let best = |logits: &[f32]| (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
    for head in 0..4 {
        let same = cases.iter().zip(&encoded).filter(|(c, e)| best(&c.logits[head]) == best(&e.logits[head])).count();
        assert!(same * 100 >= cases.len() * 97, "{same} of {} on head {head}", cases.len());
    }
}

#[tokio::test]
async fn spans_equal_those_of_the_training_program() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("fixtures/reading-2.json")).expect("the fixture parses");
    let bare = Reader::load(&folder(), MenuWords::default(), 2, Precision::Auto).expect("the shipped model loads");
    let readings = bare.read(cases.iter().map(|c| c.text.clone()).collect()).await.expect("they are read");
    let (mut same, mut all) = (0, 0);
    for (case, reading) in cases.iter().zip(&readings) {
        // There case endings are taken off besides.
        if reading.language.value == Language::Uz {
            continue;
        }
        let by_form = [EntityType::Phone, EntityType::PromoCode, EntityType::OrderNumber];
        for (kind, text) in case.spans.iter().filter(|(kind, _)| !by_form.contains(kind)) {
            all += 1;
            same += usize::from(reading.entities.iter().any(|e| e.kind == *kind && e.text == *text));
        }
    }
    // Where a rule of a kind with a form of its own lies over a tag, the rule wins; that is seldom.
    assert!(all > 100 && same * 100 >= all * 95, "{same} of {all}");
}

#[tokio::test]
async fn a_talk_is_read_the_same_at_once_and_as_it_grows() {
    let talk = [
        (Speaker::Operator, "Здравствуйте! Чем могу помочь?"),
        (Speaker::Customer, "привезли не тот ролл, заказывал филадельфию, а тут калифорния"),
        (Speaker::Operator, "Назовите, пожалуйста, номер заказа."),
        (Speaker::Customer, "48213, верните деньги за ролл"),
        (Speaker::Operator, "Вернём 690 рублей на карту в течение трёх дней."),
        (Speaker::Customer, "хорошо, спасибо"),
    ]
    .map(|(who, text)| (who, text.to_owned()));
    let fresh = Reader::load(&folder(), MenuWords::default(), 2, Precision::Auto).expect("the shipped model loads");
    let whole = fresh.read_talk(&talk).await.expect("it is read").expect("there are turns");
    for end in 1..talk.len() {
        let part = READER.read_talk(&talk[..end]).await.expect("it is read").expect("there are turns");
        assert_eq!(part.roles.len(), end);
    }
    let grown = READER.read_talk(&talk).await.expect("it is read").expect("there are turns");
    assert_eq!(grown.whole.topics[0].value, Topic::WrongItem);
    assert_eq!(grown.whole.topics[0].value, whole.whole.topics[0].value);
    assert!((grown.whole.topics[0].score - whole.whole.topics[0].score).abs() < 1e-3);
    let roles: Vec<_> = grown.roles.iter().map(|roles| roles[0].value).collect();
    assert_eq!((roles[1], roles[4]), (TurnRole::Issue, TurnRole::Promise));
    let acts = |at: usize| grown.acts[at].iter().map(|act| (act.kind, act.what, act.accepted)).collect::<Vec<_>>();
    assert!(acts(3).contains(&(FactKind::Request, FactType::Refund, Some(true))), "{:?}", acts(3));
    assert!(acts(4).contains(&(FactKind::Promise, FactType::Refund, Some(true))), "{:?}", acts(4));
    assert!(acts(0).is_empty(), "{:?}", acts(0));
    // The money is owed, but days that a bank takes are not: either may be said.
    assert!(matches!(grown.outcome.value, Outcome::Promised | Outcome::Resolved), "{:?}", grown.outcome);
    assert!(grown.evidence.issue.contains(&1), "{:?}", grown.evidence);
    // What a bank does is hardly the operator's promise: the turn may count as one or not, no other does.
    assert!(grown.evidence.promises.iter().all(|turn| *turn == 4), "{:?}", grown.evidence);
    assert_eq!(READER.read_talk(&[]).await, Ok(None));
}

#[tokio::test]
async fn the_phrases_that_decided_are_named() {
    let text = "Добрый день! Ваш курьер нахамил мне у двери, бросил пакет на пол. Хорошего вечера";
    let reading = READER.read(vec![text.to_owned()]).await.expect("it is read").remove(0);
    assert_eq!(reading.topic(), Some(Topic::Courier));
    let phrases = READER.explain(text, Said::from(&reading)).await.expect("it is explained");
    let decided = phrases.iter().max_by(|a, b| a.topic.total_cmp(&b.topic)).expect("there are phrases");
    assert!(decided.text.contains("курьер"), "{phrases:?}");
    for phrase in &phrases {
        let len = (phrase.end - phrase.start) as usize;
        assert_eq!(text.chars().skip(phrase.start as usize).take(len).collect::<String>(), phrase.text);
    }
    assert_eq!(READER.explain("", Said::from(&reading)).await, Ok(Vec::new()));
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
