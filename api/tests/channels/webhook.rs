//! What Telegram brings: each thing once, nothing that is not Telegram's, 200 for whatever is not for us.

use futures::{StreamExt, stream};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{HOOK_SECRET, World, said, said_with};

#[tokio::test]
async fn the_same_update_a_thousand_times_at_once_is_one_message() {
    let world = World::start().await;
    world.bot("http://127.0.0.1:9").await;
    let (desk, update) = (world.desk().await, said(1, 700, 10, "Где мой заказ?"));
    let (_second, other) = world.second().await;
    let statuses: Vec<StatusCode> = stream::iter(0..1_000)
        .map(|number| {
            let root = if number % 2 == 0 { &world.root } else { &other };
            let request = world.http.post(format!("{root}/channels/telegram/bot"));
            request.header("x-telegram-bot-api-secret-token", HOOK_SECRET).json(&update).send()
        })
        .buffer_unordered(64)
        .map(|answer| answer.unwrap().status())
        .collect()
        .await;
    // a busy moment may be answered "come again", as Telegram then does; a loss or a copy never
    assert!(statuses.iter().all(|it| matches!(*it, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE)), "{statuses:?}");
    assert_eq!(world.hook(&update).await, StatusCode::OK);
    let queue = desk.queue().await;
    assert_eq!(queue.len(), 1);
    let messages = desk.messages(&queue[0]["id"]).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["text"], "Где мой заказ?");
}

#[tokio::test]
async fn only_who_knows_the_secret_is_heard() {
    let world = World::start().await;
    world.bot("http://127.0.0.1:9").await;
    let desk = world.desk().await;
    let send = async |slug: &str, secret: Option<&str>| {
        let mut request = world.http.post(format!("{}/channels/telegram/{slug}", world.root));
        if let Some(secret) = secret {
            request = request.header("x-telegram-bot-api-secret-token", secret);
        }
        request.json(&said(1, 700, 10, "?")).send().await.unwrap().status()
    };
    for (slug, secret) in [
        ("bot", None),
        ("bot", Some("")),
        ("bot", Some("hook-secreT")),
        ("bot", Some("hook-secret2")),
        ("another-bot", Some(HOOK_SECRET)),
        ("b%27%20OR%201=1", Some(HOOK_SECRET)),
    ] {
        assert_eq!(send(slug, secret).await, StatusCode::UNAUTHORIZED, "{slug} {secret:?}");
    }
    assert!(desk.queue().await.is_empty());
    assert_eq!(send("bot", Some(HOOK_SECRET)).await, StatusCode::OK);
    assert_eq!(desk.queue().await.len(), 1);
}

#[tokio::test]
async fn rubbish_is_refused_in_its_own_words_and_strange_updates_are_not() {
    let world = World::start().await;
    world.bot("http://127.0.0.1:9").await;
    let desk = world.desk().await;
    let send = async |body: Vec<u8>| {
        let request = world.http.post(format!("{}/channels/telegram/bot", world.root)).body(body);
        let answer = request.header("x-telegram-bot-api-secret-token", HOOK_SECRET).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        (status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = (400, "bad_request".to_owned());
    assert_eq!(send(b"{\"update_id\": 5, \"mess".to_vec()).await, refused);
    assert_eq!(send(b"{\"update_id\": 5, \"message\": {\"text\": \"\xff\xfe\"}}".to_vec()).await, refused);
    assert_eq!(send(Vec::new()).await, refused);
    assert_eq!(send(b"[]".to_vec()).await, refused);
    assert_eq!(send(vec![b' '; 1024 * 1024 + 1]).await, (413, "too_large".to_owned()));
    for strange in [
        json!({"update_id": 6, "hologram": {}}),
        json!({"update_id": 7, "message": "not an object"}),
        json!({"update_id": 8, "message": {"message_id": 1}}),
        said_with(9, 700, 11, json!({"pinned_message": {}})),
        said_with(10, 700, 12, json!({"text": " \u{0}\u{7} "})),
    ] {
        assert_eq!(send(strange.to_string().into_bytes()).await.0, 200, "{strange}");
    }
    assert!(desk.queue().await.is_empty());
}

#[tokio::test]
async fn a_talk_keeps_edits_and_links_the_phone_that_its_owner_shares() {
    let world = World::start().await;
    world.bot("http://127.0.0.1:9").await;
    let desk = world.desk().await;
    world.hook(&said(1, 700, 10, "Заказ 48213")).await;
    let mut edit = said(2, 700, 10, "Заказ 48231");
    edit["edited_message"] = edit["message"].take();
    edit.as_object_mut().unwrap().remove("message");
    edit["edited_message"]["edit_date"] = json!(1_795_598_500);
    for _ in 0..3 {
        assert_eq!(world.hook(&edit).await, StatusCode::OK);
    }
    let friend = json!({"contact": {"phone_number": "+79001230001", "first_name": "Олег", "user_id": 5}});
    world.hook(&said_with(3, 700, 11, friend)).await;
    let own = json!({"contact": {"phone_number": "79001230563", "first_name": "Вера", "user_id": 700}});
    world.hook(&said_with(4, 700, 12, own)).await;

    let contact = desk.queue().await.remove(0);
    let messages = desk.messages(&contact["id"]).await;
    let shown: Vec<_> = messages.iter().map(|message| (&message["kind"], message["text"].as_str().unwrap())).collect();
    assert_eq!(shown[0], (&json!("text"), "Заказ 48231"));
    assert!(messages[0]["edited_at"].is_string());
    assert_eq!(shown[1], (&json!("text"), "[Контакт] Олег, +79001230001"));
    assert_eq!(shown[2].0, &json!("phone"));
    assert_eq!(shown.len(), 3);
    desk.take().await;
    let card = desk.get(&format!("/api/customers/{}/card", contact["customer_id"].as_str().unwrap())).await;
    let phones = card["phones"].as_array().unwrap();
    assert_eq!(phones.len(), 1, "{card}");
    assert!(phones[0]["masked"].as_str().unwrap().ends_with("05-63"), "{card}");
}

#[tokio::test]
async fn what_somebody_types_is_text_and_nothing_else() {
    let world = World::start().await;
    world.bot("http://127.0.0.1:9").await;
    let desk = world.desk().await;
    for (number, text) in ["'; DROP TABLE message; --", "<img src=x onerror=alert(1)>", "{{ 7*7 }} ${7*7} \\u0000"]
        .into_iter()
        .enumerate()
    {
        let number = i64::try_from(number).unwrap();
        assert_eq!(world.hook(&said(number, 700, number + 1, text)).await, StatusCode::OK);
        let contact = desk.queue().await.remove(0);
        let messages = desk.messages(&contact["id"]).await;
        assert_eq!(messages.last().unwrap()["text"], text);
    }
}
