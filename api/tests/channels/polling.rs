//! Long polling: one process asks, the position moves only over what is committed.

use api::channels::telegram::{bot, poll};
use pipelines::conversations::AccountSettings;
use pipelines::events::Channel;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::telegram_stand_in::StandIn;
use crate::world::{World, eventually, said};

async fn polled(telegram: &StandIn) -> World {
    let world = World::start().await;
    let settings = AccountSettings { polling: true, api_url: Some(telegram.url.clone()), ..AccountSettings::default() };
    world.account(Channel::Telegram, "bot", settings).await;
    world
}

fn start(world: &World) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let stop = CancellationToken::new();
    let task = tokio::spawn(poll(world.state.store.clone(), bot::http().unwrap(), stop.clone()));
    (stop, task)
}

#[tokio::test]
async fn two_processes_poll_and_one_asks() {
    let telegram = StandIn::open().await;
    let world = polled(&telegram).await;
    let desk = world.desk().await;
    let (first, second) = (start(&world), start(&world));
    telegram.bring(said(100, 700, 10, "Первое"));
    telegram.bring(json!({"update_id": 101, "hologram": {}}));
    telegram.bring(said(102, 700, 11, "Второе"));
    // read and acknowledged by the next question's offset
    eventually(async || (telegram.unread() == 0).then_some(())).await;
    let contact = desk.queue().await.remove(0);
    let texts: Vec<_> = desk.messages(&contact["id"]).await.iter().map(|it| it["text"].clone()).collect();
    assert_eq!(texts, [json!("Первое"), json!("Второе")]);
    assert_eq!(telegram.most_polling(), 1);

    // the other process goes on where the first one stood
    for (stop, task) in [first, second] {
        stop.cancel();
        task.await.unwrap();
    }
    telegram.bring(said(103, 700, 12, "Третье"));
    let third = start(&world);
    eventually(async || (telegram.unread() == 0).then_some(())).await;
    assert_eq!(desk.messages(&contact["id"]).await.len(), 3);
    third.0.cancel();
}

#[tokio::test]
async fn an_edit_of_what_was_written_before_us_holds_nobody_up() {
    let telegram = StandIn::open().await;
    let world = polled(&telegram).await;
    let desk = world.desk().await;
    let mut edit = said(100, 700, 3, "Заказ 48231");
    edit["edited_message"] = edit["message"].take();
    edit.as_object_mut().unwrap().remove("message");
    let now = world.state.store.clock().now().as_second();
    edit["edited_message"]["edit_date"] = json!(now);
    telegram.bring(edit);
    telegram.bring(said(101, 701, 1, "Где заказ?"));
    let (stop, _task) = start(&world);
    let queue = eventually(async || Some(desk.queue().await).filter(|queue| queue.len() == 2)).await;
    assert_eq!(desk.messages(&queue[0]["id"]).await[0]["text"], "Заказ 48231");
    stop.cancel();
}
