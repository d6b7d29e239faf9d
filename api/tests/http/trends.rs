//! Trends as the page meets them: figures, what stands behind them, alerts, files, the stream, the webhook.

use std::time::Duration;

use api::channels::telegram::bot;
use api::trends::webhook::{self, Webhook};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use models::taxonomy::Topic;
use pipelines::events::{AlertId, Channel, EventBody, InsightId};
use pipelines::platform::log;
use pipelines::platform::stage::Stage;
use pipelines::trends::{Count, Past, count_past, judge_anew, tick};
use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::{Browser, Server, refusal};
use crate::talk::Talk;

/// A server that has counted one contact about a late delivery.
async fn counted() -> Server {
    let server = Server::with_models(None).await;
    let talk = Talk::open(&server.trial.store).await;
    let said = talk.say("vera", "Курьер опаздывает уже на час, где мой заказ?").await;
    let store = &server.trial.store;
    let reader = server.state.reading.clone().expect("it has the models");
    let classify = pipelines::insights::Classify::new(store.clone(), reader);
    let event = |body: EventBody| pipelines::events::Event {
        id: pipelines::events::EventId::new(store.clock()),
        v: 1,
        at: store.clock().now(),
        customer_id: said.customer_id,
        contact_id: Some(said.contact_id),
        seq: Some(said.seq),
        actor_id: None,
        body,
    };
    let message_id = said.message_id.expect("a message was stored");
    let received = EventBody::MessageReceived {
        message_id,
        author: pipelines::events::Author::Customer,
        kind: pipelines::events::MessageKind::Text,
    };
    classify.run(&event(received)).await.expect("the model reads");
    let read =
        EventBody::InsightReady { insight_id: InsightId::new(store.clock()), message_id: None, as_of_seq: said.seq };
    Count::new(store.clone()).run(&event(read)).await.expect("the contact is counted");
    server
}

pub(crate) async fn get(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.json().await.expect("what the test stands on holds")
}

#[tokio::test]
async fn a_figure_opens_to_its_formula_and_its_contacts_and_leaves_as_a_file() {
    let server = counted().await;
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    let places = get(&analyst, "/api/trends/places").await;
    assert!(places["cities"].is_array() && places["restaurants"].is_array());
    let overview = get(&analyst, "/api/trends/overview?step=1d").await;
    let items = overview["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["topic"], &items[0]["judged"]), (32, &Value::Null, &json!(true)));

    // the steps that are not over are not shown; a filter that nobody judges is counted from the five minutes
    let behind = get(
        &analyst,
        "/api/trends/contacts?step=1h&topic=complaint.late_delivery&to=2100-01-01T00:00:00Z&from=2099-12-01T00:00:00Z",
    )
    .await;
    assert_eq!(behind["items"], json!([]));
    let now = server.trial.store.clock().now();
    let tomorrow = now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    let behind =
        get(&analyst, &format!("/api/trends/contacts?step=1d&topic=complaint.late_delivery&to={tomorrow}")).await;
    assert_eq!(behind["items"].as_array().unwrap().len(), 1, "{behind}");
    let contact = &behind["items"][0];
    assert_eq!(contact["opens"], false, "an analyst sees figures and no customer");
    assert!(contact.get("customer_id").is_none() && contact.get("text").is_none());
    let quality = server.signed_in("quality", &[Role::Quality]).await;
    let path = format!("/api/trends/contacts?step=1d&to={tomorrow}");
    assert_eq!(get(&quality, &path).await["items"][0]["opens"], true);

    let points = get(&analyst, "/api/trends/points?step=1d&topic=complaint.late_delivery").await;
    assert_eq!(points["formula"]["counted"], "contact_once_per_topic");
    assert_eq!((&points["formula"]["model"], &points["formula"]["weight"]), (&json!("negative_binomial"), &json!(1.0)));
    let unjudged = get(&analyst, "/api/trends/points?step=5m&topic=complaint.late_delivery").await;
    assert_eq!((&unjudged["judged"], &unjudged["formula"]["model"]), (&json!(false), &Value::Null));

    let csv = analyst.get("/api/trends/export?format=csv&step=5m&by_topic=true").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = csv.text().await.unwrap();
    assert!(csv.starts_with("topic,at,local,n,expected,lower,upper,p,alert,gap\n"), "{csv}");
    let xlsx = analyst.get("/api/trends/export?format=xlsx&step=5m").await;
    assert_eq!(xlsx.headers()["content-disposition"], "attachment; filename=\"trend-5m.xlsx\"");
    assert!(xlsx.bytes().await.unwrap().starts_with(b"PK"));
    let admin = server.signed_in("admin", &[Role::Admin]).await;
    let audit = get(&admin, "/api/admin/audit?action=trends.exported").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);

    for odd in [
        "overview?step=2h",
        "overview",
        "points?step=5m&from=2020-01-01T00:00:00Z",
        "contacts?step=1d&at=2026-11-26T10:00:01Z",
        "contacts?step=1h&at=2026-11-26T10:00:00Z&from=2026-11-26T10:00:00Z",
        "export?format=pdf&step=1d",
        "alerts?state=perhaps",
        "alerts?cursor=1",
        "alerts?cursor=-200000000000000000.00000000000000000000000000000007",
        "alerts?from=-009998-01-01T00:00:00Z",
        "alerts?to=9000-01-01T00:00:00Z",
    ] {
        let (status, body) = refusal(analyst.get(&format!("/api/trends/{odd}")).await).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{odd}");
    }
}

/// An alert that goes on: after three quiet weeks far more than usual came in the last hours.
pub(crate) async fn alert(server: &Server) -> AlertId {
    let store = &server.trial.store;
    let now = store.clock().now();
    let past = |minutes: i64, channel: Channel| {
        let at = now.checked_sub(SignedDuration::from_mins(minutes)).expect("what the test stands on holds");
        let day = at.to_zoned(TimeZone::UTC).date();
        Past { at, day, topic: Topic::Payment, city: None, channel, restaurant: None }
    };
    let quiet = (0..21 * 24 * 3)
        .flat_map(|third| [past(third * 20 + 200, Channel::App), past(third * 20 + 205, Channel::Site)]);
    let surge = (0..400).map(|minute| past(minute / 2, Channel::App));
    let mut change = store.begin().await.expect("what the test stands on holds");
    count_past(&mut change, &quiet.chain(surge).collect::<Vec<_>>()).await.expect("what the test stands on holds");
    change.commit().await.expect("what the test stands on holds");
    tick(store).await.expect("what the test stands on holds");
    let quality = server.signed_in("quality-of-alerts", &[Role::Quality]).await;
    let open = get(&quality, "/api/trends/alerts?state=open&topic=complaint.payment").await;
    let first = &open["items"][0];
    assert_eq!((&first["kind"], &first["ended"]), (&json!("count"), &Value::Null), "{open}");
    first["id"].as_str().expect("what the test stands on holds").parse().expect("what the test stands on holds")
}

#[tokio::test]
async fn alerts_are_worked_on_once_however_often_a_write_is_repeated() {
    let server = Server::start().await;
    let (analyst, operator) =
        (server.signed_in("analyst", &[Role::Analyst]).await, server.signed_in("operator", &[Role::Operator]).await);
    let id = alert(&server).await;
    let at = format!("/api/trends/alerts/{id}");
    let write = async |rest: &str, body: Value, key: &str| {
        let request = analyst.request(Method::POST, &format!("{at}{rest}")).header("idempotency-key", key);
        let answer = request.json(&body).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let (status, made) = write("/comments", json!({"text": " банк отвечает "}), "a").await;
    assert_eq!((status, &made["comments"]), (StatusCode::CREATED, &json!(1)));
    assert_eq!(write("/comments", json!({"text": " банк отвечает "}), "a").await, (status, made));
    let (_, acknowledged) = write("/acknowledge", json!({}), "b").await;
    assert_eq!(
        (&acknowledged["state"], &acknowledged["acknowledged_by"]["name"]),
        (&json!("acknowledged"), &json!("analyst"))
    );
    assert_eq!(write("/mute", json!({"until": "2020-01-01T00:00:00Z"}), "c").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(
        write("/mute", json!({"until": "2099-01-01T00:00:00Z"}), "d").await.1["muted_until"],
        "2099-01-01T00:00:00Z"
    );
    let shown = async || {
        let items = get(&operator, "/api/trends/alerts").await["items"].as_array().unwrap().clone();
        items.iter().any(|item| item["id"] == json!(id))
    };
    assert!(!shown().await, "muted");
    assert_eq!(write("/mute", json!({"until": null}), "e").await.1["muted_until"], Value::Null);
    assert!(shown().await);
    assert_eq!(write("/verdict", json!({"verdict": "real"}), "f").await.1["verdict"], "real");
    let detail = get(&analyst, &at).await;
    assert_eq!(detail["history"].as_array().unwrap().len(), 5);
    assert_eq!(detail["history"][4]["text"], "банк отвечает");
    assert_eq!(get(&analyst, &format!("{at}/contacts")).await["items"], json!([]));
    let last = get(&analyst, "/api/trends/frames?since=0").await["last_seq"].as_i64().unwrap();
    let frames = get(&analyst, &format!("/api/trends/frames?since={}", last - 5)).await;
    let seen: Vec<_> =
        frames["frames"].as_array().unwrap().iter().map(|it| (it["seq"].clone(), it["type"].clone())).collect();
    assert_eq!(seen, [(json!(last - 4), json!("skip")), (json!(last), json!("alert"))], "five changes of one alert");
    assert_eq!(
        (&frames["frames"][0]["data"]["to"], &frames["frames"][1]["data"]["id"]),
        (&json!(last - 1), &json!(id))
    );
}

#[tokio::test]
async fn the_webhook_tells_of_alerts_in_order_signed_until_they_are_taken_and_again_on_request() {
    let server = Server::start().await;
    let store = server.trial.store.clone();
    let outside = MockServer::start().await;
    let elsewhere = ResponseTemplate::new(308).insert_header("location", "/elsewhere");
    for refusal in [ResponseTemplate::new(503), elsewhere] {
        Mock::given(method("POST")).respond_with(refusal).up_to_n_times(1).mount(&outside).await;
    }
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&outside).await;
    let secret = "a secret of the webhook";
    let webhook = Webhook { url: outside.uri().parse().unwrap(), secret: secret.into() };
    let stop = CancellationToken::new();
    let sending = tokio::spawn(webhook::run(store.clone(), bot::http().unwrap(), webhook, stop.clone()));
    // a new reader begins at the end of the log
    within(async || log::is_read(&store, webhook::READER).await.unwrap()).await;
    let id = alert(&server).await;
    let taken = async || {
        let mut told = Vec::new();
        for request in outside.received_requests().await.unwrap() {
            let signature = request.headers["okno-signature"].to_str().unwrap().to_owned();
            let at = signature.split_once(',').unwrap().0.strip_prefix("t=").unwrap().parse().unwrap();
            assert_eq!(webhook::signature(&secret.into(), at, &request.body), signature);
            told.push(serde_json::from_slice::<Value>(&request.body).unwrap());
        }
        told
    };
    let (last, _) = pipelines::trends::stream::since(&store, 0).await.unwrap();
    let all = usize::try_from(last).unwrap() + 2;
    within(async || taken().await.len() == all).await;
    let told = taken().await;
    assert_eq!(told[0]["id"], told[1]["id"], "what was refused comes again first");
    assert_eq!(told[1]["id"], told[2]["id"], "and what was pointed elsewhere");
    let seqs: Vec<_> = told[2..].iter().map(|it| it["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
    assert!(told.iter().any(|it| it["alert"]["id"] == json!(id) && it["change"] == "began"));

    let position = told[all - 1]["position"].as_i64().unwrap();
    assert!(log::go_back(&store, webhook::READER, position - 1).await.unwrap());
    within(async || taken().await.len() == all + 1).await;
    assert_eq!(taken().await[all]["id"], told[all - 1]["id"]);
    judge_anew(&store, |_, _| {}).await.unwrap();
    let void = |it: &Value| it["change"] == "withdrawn" && it["alert_id"] == json!(id) && it["alert"].is_null();
    within(async || taken().await.iter().any(void)).await;
    stop.cancel();
    sending.await.unwrap();
}

/// Waits until it is so; nothing is measured by it.
async fn within(holds: impl AsyncFn() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(60), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    waited.await.expect("what was waited for did not happen");
}
