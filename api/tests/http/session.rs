use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{PASSWORD, Server, refusal};
use api::server::Settings;

#[tokio::test]
async fn somebody_signs_in_works_and_signs_out() {
    let server = Server::start().await;
    server.operator("anna", &[Role::Operator]).await;
    let mut browser = server.browser();
    assert_eq!(refusal(browser.get("/api/session").await).await.1["code"], "unauthenticated");

    let answer = browser.sign_in("Anna", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{part} is missing");
    }
    assert!(!cookie.contains("Secure"), "without TLS a browser would not send it back");
    let me: Value = browser.get("/api/session").await.json().await.unwrap();
    assert_eq!((&me["operator"]["login"], &me["open_contacts"]), (&json!("anna"), &json!(0)));

    let wanted = json!({"language": "kk", "theme": "contrast", "text_percent": 150, "density": "compact",
        "letter_keys": false, "reduced_motion": true});
    let kept = browser.send(Method::PUT, "/api/me/preferences", wanted.clone()).await;
    assert_eq!(kept.json::<Value>().await.unwrap(), wanted);
    let there = browser.send(Method::PUT, "/api/me/presence", json!({"state": "ready"})).await;
    assert_eq!(there.json::<Value>().await.unwrap()["state"], "ready");
    let me: Value = browser.get("/api/session").await.json().await.unwrap();
    assert_eq!((&me["preferences"], &me["presence"]["state"]), (&wanted, &json!("ready")));

    let out = browser.request(Method::DELETE, "/api/session").send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    assert_eq!(browser.get("/api/session").await.status(), StatusCode::UNAUTHORIZED, "the old cookie is worth nothing");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_are_told_apart_by_nobody() {
    let server = Server::start().await;
    server.operator("anna", &[Role::Operator]).await;
    let (wrong, mut a) = refusal(server.browser().sign_in("anna", "не тот").await).await;
    let (unknown, mut b) = refusal(server.browser().sign_in("nobody", "не тот").await).await;
    for body in [&mut a, &mut b] {
        body["request_id"] = Value::Null;
    }
    assert_eq!((wrong, a), (unknown, b));
}

#[tokio::test]
async fn a_guesser_is_slowed_down_and_told_for_how_long() {
    let server = Server::start().await;
    server.operator("anna", &[Role::Operator]).await;
    let mut browser = server.browser();
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(browser.sign_in("anna", "не тот").await.status());
    }
    assert_eq!(statuses, [StatusCode::UNAUTHORIZED; 10]);
    let slowed = browser.sign_in("ANNA", PASSWORD).await;
    let wait: u32 = slowed.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=15).contains(&wait), "{wait}");
    assert_eq!(refusal(slowed).await.1["code"], "rate_limited");
    assert_eq!(browser.sign_in("boris", "не тот").await.status(), StatusCode::UNAUTHORIZED, "others are not held up");
}

#[tokio::test]
async fn behind_our_proxy_the_cookie_is_for_https_only() {
    let server = Server::start_with(Settings { behind_proxy: true, web: None }).await;
    server.operator("anna", &[Role::Operator]).await;
    let credentials = json!({"login": "anna", "password": PASSWORD});
    let request = server.browser().request(Method::POST, "/api/session").json(&credentials);
    let answer = request.header("x-forwarded-proto", "https").send().await.unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().contains("Secure"));
}

#[tokio::test]
async fn cookies_that_are_not_ours_open_nothing() {
    let server = Server::start().await;
    let mut browser = server.browser();
    for cookie in ["", "1", &"0".repeat(64), &"Z".repeat(64), &"a".repeat(5_000), "' OR 1=1 --"] {
        browser.cookie = Some(cookie.to_owned());
        assert_eq!(refusal(browser.get("/api/session").await).await.0, StatusCode::UNAUTHORIZED, "{cookie}");
    }
}
