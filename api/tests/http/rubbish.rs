//! What no client of ours would send: a clear refusal with its code, never a fault of the server, nothing repeated.

use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::rights::operations;
use crate::server::{Browser, Server, refusal};

const EVERYTHING: &[Role] = &[Role::Operator, Role::Quality, Role::Analyst, Role::Admin];
const SQL: &str = "'; DROP TABLE operator; --";
const HTML: &str = "<img src=x onerror=alert(1)>";

#[tokio::test]
async fn no_body_makes_the_server_fail() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", EVERYTHING).await;
    let bodies: [&[u8]; 9] = [
        b"",
        b"{\"text\": \"half",
        b"\xff\xfe\x00",
        br#"{"text": "a\u0000b", "login": "\u0000", "name": "\u0000"}"#,
        br#"{"unknown": 1}"#,
        b"[]",
        b"null",
        br#"{"text": 5, "login": [], "state": {}, "capacity": "many"}"#,
        b"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1e999}}}}}}",
    ];
    for (id, method, path) in operations() {
        if method == Method::GET || id == "sign_out" {
            continue;
        }
        for body in bodies {
            let status = post(&browser, &method, &path, body.to_vec()).await;
            assert!(!status.is_server_error(), "{id} answered {status} to {:?}", String::from_utf8_lossy(body));
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", EVERYTHING).await;
    let large = format!("{{\"state\": \"{}\"}}", "a".repeat(300 * 1024));
    for key in [None, Some("k")] {
        let mut put = browser.request(Method::PUT, "/api/me/presence").header("content-type", "application/json");
        if let Some(key) = key {
            put = put.header("idempotency-key", key);
        }
        let (status, body) = refusal(put.body(large.clone()).send().await.unwrap()).await;
        assert_eq!((status, &body["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")));
    }
}

#[tokio::test]
async fn only_json_is_read_as_json() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", EVERYTHING).await;
    let put = browser.request(Method::PUT, "/api/me/presence").header("content-type", "text/plain");
    let (status, body) = refusal(put.body(r#"{"state": "ready"}"#).send().await.unwrap()).await;
    assert_eq!((status, &body["code"]), (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!("unsupported")));
}

#[tokio::test]
async fn addresses_with_rubbish_are_refused() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", EVERYTHING).await;
    for path in [
        "/api/admin/audit?cursor=%00",
        "/api/admin/audit?cursor=%27%3B%20DROP%20TABLE%20operator",
        "/api/admin/audit?limit=0",
        "/api/admin/audit?limit=101",
        "/api/admin/audit?limit=-1",
        "/api/admin/audit?limit=99999999999999999999",
        "/api/admin/audit?unknown=1",
        "/api/admin/audit?action=%FF",
    ] {
        let (status, body) = refusal(browser.get(path).await).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{path}");
    }
    let odd = browser.send(Method::PUT, "/api/admin/operators/not-an-id", json!({})).await;
    assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn sql_and_html_are_text_like_any_other() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", EVERYTHING).await;
    for name in [SQL, HTML] {
        let login = format!("new-{}", name.len());
        let wanted = json!({"login": login, "name": name, "password": "достаточно длинный", "roles": ["operator"],
            "languages": ["ru"], "capacity": 3});
        let made: Value = browser.send(Method::POST, "/api/admin/operators", wanted).await.json().await.unwrap();
        assert_eq!(made["name"], name);
        let (status, body) = refusal(server.browser().sign_in(name, name).await).await;
        assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")));
        assert!(!body.to_string().contains(name));
    }
    assert_eq!(browser.get("/api/admin/operators").await.status(), StatusCode::OK);
}

async fn post(browser: &Browser, method: &Method, path: &str, body: Vec<u8>) -> StatusCode {
    let request = browser.request(method.clone(), path).header("content-type", "application/json");
    let answer = request.body(body).send().await.expect("the server answers");
    let status = answer.status();
    if status.is_client_error() {
        refusal(answer).await;
    }
    status
}
