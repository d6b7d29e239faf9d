//! What the shipped model understands is kept, shown, corrected and answered, however often a message is delivered.

use std::path::Path;

use models::reading::{MenuWords, Precision, Reader, ReadingModel};
use models::taxonomy::{Language, Topic, Urgency};
use pipelines::conversations::templates::{TemplateInput, create_template};
use pipelines::conversations::view::{self, Contact, EvidenceKind};
use pipelines::conversations::{Accepted, Account, Text, marks, reply, steps};
use pipelines::events::{Author, Channel, Event, EventBody, EventId, InsightId, MessageKind, SuggestionId};
use pipelines::insights::{Act, Classify, Corrected, Correction, VerdictInput, corrections, give};
use pipelines::platform::stage::Stage;
use pipelines::routing::take_next;
use pipelines::workforce::Actor;

use crate::world::World;

const LATE: &str = "где мой заказ, жду уже два часа, обещали час, верните деньги";
const ALLERGY: &str = "у ребёнка аллергия на орехи, ему плохо после вашего торта, он задыхается";

/// The shipped model.
pub(crate) fn reader() -> ReadingModel {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/weights/reading-2");
    ReadingModel::Here(Reader::load(&folder, MenuWords::default(), 1, Precision::Auto).unwrap())
}

struct Desk {
    world: World,
    account: Account,
    operator: Actor,
    reader: ReadingModel,
    classify: Classify,
}

impl Desk {
    async fn open() -> Self {
        let world = World::new().await;
        let account = world.account(Channel::Site).await;
        let operator = world.operator("op", 5).await;
        let reader = reader();
        let classify = Classify::new(world.store().clone(), reader.clone());
        Self { world, account, operator, reader, classify }
    }

    /// A customer's message, read.
    async fn hears(&self, external: &str, text: &str) -> Accepted {
        let said = self.world.says(&self.account, "visitor", external, text).await;
        self.read(&said).await;
        said
    }

    async fn read(&self, said: &Accepted) {
        let event = Event {
            id: EventId::new(self.world.store().clock()),
            v: 1,
            at: self.world.store().clock().now(),
            customer_id: said.customer_id,
            contact_id: Some(said.contact_id),
            seq: Some(said.seq),
            actor_id: None,
            body: EventBody::MessageReceived {
                message_id: said.message_id.unwrap(),
                author: Author::Customer,
                kind: MessageKind::Text,
            },
        };
        self.classify.run(&event).await.unwrap();
    }

    async fn sees(&self, said: &Accepted) -> Contact {
        view::contact(self.world.store(), &self.operator, said.contact_id).await.unwrap()
    }

    async fn corrects(&self, said: &Accepted, insight_id: InsightId, correction: Correction) {
        let verdict = VerdictInput::Correct { insight_id, correction };
        give(self.world.store(), &self.operator, said.contact_id, &verdict).await.unwrap();
    }

    async fn template(&self, shortcut: &str, topics: &[Topic], body: &str) {
        let input = TemplateInput {
            shortcut: shortcut.into(),
            title: shortcut.into(),
            language: Language::Ru,
            body: body.into(),
            topics: topics.to_vec(),
        };
        create_template(self.world.store(), None, input).await.unwrap();
    }
}

#[tokio::test]
async fn a_message_is_read_once_however_often_it_is_delivered() {
    let desk = Desk::open().await;
    let said = desk.hears("m1", LATE).await;
    let before = desk.sees(&said).await;
    let reading = before.reading.clone().unwrap();
    assert_eq!(before.messages[0].reading.as_ref().unwrap().topics[0].value, Topic::LateDelivery);
    assert_eq!(before.summary.topic.unwrap().value, Topic::LateDelivery);
    assert!(reading.latency_ms > 0.0);
    desk.read(&said).await;
    let after = desk.sees(&said).await;
    assert_eq!(after, before, "the second delivery changed something");
    assert_eq!(desk.world.number("SELECT count(*) FROM insight").await, 2);
    desk.world.is_sound().await;
}

#[tokio::test]
async fn a_corrected_label_survives_the_next_reading() {
    let desk = Desk::open().await;
    let first = desk.hears("m1", LATE).await;
    let message = desk.sees(&first).await.messages[0].reading.clone().unwrap();
    let whole = desk.sees(&first).await.reading.unwrap();
    desk.corrects(&first, message.insight_id, Correction::Topic(Topic::Payment)).await;
    desk.corrects(&first, whole.insight_id, Correction::Topic(Topic::Staff)).await;
    desk.hears("m2", "курьер так и не приехал").await;
    let shown = desk.sees(&first).await;
    assert_eq!(shown.summary.topic.unwrap().value, Topic::Staff);
    assert_eq!(shown.messages[0].reading.as_ref().unwrap().corrected.topic, Some(Topic::Payment));
    assert_eq!(desk.world.number("SELECT count(*) FROM verdict").await, 2);
    desk.world.is_sound().await;
}

#[tokio::test]
async fn what_was_called_calm_becomes_critical_when_something_worse_is_said() {
    let desk = Desk::open().await;
    let first = desk.hears("m1", ALLERGY).await;
    let whole = desk.sees(&first).await.reading.unwrap();
    assert_eq!(whole.urgency.value, Urgency::Critical);
    desk.corrects(&first, whole.insight_id, Correction::Urgency(Urgency::Normal)).await;
    desk.hears("m2", "спасибо, понятно").await;
    assert_eq!(desk.sees(&first).await.summary.urgency.unwrap().value, Urgency::Normal, "nothing worse was said");
    desk.hears("m3", ALLERGY).await;
    assert_eq!(desk.sees(&first).await.summary.urgency.unwrap().value, Urgency::Critical);
}

#[tokio::test]
async fn ready_texts_for_the_matter_are_proposed_whole_once_and_with_their_sources() {
    let desk = Desk::open().await;
    desk.template("жаль", &[Topic::LateDelivery], "{{ customer_name }}, простите за ожидание.").await;
    desk.template("номер", &[Topic::LateDelivery], "Заказ {{ order_number }} в пути.").await;
    desk.template("смотрю", &[Topic::LateDelivery], "{{ operator_name }} уже смотрит.").await;
    desk.template("меню", &[Topic::Menu], "Вот наше меню.").await;
    let first = desk.hears("m1", LATE).await;
    let shown = desk.sees(&first).await.suggestions;
    assert_eq!(shown.len(), 1, "one is about something else, one lacks its order, one its writer");
    assert_eq!(shown[0].text, "visitor, простите за ожидание.");
    let kinds: Vec<_> = shown[0].evidence.iter().map(|evidence| evidence.kind).collect();
    assert_eq!(kinds, [EvidenceKind::Message, EvidenceKind::Template]);
    assert_eq!(Some(shown[0].evidence[0].id), first.message_id.map(|id| id.0));
    let dismissed = VerdictInput::Suggested { suggestion_id: shown[0].id, act: Act::Dismissed };
    let verdict = give(desk.world.store(), &desk.operator, first.contact_id, &dismissed).await.unwrap();
    let again = give(desk.world.store(), &desk.operator, first.contact_id, &dismissed).await.unwrap();
    assert_eq!((again, desk.world.number("SELECT count(*) FROM verdict").await), (verdict, 1), "counted twice");
    desk.hears("m2", LATE).await;
    assert_eq!(desk.sees(&first).await.suggestions, [], "what was dismissed came back");
    desk.world.is_sound().await;
}

#[tokio::test]
async fn a_reply_stores_what_became_of_its_suggestion_and_takes_the_draft_with_it() {
    let desk = Desk::open().await;
    desk.template("жаль", &[Topic::LateDelivery], "{{ customer_name }}, простите за ожидание.").await;
    let said = desk.hears("m1", LATE).await;
    take_next(desk.world.store(), &desk.operator).await.unwrap();
    let suggestion = desk.sees(&said).await.suggestions.pop().unwrap();
    marks::keep_draft(desk.world.store(), &desk.operator, said.contact_id, &suggestion.text).await.unwrap();
    let answer = |suggestion, template| reply::Reply {
        text: Text::new("visitor, простите за ожидание.").unwrap(),
        seen_seq: i64::MAX,
        confirm_stale: false,
        template,
        suggestion: Some(suggestion),
    };
    let clock = desk.world.store().clock();
    let made_up = answer(SuggestionId::new(clock), None);
    let refused = reply::send(desk.world.store(), &desk.operator, said.contact_id, &made_up).await;
    assert!(matches!(refused, Err(reply::ReplyError::NotFound)));
    let no_template = answer(suggestion.id, Some(clock.id()));
    let refused = reply::send(desk.world.store(), &desk.operator, said.contact_id, &no_template).await;
    assert!(matches!(refused, Err(reply::ReplyError::NotFound)));
    assert!(desk.sees(&said).await.draft.is_some());
    reply::send(desk.world.store(), &desk.operator, said.contact_id, &answer(suggestion.id, None)).await.unwrap();
    let shown = desk.sees(&said).await;
    assert_eq!((shown.draft, shown.suggestions), (None, Vec::new()));
    assert_eq!(desk.world.number("SELECT count(*) FROM verdict WHERE act = 'used'").await, 1);
    steps::finish(desk.world.store(), &desk.operator, said.contact_id).await.unwrap();
    desk.world.is_sound().await;
}

#[tokio::test]
async fn corrections_are_given_out_once_masked_and_with_what_a_person_said() {
    let desk = Desk::open().await;
    let private = "меня зовут Анна Петрова, звоните +7 916 123-45-67, где мой заказ, жду уже два часа";
    let first = desk.hears("m1", private).await;
    desk.hears("m2", "и ещё вы мне списали деньги дважды").await;
    let message = desk.sees(&first).await.messages[0].reading.clone().unwrap();
    let whole = desk.sees(&first).await.reading.unwrap();
    desk.corrects(&first, message.insight_id, Correction::Topic(Topic::NotDelivered)).await;
    desk.corrects(&first, message.insight_id, Correction::Urgency(Urgency::High)).await;
    desk.corrects(&first, whole.insight_id, Correction::Topic(Topic::Payment)).await;
    let (lines, next) = corrections(desk.world.store().pool(), &desk.reader, None).await.unwrap();
    assert_eq!((lines.len(), next), (2, None), "an insight comes once, at its last verdict: {lines:?}");
    let Corrected::Message(message) = &lines[0].labelled else { panic!("{lines:?}") };
    assert_eq!((message.topics.as_slice(), message.urgency), (&[Topic::NotDelivered][..], Urgency::High));
    assert_eq!(lines[0].corrected, ["topic", "urgency"]);
    let Corrected::Contact(contact) = &lines[1].labelled else { panic!("{lines:?}") };
    assert_eq!((contact.topics.as_slice(), contact.turns.len()), (&[Topic::Payment][..], 2));
    let given = serde_json::to_string(&lines).unwrap();
    for private in ["123-45", "Анна", "Петрова"] {
        assert!(!given.contains(private), "{private} is in {given}");
    }
    assert!(message.text.contains("жду уже два часа") && message.text.contains("[phone]"));
}

#[tokio::test]
async fn a_word_on_an_older_state_of_the_talk_gives_way() {
    let desk = Desk::open().await;
    let first = desk.world.says(&desk.account, "visitor", "m1", "добрый день").await;
    let second = desk.hears("m2", LATE).await;
    assert_eq!(desk.sees(&first).await.summary.topic.unwrap().value, Topic::LateDelivery);
    // The first message's event comes late; what is known of the whole talk stays.
    desk.read(&first).await;
    let shown = desk.sees(&second).await;
    assert_eq!(shown.summary.topic.unwrap().value, Topic::LateDelivery);
    assert_eq!(shown.messages[0].reading.as_ref().unwrap().topics[0].value, Topic::Greeting);
    desk.world.is_sound().await;
}
