//! Contacts are summarised when they end, change hands, are asked about or grow long: once for what was said, never over
//! what a person stood for, never over a newer version.

use futures::future::join_all;
use models::summary::Summary;
use models::taxonomy::Outcome;
use pipelines::conversations::steps::{self, Target};
use pipelines::conversations::{Account, Text, reply, view as contacts};
use pipelines::customers;
use pipelines::events::{Channel, ContactId, Event, EventBody};
use pipelines::platform::history;
use pipelines::platform::page::Limit;
use pipelines::platform::stage::Stage;
use pipelines::routing::take_next;
use pipelines::summaries::figures::figures;
use pipelines::summaries::quality::{self, Filter};
use pipelines::summaries::view::{SummaryVersion, SummaryView, summary, versions};
use pipelines::summaries::{Asked, Finding, Summarise, SummaryError, SummaryField, SummaryReason, Verdict};
use pipelines::summaries::{ask, confirm, edit, judge};
use pipelines::workforce::{Actor, Role};
use sqlx::Row;

use crate::reading::reader;
use crate::world::World;

pub(crate) struct Desk {
    pub(crate) world: World,
    account: Account,
    pub(crate) operator: Actor,
    pub(crate) quality: Actor,
    stage: Summarise,
}

/// A contact that the operator has.
pub(crate) struct Talk<'a> {
    desk: &'a Desk,
    visitor: String,
    pub(crate) contact: ContactId,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let world = World::new().await;
        let account = world.account(Channel::Site).await;
        let operator = world.operator("op", 10).await;
        let quality = world.person("quality", 0, &[Role::Quality]).await;
        let stage = Summarise::new(world.store().clone(), reader(), None);
        Self { world, account, operator, quality, stage }
    }

    pub(crate) async fn talk(&self, visitor: &str, first: &str) -> Talk<'_> {
        let said = self.world.says(&self.account, visitor, &format!("{visitor}-0"), first).await;
        assert_eq!(take_next(self.world.store(), &self.operator).await.unwrap(), Some(said.contact_id));
        Talk { desk: self, visitor: visitor.to_owned(), contact: said.contact_id }
    }

    async fn lists(&self, filter: Filter) -> Vec<ContactId> {
        let page = quality::list(self.world.store(), &self.quality, filter, None, Limit::default()).await.unwrap();
        assert_eq!(page.next, None);
        page.items.iter().map(|item| item.contact_id).collect()
    }
}

impl Talk<'_> {
    async fn says(&self, text: &str) {
        let external = self.desk.world.store().clock().id().to_string();
        self.desk.world.says(&self.desk.account, &self.visitor, &external, text).await;
    }

    async fn replies(&self, text: &str) {
        let answer = reply::Reply {
            text: Text::new(text).unwrap(),
            seen_seq: i64::MAX,
            confirm_stale: false,
            template: None,
            suggestion: None,
        };
        reply::send(self.desk.world.store(), &self.desk.operator, self.contact, &answer).await.unwrap();
    }

    async fn events(&self) -> Vec<Event> {
        let store = self.desk.world.store();
        let seen = contacts::seen(store, &self.desk.quality, self.contact).await.unwrap().unwrap();
        history::events_since(store, seen.customer_id, seen.id, seen.opened_at, 0).await.unwrap()
    }

    /// Delivers every event of the contact that the stage wants.
    pub(crate) async fn delivers_all(&self) {
        for event in self.events().await.iter().filter(|event| Summarise::wants(&event.body)) {
            self.desk.stage.run(event).await.unwrap();
        }
    }

    /// Delivers the last event.
    async fn delivers_last(&self) {
        let last = self.events().await.pop().unwrap();
        assert!(Summarise::wants(&last.body), "{last:?}");
        self.desk.stage.run(&last).await.unwrap();
    }

    pub(crate) async fn finishes(&self) {
        steps::finish(self.desk.world.store(), &self.desk.operator, self.contact).await.unwrap();
    }

    async fn closes(&self) {
        let store = self.desk.world.store();
        steps::close(store, &self.desk.operator, self.contact, Outcome::Resolved, None).await.unwrap();
    }

    pub(crate) async fn summary(&self) -> Option<SummaryView> {
        match summary(self.desk.world.store(), &self.desk.quality, self.contact).await {
            Ok(view) => Some(view),
            Err(SummaryError::NotFound) => None,
            Err(error) => panic!("{error}"),
        }
    }

    async fn versions(&self) -> Vec<SummaryVersion> {
        let store = self.desk.world.store();
        versions(store, &self.desk.quality, self.contact, None, Limit::default()).await.unwrap().items
    }

    async fn edits(&self, actor: &Actor, version: i32, summary: Summary) -> Result<SummaryView, SummaryError> {
        edit(self.desk.world.store(), actor, self.contact, version, summary).await
    }

    /// Says and answers something until there are so many turns.
    async fn goes_on_until(&self, turns: usize) {
        let so_far = self.events().await.iter().filter(|event| is_turn(&event.body)).count();
        for turn in so_far..turns {
            if turn % 2 == 0 { self.says("и ещё вопрос").await } else { self.replies("отвечаю").await }
        }
    }
}

fn is_turn(body: &EventBody) -> bool {
    matches!(body, EventBody::MessageReceived { .. })
}

fn words(text: &str) -> Summary {
    Summary {
        issue: "Не привезли суп.".into(),
        request: "Вернуть деньги.".into(),
        actions: vec!["возвращено 690 рублей".into()],
        promises: Vec::new(),
        outcome: Outcome::Resolved,
        text: text.into(),
    }
}

#[tokio::test]
async fn a_contact_that_ends_is_summarised_once_however_often_its_events_are_delivered() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли, верните деньги").await;
    talk.replies("Вернула 690 рублей").await;
    let note = Text::new("клиент вежливый").unwrap();
    reply::note(desk.world.store(), &desk.operator, talk.contact, &note).await.unwrap();
    talk.says("спасибо").await;
    talk.delivers_all().await;
    assert_eq!(talk.summary().await, None, "the talk goes on and is short");
    talk.finishes().await;
    talk.delivers_last().await;
    let made = talk.summary().await.unwrap();
    assert_eq!((made.version, made.reason, made.edited), (1, SummaryReason::Closed, false));
    assert_eq!((&made.by, &made.model), (&None, reader().model()));
    assert_eq!((made.messages.len(), made.account.roles.len()), (3, 3), "a note is no turn");
    assert!(!made.account.summary.text.is_empty());

    let before = talk.events().await.len();
    talk.delivers_all().await;
    talk.closes().await;
    talk.delivers_all().await;
    assert_eq!(talk.summary().await.unwrap(), made);
    assert_eq!(talk.versions().await.len(), 1);
    assert_eq!(talk.events().await.len(), before + 1, "only that it was closed");
    let row = "SELECT count(*) FROM summary s JOIN contact c ON c.customer_id = s.customer_id AND c.id = s.contact_id
               WHERE s.operator_id = c.operator_id AND s.turns = 3 AND s.support BETWEEN 0 AND 1";
    assert_eq!(desk.world.number(row).await, 1);
    desk.world.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_at_the_same_time_make_one_version() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли, верните деньги").await;
    talk.finishes().await;
    talk.closes().await;
    let events = talk.events().await;
    let runs = events.iter().filter(|event| Summarise::wants(&event.body)).cycle().take(12);
    for result in join_all(runs.map(|event| desk.stage.run(event))).await {
        result.unwrap();
    }
    assert_eq!(talk.versions().await.len(), 1);
    desk.world.is_sound().await;
}

#[tokio::test]
async fn a_long_talk_is_summarised_every_fifteen_turns_and_not_behind_its_own_end() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "где мой заказ").await;
    talk.goes_on_until(14).await;
    talk.delivers_all().await;
    assert_eq!(talk.summary().await, None);
    talk.goes_on_until(15).await;
    let fifteenth = talk.events().await.pop().unwrap();
    talk.goes_on_until(16).await;
    desk.stage.run(&fifteenth).await.unwrap();
    assert_eq!(talk.summary().await, None, "more was said: that event decides");
    talk.delivers_last().await;
    let first = talk.summary().await.unwrap();
    assert_eq!((first.version, first.reason, first.messages.len()), (1, SummaryReason::Rolling, 16));
    talk.goes_on_until(30).await;
    talk.delivers_all().await;
    assert_eq!(talk.summary().await.unwrap(), first, "fourteen more are too few");
    talk.goes_on_until(31).await;
    steps::hold(desk.world.store(), &desk.operator, talk.contact).await.unwrap();
    talk.delivers_all().await;
    assert_eq!(talk.summary().await.unwrap(), first, "who is on hold is not being talked to");
    steps::resume(desk.world.store(), &desk.operator, talk.contact).await.unwrap();
    talk.delivers_all().await;
    assert_eq!(talk.summary().await.unwrap().version, 2);
    talk.finishes().await;
    talk.delivers_last().await;
    let last = talk.summary().await.unwrap();
    assert_eq!((last.version, last.reason), (3, SummaryReason::Closed), "the end weighs more than the way there");
    let reasons: Vec<_> = talk.versions().await.iter().map(|version| version.reason).collect();
    assert_eq!(reasons, [SummaryReason::Closed, SummaryReason::Rolling, SummaryReason::Rolling]);
}

#[tokio::test]
async fn who_takes_over_finds_what_was_said_before() {
    let desk = Desk::open().await;
    let colleague = desk.world.operator("colleague", 5).await;
    let talk = desk.talk("anna", "привезли чужой заказ").await;
    talk.replies("передаю старшему").await;
    steps::transfer(desk.world.store(), &desk.operator, talk.contact, Target::Operator(colleague.id), None)
        .await
        .unwrap();
    talk.delivers_last().await;
    let handed = summary(desk.world.store(), &colleague, talk.contact).await.unwrap();
    assert_eq!((handed.reason, handed.messages.len()), (SummaryReason::Transferred, 2));
    let item =
        quality::list(desk.world.store(), &desk.quality, Filter::default(), None, Limit::default()).await.unwrap();
    assert_eq!(item.items[0].operator.as_ref().unwrap().id, desk.operator.id, "the colleague has not accepted it");
    let card = customers::card(desk.world.store(), &colleague, talk.events().await[0].customer_id).await.unwrap();
    let last = card.summaries.first().unwrap();
    assert_eq!((last.contact_id, &last.text), (talk.contact, &handed.account.summary.text));
    assert_eq!((last.topic, last.outcome), (handed.account.topics.first().copied(), handed.account.summary.outcome));
}

#[tokio::test]
async fn nothing_newer_is_replaced_by_something_older() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли").await;
    talk.finishes().await;
    talk.delivers_last().await;
    sqlx::query("UPDATE summary SET as_of_seq = as_of_seq + 10, reason = 'rolling'")
        .execute(desk.world.store().pool())
        .await
        .unwrap();
    talk.delivers_last_step().await;
    assert_eq!(talk.versions().await.len(), 1);
}

impl Talk<'_> {
    /// Delivers the last step of the contact's life.
    async fn delivers_last_step(&self) {
        let events = self.events().await;
        let step = events.iter().rev().find(|event| matches!(event.body, EventBody::StateChanged { .. })).unwrap();
        self.desk.stage.run(step).await.unwrap();
    }
}

#[tokio::test]
async fn thanks_in_after_contact_work_replace_nothing_that_a_person_stood_for() {
    let desk = Desk::open().await;
    let store = desk.world.store();
    let (edited, confirmed) = (desk.talk("anna", "суп не привезли").await, desk.talk("boris", "суп остыл").await);
    for talk in [&edited, &confirmed] {
        talk.finishes().await;
        talk.delivers_last().await;
    }
    let edit = edited.edits(&desk.operator, 1, words("Суп не привезли, деньги возвращены.")).await.unwrap();
    let stood_for = confirm(store, &desk.operator, confirmed.contact, 1).await.unwrap();
    for (talk, stands) in [(&edited, &edit), (&confirmed, &stood_for)] {
        talk.says("спасибо").await;
        talk.closes().await;
        talk.delivers_all().await;
        assert_eq!(&talk.summary().await.unwrap(), stands);
    }
    assert_eq!(desk.lists(Filter { edited: Some(true), ..Filter::default() }).await, [edited.contact]);
    assert_eq!(desk.world.number("SELECT count(*) FROM summary WHERE distance > 0").await, 1);

    for talk in [&edited, &confirmed] {
        assert_eq!(ask(store, &desk.quality, talk.contact).await.unwrap(), Asked::OnItsWay);
        talk.delivers_all().await;
        let anew = talk.summary().await.unwrap();
        assert_eq!((anew.reason, anew.messages.len(), &anew.confirmed_at), (SummaryReason::Asked, 2, &None));
    }
    assert!(edited.versions().await[1].distance > Some(0), "how much was changed stays known");
    desk.world.is_sound().await;
}

#[tokio::test]
async fn a_persons_words_stand_until_the_contact_is_opened_again_and_stay_among_the_versions() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли").await;
    talk.finishes().await;
    talk.delivers_last().await;
    let made = talk.summary().await.unwrap();
    let facts = r#"UPDATE summary_version SET account = jsonb_set(account, '{facts}', '[
        {"kind":"action","type":"refund","amount":"690 рублей","due":null,"code":null,"accepted":true,"turn":0},
        {"kind":"promise","type":"callback","amount":null,"due":"завтра","code":null,"accepted":true,"turn":7}]')"#;
    sqlx::query(facts).execute(desk.world.store().pool()).await.unwrap();

    let stranger = desk.world.operator("stranger", 5).await;
    let refused = talk.edits(&stranger, 1, words("Моё.")).await;
    assert!(matches!(refused, Err(SummaryError::NotFound)), "{refused:?}");
    let elsewhere = desk.world.account(Channel::Site).await;
    desk.world.says(&elsewhere, "anna", "elsewhere", "где мой заказ").await;
    take_next(desk.world.store(), &stranger).await.unwrap();
    let read = summary(desk.world.store(), &stranger, talk.contact).await.unwrap();
    assert_eq!(read.version, 1, "they serve the customer now");
    assert!(matches!(talk.edits(&stranger, 1, words("Моё.")).await, Err(SummaryError::NotYours)));
    assert!(matches!(talk.edits(&desk.quality, 1, words("Моё.")).await, Err(SummaryError::Forbidden(_))));
    assert!(matches!(talk.edits(&desk.operator, 2, words("Моё.")).await, Err(SummaryError::Stale)));
    let edited = talk.edits(&desk.operator, 1, words("Суп не привезли, деньги возвращены.")).await.unwrap();
    assert_eq!((edited.version, edited.reason, edited.edited), (2, SummaryReason::Edited, true));
    assert_eq!(edited.by.as_ref().unwrap().id, desk.operator.id);
    assert_eq!((edited.as_of_seq, &edited.messages, &edited.model), (made.as_of_seq, &made.messages, &made.model));
    assert_eq!(edited.account.summary, words("Суп не привезли, деньги возвращены."));
    let rests = |view: &SummaryView| view.account.sentences.iter().map(|of| of.turns.clone()).collect::<Vec<_>>();
    assert_eq!(rests(&edited), [[0]], "the person's sentence has words of the customer's");
    let counted =
        "SELECT amount_minor FROM summary_fact WHERE kind = 'action' AND type = 'refund' AND currency = 'RUB'";
    assert_eq!(desk.world.number(counted).await, 69_000);
    assert_eq!(desk.world.number("SELECT count(*) FROM summary_fact").await, 1, "one rests on a turn that is none");

    let same = talk.edits(&desk.operator, 2, edited.account.summary.clone()).await.unwrap();
    assert_eq!(same, edited, "the same words are no edit");
    assert!(matches!(confirm(desk.world.store(), &desk.operator, talk.contact, 1).await, Err(SummaryError::Stale)));
    let confirmed = confirm(desk.world.store(), &desk.operator, talk.contact, 2).await.unwrap();
    assert_eq!(confirmed.confirmed_by.as_ref().unwrap().id, desk.operator.id);
    let before = talk.events().await.len();
    assert_eq!(confirm(desk.world.store(), &desk.operator, talk.contact, 2).await.unwrap(), confirmed);
    assert_eq!(talk.events().await.len(), before);

    talk.closes().await;
    sqlx::query("UPDATE message SET changed_seq = 1000").execute(desk.world.store().pool()).await.unwrap();
    talk.delivers_all().await;
    assert_eq!(talk.summary().await.unwrap(), confirmed, "a delivery that changed a message said nothing new");

    steps::reopen(desk.world.store(), &desk.operator, talk.contact).await.unwrap();
    talk.says("и десерт тоже не привезли").await;
    talk.closes().await;
    talk.delivers_all().await;
    let newer = talk.summary().await.unwrap();
    assert_eq!((newer.version, newer.edited, &newer.confirmed_at), (3, false, &None));
    let all = talk.versions().await;
    assert_eq!(all.iter().map(|version| version.version).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(all[1].summary.text, "Суп не привезли, деньги возвращены.");
    assert!(all[1].distance > Some(0) && all[0].distance.is_none() && all[2].distance.is_none());
    desk.world.is_sound().await;
}

#[tokio::test]
async fn of_two_edits_of_a_version_at_the_same_time_one_stands() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли").await;
    talk.finishes().await;
    talk.delivers_last().await;
    let (one, other) = tokio::join!(
        talk.edits(&desk.operator, 1, words("Суп не привезли.")),
        talk.edits(&desk.operator, 1, words("Суп остыл.")),
    );
    let stood = [&one, &other].into_iter().filter(|edit| edit.is_ok()).count();
    let stale = [&one, &other].into_iter().filter(|edit| matches!(edit, Err(SummaryError::Stale))).count();
    assert_eq!((stood, stale), (1, 1), "{one:?}, {other:?}");
    assert_eq!(talk.versions().await.len(), 2);
    desk.world.is_sound().await;
}

#[tokio::test]
async fn facts_are_stored_by_what_they_are_and_what_became_of_them() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли, верните 690 рублей").await;
    talk.replies("Могу начислить 500 бонусов. Верну деньги до вторника, заявка 77-А").await;
    talk.finishes().await;
    talk.delivers_last().await;
    let facts = r#"UPDATE summary_version SET account = jsonb_set(account, '{facts}', '[
        {"kind":"request","type":"refund","amount":"690 рублей","due":null,"code":null,"accepted":true,"turn":0},
        {"kind":"proposal","type":"bonus","amount":"500 бонусов","due":null,"code":null,"accepted":false,"turn":1},
        {"kind":"proposal","type":"other","amount":null,"due":null,"code":null,"accepted":null,"turn":1},
        {"kind":"promise","type":"refund","amount":null,"due":"до вторника","code":"77-А","accepted":true,"turn":1}]')"#;
    sqlx::query(facts).execute(desk.world.store().pool()).await.unwrap();
    talk.edits(&desk.operator, 1, words("Суп не привезли.")).await.unwrap();
    let rows = "SELECT concat_ws(' | ', f.kind, f.type, coalesce(f.amount, '-'), coalesce(f.amount_minor::text, '-'),
                                 coalesce(f.currency, '-'), coalesce(f.due, '-'), coalesce(f.code, '-'),
                                 coalesce(f.accepted::text, '-'), m.author)
                FROM summary_fact f JOIN message m ON m.customer_id = f.customer_id AND m.id = f.message_id
                ORDER BY f.n";
    let rows = sqlx::query(rows).fetch_all(desk.world.store().pool()).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>(),
        [
            "request | refund | 690 рублей | 69000 | RUB | - | - | true | customer",
            "proposal | bonus | 500 бонусов | - | - | - | - | false | operator",
            "proposal | other | - | - | - | - | - | - | operator",
            "promise | refund | - | - | - | до вторника | 77-А | true | operator",
        ]
    );
}

#[tokio::test]
async fn a_summary_is_made_when_asked_for_if_anything_was_said_since() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли").await;
    let store = desk.world.store();
    let stranger = desk.world.operator("stranger", 5).await;
    assert!(matches!(ask(store, &stranger, talk.contact).await, Err(SummaryError::NotFound)));
    assert_eq!(ask(store, &desk.operator, talk.contact).await.unwrap(), Asked::OnItsWay);
    talk.delivers_last().await;
    assert_eq!(talk.summary().await.unwrap().reason, SummaryReason::Asked);
    assert_eq!(ask(store, &desk.operator, talk.contact).await.unwrap(), Asked::UpToDate);
    talk.says("и хлеб тоже").await;
    assert_eq!(ask(store, &desk.quality, talk.contact).await.unwrap(), Asked::OnItsWay);
    talk.delivers_last().await;
    assert_eq!(talk.summary().await.unwrap().messages.len(), 2);
    desk.world.is_sound().await;
}

#[tokio::test]
async fn the_quality_team_finds_reads_and_judges_summaries() {
    let desk = Desk::open().await;
    let store = desk.world.store();
    let mut talks = Vec::new();
    for visitor in ["a", "b", "c"] {
        let talk = desk.talk(visitor, "суп не привезли, верните деньги").await;
        talk.replies("Вернула 690 рублей").await;
        talk.finishes().await;
        talk.delivers_last().await;
        talks.push(talk);
    }
    let [a, b, c] = [0, 1, 2].map(|at: usize| talks[at].contact);
    talks[1].edits(&desk.operator, 1, words("Исправлено.")).await.unwrap();
    sqlx::query("UPDATE summary SET support = 0.2 WHERE contact_id = $1")
        .bind(c.0)
        .execute(store.pool())
        .await
        .unwrap();

    assert_eq!(desk.lists(Filter::default()).await, [b, c, a], "what changed last stands first");
    assert_eq!(desk.lists(Filter { edited: Some(true), ..Filter::default() }).await, [b]);
    assert_eq!(desk.lists(Filter { edited: Some(false), ..Filter::default() }).await, [c, a]);
    assert_eq!(desk.lists(Filter { max_support: Some(0.25), ..Filter::default() }).await, [c]);
    assert_eq!(
        desk.lists(Filter { outcome: Some(Outcome::Resolved), edited: Some(true), ..Filter::default() }).await,
        [b]
    );
    assert_eq!(desk.lists(Filter { operator: Some(desk.quality.id), ..Filter::default() }).await, []);
    assert_eq!(desk.lists(Filter { operator: Some(desk.operator.id), ..Filter::default() }).await, [b, c, a]);
    let topic = talks[0].summary().await.unwrap().account.topics[0];
    assert_eq!(desk.lists(Filter { topic: Some(topic), ..Filter::default() }).await, [b, c, a]);

    let first = quality::list(store, &desk.quality, Filter::default(), None, Limit::new(2)).await.unwrap();
    let after = first.next.unwrap().parse().unwrap();
    let second = quality::list(store, &desk.quality, Filter::default(), Some(after), Limit::new(2)).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next), (2, 1, None));
    assert_eq!(second.items[0].contact_id, a);
    assert!(first.items[0].distance > Some(0));

    let wrong = Verdict::new(2, Finding::Wrong, Some(SummaryField::Actions), Some("не 690".into())).unwrap();
    assert!(matches!(judge(store, &desk.operator, b, &wrong).await, Err(SummaryError::Forbidden(_))));
    let stale = Verdict::new(1, Finding::Correct, None, None).unwrap();
    assert!(matches!(judge(store, &desk.quality, b, &stale).await, Err(SummaryError::Stale)));
    assert_eq!(Verdict::new(2, Finding::Correct, Some(SummaryField::Text), None), None);
    let id = judge(store, &desk.quality, b, &wrong).await.unwrap();
    assert_eq!(desk.lists(Filter { judged: Some(true), ..Filter::default() }).await, [b]);
    assert_eq!(desk.lists(Filter { judged: Some(false), ..Filter::default() }).await, [c, a]);

    assert!(matches!(quality::review(store, &desk.operator, b).await, Err(SummaryError::Forbidden(_))));
    let review = quality::review(store, &desk.quality, b).await.unwrap();
    let said: Vec<_> = review.turns.iter().map(|turn| turn.text.as_str()).collect();
    assert_eq!(said, ["суп не привезли, верните деньги", "Вернула 690 рублей"]);
    assert_eq!((review.verdicts.len(), review.verdicts[0].id), (1, id));
    assert_eq!((review.verdicts[0].verdict, review.verdicts[0].field), (Finding::Wrong, Some(SummaryField::Actions)));
    let audited = "SELECT count(*) FROM audit WHERE action = 'summary.read' AND object_kind = 'contact'";
    assert_eq!(desk.world.number(audited).await, 1, "a refused reading is none");
    let analyst = desk.world.person("analyst", 0, &[Role::Analyst]).await;
    assert!(quality::list(store, &analyst, Filter::default(), None, Limit::default()).await.is_err());
}

#[tokio::test]
async fn the_list_of_quality_reads_no_table_whole() {
    let desk = Desk::open().await;
    let talk = desk.talk("anna", "суп не привезли").await;
    talk.finishes().await;
    talk.delivers_last().await;
    let fill = [
        "INSERT INTO customer (customer_id, created_at) SELECT md5('c' || n)::uuid, '2026-11-01' FROM generate_series(1, 50000) n",
        "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, thread, state, state_since, opened_at, queued_at)
         SELECT md5('c' || n)::uuid, md5('t' || n)::uuid, 'site', a.id, a.brand_id, 't' || n, 'closed', '2026-11-01',
                '2026-11-01', '2026-11-01' FROM generate_series(1, 50000) n CROSS JOIN channel_account a",
        "INSERT INTO summary_version SELECT md5('c' || n)::uuid, md5('t' || n)::uuid, v.version, v.as_of_seq, v.reason,
                v.model, v.model_version, NULL, v.account, v.messages, NULL, 0, v.at
         FROM generate_series(1, 50000) n CROSS JOIN summary_version v",
        "INSERT INTO summary (customer_id, contact_id, version, as_of_seq, turns, reason, language, topic, outcome, support,
                distance, operator_id, verdict, made_at, changed_at)
         SELECT md5('c' || n)::uuid, md5('t' || n)::uuid, 1, 1, 1, CASE WHEN n % 1000 = 0 THEN 'edited' ELSE 'closed' END,
                'ru', CASE WHEN n % 1000 = 1 THEN 'complaint.payment' ELSE 'order.status' END,
                CASE WHEN n % 1000 = 4 THEN 'escalated' ELSE 'resolved' END, (n % 100) / 100.0,
                CASE WHEN n % 1000 = 0 THEN 5 END, CASE WHEN n % 1000 = 2 THEN s.operator_id END,
                CASE WHEN n % 1000 <> 3 THEN 'correct' END, x.t, x.t
         FROM summary s CROSS JOIN generate_series(1, 50000) n
         CROSS JOIN LATERAL (SELECT timestamptz '2026-11-01' + n * interval '20 seconds' AS t) x",
        "ANALYZE",
    ];
    for statement in fill {
        sqlx::query(statement).execute(desk.world.store().pool()).await.unwrap();
    }
    // One connection, so that its counters are complete when it is asked.
    let url = secrecy::ExposeSecret::expose_secret(&desk.world.trial.url);
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(url).await.unwrap();
    let store = pipelines::platform::store::Store::new(pool, desk.world.store().clock().clone());
    let topic = Some("complaint.payment".parse().unwrap());
    let whole = figures(&store, &desk.quality, Filter::default()).await.unwrap();
    assert_eq!(whole.n, whole.most, "more than these are not counted");
    let outcome = Some(Outcome::Escalated);
    let counted_by_index = [
        Filter::default(),
        Filter { topic, ..Filter::default() },
        Filter { outcome, ..Filter::default() },
        Filter { edited: Some(true), ..Filter::default() },
        Filter { confirmed: Some(true), ..Filter::default() },
        Filter { verdict: Some(Finding::Wrong), ..Filter::default() },
    ];
    for filter in counted_by_index {
        let before = reads(&store).await;
        let counted = figures(&store, &desk.quality, filter).await.unwrap();
        let (scans, entries) = reads(&store).await;
        assert_eq!(scans, before.0, "the figures of {filter:?} read a table from end to end");
        assert!(entries - before.1 <= counted.n + 100, "{counted:?} read {} entries", entries - before.1);
    }
    let narrow = [
        Filter::default(),
        Filter { topic, ..Filter::default() },
        Filter { outcome, ..Filter::default() },
        Filter { operator: Some(desk.operator.id), ..Filter::default() },
        Filter { max_support: Some(0.1), ..Filter::default() },
        Filter { edited: Some(true), ..Filter::default() },
        Filter { judged: Some(false), ..Filter::default() },
    ];
    for filter in narrow {
        let before = reads(&store).await;
        let mut after = None;
        for _ in 0..2 {
            let page = quality::list(&store, &desk.quality, filter, after, Limit::new(25)).await.unwrap();
            assert_eq!(page.items.len(), 25, "{filter:?}");
            after = page.next.map(|next| next.parse().unwrap());
        }
        let (scans, entries) = reads(&store).await;
        assert_eq!(scans, before.0, "{filter:?} reads a table from end to end");
        assert!(entries - before.1 < 2_000, "{filter:?} reads {} entries", entries - before.1);
    }
}

/// How often the tables of summaries were read from end to end, and how many entries of their indexes.
async fn reads(store: &pipelines::platform::store::Store) -> (i64, i64) {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(store.pool()).await.unwrap();
    let row = sqlx::query(
        "SELECT (SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('summary', 'summary_version')),
                (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname IN ('summary', 'summary_version'))",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    (row.get(0), row.get(1))
}
