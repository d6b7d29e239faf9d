use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::server::{Server, refusal};

#[tokio::test]
async fn another_sites_page_writes_nothing_with_our_cookie() {
    let server = Server::start().await;
    let browser = server.signed_in("anna", &[Role::Operator]).await;
    let cookie = format!("okno={}", browser.cookie.clone().unwrap());
    let http = reqwest::Client::new();
    let put = || http.put(format!("{}/api/me/presence", browser.root)).json(&json!({"state": "ready"}));
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "file://"] {
        let answer = put().header("cookie", &cookie).header("origin", origin).send().await.unwrap();
        let (status, body) = refusal(answer).await;
        assert_eq!((status, &body["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")), "{origin}");
    }
    let cross = put().header("cookie", &cookie).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(cross.status(), StatusCode::FORBIDDEN);
    let ours = browser.send(Method::PUT, "/api/me/presence", json!({"state": "ready"})).await;
    assert_eq!(ours.status(), StatusCode::OK);
}

#[tokio::test]
async fn every_answer_protects_the_browser() {
    let server = Server::start().await;
    for path in ["/", "/api/session", "/api/nothing", "/health"] {
        let answer = server.browser().get(path).await;
        let header = |name: &str| answer.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
        let policy = header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"), "{path}");
        assert_eq!(header("cross-origin-opener-policy").as_deref(), Some("same-origin"), "{path}");
        assert!(header("x-request-id").is_some(), "{path}");
    }
}
