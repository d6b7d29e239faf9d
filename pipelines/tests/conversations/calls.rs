//! A call lives like any other contact, whatever order its events come in.

use pipelines::conversations::calls::{CallEvent, Told, call};
use pipelines::conversations::{Accepted, Account, Content, Segment, Sender, Text, accept, view};
use pipelines::customers::{IdentityKey, IdentityKind, Phone};
use pipelines::events::{Author, Channel, MessageKind};

use crate::world::World;

async fn tell(world: &World, account: &Account, id: &str, event: CallEvent) -> Accepted {
    let words = world.inbound(account, "call-1", id, Content::Text(Text::new("-").unwrap()));
    let told =
        Told { account: words.account, external_id: words.external_id, from: words.from, thread: words.thread, event };
    call(world.store(), &told).await.unwrap()
}

fn segment(words: &str, speaker: models::taxonomy::Speaker) -> Content {
    Content::Segment(Segment { speaker, text: Text::new(words).unwrap(), start_ms: 0, end_ms: 900 })
}

#[tokio::test]
async fn a_call_rings_is_answered_spoken_held_and_ended() {
    let world = World::new().await;
    let account = world.account(Channel::Call).await;
    world.operator("alina", 1).await;
    let rung = tell(&world, &account, "e1", CallEvent::Ringing).await;
    assert_eq!(world.state(rung.contact_id).await, "queued");
    tell(&world, &account, "e2", CallEvent::Answered { login: Some("alina".into()) }).await;
    assert_eq!(world.state(rung.contact_id).await, "active");
    let said = segment("добрый вечер", models::taxonomy::Speaker::Operator);
    let spoken = accept(world.store(), world.inbound(&account, "call-1", "s1", said)).await.unwrap();
    let key = (spoken.customer_id, spoken.message_id.unwrap());
    let shown = view::messages_by_id(world.store(), &[key]).await.unwrap().pop().unwrap();
    assert_eq!((shown.kind, shown.author), (MessageKind::Segment, Author::Operator));
    assert_eq!(shown.operator.unwrap().name, "alina");
    tell(&world, &account, "e3", CallEvent::Held).await;
    assert_eq!(world.state(rung.contact_id).await, "held");
    tell(&world, &account, "e4", CallEvent::Resumed).await;
    tell(&world, &account, "e5", CallEvent::HungUp).await;
    assert_eq!(world.state(rung.contact_id).await, "wrap_up");
    // what the recogniser still has to say belongs to the call that ended
    let late = segment("до свидания", models::taxonomy::Speaker::Customer);
    let late = accept(world.store(), world.inbound(&account, "call-1", "s2", late)).await.unwrap();
    assert_eq!(late.contact_id, rung.contact_id);
    assert_eq!(world.state(rung.contact_id).await, "wrap_up");
    world.is_sound().await;
}

#[tokio::test]
async fn who_hangs_up_unanswered_is_abandoned_and_repeats_change_nothing() {
    let world = World::new().await;
    let account = world.account(Channel::Call).await;
    let rung = tell(&world, &account, "e1", CallEvent::Ringing).await;
    let again = tell(&world, &account, "e1", CallEvent::Ringing).await;
    assert_eq!((again.contact_id, again.seq, again.fresh), (rung.contact_id, rung.seq, false));
    tell(&world, &account, "e2", CallEvent::HungUp).await;
    assert_eq!(world.state(rung.contact_id).await, "abandoned");
    tell(&world, &account, "e3", CallEvent::Answered { login: Some("nobody".into()) }).await;
    tell(&world, &account, "e4", CallEvent::Held).await;
    assert_eq!(world.state(rung.contact_id).await, "abandoned");
    world.is_sound().await;
}

#[tokio::test]
async fn an_operator_without_room_does_not_get_the_call() {
    let world = World::new().await;
    let account = world.account(Channel::Call).await;
    world.operator("alina", 0).await;
    let rung = tell(&world, &account, "e1", CallEvent::Ringing).await;
    tell(&world, &account, "e2", CallEvent::Answered { login: Some("alina".into()) }).await;
    assert_eq!(world.state(rung.contact_id).await, "queued");
    world.is_sound().await;
}

#[tokio::test]
async fn a_caller_who_is_named_once_is_one_customer() {
    let world = World::new().await;
    let account = world.account(Channel::Call).await;
    let by = |identity: IdentityKey, phone: Option<&Phone>, id: &str| {
        let words = world.inbound(&account, "call-1", id, Content::Text(Text::new("-").unwrap()));
        let from = Sender { identity, phone: phone.cloned(), ..words.from };
        Told {
            account: words.account,
            external_id: words.external_id,
            from,
            thread: words.thread,
            event: CallEvent::Ringing,
        }
    };
    let phone = Phone::from_e164("+79001230563").unwrap();
    let nameless = || IdentityKey::new(IdentityKind::Call, "pbx:call-1").unwrap();
    let rung = call(world.store(), &by(IdentityKey::phone(&phone), Some(&phone), "e1")).await.unwrap();
    let again = call(world.store(), &by(nameless(), None, "e2")).await.unwrap();
    assert_eq!(again.customer_id, rung.customer_id);
    assert_eq!(world.number("SELECT count(*) FROM customer").await, 1, "nobody was made up");
}

#[tokio::test]
async fn a_number_that_comes_late_finds_its_caller() {
    let world = World::new().await;
    let account = world.account(Channel::Call).await;
    let phone = Phone::from_e164("+79001230563").unwrap();
    let said = segment("алло", models::taxonomy::Speaker::Customer);
    let heard = accept(world.store(), world.inbound(&account, "call-1", "s1", said)).await.unwrap();
    let words = world.inbound(&account, "call-1", "e1", Content::Text(Text::new("-").unwrap()));
    let from = Sender { identity: IdentityKey::phone(&phone), phone: Some(phone.clone()), ..words.from };
    let told = Told {
        account: words.account,
        external_id: words.external_id,
        from,
        thread: words.thread,
        event: CallEvent::Ringing,
    };
    let rung = call(world.store(), &told).await.unwrap();
    assert_eq!((rung.contact_id, rung.customer_id), (heard.contact_id, heard.customer_id));
    let owners = "SELECT count(*) FROM identity WHERE kind = 'phone' AND value = '+79001230563'";
    assert_eq!(world.number(owners).await, 1);
    assert_eq!(world.number("SELECT count(*) FROM customer").await, 1);
}
