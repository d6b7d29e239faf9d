//! A message is sent by one sender, in order, and never twice by itself.

use jiff::SignedDuration;
use pipelines::conversations::Text;
use pipelines::conversations::delivery::{self, Claim, DeliveryProblem, SENDER_GONE_AFTER};
use pipelines::conversations::reply::{self, Reply, ReplyError};
use pipelines::conversations::view::Message;
use pipelines::events::{Channel, ContactId, CustomerId, Delivery};
use pipelines::platform::clock::Clock;
use pipelines::routing::take_next;
use pipelines::workforce::Actor;

use crate::world::World;

async fn replied(world: &World, texts: &[&str]) -> (Actor, CustomerId, ContactId, Vec<Message>) {
    let account = world.account(Channel::Telegram).await;
    let operator = world.operator("op", 5).await;
    let asked = world.says(&account, "7", "m1", "где заказ").await;
    take_next(world.store(), &operator).await.unwrap();
    let mut sent = Vec::new();
    for text in texts {
        let reply = Reply {
            text: Text::new(text).unwrap(),
            seen_seq: i64::MAX,
            confirm_stale: false,
            template: None,
            suggestion: None,
        };
        sent.push(reply::send(world.store(), &operator, asked.contact_id, &reply).await.unwrap());
    }
    (operator, asked.customer_id, asked.contact_id, sent)
}

#[tokio::test]
async fn one_of_many_senders_gets_a_message_and_the_next_waits_for_it() {
    let world = World::new().await;
    let (_, customer, _, sent) = replied(&world, &["первый", "второй"]).await;
    let Claim::Yours(first) = delivery::claim(world.store(), customer, sent[0].id).await.unwrap() else {
        panic!("nobody else has it")
    };
    assert!(matches!(delivery::claim(world.store(), customer, sent[0].id).await.unwrap(), Claim::Nothing));
    assert!(matches!(delivery::claim(world.store(), customer, sent[1].id).await.unwrap(), Claim::NotYet));
    delivery::sent(world.store(), &first, "msg:7:2").await.unwrap();
    assert!(matches!(delivery::claim(world.store(), customer, sent[1].id).await.unwrap(), Claim::Yours(_)));
    world.is_sound().await;
}

#[tokio::test]
async fn a_sender_that_died_leaves_unknown_and_only_a_person_sends_again() {
    let clock = Clock::fixed("2026-11-25T18:00:00Z".parse().unwrap(), 1);
    let world = World::at(clock.clone()).await;
    let (operator, customer, contact, sent) = replied(&world, &["везём"]).await;
    let Claim::Yours(lost) = delivery::claim(world.store(), customer, sent[0].id).await.unwrap() else {
        panic!("nobody else has it")
    };
    assert_eq!(delivery::give_up_interrupted(world.store()).await.unwrap(), 0);
    clock.advance(SENDER_GONE_AFTER + SignedDuration::from_secs(1));
    assert_eq!(delivery::give_up_interrupted(world.store()).await.unwrap(), 1);
    assert!(matches!(delivery::claim(world.store(), customer, sent[0].id).await.unwrap(), Claim::Nothing));
    // the sender comes back from the dead: its word no longer counts
    delivery::failed(world.store(), &lost, DeliveryProblem::Blocked).await.unwrap();
    let refused = reply::retry(world.store(), &operator, contact, sent[0].id, false).await;
    assert!(matches!(refused, Err(ReplyError::NotFailed)));
    let again = reply::retry(world.store(), &operator, contact, sent[0].id, true).await.unwrap();
    assert_eq!(again.delivery, Delivery::Queued);
    assert!(matches!(delivery::claim(world.store(), customer, sent[0].id).await.unwrap(), Claim::Yours(_)));
    world.is_sound().await;
}

#[tokio::test]
async fn what_surely_was_not_sent_is_claimed_again() {
    let world = World::new().await;
    let (_, customer, _, sent) = replied(&world, &["везём"]).await;
    let Claim::Yours(first) = delivery::claim(world.store(), customer, sent[0].id).await.unwrap() else {
        panic!("nobody else has it")
    };
    delivery::part_sent(world.store(), &first, 1).await.unwrap();
    delivery::put_back(world.store(), &first).await.unwrap();
    let Claim::Yours(second) = delivery::claim(world.store(), customer, sent[0].id).await.unwrap() else {
        panic!("it waits for a sender")
    };
    assert_eq!(second.parts_sent, 1, "what arrived of a split text is not sent again");
}
