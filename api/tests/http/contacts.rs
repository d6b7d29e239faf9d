use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Browser, Server, refusal};
use crate::talk::Talk;

async fn post(browser: &Browser, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = browser.send(Method::POST, path, body).await;
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

async fn get(browser: &Browser, path: &str) -> (StatusCode, Value) {
    let answer = browser.get(path).await;
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn an_operator_takes_a_contact_answers_it_and_closes_it() {
    let server = Server::start().await;
    let talk = Talk::open(&server.trial.store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    anna.send(Method::PUT, "/api/me/presence", json!({"state": "ready"})).await;
    assert_eq!(post(&anna, "/api/contacts/next", json!({})).await.0, StatusCode::NO_CONTENT);

    let said = talk.say("vera", "Где мой заказ?").await;
    let (_, queue) = get(&anna, "/api/contacts?scope=queue").await;
    assert_eq!(queue["items"][0]["id"], json!(said.contact_id));
    let (status, contact) = post(&anna, "/api/contacts/next", json!({})).await;
    assert_eq!(
        (status, &contact["id"], &contact["state"]),
        (StatusCode::OK, &json!(said.contact_id), &json!("active"))
    );
    assert_eq!(contact["messages"][0]["text"], "Где мой заказ?");
    let seen = contact["messages"][0]["seq"].clone();

    let at = |rest: &str| format!("/api/contacts/{}{rest}", said.contact_id);
    let draft = anna.send(Method::PUT, &at("/draft"), json!({"text": "Сейчас"})).await;
    assert_eq!(draft.status(), StatusCode::OK);
    assert_eq!(get(&anna, &at("")).await.1["draft"]["text"], "Сейчас");
    let read = anna.send(Method::POST, &at("/read"), json!({"seq": seen})).await;
    assert_eq!(read.status(), StatusCode::NO_CONTENT);

    let (status, sent) = post(&anna, &at("/messages"), json!({"text": "Сейчас посмотрю", "seen_seq": seen})).await;
    assert_eq!((status, &sent["author"], &sent["kind"]), (StatusCode::CREATED, &json!("operator"), &json!("text")));
    let (status, note) = post(&anna, &at("/notes"), json!({"text": "Звонила вчера"})).await;
    assert_eq!((status, &note["kind"]), (StatusCode::CREATED, &json!("note")));
    let (_, earlier) = get(&anna, &at("/messages?limit=2")).await;
    assert_eq!(earlier["items"].as_array().unwrap().len(), 2);
    let rest = at(&format!("/messages?before={}", earlier["next"].as_str().unwrap()));
    assert_eq!(get(&anna, &rest).await.1["items"][0]["text"], "Где мой заказ?");

    for (step, state) in [("hold", "held"), ("resume", "active"), ("finish", "wrap_up")] {
        let (status, contact) = post(&anna, &at(&format!("/{step}")), json!({})).await;
        assert_eq!((status, &contact["state"]), (StatusCode::OK, &json!(state)));
    }
    let (status, refused) = post(&anna, &at("/hold"), json!({})).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("conflict")));
    let closing = json!({"outcome": "resolved", "topic": "order.status"});
    assert_eq!(post(&anna, &at("/close"), closing).await.1["state"], "closed");
    assert_eq!(get(&anna, "/api/contacts?scope=closed").await.1["items"][0]["id"], json!(said.contact_id));
    assert_eq!(post(&anna, &at("/reopen"), json!({})).await.1["state"], "active");
}

#[tokio::test]
async fn a_reply_to_what_one_has_not_read_is_held_back() {
    let server = Server::start().await;
    let talk = Talk::open(&server.trial.store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    let first = talk.say("vera", "Отмените заказ").await;
    let at = |rest: &str| format!("/api/contacts/{}{rest}", first.contact_id);
    assert_eq!(post(&anna, &at("/accept"), json!({})).await.0, StatusCode::OK);
    talk.say("vera", "Нет, не отменяйте").await;

    let reply = |confirm: bool| json!({"text": "Отменила", "seen_seq": first.seq, "confirm_stale": confirm});
    let answer = anna.send(Method::POST, &at("/messages"), reply(false)).await;
    let (status, body) = refusal(answer).await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("stale_draft")));
    assert_eq!(body["newer"][0]["text"], "Нет, не отменяйте");
    assert_eq!(get(&anna, &at("")).await.1["messages"].as_array().unwrap().len(), 2, "nothing was sent");
    assert_eq!(post(&anna, &at("/messages"), reply(true)).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn a_repeated_reply_is_sent_once() {
    let server = Server::start().await;
    let talk = Talk::open(&server.trial.store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    let said = talk.say("vera", "Где мой заказ?").await;
    let at = |rest: &str| format!("/api/contacts/{}{rest}", said.contact_id);
    post(&anna, &at("/accept"), json!({})).await;
    let send = || {
        let reply = json!({"text": "Едет", "seen_seq": 1_000});
        anna.request(Method::POST, &at("/messages")).header("idempotency-key", "r1").json(&reply).send()
    };
    let (first, second) = tokio::join!(send(), send());
    let mut answers = Vec::new();
    for answer in [first.unwrap(), second.unwrap(), send().await.unwrap()] {
        answers.push(answer.status());
    }
    assert!(answers.contains(&StatusCode::CREATED), "{answers:?}");
    assert!(
        answers.iter().all(|it| [StatusCode::CREATED, StatusCode::SERVICE_UNAVAILABLE].contains(it)),
        "{answers:?}"
    );
    assert_eq!(get(&anna, &at("")).await.1["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn contacts_of_others_are_not_there() {
    let server = Server::start().await;
    let talk = Talk::open(&server.trial.store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    let boris = server.signed_in("boris", &[Role::Operator]).await;
    let quality = server.signed_in("quality", &[Role::Quality]).await;
    let said = talk.upload("vera", "чек.png", "image/png", b"\x89PNG").await;
    let at = |rest: &str| format!("/api/contacts/{}{rest}", said.contact_id);
    assert_eq!(post(&anna, &at("/accept"), json!({})).await.0, StatusCode::OK);
    let file = get(&anna, &at("")).await.1["messages"][0]["attachments"][0]["id"].as_str().unwrap().to_owned();
    let file = format!("/api/attachments/{file}");

    for path in [at(""), at("/messages"), file.clone()] {
        assert_eq!(refusal(boris.get(&path).await).await.0, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(quality.get(&path).await.status(), StatusCode::OK, "{path}");
    }
    let reply = json!({"text": "Здравствуйте", "seen_seq": 1_000});
    let writes = [
        ("/messages", reply.clone()),
        ("/notes", json!({"text": "а"})),
        ("/hold", json!({})),
        ("/finish", json!({})),
        ("/close", json!({"outcome": "resolved"})),
        ("/transfer", json!({"to": {"queue": true}})),
        ("/accept", json!({})),
        ("/read", json!({"seq": 1})),
    ];
    for (rest, body) in writes {
        let (status, _) = refusal(boris.send(Method::POST, &at(rest), body).await).await;
        assert!(
            [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::CONFLICT].contains(&status),
            "{rest} {status}"
        );
    }
    assert_eq!(quality.send(Method::POST, &at("/messages"), reply).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(get(&anna, &at("")).await.1["state"], "active", "nothing of it was done");
    assert_eq!(boris.get("/api/contacts?scope=team").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(get(&quality, "/api/contacts?scope=team").await.1["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_contact_is_handed_to_a_colleague() {
    let server = Server::start().await;
    let talk = Talk::open(&server.trial.store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    let boris = server.signed_in("boris", &[Role::Operator]).await;
    let said = talk.say("vera", "Здравствуйте").await;
    let at = |rest: &str| format!("/api/contacts/{}{rest}", said.contact_id);
    post(&anna, &at("/accept"), json!({})).await;
    let (_, colleagues) = get(&anna, "/api/operators").await;
    let colleague =
        colleagues["items"].as_array().unwrap().iter().find(|it| it["name"] == "boris").unwrap()["id"].clone();
    let to = json!({"to": {"operator_id": colleague}, "note": "знает город"});
    assert_eq!(post(&anna, &at("/transfer"), to.clone()).await.0, StatusCode::CONFLICT, "boris is not there");
    boris.send(Method::PUT, "/api/me/presence", json!({"state": "ready"})).await;
    assert_eq!(post(&anna, &at("/transfer"), to).await.1["state"], "offered");
    assert_eq!(post(&boris, &at("/accept"), json!({})).await.1["operator"]["name"], "boris");
    for odd in [json!({"to": {"queue": false}}), json!({"to": {}}), json!({"to": {"queue": true, "operator_id": 1}})] {
        assert_eq!(post(&boris, &at("/transfer"), odd).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn what_customers_write_stays_text() {
    let server = Server::start().await;
    let talk = Talk::open(&server.trial.store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    let odd = "<script>alert(1)</script>'; DROP TABLE message; -- {{7*7}}";
    let said = talk.say("vera", odd).await;
    let at = |rest: &str| format!("/api/contacts/{}{rest}", said.contact_id);
    post(&anna, &at("/accept"), json!({})).await;
    let answer = anna.get(&at("")).await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.json::<Value>().await.unwrap()["messages"][0]["text"], odd);
    let (status, sent) = post(&anna, &at("/messages"), json!({"text": odd, "seen_seq": 1_000})).await;
    assert_eq!((status, &sent["text"]), (StatusCode::CREATED, &json!(odd)));

    let page = talk.upload("vera", "a.html", "text/html", b"<script>alert(1)</script>").await;
    let contact = get(&anna, &at("")).await.1;
    let file = contact["messages"].as_array().unwrap().iter().find(|it| it["id"] == json!(page.message_id)).unwrap();
    let file = anna.get(&format!("/api/attachments/{}", file["attachments"][0]["id"].as_str().unwrap())).await;
    let header = |name: &str| file.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-disposition").starts_with("attachment"));
    assert!(header("content-security-policy").starts_with("sandbox"));
    assert_eq!(header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn verdicts_need_their_subject() {
    let server = Server::start().await;
    let talk = Talk::open(&server.trial.store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    let said = talk.say("vera", "Здравствуйте").await;
    let at = format!("/api/contacts/{}/verdicts", said.contact_id);
    let nobody = "019ab000-0000-7000-8000-000000000000";
    let subject = json!({"subject": {"insight_id": nobody, "field": "topic", "value": "complaint.courier"}});
    assert_eq!(post(&anna, &at, subject).await.0, StatusCode::NOT_FOUND);
    for odd in [
        json!({"subject": {"insight_id": nobody, "field": "topic", "value": "complaint.weather"}}),
        json!({"subject": {"insight_id": nobody}}),
        json!({"subject": {"suggestion_id": nobody, "act": "ignored"}}),
    ] {
        assert_eq!(post(&anna, &at, odd).await.0, StatusCode::BAD_REQUEST);
    }
}
