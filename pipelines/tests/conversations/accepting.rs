//! What comes in is taken once, whole and in order.

use jiff::SignedDuration;
use pipelines::conversations::accept::REOPENS_WITHIN;
use pipelines::conversations::{AcceptError, Content, ExternalId, MediaType, Text, Upload, accept, view};
use pipelines::customers::{Country, Phone};
use pipelines::events::{Channel, MessageKind};
use pipelines::platform::clock::Clock;
use pipelines::workforce::Role;

use crate::world::World;

fn text(words: &str) -> Content {
    Content::Text(Text::new(words).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_update_a_thousand_times_at_once_is_one_message() {
    let world = World::new().await;
    let account = world.account(Channel::Telegram).await;
    let inbound = world.inbound(&account, "7", "msg:7:1", text("где заказ"));
    let tries = (0..1_000).map(|_| {
        let (store, inbound) = (world.store().clone(), inbound.clone());
        tokio::spawn(async move { accept(&store, inbound).await.unwrap() })
    });
    let mut answers = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        answers.push(one.await.unwrap());
    }
    let fresh = answers.iter().filter(|answer| answer.fresh).count();
    assert_eq!(fresh, 1);
    assert!(answers.iter().all(|answer| answer.message_id == answers[0].message_id && answer.seq == answers[0].seq));
    assert_eq!(world.number("SELECT count(*) FROM message").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM contact").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM customer").await, 1);
    world.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_of_one_talk_at_once_open_one_contact_and_number_without_gaps() {
    let world = World::new().await;
    let account = world.account(Channel::Site).await;
    let tries = (0..64).map(|n| {
        let inbound = world.inbound(&account, "visitor", &format!("m{n}"), text(&format!("слово {n}")));
        let store = world.store().clone();
        tokio::spawn(async move { accept(&store, inbound).await.unwrap() })
    });
    for one in tries.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(world.number("SELECT count(*) FROM contact").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM message").await, 64);
    // one event of opening and one a message
    assert_eq!(world.number("SELECT last_seq FROM contact").await, 65);
    world.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_customer_who_writes_much_at_once_gets_one_contact_though_no_index_forbids_a_second() {
    let clock = Clock::fixed("2026-11-25T18:00:00Z".parse().unwrap(), 1);
    let world = World::at(clock.clone()).await;
    // spread over machines, contacts have no index over all customers
    for index in ["contact_open_thread", "contact_open_talk"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP INDEX {index}"))).execute(world.store().pool()).await.unwrap();
    }
    let account = world.account(Channel::Site).await;
    let admin = world.person("admin", 5, &[Role::Admin]).await;
    let before = world.says(&account, "visitor", "before", "привет").await.contact_id;
    let outcome = models::taxonomy::Outcome::Resolved;
    pipelines::conversations::steps::close(world.store(), &admin, before, outcome, None).await.unwrap();
    clock.advance(REOPENS_WITHIN + SignedDuration::from_mins(1));
    let tries = (0..32).map(|n| {
        let inbound = world.inbound(&account, "visitor", &format!("m{n}"), text("ещё"));
        let store = world.store().clone();
        tokio::spawn(async move { accept(&store, inbound).await.unwrap() })
    });
    for one in tries.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(world.number("SELECT count(*) FROM contact WHERE state = 'queued'").await, 1);
    world.is_sound().await;
}

#[tokio::test]
async fn an_edit_keeps_what_was_written_and_waits_for_its_message() {
    let world = World::new().await;
    let account = world.account(Channel::Telegram).await;
    let edit =
        || Content::Edit { of: ExternalId::new("msg:7:1").unwrap(), text: Text::new("два супа").unwrap() };
    let early = accept(world.store(), world.inbound(&account, "7", "edit:7:1", edit())).await;
    assert!(matches!(early, Err(AcceptError::MessageMissing)));
    let first = world.says(&account, "7", "msg:7:1", "один суп").await;
    let edited = accept(world.store(), world.inbound(&account, "7", "edit:7:1", edit())).await.unwrap();
    assert_eq!(edited.message_id, first.message_id);
    assert!(edited.seq > first.seq);
    let key = (first.customer_id, first.message_id.unwrap());
    let shown = view::messages_by_id(world.store(), &[key]).await.unwrap().pop().unwrap();
    assert_eq!(shown.text.as_deref(), Some("два супа"));
    assert!(shown.edited_at.is_some());
    assert_eq!(world.number("SELECT count(*) FROM message_edit WHERE text = 'один суп'").await, 1);
    world.is_sound().await;
}

#[tokio::test]
async fn who_writes_again_soon_goes_on_and_later_begins_anew() {
    let clock = Clock::fixed("2026-11-25T18:00:00Z".parse().unwrap(), 1);
    let world = World::at(clock.clone()).await;
    let account = world.account(Channel::Site).await;
    let admin = world.person("admin", 5, &[Role::Admin]).await;
    let first = world.says(&account, "visitor", "m1", "привет").await;
    let close = || async {
        pipelines::conversations::steps::close(
            world.store(),
            &admin,
            first.contact_id,
            models::taxonomy::Outcome::Resolved,
            None,
        )
        .await
        .unwrap()
    };
    close().await;
    clock.advance(REOPENS_WITHIN - SignedDuration::from_mins(1));
    let soon = world.says(&account, "visitor", "m2", "и ещё").await;
    assert_eq!(soon.contact_id, first.contact_id);
    assert_eq!(world.state(first.contact_id).await, "queued");
    close().await;
    clock.advance(REOPENS_WITHIN + SignedDuration::from_mins(1));
    let later = world.says(&account, "visitor", "m3", "новый заказ").await;
    assert_ne!(later.contact_id, first.contact_id);
    assert_eq!(later.customer_id, first.customer_id);
    world.is_sound().await;
}

#[tokio::test]
async fn a_shared_number_links_the_phone_and_shows_masked() {
    let world = World::new().await;
    let account = world.account(Channel::Telegram).await;
    let phone = Phone::parse("8 900 123-05-63", Country::Russia).unwrap();
    let shared = world.inbound(&account, "7", "msg:7:2", Content::Phone(phone));
    let accepted = accept(world.store(), shared).await.unwrap();
    let key = (accepted.customer_id, accepted.message_id.unwrap());
    let shown = view::messages_by_id(world.store(), &[key]).await.unwrap().pop().unwrap();
    assert_eq!(shown.kind, MessageKind::Phone);
    assert!(!shown.text.unwrap().contains("123"));
    let linked = "SELECT count(*) FROM identity WHERE kind = 'phone' AND value = '+79001230563'";
    assert_eq!(world.number(linked).await, 1);
}

#[tokio::test]
async fn a_file_is_kept_once_and_a_large_one_is_refused() {
    let world = World::new().await;
    let account = world.account(Channel::Site).await;
    let upload = |bytes: Vec<u8>| Content::Uploaded {
        file: Upload { name: Some("чек.png".into()), media_type: MediaType::new("image/png"), bytes: bytes.into() },
        caption: None,
    };
    accept(world.store(), world.inbound(&account, "v", "f1", upload(vec![1; 10]))).await.unwrap();
    accept(world.store(), world.inbound(&account, "v", "f2", upload(vec![1; 10]))).await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM attachment WHERE state = 'stored'").await, 2);
    assert_eq!(world.number("SELECT count(*) FROM attachment_content").await, 1);
    let large = world.inbound(&account, "v", "f3", upload(vec![0; 20 * 1024 * 1024 + 1]));
    let refused = accept(world.store(), large).await.unwrap_err();
    assert!(!refused.is_retryable());
    assert_eq!(world.number("SELECT count(*) FROM received").await, 2);
}
