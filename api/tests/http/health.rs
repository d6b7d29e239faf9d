use reqwest::{Method, StatusCode};

use crate::server::{Server, refusal};

#[tokio::test]
async fn a_process_says_that_it_lives_and_can_work() {
    let server = Server::start().await;
    assert_eq!(server.browser().get("/health").await.status(), StatusCode::OK);
    assert_eq!(server.browser().get("/health/ready").await.status(), StatusCode::OK);
    assert_eq!(server.browser().get("/metrics").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn unknown_addresses_and_methods_have_the_one_shape() {
    let server = Server::start().await;
    let browser = server.browser();
    assert_eq!(refusal(browser.get("/api/nothing").await).await.1["code"], "not_found");
    let answer = browser.request(Method::PATCH, "/api/session").send().await.unwrap();
    let allowed = answer.headers()["allow"].to_str().unwrap();
    for method in ["GET", "POST", "DELETE"] {
        assert!(allowed.contains(method), "{allowed}");
    }
    let (status, body) = refusal(answer).await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::METHOD_NOT_ALLOWED, Some("unsupported")));
}

#[tokio::test]
async fn a_page_that_is_not_built_says_so() {
    let server = Server::start().await;
    let answer = server.browser().get("/").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().await.unwrap().contains("npm run build"));
}
