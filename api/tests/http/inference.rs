//! The models over HTTP: shapes, order, bounds, and who is let in.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::server::Server;

async fn post(server: &Server, path: &str, body: String, token: Option<&str>) -> (StatusCode, Value) {
    let mut request = reqwest::Client::new().post(format!("http://{}{path}", server.address)).body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("the server answers");
    (answer.status(), answer.json().await.expect("an answer is JSON"))
}

async fn ask(server: &Server, path: &str, body: Value) -> Value {
    let (status, answer) = post(server, path, body.to_string(), None).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

#[tokio::test]
async fn messages_are_classified_one_many_and_by_line() {
    let server = Server::with_models(None).await;
    let late = json!({"id": "a", "text": "Где мой заказ 48213? Жду полтора часа, это безобразие"});
    let one = ask(&server, "/v1/classify", late.clone()).await;
    assert_eq!((&one["id"], &one["class"], &one["language"]), (&json!("a"), &json!("complaint"), &json!("ru")));
    assert_eq!(one["entities"][0], json!({"type": "order_number", "text": "48213", "start": 14, "end": 19}));
    assert!(one.get("because").is_none());
    let many = ask(&server, "/v1/classify", json!([late, {"id": "b", "text": ""}])).await;
    assert_eq!((&many[0], &many[1]["abstained"]), (&one, &json!(true)));
    let explained = ask(&server, "/v1/classify", json!({"id": "a", "text": late["text"], "explain": true})).await;
    assert!(explained["because"].as_array().expect("phrases").len() > 2);
    let lines = reqwest::Client::new()
        .post(format!("http://{}/v1/classify", server.address))
        .header("content-type", "application/x-ndjson")
        .body(format!("{late}\n\n{{\"id\":\"b\",\"text\":\"спасибо\"}}\n"))
        .send()
        .await
        .expect("the server answers");
    let lines = lines.text().await.expect("a body");
    let ids: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].clone()).collect();
    assert_eq!(ids, ["a", "b"]);
}

#[tokio::test]
async fn vectors_and_predictions_have_the_shapes_that_clients_know() {
    let server = Server::with_models(None).await;
    let vectors =
        ask(&server, "/embed", json!({"inputs": ["где заказ", "where is my order", "сколько стоит пицца"]})).await;
    let vector =
        |at: usize| vectors[at].as_array().expect("numbers").iter().filter_map(Value::as_f64).collect::<Vec<_>>();
    let near = |a: usize, b: usize| vector(a).iter().zip(vector(b)).map(|(x, y)| x * y).sum::<f64>();
    assert_eq!(vector(0).len(), 384);
    assert!((near(0, 0) - 1.0).abs() < 1e-4 && near(0, 1) > near(0, 2), "{} {}", near(0, 1), near(0, 2));
    assert_eq!(ask(&server, "/embed", json!({"inputs": "где заказ"})).await.as_array().map(Vec::len), Some(1));
    let openai = ask(&server, "/v1/embeddings", json!({"input": "где заказ", "model": "any"})).await;
    assert_eq!((&openai["object"], &openai["data"][0]["index"]), (&json!("list"), &json!(0)));
    assert!(openai["usage"]["total_tokens"].as_u64() > Some(2));
    let one = ask(&server, "/predict", json!({"inputs": "курьер нахамил"})).await;
    assert_eq!((one.as_array().map(Vec::len), &one[0]["label"]), (Some(31), &json!("complaint.courier")));
    let many = ask(&server, "/predict", json!({"inputs": [["курьер нахамил"], ["спасибо"]]})).await;
    assert_eq!((many.as_array().map(Vec::len), &many[0][0]["label"]), (Some(2), &json!("complaint.courier")));
}

#[tokio::test]
async fn rubbish_is_refused_with_a_sentence() {
    let server = Server::with_models(None).await;
    let too_many = json!({"inputs": vec!["а"; 1_025]}).to_string();
    for (path, body) in [
        ("/v1/classify", "{".to_owned()),
        ("/v1/classify", "[]".to_owned()),
        ("/v1/classify", r#"{"id":1,"text":"a"}"#.to_owned()),
        ("/embed", too_many),
        ("/embed", r#"{"inputs":[1]}"#.to_owned()),
        ("/predict", "null".to_owned()),
        ("/v1/embeddings", r#"{"input":[]}"#.to_owned()),
    ] {
        let (status, answer) = post(&server, path, body, None).await;
        assert_eq!((status, &answer["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{path}: {answer}");
    }
}

#[tokio::test]
async fn who_does_not_show_the_token_is_kept_out_and_other_processes_have_no_models() {
    let server = Server::with_models(Some("secret")).await;
    let body = || json!({"inputs": "где заказ"}).to_string();
    assert_eq!(post(&server, "/embed", body(), Some("secret")).await.0, StatusCode::OK);
    assert_eq!(post(&server, "/embed", body(), Some("other")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&server, "/embed", body(), None).await.0, StatusCode::FORBIDDEN);
    let bare = Server::start().await;
    let request = reqwest::Client::new().post(format!("http://{}/embed", bare.address)).body(body());
    assert!(!request.send().await.expect("the server answers").status().is_success());
}
