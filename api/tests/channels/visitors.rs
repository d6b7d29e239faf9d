//! Visitors of a site and users of an app over plain HTTP: who they are, what they may reach, how much at once.

use api::channels::site::token::{AppUser, sign};
use pipelines::conversations::AccountSettings;
use pipelines::events::Channel;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use secrecy::SecretSlice;
use serde_json::{Value, json};

use crate::world::{SIGNING_KEY, World};

/// The token of a new visitor of the site.
pub(crate) async fn visitor(world: &World) -> String {
    let answer = world.http.post(format!("{}/channels/site/site/visitors", world.root)).json(&json!({})).send().await;
    let body: Value = answer.unwrap().json().await.unwrap();
    body["visitor_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn site() -> World {
    let world = World::start().await;
    let settings = AccountSettings { origins: vec!["https://sushi.example".to_owned()], ..AccountSettings::default() };
    world.account(Channel::Site, "site", settings).await;
    world
}

async fn write(world: &World, token: &str, id: &str, text: &str) -> (StatusCode, Value) {
    let request = world.http.post(format!("{}/channels/site/site/messages", world.root)).bearer_auth(token);
    let answer = request.json(&json!({"id": id, "text": text})).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap_or_default())
}

async fn read(world: &World, token: &str, since: i64) -> Value {
    let path = format!("{}/channels/site/site/messages?since={since}", world.root);
    world.http.get(path).bearer_auth(token).send().await.unwrap().json().await.unwrap()
}

fn texts(frames: &Value) -> Vec<String> {
    let frames = frames["frames"].as_array().unwrap().iter();
    frames.filter_map(|frame| Some(frame["data"]["message"]["text"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn a_visitor_writes_once_and_reads_on_from_where_they_were() {
    let world = site().await;
    let (desk, token) = (world.desk().await, visitor(&world).await);
    let (status, first) = write(&world, &token, "m1", "Где заказ?").await;
    assert_eq!(status, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(write(&world, &token, "m1", "Где заказ?").await, (StatusCode::OK, first.clone()));
    }
    let contact = desk.take().await["id"].clone();
    desk.post(&format!("/api/contacts/{}/notes", contact.as_str().unwrap()), json!({"text": "Секрет"})).await;
    desk.reply(&contact, "Уже едет").await;

    let all = read(&world, &token, 0).await;
    assert_eq!(texts(&all), ["Где заказ?", "Уже едет"]);
    let mut last = 0;
    for frame in all["frames"].as_array().unwrap() {
        assert_eq!(frame["seq"].as_i64().unwrap(), last + 1, "gap-free: {frame}");
        last = frame["data"]["to"].as_i64().unwrap_or(last + 1);
    }
    assert_eq!(all["last_seq"].as_i64().unwrap(), last);
    let later = read(&world, &token, first["seq"].as_i64().unwrap()).await;
    assert_eq!(texts(&later), ["Уже едет"]);
    assert!(texts(&read(&world, &token, last).await).is_empty());
    let whole = all.to_string();
    assert!(whole.contains("Анна") && !whole.contains("Каримова"), "the operator's first name only");
    assert!(!whole.contains("Секрет"), "notes stay with colleagues");
}

#[tokio::test]
async fn nobody_reaches_the_talk_of_another() {
    let world = site().await;
    let (vera, boris) = (visitor(&world).await, visitor(&world).await);
    write(&world, &vera, "m1", "Моя аллергия: кунжут").await;
    assert_eq!(write(&world, &boris, "m1", "А у меня нет").await.0, StatusCode::OK, "the same id, another visitor");
    assert_eq!(texts(&read(&world, &boris, 0).await), ["А у меня нет"]);

    let other = world.account(Channel::Site, "other", AccountSettings::default()).await;
    let (payload, signature) = vera.split_once('.').unwrap();
    let (_, of_boris) = boris.split_once('.').unwrap();
    let forged = [format!("{payload}.{of_boris}"), format!("{payload}."), signature.to_owned(), String::new()];
    for token in forged {
        assert_eq!(write(&world, &token, "m2", "?").await.0, StatusCode::UNAUTHORIZED);
    }
    // accounts sign with their own keys
    pipelines::conversations::accounts::provide(
        &world.state.store,
        &[(other, vec![(pipelines::conversations::accounts::SecretKind::AppKey, "another key".into())])],
    )
    .await
    .unwrap();
    let path = format!("{}/channels/site/other/messages?since=0", world.root);
    let answer = world.http.get(path).bearer_auth(&vera).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    // and a visitor is nobody at the operators' interface
    let answer = world.http.get(format!("{}/api/contacts", world.root)).bearer_auth(&vera).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_page_shows_the_chat_only_where_the_account_lists_it() {
    let world = site().await;
    let register = async |origin: &str| {
        let request = world.http.post(format!("{}/channels/site/site/visitors", world.root)).header("origin", origin);
        request.json(&json!({})).send().await.unwrap()
    };
    assert_eq!(register("https://sushi.example").await.status(), StatusCode::OK);
    assert_eq!(register("https://evil.example").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(register("null").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(register(&world.root).await.status(), StatusCode::OK);

    // what a browser asks before it sends a token along
    let asked = world
        .http
        .request(Method::OPTIONS, format!("{}/channels/site/site/messages", world.root))
        .header("origin", "https://sushi.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let answer = asked.send().await.unwrap();
    let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
    assert!(allowed.contains("authorization") && allowed.contains("content-type"), "{allowed}");
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn an_app_signs_for_its_users() {
    let world = World::start().await;
    world.account(Channel::App, "app", AccountSettings::default()).await;
    let desk = world.desk().await;
    let now = world.state.store.clock().now().as_second();
    let user = |exp: i64| AppUser {
        user_id: "u-17".to_owned(),
        name: Some("Нодира".to_owned()),
        phone: Some("+998901234567".to_owned()),
        exp,
    };
    let register = async |key: &str, purpose: &str, exp: i64| {
        let key = SecretSlice::from(key.as_bytes().to_vec());
        let token = sign(&key, purpose, &user(exp)).unwrap();
        let request = world.http.post(format!("{}/channels/app/app/visitors", world.root)).bearer_auth(token);
        request.json(&json!({})).send().await.unwrap()
    };
    assert_eq!(register("a wrong key", "app", now + 60).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(register(SIGNING_KEY, "visitor", now + 60).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(register(SIGNING_KEY, "app", now - 1).await.status(), StatusCode::UNAUTHORIZED);
    let mut contacts = Vec::new();
    for (device, id) in [("phone", "a"), ("tablet", "b")] {
        let body: Value = register(SIGNING_KEY, "app", now + 60).await.json().await.unwrap();
        let token = body["visitor_token"].as_str().unwrap().to_owned();
        let request = world.http.post(format!("{}/channels/app/app/messages", world.root)).bearer_auth(token);
        let answer = request.json(&json!({"id": id, "text": device})).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        contacts = desk.queue().await;
    }
    assert_eq!(contacts.len(), 1, "one user, one talk, on whatever device");
    desk.take().await;
    let card = desk.get(&format!("/api/customers/{}/card", contacts[0]["customer_id"].as_str().unwrap())).await;
    assert_eq!(card["name"], "Нодира");
    assert_eq!(card["phones"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_comes_with_its_id_and_is_kept_as_what_it_is() {
    let world = site().await;
    let (desk, token) = (world.desk().await, visitor(&world).await);
    let send = async |form: Form| {
        let request = world.http.post(format!("{}/channels/site/site/files", world.root)).bearer_auth(&token);
        request.multipart(form).send().await.unwrap().status()
    };
    let picture =
        || Part::bytes(b"\xff\xd8\xff\xe0 picture".to_vec()).file_name("a.jpg").mime_str("text/html").unwrap();
    for _ in 0..2 {
        assert_eq!(send(Form::new().text("id", "f1").part("file", picture())).await, StatusCode::OK);
    }
    assert_eq!(send(Form::new().part("file", picture())).await, StatusCode::BAD_REQUEST);
    assert_eq!(send(Form::new().text("id", "f2")).await, StatusCode::BAD_REQUEST);
    let huge = Part::bytes(vec![0; 21 * 1024 * 1024]).file_name("huge.bin");
    assert_eq!(send(Form::new().text("id", "f3").part("file", huge)).await, StatusCode::PAYLOAD_TOO_LARGE);
    let contact = desk.queue().await.remove(0);
    let messages = desk.messages(&contact["id"]).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(
        (&messages[0]["kind"], &messages[0]["attachments"][0]["media_type"]),
        (&json!("photo"), &json!("image/jpeg"))
    );
}

#[tokio::test]
async fn rubbish_has_its_code_and_a_flood_its_pause() {
    let world = site().await;
    let token = visitor(&world).await;
    for (id, text) in [("", "?"), (&"x".repeat(65), "?"), ("m1", ""), ("m1", " \n "), ("m1", &"ў".repeat(20_001))] {
        let (status, body) = write(&world, &token, id, text).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")));
    }
    let request = world.http.post(format!("{}/channels/site/site/messages", world.root)).bearer_auth(&token);
    let odd = request.header("content-type", "application/json").body("{\"id\": \"m1\", \"text\": ");
    assert_eq!(odd.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    let other = format!("{}/channels/telegraph/site/messages", world.root);
    let answer =
        world.http.post(other).bearer_auth(&token).json(&json!({"id": "m", "text": "?"})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);

    let mut limited = None;
    for number in 0..100 {
        let (status, body) = write(&world, &token, &format!("n{number}"), "много").await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(body);
            break;
        }
        assert_eq!(status, StatusCode::OK);
    }
    assert_eq!(limited.expect("a flood is stopped")["code"], "rate_limited");
}
