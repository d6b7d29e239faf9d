//! What was given is counted once, and a promise is broken only by who comes back about it after its time.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use models::taxonomy::{FactType, Topic};
use pipelines::conversations::{Accepted, Account};
use pipelines::events::{Channel, ContactId, CustomerId};
use pipelines::orders::{Currency, Money};
use pipelines::platform::clock::Clock;
use pipelines::platform::page::Limit;
use pipelines::summaries::date_left;
use pipelines::trends::given::{BehindFigure, CompensationFigure, Figure, GivenLack, PromiseFigure, PromiseState};
use pipelines::trends::given::{TrendGiven, contacts, export, given};
use pipelines::trends::points::Period;
use pipelines::trends::{Scope, TrendError};
use pipelines::workforce::{Actor, Role};

use crate::world::World;

/// Friday evening in UTC.
const NOW: &str = "2026-11-20T18:00:00Z";

struct Desk {
    world: World,
    account: Account,
    analyst: Actor,
}

/// A fact: kind, type, amount, accepted, and minutes from when it is said to when it is due.
type Fact<'a> = (&'a str, &'a str, Option<&'a str>, Option<bool>, Option<i64>);

const BACK: Fact<'static> = ("promise", "refund", None, Some(true), Some(30));

impl Desk {
    async fn open() -> Self {
        let world = World::at(Clock::fixed(NOW.parse().unwrap(), 5)).await;
        let account = world.account(Channel::Site).await;
        let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
        Self { world, account, analyst }
    }

    fn goes_on(&self, minutes: i64) {
        self.world.store().clock().advance(SignedDuration::from_mins(minutes));
    }

    /// A message that is read as about `topic`, with an order number.
    async fn says(&self, who: &str, topic: &str, order: &str) -> Accepted {
        let external = self.world.store().clock().id().to_string();
        let said = self.world.says(&self.account, who, &external, "x").await;
        sqlx::query(
            "INSERT INTO insight (customer_id, id, contact_id, message_id, as_of_seq, model, version, topic, abstained,
                                  sentiment, urgency, language, result, latency_us, made_at)
             VALUES ($1, $2, $3, $4, 1, 'm', '1', $5, false, 'neutral', 'normal', 'ru',
                     jsonb_build_object('v', 1, 'entities', jsonb_build_array(
                       jsonb_build_object('type', 'order_number', 'text', $6::text))), 1, $7)",
        )
        .bind(said.customer_id.0)
        .bind(self.world.store().clock().id())
        .bind(said.contact_id.0)
        .bind(said.message_id.unwrap().0)
        .bind(topic)
        .bind(order)
        .bind(self.world.store().clock().now().to_sqlx())
        .execute(self.world.store().pool())
        .await
        .unwrap();
        said
    }

    /// A contact about a late delivery, whose summary holds these facts, said now.
    async fn contact(&self, who: &str, order: &str, facts: &[Fact<'_>]) -> Accepted {
        let said = self.says(who, "complaint.late_delivery", order).await;
        let now = self.world.store().clock().now();
        sqlx::query(
            "INSERT INTO summary (customer_id, contact_id, version, as_of_seq, turns, reason, language, topic, outcome,
                                  support, made_at, changed_at)
             VALUES ($1, $2, 1, 1, 1, 'closed', 'ru', 'complaint.late_delivery', 'promised', 0.9, $3, $3)",
        )
        .bind(said.customer_id.0)
        .bind(said.contact_id.0)
        .bind(now.to_sqlx())
        .execute(self.world.store().pool())
        .await
        .unwrap();
        for (n, (kind, what, amount, accepted, due)) in (1_i32..).zip(facts) {
            let minor =
                amount.and_then(|amount| amount.strip_suffix(" рублей")).map(|n| n.parse::<i64>().unwrap() * 100);
            sqlx::query(
                "INSERT INTO summary_fact (customer_id, contact_id, n, kind, type, amount, amount_minor, currency, due,
                                           accepted, message_id, said_at, due_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            )
            .bind(said.customer_id.0)
            .bind(said.contact_id.0)
            .bind(n)
            .bind(kind)
            .bind(what)
            .bind(amount)
            .bind(minor)
            .bind(minor.map(|_| "RUB"))
            .bind(due.map(|due| format!("{due} минут")))
            .bind(accepted)
            .bind(said.message_id.unwrap().0)
            .bind(now.to_sqlx())
            .bind(due.map(|due| (now + SignedDuration::from_mins(due)).to_sqlx()))
            .execute(self.world.store().pool())
            .await
            .unwrap();
        }
        said
    }

    async fn given(&self, scope: Scope) -> TrendGiven {
        given(self.world.store(), &self.analyst, Period::default(), scope).await.unwrap()
    }

    async fn promises(&self) -> PromiseFigure {
        self.given(Scope::default()).await.promises.all
    }

    async fn behind(&self, figure: Figure, what: Option<FactType>) -> Vec<ContactId> {
        let behind = BehindFigure { figure, what, day: None, without: None };
        let (store, period) = (self.world.store(), Period::default());
        let limit = Limit::new(2);
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = contacts(store, &self.analyst, period, Scope::default(), behind, before, limit).await.unwrap();
            found.extend(page.items.iter().map(|contact| contact.contact_id));
            let Some(next) = page.next else { return found };
            before = Some(next.parse().unwrap());
        }
    }

    async fn lacking(&self, figure: Figure, lack: GivenLack) -> Vec<ContactId> {
        let behind = BehindFigure { figure, what: None, day: None, without: Some(lack) };
        let (store, period, limit) = (self.world.store(), Period::default(), Limit::default());
        let page = contacts(store, &self.analyst, period, Scope::default(), behind, None, limit).await.unwrap();
        page.items.iter().map(|contact| contact.contact_id).collect()
    }
}

const fn promises(n: i64, open: i64, broken: i64, no_return: i64, undated: i64) -> PromiseFigure {
    PromiseFigure { n, open, broken, no_return, undated }
}

#[tokio::test]
async fn a_promise_is_broken_by_who_comes_back_about_it_after_its_time_and_within_a_week() {
    let desk = Desk::open().await;
    let anna = desk.contact("anna", "111", &[BACK]).await;
    let boris = desk.contact("boris", "222", &[BACK]).await;
    desk.contact("vera", "333", &[BACK]).await;
    desk.contact("gleb", "444", &[("promise", "callback", None, Some(true), None)]).await;
    assert_eq!(desk.promises().await, promises(4, 3, 0, 0, 1));
    desk.goes_on(10);
    desk.says("anna", "complaint.late_delivery", "111").await;
    assert_eq!(desk.promises().await, promises(4, 3, 0, 0, 1), "its time has not come");
    desk.goes_on(21);
    assert_eq!(desk.promises().await, promises(4, 0, 0, 3, 1), "nobody came back so far");
    desk.says("anna", "praise.food_service", "999").await;
    assert_eq!(desk.promises().await, promises(4, 0, 0, 3, 1), "a thanks breaks no promise");
    desk.says("anna", "complaint.late_delivery", "999").await;
    assert_eq!(desk.promises().await, promises(4, 0, 1, 2, 1), "the same matter");
    desk.says("boris", "order.status", "222").await;
    assert_eq!(desk.promises().await, promises(4, 0, 2, 1, 1), "the same order");
    let broken = desk.behind(Figure::Promises { state: Some(PromiseState::Broken) }, None).await;
    assert_eq!(broken.len(), 2);
    assert!(broken.contains(&anna.contact_id) && broken.contains(&boris.contact_id));

    desk.goes_on(7 * 24 * 60);
    desk.says("vera", "complaint.late_delivery", "333").await;
    assert_eq!(desk.promises().await, promises(4, 0, 2, 1, 1), "a week is over");
}

#[tokio::test]
async fn who_is_known_by_another_identity_comes_back_all_the_same() {
    let desk = Desk::open().await;
    let anna = desk.contact("anna", "111", &[BACK]).await;
    desk.goes_on(60);
    let home = desk.says("anna-at-home", "praise.food_service", "444").await;
    let work = desk.says("anna-at-work", "complaint.late_delivery", "555").await;
    let link = async |customer: CustomerId, linked: CustomerId| {
        let link = "INSERT INTO customer_link (customer_id, id, linked_id, reason, linked_at) VALUES ($1, $2, $3, 'phone', $4)";
        sqlx::query(link)
            .bind(customer.0)
            .bind(desk.world.store().clock().id())
            .bind(linked.0)
            .bind(desk.world.store().clock().now().to_sqlx())
            .execute(desk.world.store().pool())
            .await
            .unwrap();
    };
    link(home.customer_id, anna.customer_id).await;
    assert_eq!(desk.promises().await, promises(1, 0, 0, 1, 0), "nothing links the one who came back");
    link(home.customer_id, work.customer_id).await;
    assert_eq!(desk.promises().await, promises(1, 0, 1, 0, 0), "linked through a third");
}

#[tokio::test]
async fn compensation_counts_once_of_a_contact_whatever_was_said_of_it_how_often() {
    let desk = Desk::open().await;
    let offered = ("proposal", "refund", Some("690 рублей"), Some(true), None);
    let promised = ("promise", "refund", Some("690 рублей"), Some(true), None);
    let done = ("action", "refund", None, Some(true), None);
    let anna =
        desk.contact("anna", "1", &[offered, promised, done, ("request", "refund", None, Some(true), None)]).await;
    desk.goes_on(1);
    let refused = ("proposal", "bonus", Some("500 бонусов"), Some(false), None);
    let two = [refused, ("action", "bonus", Some("300 бонусов"), Some(true), None), promised];
    let boris = desk.contact("boris", "2", &two).await;
    desk.goes_on(1);
    let other = [("action", "information", Some("690 рублей"), Some(true), None)];
    desk.contact("vera", "3", &other).await;

    let given = desk.given(Scope::default()).await;
    let rub = |minor| vec![Money { minor, currency: Currency::Rub }];
    assert_eq!(given.compensation.all, CompensationFigure { n: 3, done: 2, without_sum: 1, sums: rub(138_000) });
    let types: Vec<_> = given.compensation.types.iter().map(|it| (it.key.as_deref(), it.figure.n)).collect();
    assert_eq!(types, [(Some("refund"), 2), (Some("bonus"), 1)]);
    assert_eq!(given.compensation.topics[0].key.as_deref(), Some("complaint.late_delivery"));
    let filled: Vec<_> = given.compensation.days.iter().filter(|it| it.figure.n > 0).collect();
    assert_eq!((filled.len(), filled[0].day.to_string(), filled[0].figure.n), (1, "2026-11-20".to_owned(), 3));
    assert!(given.compensation.days.len() > 50, "each day is there");

    let all = Figure::Compensation { done: None, summed: None };
    assert_eq!(desk.behind(all, None).await, [boris.contact_id, anna.contact_id]);
    assert_eq!(desk.behind(all, Some(FactType::Bonus)).await, [boris.contact_id]);
    let owed = Figure::Compensation { done: Some(false), summed: Some(true) };
    assert_eq!(desk.behind(owed, None).await, [boris.contact_id]);
    let forgotten = "UPDATE summary SET topic = NULL WHERE contact_id = $1";
    sqlx::query(forgotten).bind(anna.contact_id.0).execute(desk.world.store().pool()).await.unwrap();
    for figure in [all, Figure::Promises { state: None }] {
        assert_eq!(desk.lacking(figure, GivenLack::Topic).await, [anna.contact_id], "{figure:?}");
        assert_eq!(desk.lacking(figure, GivenLack::City).await, [boris.contact_id, anna.contact_id], "{figure:?}");
    }

    let payment = Scope { topic: Some(Topic::Payment), ..Scope::default() };
    assert_eq!(desk.given(payment).await.compensation.all.n, 0);
    let app = Scope { channel: Some(Channel::App), ..Scope::default() };
    assert_eq!(desk.given(app).await.promises.all.n, 0);
    let file = export(desk.world.store(), &desk.analyst, Period::default(), Scope::default()).await.unwrap();
    assert_eq!(file.compensation.iter().map(|(cell, _)| cell.n).sum::<i64>(), 3);
    assert_eq!(desk.world.number("SELECT count(*) FROM audit WHERE action = 'trends.exported'").await, 1);
}

#[tokio::test]
async fn what_the_version_before_stored_is_dated_and_a_period_has_its_bounds() {
    let desk = Desk::open().await;
    desk.contact("anna", "1", &[("promise", "callback", None, Some(true), Some(30))]).await;
    let older = "UPDATE summary_fact SET said_at = NULL, due_at = NULL";
    sqlx::query(older).execute(desk.world.store().pool()).await.unwrap();
    assert_eq!(desk.promises().await, promises(0, 0, 0, 0, 0));
    assert_eq!(date_left(desk.world.store()).await.unwrap(), 1);
    assert_eq!(date_left(desk.world.store()).await.unwrap(), 0);
    assert_eq!(desk.promises().await, promises(1, 1, 0, 0, 0));
    let dated = "SELECT extract(epoch FROM due_at - said_at)::bigint FROM summary_fact";
    assert_eq!(desk.world.number(dated).await, 30 * 60);

    let (store, from) = (desk.world.store(), "2020-01-01T00:00:00Z".parse::<Timestamp>().ok());
    let long = given(store, &desk.analyst, Period { from, to: None }, Scope::default()).await;
    assert!(matches!(long, Err(TrendError::TooLong)));
    let past = Period { from, to: "2020-02-01T00:00:00Z".parse().ok() };
    assert_eq!(given(store, &desk.analyst, past, Scope::default()).await.unwrap().promises.all.n, 0);
    let operator = desk.world.operator("operator", 1).await;
    let refused = given(store, &operator, Period::default(), Scope::default()).await;
    assert!(matches!(refused, Err(TrendError::Forbidden(_))));
}
