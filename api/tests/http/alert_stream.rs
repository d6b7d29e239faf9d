//! The stream of alerts over the socket: what goes on, then every change once and in order, also after a cut.

#![allow(clippy::unwrap_used, reason = "what a test stands on may fail it")]

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use pipelines::events::AlertId;
use pipelines::platform::clock::Clock;
use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::server::{Browser, Server};
use crate::trends::{alert, get};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A page that follows alerts: it checks their numbers, and comes back where it is cut off.
struct Page {
    browser: Browser,
    socket: Socket,
    /// Up to where it has been told; none: it holds nothing yet.
    last: Option<i64>,
}

impl Page {
    async fn open(browser: &Browser, since: Option<i64>) -> Self {
        let mut page = Self { browser: browser.clone(), socket: connect(browser).await.unwrap(), last: since };
        page.say(json!({"type": "subscribe_alerts", "since": since})).await;
        page
    }

    async fn say(&mut self, command: Value) {
        // who was cut off meanwhile comes back when it reads
        let _ = self.socket.send(Message::Text(command.to_string().into())).await;
    }

    /// The next frame of alerts.
    async fn next(&mut self) -> Value {
        loop {
            let heard = tokio::time::timeout(Duration::from_secs(60), self.socket.next()).await.expect("a frame comes");
            let Some(Ok(message)) = heard else {
                *self = Self::open(&self.browser, self.last).await;
                continue;
            };
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["stream"] != "alerts" {
                continue;
            }
            let seq = frame["seq"].as_i64().expect("no frame of alerts passes without a number");
            match self.last {
                Some(last) => assert_eq!(seq, last + 1, "no hole, no copy, no wrong order: {frame}"),
                None => assert_eq!(frame["type"], "alerts", "it begins with what goes on"),
            }
            self.last = reaches(&frame);
            return frame;
        }
    }

    /// Reads up to a number of the stream; gives the alerts in the order in which they came.
    async fn read_up_to(&mut self, seq: i64) -> Vec<Value> {
        let mut alerts = Vec::new();
        while self.last.is_none_or(|last| last < seq) {
            let frame = self.next().await;
            if frame["type"] == "alert" {
                assert_eq!(frame["data"]["seq"], frame["seq"]);
                alerts.push(frame["data"].clone());
            }
        }
        alerts
    }
}

async fn connect(browser: &Browser) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("{}/api/live", browser.root.replace("http", "ws")).into_client_request().unwrap();
    if let Some(cookie) = &browser.cookie {
        request.headers_mut().insert("cookie", format!("okno={cookie}").parse().unwrap());
    }
    request.headers_mut().insert("origin", browser.root.parse().unwrap());
    Ok(connect_async(request).await?.0)
}

/// Does something with an alert; gives the alert as it stands then.
async fn act(browser: &Browser, id: AlertId, what: &str, body: Value) -> Value {
    let request = browser.request(Method::POST, &format!("/api/trends/alerts/{id}/{what}"));
    let write = Clock::system().id().to_string();
    let answer = request.header("idempotency-key", write).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{what}");
    answer.json().await.unwrap()
}

/// Up to which number a frame takes its reader.
fn reaches(frame: &Value) -> Option<i64> {
    frame["data"]["to"].as_i64().or(frame["seq"].as_i64())
}

async fn last_seq(browser: &Browser) -> i64 {
    get(browser, "/api/trends/frames?since=0").await["last_seq"].as_i64().unwrap()
}

#[tokio::test]
async fn it_begins_with_what_goes_on_and_each_change_follows_in_order() {
    let server = Server::with_live_frames().await;
    let id = alert(&server).await;
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    let before = last_seq(&analyst).await;
    let mut page = Page::open(&analyst, None).await;
    let all = page.next().await;
    assert_eq!((&all["type"], &all["seq"]), (&json!("alerts"), &json!(before)));
    let open = get(&analyst, "/api/trends/alerts?state=open").await;
    assert_eq!(all["data"]["alerts"], open["items"]);
    assert!(all["data"]["alerts"].as_array().unwrap().iter().any(|alert| alert["id"] == json!(id)));

    for number in 1..=3 {
        let said = act(&analyst, id, "comments", json!({"text": format!("звоню в банк, {number}")})).await;
        let seq = said["seq"].as_i64().unwrap();
        assert_eq!(seq, before + number);
        assert_eq!(page.read_up_to(seq).await, [said], "each change comes as it stands");
    }
    // several at once: what others came after is passed over, and the last is what stands
    for (what, body) in [("acknowledge", json!({})), ("verdict", json!({"verdict": "real"}))] {
        act(&analyst, id, what, body).await;
    }
    let stands = act(&analyst, id, "mute", json!({"until": "2099-01-01T00:00:00Z"})).await;
    assert_eq!(page.read_up_to(before + 6).await.last(), Some(&stands));
    assert_eq!(last_seq(&analyst).await, before + 6);
}

#[tokio::test]
async fn after_a_cut_it_goes_on_where_it_stopped_at_any_process() {
    let server = Server::with_live_frames().await;
    let id = alert(&server).await;
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    let mut page = Page::open(&analyst, None).await;
    page.next().await;
    let held = page.last;
    drop(page);
    for number in 1..=3 {
        act(&analyst, id, "comments", json!({"text": format!("пока никто не слушает, {number}")})).await;
    }
    let (_second, root) = server.second().await;
    let mut elsewhere = analyst.clone();
    elsewhere.root = root;
    let mut page = Page::open(&elsewhere, held).await;
    let missed = page.read_up_to(held.unwrap() + 3).await;
    assert_eq!(missed.len(), 1, "an alert comes once, as it stands: {missed:?}");
    assert_eq!((&missed[0]["id"], &missed[0]["comments"]), (&json!(id), &json!(3)));
    // what the first process does reaches the second
    let said = act(&analyst, id, "acknowledge", json!({})).await;
    assert_eq!(page.read_up_to(held.unwrap() + 4).await, [said]);

    let mut whole = Page::open(&elsewhere, Some(0)).await;
    let told = whole.read_up_to(held.unwrap() + 4).await;
    assert!(told.iter().any(|alert| alert["id"] == json!(id)));
    assert!(told.windows(2).all(|pair| pair[0]["seq"].as_i64() < pair[1]["seq"].as_i64()));
    // a number that the stream has never reached is of another database: all that goes on comes anew
    let mut strange = Page::open(&elsewhere, Some(1_000_000)).await;
    strange.last = None;
    assert_eq!(strange.next().await["seq"], json!(held.unwrap() + 4));
}

#[tokio::test]
async fn strangers_get_none_those_who_do_not_ask_get_none_and_operators_none_that_is_muted() {
    let server = Server::with_live_frames().await;
    let id = alert(&server).await;
    match connect(&server.browser()).await {
        Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), StatusCode::UNAUTHORIZED),
        other => panic!("{other:?}"),
    }
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    let operator = server.signed_in("operator", &[Role::Operator]).await;
    let shown = async |browser: &Browser| {
        let all = Page::open(browser, None).await.next().await;
        all["data"]["alerts"].as_array().unwrap().iter().any(|alert| alert["id"] == json!(id))
    };
    assert!(shown(&operator).await && shown(&analyst).await);

    let mut asks = Page::open(&analyst, None).await;
    asks.next().await;
    let mut silent = connect(&operator).await.unwrap();
    let muted = act(&analyst, id, "mute", json!({"until": "2099-01-01T00:00:00Z"})).await;
    asks.read_up_to(muted["seq"].as_i64().unwrap()).await;
    assert!(shown(&analyst).await && !shown(&operator).await);
    let of_frames = async |browser: &Browser| {
        let frames = get(browser, "/api/trends/frames?since=0").await["frames"].as_array().unwrap().clone();
        assert_eq!(frames.last().and_then(reaches), muted["seq"].as_i64(), "what is hidden is passed over");
        frames.iter().any(|frame| frame["type"] == "alert" && frame["data"]["id"] == json!(id))
    };
    assert!(of_frames(&analyst).await && !of_frames(&operator).await);
    let mut again = Page::open(&operator, Some(0)).await;
    again.last = None;
    let all = again.next().await;
    assert!(all["data"]["alerts"].as_array().unwrap().iter().all(|alert| alert["id"] != json!(id)), "{all}");
    let said = act(&analyst, id, "comments", json!({"text": "о чём знают не все"})).await;
    assert_eq!(again.read_up_to(said["seq"].as_i64().unwrap()).await, [] as [Value; 0]);
    // the hub has handed it to everybody who asked; what this connection was sent comes before its answer
    silent.send(Message::Text(json!({"type": "ping"}).to_string().into())).await.unwrap();
    loop {
        let heard = tokio::time::timeout(Duration::from_secs(60), silent.next()).await.expect("it is answered");
        let Some(Ok(Message::Text(text))) = heard else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        assert_ne!(frame["stream"], "alerts");
        if frame["type"] == "pong" {
            break;
        }
    }
}

#[tokio::test]
async fn an_alert_that_is_there_no_longer_vanishes_from_open_pages() {
    let server = Server::with_live_frames().await;
    let id = alert(&server).await;
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    let mut page = Page::open(&analyst, None).await;
    let holds = |all: &Value| all["data"]["alerts"].as_array().unwrap().iter().any(|alert| alert["id"] == json!(id));
    assert!(holds(&page.next().await));
    pipelines::trends::judge_anew(&server.trial.store, |_, _| {}).await.unwrap();
    page.last = None;
    let all = page.next().await;
    assert!(!holds(&all), "it is told the whole anew: {all}");
}
