//! `okno trends` on a database: what is counted anew, judged anew, told anew.

#![allow(clippy::unwrap_used, reason = "what a test stands on may fail it")]

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use models::taxonomy::{Language, Outcome, Topic};
use models::trends::Step;
use pipelines::conversations::{
    Account, AccountId, AccountSettings, Content, ExternalId, Inbound, Sender, Text, Thread, accept, accounts, steps,
};
use pipelines::customers::{Country, IdentityKey, IdentityKind};
use pipelines::events::{AlertChange, AlertId, Channel, EventBody};
use pipelines::orders::{Brand, BrandId, put_brands, put_countries};
use pipelines::platform::clock::Clock;
use pipelines::platform::log::{Consumer, Entry};
use pipelines::platform::store::Store;
use pipelines::platform::trial::Trial;
use pipelines::trends::acts::{Act, act};
use pipelines::trends::alerts::{self, Filter, TrendAlert};
use pipelines::trends::points::{self, Period};
use pipelines::trends::{Past, Rebuild, Scope, count_past, tick};
use pipelines::workforce::{
    Actor, Login, NewOperator, PresenceState, Role, Roles, actor_of, create_operator, set_presence, sign_in,
};

use crate::program::{last_words, okno, okno_with};

const PASSWORD: &str = "a long enough password";
const DAY: Date = jiff::civil::date(2026, 11, 20);

/// Somebody who serves and analyses.
async fn person(store: &Store) -> Actor {
    let new = NewOperator {
        login: Login::parse("anna").unwrap(),
        name: "Анна".to_owned(),
        password: PASSWORD.into(),
        roles: Roles::new(&[Role::Operator, Role::Analyst]).unwrap(),
        languages: Language::ALL.to_vec(),
        capacity: 20,
    };
    create_operator(store, None, new).await.unwrap();
    let token = sign_in(store, "anna", &PASSWORD.into()).await.unwrap().0;
    let anna = actor_of(store, &token).await.unwrap().unwrap();
    set_presence(store, &anna, PresenceState::Ready).await.unwrap();
    anna
}

async fn account(store: &Store) -> Account {
    let brand = Brand { id: BrandId::new(store.clock()), slug: "okno".to_owned(), name: "Окно".to_owned() };
    let account = Account {
        id: AccountId::new(store.clock()),
        channel: Channel::Site,
        slug: "site".to_owned(),
        name: "Сайт".to_owned(),
        brand_id: brand.id,
        city_id: None,
        language: Language::Ru,
        settings: AccountSettings::default(),
        active: true,
    };
    let mut change = store.begin().await.unwrap();
    put_countries(&mut change, &[Country::Russia]).await.unwrap();
    put_brands(&mut change, &[brand]).await.unwrap();
    change.commit().await.unwrap();
    accounts::provide(store, &[(account.clone(), Vec::new())]).await.unwrap();
    account
}

/// A customer writes, is served, and whoever closes says what it was about.
async fn contact(store: &Store, anna: &Actor, account: &Account, who: &str) {
    let said = Inbound {
        account: account.clone(),
        external_id: ExternalId::new(who).unwrap(),
        from: Sender {
            identity: IdentityKey::new(IdentityKind::Site, who).unwrap(),
            name: None,
            phone: None,
            language: Some(Language::Ru),
            country: Some(Country::Russia),
        },
        thread: Thread::new(who).unwrap(),
        at: store.clock().now(),
        content: Content::Text(Text::new("деньги списали дважды").unwrap()),
    };
    let id = accept(store, said).await.unwrap().contact_id;
    steps::accept_contact(store, anna, id).await.unwrap();
    steps::finish(store, anna, id).await.unwrap();
    steps::close(store, anna, id, Outcome::Resolved, Some(Topic::Payment)).await.unwrap();
}

/// Counts behind which nobody stands.
async fn invent(store: &Store, at: &[Timestamp], topic: Topic, channel: Channel) {
    let past = |at: &Timestamp| {
        let day = at.to_zoned(TimeZone::UTC).date();
        Past { at: *at, day, topic, city: None, channel, restaurant: None }
    };
    let mut change = store.begin().await.unwrap();
    count_past(&mut change, &at.iter().map(past).collect::<Vec<_>>()).await.unwrap();
    change.commit().await.unwrap();
}

#[tokio::test]
async fn a_recount_that_broke_off_goes_on_and_leaves_what_contacts_and_the_past_say() {
    let clock = Clock::fixed("2026-11-20T03:00:00Z".parse().unwrap(), 11);
    let trial = Trial::start_at(clock.clone()).await;
    let store = &trial.store;
    let (anna, account) = (person(store).await, account(store).await);
    let mut quarters = Vec::new();
    for number in 0..4 {
        quarters.push(clock.now());
        contact(store, &anna, &account, &format!("{}", 100 + number)).await;
        clock.advance(SignedDuration::from_hours(6));
    }
    clock.advance(SignedDuration::from_hours(24));
    let eve = quarters[0].checked_sub(24.hours()).unwrap();
    invent(store, &quarters, Topic::App, Channel::Site).await;
    invent(store, &[eve], Topic::App, Channel::Site).await;
    let counted = async |topic: Topic| {
        let period = Period { from: Some(eve), to: quarters[3].checked_add(1.hours()).ok() };
        let scope = Scope { topic: Some(topic), ..Scope::default() };
        points::points(store, &anna, Step::FiveMinutes, period, scope).await.unwrap().n
    };
    assert_eq!((counted(Topic::Payment).await, counted(Topic::App).await), (0, 5));

    let mut broken_off = Rebuild::begin(store, DAY, DAY).await.unwrap();
    assert!(broken_off.step().await.unwrap());
    drop(broken_off);
    let left = async || Rebuild::begin(store, DAY, DAY).await.unwrap().left();
    assert_eq!(left().await, 3, "what was done is not done again");
    let recount = || {
        let day = DAY.to_string();
        let output = okno_with(&trial, &["trends", "rebuild", "--from", &day, "--to", &day]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "a bar is for terminals: {output:?}");
    };
    recount();
    let both = async || (counted(Topic::Payment).await, counted(Topic::App).await);
    assert_eq!(both().await, (4, 5), "what nobody can count again stays");
    assert_eq!(left().await, 4, "what ended begins anew");
    recount();
    assert_eq!(both().await, (4, 5));
}

#[test]
fn days_and_positions_that_are_none_are_told_before_anything_is_touched() {
    let output = okno(&["trends", "rebuild", "--from", "2026-11-21", "--to", "2026-11-20"]).output().unwrap();
    assert!(last_words(&output).contains("--to lies before --from"));
    for task in [
        &["rebuild", "--from", "2026-11-31", "--to", "2026-12-01"][..],
        &["rebuild", "--from", "yesterday", "--to", "2026-12-01"],
        &["rebuild", "--from", "2026-11-20"],
        &["resend", "--after", "many"],
        &["resend", "--after=-1"],
        &["resend"],
    ] {
        let output = okno(&[&["trends"][..], task].concat()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{task:?}: {told}");
        assert!(told.contains("--from") || told.contains("--to") || told.contains("--after"), "{told}");
    }
    for task in [&["rebuild", "--from", "2026-11-20", "--to", "2026-11-20"][..], &["resend", "--after", "0"]] {
        let output = okno(&[&["trends"][..], task].concat()).output().unwrap();
        assert!(last_words(&output).contains("DATABASE_URL"), "{task:?}");
    }
}

/// What an alert says, without its id and its number, which are new each time it is found.
fn told(alert: &TrendAlert) -> String {
    let TrendAlert { kind, step, topic, channel, began, peak_at, ended, n, expected, p, causes, .. } = alert;
    format!("{kind:?} {step} {topic:?} {channel:?} {began} {peak_at} {ended:?} {n} {expected} {p} {causes:?}")
}

#[tokio::test]
async fn judged_anew_the_same_alerts_are_found_and_those_that_people_worked_on_stay() {
    let trial = Trial::start().await;
    let store = &trial.store;
    let anna = person(store).await;
    let now = store.clock().now();
    let ago = |minutes: i64| now.checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    let quiet: Vec<_> = (0..15 * 24 * 3).map(|third| ago(third * 20)).collect();
    invent(store, &quiet, Topic::Payment, Channel::App).await;
    for (hours, topic) in [(60, Topic::Payment), (40, Topic::Payment)] {
        let surge: Vec<_> = (0..240).map(|half| ago(hours * 60 - half / 2)).collect();
        invent(store, &surge, topic, Channel::App).await;
    }
    tick(store).await.unwrap();
    let over = async || {
        let page = alerts::list(store, &anna, Filter::default(), None, Default::default()).await.unwrap();
        page.items.into_iter().filter(|alert| alert.ended.is_some()).collect::<Vec<_>>()
    };
    let before = over().await;
    assert!(before.len() >= 2, "{before:#?}");
    let worked_on = act(store, &anna, before[0].id, Act::Comment("звонили в банк".to_owned())).await.unwrap();
    let task = ["trends", "rebuild", "--from", "2020-01-01", "--to", "2020-01-01", "--judge"];
    let output = okno_with(&trial, &task).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let after = over().await;
    // what rose together with the one that stays is taken up by it
    let others = |alerts: &[TrendAlert]| {
        let apart = alerts.iter().filter(|alert| alert.began != worked_on.began);
        let mut told: Vec<_> = apart.map(told).collect();
        told.sort();
        told
    };
    assert!(!others(&before).is_empty());
    assert_eq!(others(&after), others(&before));
    assert_eq!(after.iter().find(|alert| alert.id == worked_on.id).map(|alert| alert.comments), Some(1));
    assert!(after.iter().all(|alert| alert.id == worked_on.id || before.iter().all(|old| old.id != alert.id)));
}

/// Whoever read under the webhook's name before gives up the right a moment after it has gone.
async fn reader(store: &Store) -> Consumer {
    loop {
        match Consumer::open(store, api::trends::webhook::READER).await.unwrap() {
            Some(reader) => return reader,
            None => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

/// Reads on under the webhook's name; all that comes is noted as done.
async fn read_on(store: &Store) -> Vec<Entry> {
    let mut reader = reader(store).await;
    let alerted = alert_changes(store, 1).await[0];
    let mut entries = Vec::new();
    loop {
        for entry in reader.next().await.unwrap() {
            reader.done(entry.part, entry.position).await.unwrap();
            let last = matches!(entry.event.body, EventBody::AlertChanged { alert_id, .. } if alert_id == alerted);
            entries.push(entry);
            if last {
                return entries;
            }
        }
    }
}

/// So many changes of alerts, each of another one.
async fn alert_changes(store: &Store, count: i64) -> Vec<AlertId> {
    let mut change = store.begin().await.unwrap();
    let ids: Vec<AlertId> = (0..count).map(|_| AlertId::new(store.clock())).collect();
    for (alert_id, seq) in ids.iter().zip(1..) {
        change.append_to_nobody(None, EventBody::AlertChanged { alert_id: *alert_id, seq, change: AlertChange::Began });
    }
    change.commit().await.unwrap();
    ids
}

#[tokio::test]
async fn the_webhook_goes_back_to_behind_a_position_and_never_forward() {
    let trial = Trial::start().await;
    let store = &trial.store;
    read_on(store).await;
    alert_changes(store, 3).await;
    let all = read_on(store).await;
    assert_eq!(all.len(), 4);
    let resend = |after: i64| okno_with(&trial, &["trends", "resend", "--after", &after.to_string()]).output().unwrap();
    assert!(resend(all[1].position).status.success());
    let again = read_on(store).await;
    assert_eq!(again[..2], all[2..], "what came after the position, and nothing before it");
    assert_eq!(again.len(), 3);

    let end = again[2].position;
    let words = last_words(&resend(end + 1));
    assert!(words.contains(&(end + 1).to_string()) && words.contains("--after"), "{words}");
    assert_eq!(read_on(store).await.len(), 1, "nothing is passed over, nothing comes twice");
    assert!(resend(0).status.success());
    assert_eq!(read_on(store).await.len(), 8, "all that the log holds");
}

#[tokio::test]
async fn the_webhook_goes_back_also_to_where_it_stands_while_it_tells_what_comes_next() {
    let trial = Trial::start().await;
    let store = &trial.store;
    let mut reader = reader(store).await;
    alert_changes(store, 1).await;
    let told = reader.next().await.unwrap();
    let output =
        okno_with(&trial, &["trends", "resend", "--after", &(told[0].position - 1).to_string()]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    reader.done(told[0].part, told[0].position).await.unwrap();
    drop(reader);
    assert_eq!(read_on(store).await[0], told[0]);
}
