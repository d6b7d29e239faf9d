//! How messages add up to a contact.

use models::reading::{ClassifiedLine, Matter, Reading, Scored, read_contact};
use models::taxonomy::{Language, Sentiment, Speaker, Topic, Urgency};

fn reading(topics: &[(Topic, f32)], urgency: Urgency, sentiment: Sentiment) -> Reading {
    Reading {
        language: Scored { value: Language::Ru, score: 0.9 },
        mixed: false,
        topics: topics.iter().map(|(value, score)| Scored { value: *value, score: *score }).collect(),
        abstained: topics.is_empty() || topics[0].1 < 0.4,
        sentiment: Scored { value: sentiment, score: 0.8 },
        urgency: Scored { value: urgency, score: 0.7 },
        entities: Vec::new(),
    }
}

fn contact(turns: &[(Speaker, Reading)]) -> Option<Reading> {
    read_contact(&turns.iter().map(|(who, r)| (*who, r)).collect::<Vec<_>>(), None)
}

use Speaker::{Customer, Operator};

#[test]
fn a_contact_is_about_its_matter_and_not_its_greetings() {
    let hello = reading(&[(Topic::Greeting, 0.99)], Urgency::Normal, Sentiment::Neutral);
    let matter = reading(&[(Topic::MissingItem, 0.7)], Urgency::High, Sentiment::Negative);
    let thanks = reading(&[(Topic::Greeting, 0.98)], Urgency::Normal, Sentiment::Positive);
    let only_greeted = contact(&[(Customer, hello.clone())]).expect("the customer spoke");
    assert_eq!(only_greeted.topic(), Some(Topic::Greeting));
    let whole = contact(&[(Customer, hello), (Customer, matter), (Customer, thanks)]).expect("the customer spoke");
    assert_eq!(whole.topics.iter().map(|t| t.value).collect::<Vec<_>>(), [Topic::MissingItem]);
    assert_eq!(whole.urgency.value, Urgency::High);
}

#[test]
fn the_highest_urgency_stays_when_the_talk_calms_down() {
    let scare = reading(&[(Topic::FoodSafety, 0.9)], Urgency::Critical, Sentiment::Negative);
    let calm = reading(&[(Topic::Payment, 0.6)], Urgency::Normal, Sentiment::Neutral);
    let whole = contact(&[(Customer, scare), (Customer, calm)]).expect("the customer spoke");
    assert_eq!(whole.urgency.value, Urgency::Critical);
    assert_eq!(whole.topics.iter().map(|t| t.value).collect::<Vec<_>>(), [Topic::FoodSafety, Topic::Payment]);
}

#[test]
fn what_the_operator_says_is_not_the_customers_matter() {
    let offer = reading(&[(Topic::Promotions, 0.99)], Urgency::Critical, Sentiment::Positive);
    let matter = reading(&[(Topic::LateDelivery, 0.8)], Urgency::High, Sentiment::Negative);
    let whole = contact(&[(Operator, offer.clone()), (Customer, matter)]).expect("the customer spoke");
    assert_eq!(whole.topic(), Some(Topic::LateDelivery));
    assert_eq!((whole.urgency.value, whole.sentiment.value), (Urgency::High, Sentiment::Negative));
    assert_eq!(contact(&[(Operator, offer)]), None);
    assert_eq!(contact(&[]), None);
}

#[test]
fn a_contact_of_guesses_is_abstained_on_with_the_best_guess() {
    let guess = |topic, score| reading(&[(topic, score)], Urgency::Normal, Sentiment::Neutral);
    let whole = contact(&[(Customer, guess(Topic::Menu, 0.2)), (Customer, guess(Topic::Loyalty, 0.3))]);
    let whole = whole.expect("the customer spoke");
    assert!(whole.abstained && whole.topic().is_none());
    assert_eq!(whole.topics.iter().map(|t| t.value).collect::<Vec<_>>(), [Topic::Loyalty]);
}

#[test]
fn a_second_language_shows() {
    let russian = reading(&[(Topic::Menu, 0.9)], Urgency::Normal, Sentiment::Neutral);
    let kazakh = Reading { language: Scored { value: Language::Kk, score: 0.9 }, ..russian.clone() };
    let whole = contact(&[(Customer, kazakh.clone()), (Customer, russian), (Customer, kazakh)]);
    let whole = whole.expect("the customer spoke");
    assert_eq!((whole.language.value, whole.mixed), (Language::Kk, true));
}

#[test]
fn the_classified_line_has_the_promised_shape() {
    let line = ClassifiedLine::new(
        "m-1".to_owned(),
        reading(&[(Topic::MissingItem, 0.75), (Topic::LateDelivery, 0.5)], Urgency::High, Sentiment::Negative),
    );
    insta::assert_json_snapshot!(line);
}

#[test]
fn what_the_model_says_of_the_whole_goes_before_the_rules() {
    let hello = reading(&[(Topic::Greeting, 0.99)], Urgency::High, Sentiment::Neutral);
    let matter = Matter {
        topics: vec![Scored { value: Topic::Payment, score: 0.8 }],
        sentiment: Scored { value: Sentiment::Negative, score: 0.9 },
    };
    let twice = [(Customer, &hello), (Customer, &hello)];
    let whole = read_contact(&twice, Some(&matter)).expect("the customer spoke");
    assert_eq!((whole.topic(), whole.sentiment.value), (Some(Topic::Payment), Sentiment::Negative));
    assert_eq!(whole.urgency.value, Urgency::High);
    let unsure = Matter { topics: vec![Scored { value: Topic::Payment, score: 0.3 }], ..matter };
    let whole = read_contact(&twice, Some(&unsure)).expect("the customer spoke");
    assert!(whole.abstained);
    let once = read_contact(&[(Customer, &hello)], Some(&matter)).expect("the customer spoke");
    assert_eq!(once.topic(), Some(Topic::Greeting), "one message is read more surely than a talk of one turn");
    assert_eq!(read_contact(&[(Operator, &hello)], Some(&unsure)), None);
}
