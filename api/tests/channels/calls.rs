//! Calls: a contact like any other, told by any recogniser, one event or a stream of them.

use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use pipelines::conversations::AccountSettings;
use pipelines::events::Channel;
use reqwest::{Body, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_tungstenite::tungstenite::Message;

use crate::world::{SOURCE_TOKEN, World};

async fn telephones() -> World {
    let world = World::start().await;
    world.account(Channel::Call, "pbx", AccountSettings::default()).await;
    world
}

async fn tell(world: &World, event: Value) -> StatusCode {
    let request = world.http.post(format!("{}/channels/calls/pbx", world.root)).bearer_auth(SOURCE_TOKEN);
    request.json(&event).send().await.unwrap().status()
}

fn event(call: &str, word: &str) -> Value {
    json!({"call_id": call, "event": word, "at": "2026-11-25T09:30:00Z"})
}

fn segment(call: &str, id: &str, speaker: &str, text: &str, is_final: bool) -> Value {
    json!({"call_id": call, "event": "segment", "segment_id": id, "speaker": speaker, "text": text,
           "start_ms": 0, "end_ms": 900, "final": is_final})
}

#[tokio::test]
async fn a_call_is_a_contact_like_any_other() {
    let world = telephones().await;
    let desk = world.desk().await;
    let mut ringing = event("c1", "ringing");
    ringing["from"] = json!("8 900 123-05-63");
    for _ in 0..3 {
        assert_eq!(tell(&world, ringing.clone()).await, StatusCode::OK);
    }
    let waiting = desk.queue().await.remove(0);
    assert_eq!(waiting["channel"], "call");
    let mut answered = event("c1", "answered");
    answered["operator_login"] = json!("anna");
    tell(&world, answered).await;
    assert_eq!(desk.contact(&waiting["id"]).await["state"], "active");
    for (word, state) in [("hold", "held"), ("resumed", "active")] {
        tell(&world, event("c1", word)).await;
        assert_eq!(desk.contact(&waiting["id"]).await["state"], state);
    }
    for speaker in ["operator", "customer"] {
        let said = segment("c1", speaker, speaker, "алло", true);
        for _ in 0..2 {
            assert_eq!(tell(&world, said.clone()).await, StatusCode::OK);
        }
    }
    tell(&world, event("c1", "hangup")).await;
    // what the recogniser was still chewing on belongs to the call that ended
    tell(&world, segment("c1", "late", "customer", "спасибо", true)).await;
    let contact = desk.contact(&waiting["id"]).await;
    assert_eq!(contact["state"], "wrap_up");
    let messages = contact["messages"].as_array().unwrap();
    let said: Vec<_> = messages.iter().map(|it| (&it["author"], &it["kind"], &it["delivery"])).collect();
    let (segment, none) = (json!("segment"), json!("none"));
    let (operator, customer) = (json!("operator"), json!("customer"));
    assert_eq!(said, [(&operator, &segment, &none), (&customer, &segment, &none), (&customer, &segment, &none)]);
    let card = desk.get(&format!("/api/customers/{}/card", waiting["customer_id"].as_str().unwrap())).await;
    assert_eq!(card["phones"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_without_its_number_in_every_event_is_one_customer() {
    let world = telephones().await;
    let desk = world.desk().await;
    let mut ringing = event("c2", "ringing");
    ringing["from"] = json!("+79001230563");
    tell(&world, ringing.clone()).await;
    tell(&world, segment("c2", "s1", "customer", "алло это служба доставки", true)).await;
    let contacts = desk.queue().await;
    assert_eq!(contacts.len(), 1);
    // nobody else was made up for the events that named no number
    let found = desk.get("/api/customers?query=%2B79001230563").await;
    assert_eq!(found["items"].as_array().map_or_else(|| found.as_array().unwrap().len(), Vec::len), 1, "{found}");
    ringing["call_id"] = json!("c3");
    tell(&world, ringing).await;
    let contacts = desk.queue().await;
    assert_eq!(contacts[0]["customer_id"], contacts[1]["customer_id"]);
}

#[tokio::test]
async fn a_stream_is_answered_line_by_line_and_rubbish_stops_nothing() {
    let world = telephones().await;
    let desk = world.desk().await;
    let mut ringing = event("c1", "ringing");
    ringing["from"] = json!("+79001230563");
    let (lines, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    let request = world.http.post(format!("{}/channels/calls/pbx", world.root)).bearer_auth(SOURCE_TOKEN);
    let request = request.header("content-type", "application/x-ndjson");
    let sending = request.body(Body::wrap_stream(ReceiverStream::new(body))).send();
    let say = async |line: Vec<u8>| lines.send(Ok(line.into())).await.unwrap();
    let (answer, ()) = tokio::join!(sending, say(format!("{ringing}\n").into_bytes()));
    let mut answers = answer.unwrap().bytes_stream();
    let mut held = Vec::new();
    let mut answer = async || loop {
        if let Some(end) = held.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = held.drain(..=end).collect();
            let line: Value = serde_json::from_slice(&line).unwrap();
            return (line["line"].as_u64().unwrap(), line["ok"].as_bool().unwrap());
        }
        let piece = tokio::time::timeout(Duration::from_secs(30), answers.next()).await.expect("an answer comes");
        held.extend_from_slice(&piece.unwrap().unwrap());
    };
    // answered while the stream is still open
    assert_eq!(answer().await, (1, true));
    let whole = segment("c1", "s1", "customer", "алло", true).to_string();
    let (one, two) = whole.split_at(40);
    say(one.as_bytes().to_vec()).await;
    say(format!("{two}\r\n\n{{\"half\": \n").into_bytes()).await;
    assert_eq!(answer().await, (2, true));
    assert_eq!(answer().await, (4, false));
    say(b"\xff\xfe\n[]\nnull\n".to_vec()).await;
    for line in 5..=7 {
        assert_eq!(answer().await, (line, false));
    }
    say(format!("{}\n", json!({"call_id": "", "event": "ringing"})).into_bytes()).await;
    say(format!("{}", segment("c1", "s2", "customer", "где заказ", true)).into_bytes()).await;
    drop(lines);
    assert_eq!(answer().await, (8, false));
    assert_eq!(answer().await, (9, true), "the last line needs no end");
    let contact = desk.queue().await.remove(0);
    assert_eq!(desk.messages(&contact["id"]).await.len(), 2);
}

#[tokio::test]
async fn a_line_without_end_is_refused_and_stops_nothing() {
    let world = telephones().await;
    let good = event("c1", "ringing").to_string();
    let pieces =
        (0..64).map(|_| vec![b'a'; 64 * 1024]).chain([format!("\n{good}\n").into_bytes(), vec![b'b'; 300 * 1024]]);
    let endless = futures::stream::iter(pieces.map(Ok::<_, std::io::Error>));
    let request = world.http.post(format!("{}/channels/calls/pbx", world.root)).bearer_auth(SOURCE_TOKEN);
    let request = request.header("content-type", "application/x-ndjson");
    let answer = request.body(Body::wrap_stream(endless)).send().await.unwrap().text().await.unwrap();
    let lines: Vec<Value> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["ok"], &lines[0]["code"]), (&json!(false), &json!("too_large")));
    assert_eq!((&lines[1]["line"], &lines[1]["ok"]), (&json!(2), &json!(true)));
    assert_eq!((&lines[2]["line"], &lines[2]["code"]), (&json!(3), &json!("too_large")));
    assert_eq!(lines.len(), 3);
}

/// As browsers and Node ask for it; the compression reads the stream once more after its end.
#[tokio::test]
async fn answers_end_well_when_they_are_compressed() {
    let world = telephones().await;
    let lines = format!("{}\n{}", event("c1", "ringing"), event("c1", "hangup"));
    let request = world.http.post(format!("{}/channels/calls/pbx", world.root)).bearer_auth(SOURCE_TOKEN);
    let request = request.header("content-type", "application/x-ndjson").header("accept-encoding", "gzip");
    let answer = request.body(lines).send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let bytes = answer.bytes().await.expect("the answer comes to its end");
    assert!(bytes.len() > 20);
}

#[tokio::test]
async fn partial_words_are_shown_and_only_the_final_ones_stay() {
    let world = telephones().await;
    let desk = world.desk().await;
    let mut ringing = event("c1", "ringing");
    ringing["from"] = json!("+79001230563");
    tell(&world, ringing).await;
    let contact = desk.queue().await.remove(0)["id"].clone();
    let mut line = desk.line().await;
    let subscribe = json!({"type": "subscribe", "contact_id": contact, "since": 0});
    line.send(Message::Text(subscribe.to_string().into())).await.unwrap();
    // a signal may be lost: the recogniser says it again, as recognisers do
    let mut partial = None;
    while partial.is_none() {
        tell(&world, segment("c1", "s1", "customer", "где мой", false)).await;
        while let Ok(Some(Ok(heard))) = tokio::time::timeout(Duration::from_millis(300), line.next()).await {
            let frame: Value = serde_json::from_str(&heard.to_string()).unwrap_or_default();
            partial = partial.or((frame["type"] == "partial").then_some(frame));
        }
    }
    let partial = partial.unwrap();
    assert_eq!((&partial["data"]["text"], &partial["data"]["segment_id"]), (&json!("где мой"), &json!("s1")));
    assert!(partial["seq"].is_null());
    assert!(desk.messages(&contact).await.is_empty(), "nothing of it is stored");
    tell(&world, segment("c1", "s1", "customer", "где мой заказ", true)).await;
    assert_eq!(desk.messages(&contact).await[0]["text"], "где мой заказ");
}

#[tokio::test]
async fn only_the_source_of_the_account_is_heard() {
    let world = telephones().await;
    let send = async |slug: &str, token: Option<&str>, body: &str| {
        let mut request = world.http.post(format!("{}/channels/calls/{slug}", world.root)).body(body.to_owned());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let good = event("c1", "ringing").to_string();
    assert_eq!(send("pbx", None, &good).await, 401);
    assert_eq!(send("pbx", Some("source-tokeN"), &good).await, 401);
    assert_eq!(send("other", Some(SOURCE_TOKEN), &good).await, 401);
    assert_eq!(send("pbx", Some(SOURCE_TOKEN), "{\"call_id\"").await, 400);
    assert_eq!(send("pbx", Some(SOURCE_TOKEN), &json!({"call_id": "c1", "event": "exploded"}).to_string()).await, 400);
    let odd = json!({"call_id": "c1", "event": "ringing", "from": "не номер"}).to_string();
    assert_eq!(send("pbx", Some(SOURCE_TOKEN), &odd).await, 400);
    assert_eq!(send("pbx", Some(SOURCE_TOKEN), &"x".repeat(300 * 1024)).await, 413);
    assert_eq!(send("pbx", Some(SOURCE_TOKEN), &good).await, 200);
}
