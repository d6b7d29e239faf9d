//! One owner, never more than fits, the oldest of the most urgent first, replies that know what was said.

use futures::future::join_all;
use jiff::SignedDuration;
use models::taxonomy::Outcome;
use pipelines::conversations::reply::{self, Reply, ReplyError};
use pipelines::conversations::steps::{self, LifeError, Target};
use pipelines::conversations::{Content, ExternalId, Text, accept, view};
use pipelines::events::{Channel, ContactId, Delivery};
use pipelines::platform::clock::Clock;
use pipelines::routing::{OFFER_LASTS, return_lapsed, take_next};
use pipelines::workforce::{Actor, Role};
use proptest::prelude::*;

use crate::world::World;

fn answer(words: &str, seen_seq: i64) -> Reply {
    Reply { text: Text::new(words).unwrap(), seen_seq, confirm_stale: false, template: None, suggestion: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_who_ask_at_once_get_the_oldest_contacts_each_once() {
    let world = World::new().await;
    let account = world.account(Channel::Site).await;
    let mut queued = Vec::new();
    for n in 0..12 {
        queued.push(world.says(&account, &format!("v{n}"), &format!("m{n}"), "вопрос").await.contact_id);
    }
    let mut tries = Vec::new();
    for n in 0..4 {
        let operator = world.operator(&format!("op{n}"), 2).await;
        let store = world.store().clone();
        tries.push(tokio::spawn(async move {
            let mut taken = Vec::new();
            for _ in 0..3 {
                match take_next(&store, &operator).await {
                    Ok(Some(contact)) => taken.push(contact),
                    Ok(None) | Err(LifeError::Full) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            taken
        }));
    }
    let mut taken: Vec<ContactId> = Vec::new();
    for one in tries {
        taken.extend(one.await.unwrap());
    }
    taken.sort();
    queued.truncate(8);
    queued.sort();
    assert_eq!(taken, queued, "the eight oldest, each once");
    world.is_sound().await;
}

#[tokio::test]
async fn what_is_critical_is_served_first() {
    let world = World::new().await;
    let account = world.account(Channel::Site).await;
    let calm = world.says(&account, "a", "m1", "спасибо").await;
    let late = world.says(&account, "b", "m2", "аллергия").await;
    sqlx::query("UPDATE contact SET urgency = 'critical' WHERE id = $1")
        .bind(late.contact_id.0)
        .execute(world.store().pool())
        .await
        .unwrap();
    let operator = world.operator("op", 5).await;
    assert_eq!(take_next(world.store(), &operator).await.unwrap(), Some(late.contact_id));
    assert_eq!(take_next(world.store(), &operator).await.unwrap(), Some(calm.contact_id));
    assert_eq!(take_next(world.store(), &operator).await.unwrap(), None);
}

#[tokio::test]
async fn a_reply_is_held_back_when_something_newer_was_said() {
    let world = World::new().await;
    let account = world.account(Channel::Telegram).await;
    let operator = world.operator("op", 5).await;
    let first = world.says(&account, "7", "m1", "два супа").await;
    take_next(world.store(), &operator).await.unwrap();
    let second = world.says(&account, "7", "m2", "нет, три").await;
    let stale = reply::send(world.store(), &operator, first.contact_id, &answer("два, принято", first.seq)).await;
    let Err(ReplyError::Stale(newer)) = stale else { panic!("the reply went out") };
    assert_eq!(newer.len(), 1);
    assert_eq!(Some(newer[0].id), second.message_id);
    assert_eq!(world.number("SELECT count(*) FROM message WHERE author = 'operator'").await, 0);
    let sent =
        reply::send(world.store(), &operator, first.contact_id, &answer("три, принято", second.seq)).await.unwrap();
    assert_eq!(sent.delivery, Delivery::Queued);
    let edit = Content::Edit { of: ExternalId::new("m1").unwrap(), text: Text::new("четыре супа").unwrap() };
    let edited = accept(world.store(), world.inbound(&account, "7", "edit:m1", edit)).await.unwrap();
    let stale = reply::send(world.store(), &operator, first.contact_id, &answer("везём три", second.seq)).await;
    let Err(ReplyError::Stale(newer)) = stale else { panic!("the reply went out") };
    assert_eq!(newer.iter().map(|m| m.text.as_deref()).collect::<Vec<_>>(), [Some("четыре супа")]);
    let second = edited;
    // what one wrote oneself is nothing one has not seen
    reply::send(world.store(), &operator, first.contact_id, &answer("везём", second.seq)).await.unwrap();
    world.is_sound().await;
}

#[tokio::test]
async fn only_the_owner_replies_and_strangers_see_nothing() {
    let world = World::new().await;
    let account = world.account(Channel::Site).await;
    let (owner, other) = (world.operator("owner", 5).await, world.operator("other", 5).await);
    let quality = world.person("quality", 0, &[Role::Quality]).await;
    let contact = world.says(&account, "v", "m1", "вопрос").await.contact_id;
    steps::accept_contact(world.store(), &owner, contact).await.unwrap();
    assert!(matches!(
        reply::send(world.store(), &other, contact, &answer("я отвечу", i64::MAX)).await,
        Err(ReplyError::NotYours)
    ));
    assert!(view::contact(world.store(), &other, contact).await.is_err());
    assert!(view::contact(world.store(), &quality, contact).await.is_ok());
    assert!(reply::send(world.store(), &quality, contact, &answer("нет", i64::MAX)).await.is_err());
}

#[tokio::test]
async fn a_transfer_is_offered_and_may_be_declined() {
    let world = World::new().await;
    let account = world.account(Channel::Site).await;
    let (from, to) = (world.operator("from", 5).await, world.operator("to", 1).await);
    let contact = world.says(&account, "v", "m1", "вопрос").await.contact_id;
    steps::accept_contact(world.store(), &from, contact).await.unwrap();
    let note = Some(Text::new("ждёт возврата").unwrap());
    steps::transfer(world.store(), &from, contact, Target::Operator(to.id), note).await.unwrap();
    assert_eq!(world.state(contact).await, "offered");
    assert!(steps::accept_contact(world.store(), &from, contact).await.is_err());
    steps::decline(world.store(), &to, contact).await.unwrap();
    assert_eq!(world.state(contact).await, "queued");
    steps::accept_contact(world.store(), &to, contact).await.unwrap();
    let second = world.says(&account, "w", "m2", "ещё").await.contact_id;
    assert!(matches!(steps::accept_contact(world.store(), &to, second).await, Err(LifeError::Full)));
    world.is_sound().await;
}

#[tokio::test]
async fn an_offer_that_nobody_answers_goes_back_to_the_queue() {
    let clock = Clock::fixed("2026-11-25T18:00:00Z".parse().unwrap(), 1);
    let world = World::at(clock.clone()).await;
    let account = world.account(Channel::Site).await;
    let (from, to) = (world.operator("from", 5).await, world.operator("to", 5).await);
    let offer = async |visitor: &str| {
        let contact = world.says(&account, visitor, visitor, "вопрос").await.contact_id;
        steps::accept_contact(world.store(), &from, contact).await.unwrap();
        steps::transfer(world.store(), &from, contact, Target::Operator(to.id), None).await.unwrap();
        contact
    };
    let (left, taken) = (offer("v").await, offer("w").await);
    steps::accept_contact(world.store(), &to, taken).await.unwrap();
    clock.advance(OFFER_LASTS);
    let fresh = offer("x").await;
    assert_eq!(return_lapsed(world.store()).await.unwrap(), 0, "the time is not over yet");
    clock.advance(SignedDuration::from_secs(1));
    let rounds = join_all((0..4).map(|_| return_lapsed(world.store()))).await;
    assert_eq!(rounds.into_iter().map(Result::unwrap).sum::<usize>(), 1);
    assert_eq!(world.state(left).await, "queued");
    assert_eq!(world.state(taken).await, "active");
    assert_eq!(world.state(fresh).await, "offered");
    world.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_talk_is_not_opened_twice_when_operator_and_customer_come_back_at_once() {
    let clock = Clock::fixed("2026-11-25T18:00:00Z".parse().unwrap(), 1);
    let world = World::at(clock.clone()).await;
    let account = world.account(Channel::Site).await;
    let admin = world.person("admin", 5, &[Role::Admin, Role::Operator]).await;
    let close = async |contact| steps::close(world.store(), &admin, contact, Outcome::Resolved, None).await.unwrap();
    for round in 0..20 {
        let visitor = format!("v{round}");
        let older = world.says(&account, &visitor, &format!("first{round}"), "вопрос").await.contact_id;
        close(older).await;
        clock.advance(SignedDuration::from_hours(13));
        let more = Content::Text(Text::new("ещё").unwrap());
        let inbound = world.inbound(&account, &visitor, &format!("more{round}"), more);
        let (reopened, said) =
            tokio::join!(steps::reopen(world.store(), &admin, older), accept(world.store(), inbound));
        let said = said.unwrap().contact_id;
        match reopened {
            Ok(_) => assert_eq!(said, older),
            Err(LifeError::OtherOpen(other)) => assert_eq!(said, other),
            Err(error) => panic!("{error}"),
        }
        close(said).await;
    }
    world.is_sound().await;
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Take,
    Hold,
    Resume,
    Transfer(usize),
    Queue,
    Decline,
    Finish,
    Close,
    Reopen,
    Write,
}

fn moves() -> impl Strategy<Value = Vec<(usize, usize, Move)>> {
    let one = prop_oneof![
        Just(Move::Take),
        Just(Move::Hold),
        Just(Move::Resume),
        (0usize..3).prop_map(Move::Transfer),
        Just(Move::Queue),
        Just(Move::Decline),
        Just(Move::Finish),
        Just(Move::Close),
        Just(Move::Reopen),
        Just(Move::Write),
    ];
    prop::collection::vec((0usize..3, 0usize..4, one), 1..40)
}

async fn make(world: &World, actor: &Actor, contact: ContactId, to: &[Actor], step: Move, n: usize) {
    let store = world.store();
    // a step that is not allowed now is refused and changes nothing: that is what is tested
    match step {
        Move::Take => drop(steps::accept_contact(store, actor, contact).await),
        Move::Hold => drop(steps::hold(store, actor, contact).await),
        Move::Resume => drop(steps::resume(store, actor, contact).await),
        Move::Transfer(n) => drop(steps::transfer(store, actor, contact, Target::Operator(to[n].id), None).await),
        Move::Queue => drop(steps::transfer(store, actor, contact, Target::Queue, None).await),
        Move::Decline => drop(steps::decline(store, actor, contact).await),
        Move::Finish => drop(steps::finish(store, actor, contact).await),
        Move::Close => drop(steps::close(store, actor, contact, Outcome::Resolved, None).await),
        Move::Reopen => drop(steps::reopen(store, actor, contact).await),
        Move::Write => drop(reply::send(store, actor, contact, &answer(&format!("ответ {n}"), i64::MAX)).await),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_operators_try_one_owns_a_contact_and_nobody_holds_too_many(plan in moves()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let account = world.account(Channel::Site).await;
            let mut contacts = Vec::new();
            for n in 0..4 {
                contacts.push(world.says(&account, &format!("v{n}"), &format!("m{n}"), "вопрос").await.contact_id);
            }
            let mut operators = Vec::new();
            for n in 0..3 {
                operators.push(world.operator(&format!("op{n}"), 2).await);
            }
            for (n, (who, which, step)) in plan.into_iter().enumerate() {
                make(&world, &operators[who], contacts[which], &operators, step, n).await;
            }
            world.is_sound().await;
        });
    }
}
