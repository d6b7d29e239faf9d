//! The widget's WebSocket: everything once and in order, also after a cut, across processes and across contacts.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use models::taxonomy::Outcome;
use pipelines::platform::clock::Clock;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::visitors::{site, visitor};
use crate::world::World;

/// A widget that checks the numbers of what it is sent.
struct Widget {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last: i64,
}

impl Widget {
    async fn open(root: &str, token: &str, since: i64) -> Self {
        let address = format!("{}/channels/site/site/live?token={token}", root.replace("http", "ws"));
        let (socket, _) = connect_async(address).await.unwrap();
        let mut widget = Self { socket, last: since };
        widget.say(json!({"type": "subscribe", "since": since})).await;
        widget
    }

    async fn say(&mut self, command: Value) {
        self.socket.send(Message::Text(command.to_string().into())).await.unwrap();
    }

    async fn write(&mut self, id: &str, text: &str) {
        self.say(json!({"type": "message", "id": id, "text": text})).await;
    }

    /// The next frame; the code with which the line was closed.
    async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let heard = tokio::time::timeout(Duration::from_secs(30), self.socket.next()).await.expect("a frame comes");
            match heard {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if let Some(seq) = frame["seq"].as_i64() {
                        assert_eq!(seq, self.last + 1, "no hole, no copy, no wrong order: {frame}");
                        self.last = frame["data"]["to"].as_i64().unwrap_or(seq);
                    }
                    return Ok(frame);
                }
                Some(Ok(Message::Close(close))) => return Err(close.map_or(1005, |close| close.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// The next frame of this type.
    async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await.expect("the line stays open");
            if frame["type"] == kind {
                return frame["data"].clone();
            }
        }
    }
}

#[tokio::test]
async fn both_sides_talk_and_nothing_is_seen_twice() {
    let world = site().await;
    let (desk, token) = (world.desk().await, visitor(&world).await);
    let mut widget = Widget::open(&world.root, &token, 0).await;
    widget.write("m1", "Где заказ?").await;
    let accepted = widget.next_of("accepted").await;
    assert_eq!(accepted["id"], "m1");
    assert_eq!(accepted["seq"].as_i64().unwrap(), widget.last, "its frame came before");
    widget.write("m1", "Где заказ?").await;
    assert_eq!(widget.next_of("accepted").await, accepted);

    let contact = desk.take().await["id"].clone();
    desk.reply(&contact, "Уже едет").await;
    let answer = widget.next_of("message").await;
    assert_eq!((&answer["message"]["text"], &answer["message"]["name"]), (&json!("Уже едет"), &json!("Анна")));
    assert_eq!(desk.messages(&contact).await.len(), 2);
}

#[tokio::test]
async fn after_a_cut_the_widget_goes_on_at_another_process() {
    let world = site().await;
    let (desk, token) = (world.desk().await, visitor(&world).await);
    let (_second, other) = world.second().await;
    let mut widget = Widget::open(&world.root, &token, 0).await;
    widget.write("m1", "Где заказ?").await;
    widget.next_of("accepted").await;
    let last = widget.last;
    drop(widget);
    let contact = desk.take().await["id"].clone();
    desk.post(&format!("/api/contacts/{}/notes", contact.as_str().unwrap()), json!({"text": "Секрет"})).await;
    desk.reply(&contact, "Уже едет").await;

    let mut widget = Widget::open(&other, &token, last).await;
    assert_eq!(widget.next_of("message").await["message"]["text"], "Уже едет");
    desk.reply(&contact, "Пять минут").await;
    assert_eq!(widget.next_of("message").await["message"]["text"], "Пять минут");
}

#[tokio::test]
async fn a_new_contact_goes_on_in_the_same_talk() {
    let start = "2026-11-25T09:30:00Z".parse().unwrap();
    let clock = Clock::fixed(start, 7);
    let world = World::start_at(clock.clone()).await;
    world.account(pipelines::events::Channel::Site, "site", Default::default()).await;
    let token = visitor(&world).await;
    let desk = world.desk().await;
    let mut widget = Widget::open(&world.root, &token, 0).await;
    widget.write("m1", "Где заказ?").await;
    widget.next_of("accepted").await;
    let first = desk.take().await["id"].clone();
    let path = format!("/api/contacts/{}", first.as_str().unwrap());
    desk.post(&format!("{path}/finish"), json!({})).await;
    desk.post(&format!("{path}/close"), json!({"outcome": Outcome::Resolved.as_str()})).await;

    clock.advance(jiff::SignedDuration::from_hours(24));
    let mut late = Widget::open(&world.root, &token, widget.last).await;
    late.write("m2", "Ещё вопрос").await;
    assert_eq!(late.next_of("message").await["message"]["text"], "Ещё вопрос");
    assert_eq!(late.next_of("accepted").await["seq"].as_i64().unwrap(), late.last);
    let desk = world.sign_in("anna").await;
    let second = desk.take().await["id"].clone();
    assert_ne!(first, second);
    desk.reply(&second, "Слушаю").await;
    assert_eq!(late.next_of("message").await["message"]["text"], "Слушаю");
    // a window that was open all the time finds the new contact, and what was closed stays closed
    widget.write("m3", "И ещё").await;
    for text in ["Ещё вопрос", "Слушаю", "И ещё"] {
        assert_eq!(widget.next_of("message").await["message"]["text"], text);
    }
    assert_eq!(desk.post(&format!("{path}/reopen"), json!({})).await["code"], "conflict");
}

#[tokio::test]
async fn who_types_is_seen_and_not_stored() {
    let world = site().await;
    let (desk, token) = (world.desk().await, visitor(&world).await);
    let mut widget = Widget::open(&world.root, &token, 0).await;
    widget.write("m1", "Где заказ?").await;
    widget.next_of("accepted").await;
    let contact = desk.take().await["id"].clone();
    let mut line = desk.line().await;
    let subscribe = json!({"type": "subscribe", "contact_id": contact, "since": 0});
    line.send(Message::Text(subscribe.to_string().into())).await.unwrap();
    let typing = json!({"type": "typing", "contact_id": contact}).to_string();
    // signals may be lost: both say it until the other hears
    let (mut seen_by_visitor, mut seen_by_operator) = (false, false);
    while !(seen_by_visitor && seen_by_operator) {
        line.send(Message::Text(typing.clone().into())).await.unwrap();
        widget.say(json!({"type": "typing"})).await;
        let pause = Duration::from_millis(300);
        while let Ok(Some(Ok(message))) = tokio::time::timeout(pause, widget.socket.next()).await {
            seen_by_visitor |= message.to_string().contains("\"typing\"");
        }
        while let Ok(Some(Ok(message))) = tokio::time::timeout(pause, line.next()).await {
            let text = message.to_string();
            seen_by_operator |= text.contains("\"typing\"") && text.contains("\"customer\"");
        }
    }
}

/// On a busy machine a cut may take the answers with it before they are read; then it is tried again.
const ATTEMPTS: usize = 5;

/// Sends the same until the server cuts the line; the codes that it answered and the reason of the cut.
async fn flooded(root: &str, token: &str, flood: &str) -> (Vec<String>, Option<u16>) {
    let mut widget = Widget::open(root, token, 0).await;
    let mut codes = Vec::new();
    let closed = loop {
        // the server may close while we still send
        let _ = widget.socket.send(Message::Text(flood.to_owned().into())).await;
        // once each word is answered, wait for the answer: a cut with words unread takes the answers with it
        let patience = if codes.is_empty() { Duration::from_millis(20) } else { Duration::from_secs(5) };
        let next = tokio::time::timeout(patience, widget.socket.next()).await;
        match next {
            Ok(Some(Ok(Message::Text(text)))) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                codes.extend(frame["data"]["code"].as_str().map(str::to_owned));
            }
            Ok(Some(Ok(Message::Close(close)))) => break close.map(|close| u16::from(close.code)),
            Ok(None | Some(Err(_))) => break None,
            Ok(Some(Ok(_))) | Err(_) => {}
        }
    };
    (codes, closed)
}

#[tokio::test]
async fn a_flood_is_told_first_and_cut_off_then() {
    let world = site().await;
    let token = visitor(&world).await;
    for (flood, code) in [
        (json!({"type": "message", "id": "m", "text": "много"}).to_string(), "rate_limited"),
        (json!({"type": "typing"}).to_string(), "rate_limited"),
        ("{\"type\": \"hack\"".to_owned(), "bad_request"),
    ] {
        let (mut codes, mut closed) = (Vec::new(), None);
        for _ in 0..ATTEMPTS {
            (codes, closed) = flooded(&world.root, &token, &flood).await;
            if !codes.is_empty() {
                break;
            }
        }
        assert!(codes.iter().any(|it| it == code), "{flood}: {codes:?}");
        assert!(closed.is_none_or(|closed| closed == 1008), "{closed:?}");
    }
    // one who floods holds up nobody else
    let mut other = Widget::open(&world.root, &visitor(&world).await, 0).await;
    other.write("m1", "Где заказ?").await;
    other.next_of("accepted").await;
}

#[tokio::test]
async fn strangers_and_strange_pages_are_not_let_in() {
    let world = site().await;
    let token = visitor(&world).await;
    let address = format!("{}/channels/site/site/live", world.root.replace("http", "ws"));
    let status = async |query: &str, origin: Option<&str>| {
        let mut request = format!("{address}?{query}").into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match connect_async(request).await {
            Ok(_) => 101,
            Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    let good = format!("token={token}");
    assert_eq!(status("token=", None).await, 401);
    assert_eq!(status("token=a.b", None).await, 401);
    assert_eq!(status("", None).await, 400);
    assert_eq!(status(&good, Some("https://evil.example")).await, 403);
    assert_eq!(status(&good, Some("https://sushi.example")).await, 101);
}
