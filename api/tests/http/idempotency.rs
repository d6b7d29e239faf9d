use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, refusal};

#[tokio::test]
async fn a_repeated_write_is_answered_and_not_done_again() {
    let server = Server::start().await;
    let browser = server.signed_in("root", &[Role::Admin]).await;
    let write = |login: &str| {
        let wanted = json!({"login": login, "name": "Новый", "password": "достаточно длинный", "roles": ["operator"],
            "languages": ["ru"], "capacity": 3});
        browser.request(Method::POST, "/api/admin/operators").header("idempotency-key", "first").json(&wanted)
    };
    let first = write("new").send().await.unwrap();
    assert_eq!(first.status(), StatusCode::CREATED);
    let first: Value = first.json().await.unwrap();
    let again = write("new").send().await.unwrap();
    assert_eq!((again.status(), again.headers()["idempotent-replay"].to_str().unwrap()), (StatusCode::CREATED, "true"));
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let other = refusal(write("other").send().await.unwrap()).await;
    assert_eq!((other.0, &other.1["code"]), (StatusCode::CONFLICT, &json!("conflict")));
}

#[tokio::test]
async fn a_refused_write_may_be_tried_again_under_its_key() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", &[Role::Operator]).await;
    let put = |state: &str| {
        browser.request(Method::PUT, "/api/me/presence").header("idempotency-key", "k").json(&json!({"state": state}))
    };
    assert_eq!(put("asleep").send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(put("ready").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_key_is_short_and_visible() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", &[Role::Operator]).await;
    for key in ["".to_owned(), "k".repeat(65), "a b".to_owned()] {
        let put = browser.request(Method::PUT, "/api/me/presence").header("idempotency-key", key);
        let (status, body) = refusal(put.json(&json!({"state": "ready"})).send().await.unwrap()).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")));
    }
}
