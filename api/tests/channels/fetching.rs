//! Files of customers come from Telegram, bounded, typed by their bytes, for the eyes of those who may see the talk.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::telegram_stand_in::StandIn;
use crate::world::{Desk, World, said_with};

const LIMIT: usize = 20 * 1024 * 1024;

async fn sent(telegram: &StandIn, fields: Value) -> (World, Desk, Value) {
    let world = World::start().await;
    world.bot(&telegram.url).await;
    let desk = world.desk().await;
    assert_eq!(world.hook(&said_with(1, 700, 10, fields)).await, StatusCode::OK);
    let contact = desk.take().await["id"].clone();
    (world, desk, contact)
}

async fn settled(desk: &Desk, contact: &Value) -> Value {
    let messages = desk.messages_when(contact, |it| it[0]["attachments"][0]["state"] != "pending").await;
    messages[0]["attachments"][0].clone()
}

fn address(file: &Value) -> String {
    format!("/api/attachments/{}", file["id"].as_str().unwrap())
}

fn document(id: &str, media_type: &str, size: usize) -> Value {
    json!({"document": {"file_id": id, "file_unique_id": "u", "file_name": "../чек.pdf", "mime_type": media_type, "file_size": size}})
}

#[tokio::test]
async fn the_largest_picture_is_fetched_and_shown_as_what_it_is() {
    let telegram = StandIn::open().await;
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 200_000]].concat();
    telegram.keep("large", Some(200_008), picture.clone());
    let size = |id: &str, side: u32| json!({"file_id": id, "file_unique_id": id, "width": side, "height": side});
    let photo = json!({"photo": [size("small", 90), size("large", 1280), size("middle", 320)], "caption": "вот"});
    let (world, desk, contact) = sent(&telegram, photo).await;
    let _work = world.work();
    let file = settled(&desk, &contact).await;
    assert_eq!((&file["state"], &file["media_type"]), (&json!("stored"), &json!("image/png")));
    let answer = desk.request(Method::GET, &address(&file)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.bytes().await.unwrap(), picture);
    let stranger = world.http.get(format!("{}{}", world.root, address(&file))).send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_page_that_calls_itself_a_picture_is_not_shown() {
    let telegram = StandIn::open().await;
    telegram.keep("evil", None, b"<script>alert(1)</script>".to_vec());
    let (world, desk, contact) = sent(&telegram, document("evil", "image/png", 25)).await;
    let _work = world.work();
    let file = settled(&desk, &contact).await;
    assert_eq!((&file["media_type"], &file["name"]), (&json!("application/octet-stream"), &json!("чек.pdf")));
    let answer = desk.request(Method::GET, &address(&file)).send().await.unwrap();
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
}

#[tokio::test]
async fn a_file_that_is_larger_than_it_says_is_dropped_on_the_way() {
    let telegram = StandIn::open().await;
    telegram.keep("liar", Some(10), vec![1; LIMIT + 1]);
    let (world, desk, contact) = sent(&telegram, document("liar", "application/pdf", 10)).await;
    let _work = world.work();
    assert_eq!(settled(&desk, &contact).await["state"], "too_large");
}

#[tokio::test]
async fn a_file_that_telegram_no_longer_has_is_said_to_be_lost() {
    let telegram = StandIn::open().await;
    let (world, desk, contact) = sent(&telegram, document("gone", "application/pdf", 10)).await;
    let _work = world.work();
    assert_eq!(settled(&desk, &contact).await["state"], "failed");
}

#[tokio::test]
async fn a_file_that_says_it_is_too_large_is_not_even_asked_for() {
    let telegram = StandIn::open().await;
    let (_world, desk, contact) = sent(&telegram, document("huge", "video/mp4", LIMIT + 1)).await;
    assert_eq!(settled(&desk, &contact).await["state"], "too_large");
}
