//! What operators send: in order, whole, once; and what is said where it did not arrive.

use pipelines::conversations::{accounts, delivery};
use serde_json::{Value, json};

use crate::telegram_stand_in::{Mood, StandIn};
use crate::world::{Desk, World, eventually, said};

async fn asked(telegram: &StandIn) -> (World, Desk, Value) {
    let world = World::start().await;
    world.bot(&telegram.url).await;
    let desk = world.desk().await;
    world.hook(&said(1, 700, 10, "Где мой заказ?")).await;
    let contact = desk.take().await["id"].clone();
    (world, desk, contact)
}

fn deliveries(messages: &[Value]) -> Vec<&str> {
    messages[1..].iter().map(|message| message["delivery"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn replies_arrive_in_their_order_and_a_long_one_in_parts() {
    let telegram = StandIn::open().await;
    let (world, desk, contact) = asked(&telegram).await;
    let long = "Состав набора: рис, нори, огурец. ".repeat(260);
    desk.reply(&contact, "Здравствуйте!").await;
    desk.reply(&contact, &long).await;
    desk.reply(&contact, "Вот и всё").await;
    let _work = world.work();
    let messages = desk.messages_when(&contact, |it| deliveries(it) == ["sent"; 3]).await;
    assert_eq!(messages.len(), 4);
    let shown = telegram.shown();
    assert!(shown.iter().all(|(chat, text)| *chat == 700 && text.encode_utf16().count() <= 4096));
    assert_eq!(shown.first().unwrap().1, "Здравствуйте!");
    assert_eq!(shown.last().unwrap().1, "Вот и всё");
    assert_eq!(shown.len(), 5);
    let parts: Vec<&str> = shown[1..4].iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(parts.join(" "), long.trim());
}

#[tokio::test]
async fn a_send_that_broke_off_is_unknown_and_never_repeated_by_itself() {
    let telegram = StandIn::open().await;
    let (world, desk, contact) = asked(&telegram).await;
    telegram.will(&[Mood::CutAfter, Mood::Gateway]);
    desk.reply(&contact, "Уже едет").await;
    desk.reply(&contact, "Курьер в пути").await;
    desk.reply(&contact, "Пять минут").await;
    let _work = world.work();
    let messages = desk.messages_when(&contact, |it| deliveries(it) == ["unknown", "unknown", "sent"]).await;
    assert_eq!(messages[1]["delivery_error"], "interrupted");
    // whatever looks for work that was left behind leaves these alone
    assert!(delivery::left_waiting(&world.state.store).await.unwrap().is_empty());
    assert_eq!(delivery::give_up_interrupted(&world.state.store).await.unwrap(), 0);
    assert_eq!(telegram.asked(), 3);

    // a person may send it again, but has to say that they know it may come twice
    let again = |confirm: bool| json!({"contact_id": contact, "confirm_unknown": confirm});
    let path = format!("/api/messages/{}/retry", messages[1]["id"].as_str().unwrap());
    assert_eq!(desk.post(&path, again(false)).await["code"], "conflict");
    assert_eq!(telegram.asked(), 3);
    // the worker may have taken it before the answer was made
    let delivery = desk.post(&path, again(true)).await["delivery"].clone();
    assert!(delivery == "queued" || delivery == "sending" || delivery == "sent", "{delivery}");
    desk.messages_when(&contact, |it| deliveries(it) == ["sent", "unknown", "sent"]).await;
    assert_eq!(telegram.asked(), 4);
}

#[tokio::test]
async fn a_flood_limit_is_waited_for_in_the_middle_of_a_long_text_too() {
    let telegram = StandIn::open().await;
    let (world, desk, contact) = asked(&telegram).await;
    let long = "Слово ".repeat(1_000);
    telegram.will(&[Mood::Flood(1)]);
    desk.reply(&contact, "Здравствуйте!").await;
    desk.reply(&contact, &long).await;
    let work = world.work();
    desk.messages_when(&contact, |it| deliveries(it) == ["sent", "sent"]).await;
    assert_eq!(telegram.shown().len(), 3, "every part once");
    work.cancel();
}

#[tokio::test]
async fn a_fault_of_telegram_is_retried_and_a_refusal_is_told() {
    let telegram = StandIn::open().await;
    let (world, desk, contact) = asked(&telegram).await;
    telegram.will(&[Mood::Fault, Mood::Blocked]);
    desk.reply(&contact, "Здравствуйте!").await;
    let _work = world.work();
    let messages = desk.messages_when(&contact, |it| deliveries(it) == ["failed"]).await;
    assert_eq!(messages[1]["delivery_error"], "blocked");
    assert_eq!(telegram.asked(), 2);
    assert!(telegram.shown().is_empty());
}

#[tokio::test]
async fn what_never_left_is_sent_when_telegram_is_back() {
    // nobody listens here until the stand-in's place is known
    let world = World::start().await;
    let mut bot = world.bot("http://127.0.0.1:9").await;
    let desk = world.desk().await;
    world.hook(&said(1, 700, 10, "Где мой заказ?")).await;
    let contact = desk.take().await["id"].clone();
    desk.reply(&contact, "Уже едет").await;
    let _work = world.work();
    // claimed and put back at least once
    let replied = desk.contact(&contact).await["messages"][1]["seq"].as_i64().unwrap();
    eventually(async || Some(desk.contact(&contact).await).filter(|it| it["seq"].as_i64().unwrap() >= replied + 2))
        .await;
    let telegram = StandIn::open().await;
    bot.settings.api_url = Some(telegram.url.clone());
    accounts::provide(&world.state.store, &[(bot, Vec::new())]).await.unwrap();
    desk.messages_when(&contact, |it| deliveries(it) == ["sent"]).await;
    assert_eq!(telegram.shown(), [(700, "Уже едет".to_owned())]);
}
