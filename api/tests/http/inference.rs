//! The models over HTTP: shapes, order, bounds, and who is let in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Json;
use models::reading::{ReadError, ReadingModel, Said};
use models::remote::Remote;
use models::sentences::{SentenceModel, Vectors};
use models::summary::summarise;
use models::taxonomy::Speaker;
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
        .body(format!("{late}\n\nrubbish\n{{\"id\":\"b\",\"text\":\"спасибо\"}}\n"))
        .send()
        .await
        .expect("the server answers");
    let lines = lines.text().await.expect("a body");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0], &lines[2]["id"]), (3, &one, &json!("b")));
    assert_eq!((&lines[1]["line"], &lines[1]["code"]), (&json!(3), &json!("bad_request")));
}

#[tokio::test]
async fn contacts_are_summarised_one_many_and_by_line() {
    let server = Server::with_models(None).await;
    let soup = json!({"id": "a", "channel": "site", "turns": [
        {"speaker": "customer", "text": "не привезли суп, верните деньги"},
        {"speaker": "operator", "text": "Возвращаю 690 рублей"}]});
    let one = ask(&server, "/v1/summarise", soup.clone()).await;
    assert_eq!((&one["id"], &one["language"], &one["sentiment"]), (&json!("a"), &json!("ru"), &json!("negative")));
    let parts = ["topics", "urgency", "roles", "summary", "evidence", "issues", "facts"];
    assert!(parts.iter().all(|part| !one[part].is_null()), "{one}");
    assert_eq!(one["roles"].as_array().map(Vec::len), Some(2));
    let words = ["issue", "request", "actions", "promises", "outcome", "text"];
    assert!(words.iter().all(|word| !one["summary"][word].is_null()), "{one}");
    let many = ask(&server, "/v1/summarise", json!([soup, {"id": "b", "turns": []}])).await;
    assert_eq!((&many[0], &many[1]["id"], &many[1]["summary"]["outcome"]), (&one, &json!("b"), &json!("none")));
    let too_long = json!({"id": "c", "turns": vec![json!({"speaker": "customer", "text": "а"}); 10_001]});
    let lines = reqwest::Client::new()
        .post(format!("http://{}/v1/summarise", server.address))
        .header("content-type", "application/x-ndjson")
        .body(format!("{soup}\n\nrubbish\n{too_long}\n{soup}\n"))
        .send()
        .await
        .expect("the server answers");
    let lines = lines.text().await.expect("a body");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0], &lines[3]), (4, &one, &one));
    assert_eq!((&lines[1]["line"], &lines[1]["code"]), (&json!(3), &json!("bad_request")));
    assert_eq!((&lines[2]["line"], &lines[2]["code"]), (&json!(4), &json!("bad_request")));
}

/// Six weeks of a series, with a bad evening at the end.
fn evenings(series: &str, base: u64) -> Vec<Value> {
    let count = |day: u64| base + day * 7 % 5 + if day == 41 { 60 } else { 0 };
    let at = |day: u64| jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().days(day as i64)).to_string();
    (0..42).map(|day| json!({"series": series, "at": at(day), "count": count(day)})).collect()
}

#[tokio::test]
async fn counts_are_judged_one_many_and_by_line_each_by_those_before_it() {
    let server = Server::with_models(None).await;
    let (soup, late) = (evenings("soup", 10), evenings("late", 40));
    let alone = ask(&server, "/v1/anomalies?step=1d", json!(soup)).await;
    let last = &alone[41];
    assert_eq!(
        (&last["series"], &last["at"], &last["count"]),
        (&json!("soup"), &json!("2026-02-15"), &soup[41]["count"])
    );
    assert!(last["p"].as_f64().is_some_and(|p| p < 1e-4) && last["alert"] == json!(true), "{last}");
    for (row, figures) in alone.as_array().expect("rows").iter().enumerate() {
        for name in ["expected", "lower", "upper", "score", "p"] {
            assert!(figures[name].as_f64().is_some_and(f64::is_finite), "row {row}: {figures}");
        }
    }
    // Later rows and other series change nothing, and the step is found by itself.
    let part = ask(&server, "/v1/anomalies?step=1d", json!(soup[..20])).await;
    assert_eq!(part.as_array().map(Vec::as_slice), alone.as_array().map(|rows| &rows[..20]));
    let mixed: Vec<_> = soup.iter().zip(&late).flat_map(|(soup, late)| [late.clone(), soup.clone()]).collect();
    let mixed = ask(&server, "/v1/anomalies", json!({"kind": "counts", "step": "1d", "rows": mixed})).await;
    let of_soup: Vec<_> = mixed.as_array().expect("rows").iter().filter(|row| row["series"] == json!("soup")).collect();
    assert!(of_soup.iter().zip(alone.as_array().expect("rows")).all(|(left, right)| *left == right));
    let found = ask(&server, "/v1/anomalies?step=auto", json!(soup)).await;
    assert_eq!(found[41], alone[41]);
    let one =
        ask(&server, "/v1/anomalies?kind=values", json!({"series": "a", "at": "2026-01-05 10:00", "count": -1.5}))
            .await;
    assert_eq!((&one["series"], &one["count"]), (&json!("a"), &json!(-1.5)));
    let body: String = soup.iter().map(|row| format!("{row}\n")).collect();
    let lines = reqwest::Client::new()
        .post(format!("http://{}/v1/anomalies?kind=counts&step=1d", server.address))
        .header("content-type", "application/x-ndjson")
        .body(format!("{{\"series\":\"soup\"}}\n{}", body.replacen('\n', &format!("\n\n{}\n", soup[0]), 1)))
        .send()
        .await
        .expect("the server answers");
    let lines = lines.text().await.expect("a body");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["line"], &lines[0]["code"]), (44, &json!(1), &json!("bad_request")));
    // The first row came twice: the second time it is told, and nothing else changes.
    assert_eq!((&lines[2]["line"], &lines[2]["code"]), (&json!(4), &json!("bad_request")));
    assert_eq!((&lines[1], &lines[43]), (&alone[0], &alone[41]));
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
        ("/v1/summarise", "{".to_owned()),
        ("/v1/summarise", "[]".to_owned()),
        ("/v1/summarise", r#"{"id":"a","turns":[{"text":"a"}]}"#.to_owned()),
        ("/v1/summarise", r#"{"id":"a","turns":[{"speaker":"robot","text":"a"}]}"#.to_owned()),
        ("/v1/anomalies", "{".to_owned()),
        ("/v1/anomalies", "[]".to_owned()),
        ("/v1/anomalies", r#"[{"series":"a","at":"2026-01-05","count":-1}]"#.to_owned()),
        ("/v1/anomalies", r#"[{"series":"a","at":"2026-01-05","count":1.5}]"#.to_owned()),
        ("/v1/anomalies", r#"[{"series":"a","at":"never","count":1}]"#.to_owned()),
        ("/v1/anomalies?step=2h", r#"[{"series":"a","at":"2026-01-05","count":1}]"#.to_owned()),
        ("/v1/anomalies?kind=words", r#"[{"series":"a","at":"2026-01-05","count":1}]"#.to_owned()),
        ("/v1/anomalies?country=fr", r#"[{"series":"a","at":"2026-01-05","count":1}]"#.to_owned()),
        ("/v1/anomalies?holidays=soon", r#"[{"series":"a","at":"2026-01-05","count":1}]"#.to_owned()),
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

#[tokio::test]
async fn a_stream_of_lines_may_be_longer_than_any_body() {
    let server = Server::with_models(None).await;
    // More lines than an array may have; the answer begins before the last has come.
    let lines = (0..1_500).map(|at| Ok::<_, std::io::Error>(format!("{{\"id\":\"{at}\",\"text\":\"спасибо\"}}\n")));
    let answer = reqwest::Client::new()
        .post(format!("http://{}/v1/classify", server.address))
        .header("content-type", "application/x-ndjson")
        .body(reqwest::Body::wrap_stream(futures::stream::iter(lines)))
        .send()
        .await
        .expect("the server answers");
    let text = answer.text().await.expect("a body");
    assert_eq!(text.lines().count(), 1_500);
    assert!(text.lines().last().is_some_and(|line| line.contains("\"1499\"")));
}

#[tokio::test]
async fn what_was_begun_before_the_stop_is_answered_to_its_end() {
    let server = Server::with_models(None).await;
    let line = |at: usize| Ok::<_, std::io::Error>(format!("{{\"id\":\"{at}\",\"text\":\"спасибо\"}}\n"));
    let (lines, body) = tokio::sync::mpsc::channel(1);
    lines.send(line(0)).await.expect("it is to be sent");
    let body = futures::stream::unfold(body, |mut body| async { Some((body.recv().await?, body)) });
    let mut answer = reqwest::Client::new()
        .post(format!("http://{}/v1/classify", server.address))
        .header("content-type", "application/x-ndjson")
        .body(reqwest::Body::wrap_stream(body))
        .send()
        .await
        .expect("the server answers");
    server.state.stopping.cancel();
    for at in 1..200 {
        lines.send(line(at)).await.expect("the server still reads");
    }
    drop(lines);
    let mut text = Vec::new();
    while let Some(part) = answer.chunk().await.expect("the answer does not break off") {
        text.extend_from_slice(&part);
    }
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 200);
    let late = reqwest::Client::new().get(format!("http://{}/health", server.address)).send().await;
    assert!(late.is_err(), "a stopped server takes no new calls");
}

/// What every reading model must do, in this process or behind an address.
async fn keeps_the_contract(model: &ReadingModel, server: &Server) {
    let here = &server.state.inference.as_ref().expect("the models are here").reader;
    assert_eq!(model.model(), here.model());
    let texts = ["где заказ 48213", "", "буюртмам қаерда", "x".repeat(100_000).as_str(), "😡"].map(str::to_owned);
    let expected = here.read(texts.to_vec()).await.expect("they are read");
    assert_eq!(model.read(texts.to_vec()).await.as_ref(), Ok(&expected));
    assert_eq!(model.for_bulk().read(texts.to_vec()).await.as_ref(), Ok(&expected));
    assert_eq!(model.read(Vec::new()).await, Ok(Vec::new()));
    let many = vec!["спасибо".to_owned(); 130];
    assert_eq!(model.read(many).await.map(|readings| readings.len()), Ok(130));
    let talk =
        [(Speaker::Customer, "привезли не тот ролл".to_owned()), (Speaker::Operator, "вернём деньги".to_owned())];
    assert_eq!(model.read_talk(&talk).await, here.read_talk(&talk).await);
    assert_eq!(model.for_bulk().read_talk(&talk).await, here.read_talk(&talk).await);
    assert_eq!(summarise(model, None, &talk).await, summarise(&ReadingModel::Here(here.clone()), None, &talk).await);
    assert_eq!(model.read_talk(&[]).await, Ok(None));
    let said = Said::from(&expected[0]);
    assert_eq!(model.explain(&texts[0], said).await, here.explain(&texts[0], said).await);
}

#[tokio::test]
async fn a_model_behind_an_address_is_as_good_as_one_here() {
    let server = Server::with_models(Some("a secret of sixteen")).await;
    keeps_the_contract(server.state.reading.as_ref().expect("it has one"), &server).await;
    // The first address is dead: each call finds the second.
    let addresses = format!("http://127.0.0.1:1, http://{}/", server.address);
    let remote = Remote::connect(&addresses, Some("a secret of sixteen")).await.expect("it connects");
    keeps_the_contract(&ReadingModel::Elsewhere(remote.clone()), &server).await;
    gives_the_same_vectors(&SentenceModel::Elsewhere(remote), &server).await;
}

async fn gives_the_same_vectors(model: &SentenceModel, server: &Server) {
    let here = SentenceModel::Here(server.state.inference.as_ref().expect("the models are here").sentences.clone());
    let mut texts =
        ["где заказ 48213", "", "буюртмам қаерда", "x".repeat(100_000).as_str()].map(str::to_owned).to_vec();
    texts.resize(130, "спасибо".to_owned());
    let (given, expected) =
        (model.vectors(&texts).await.expect("answered"), here.vectors(&texts).await.expect("answered"));
    assert_eq!((given.model, given.of.len()), (expected.model, 130));
    for (given, expected) in given.of.iter().zip(&expected.of) {
        let cosine: f32 = given.iter().zip(expected).map(|(one, other)| one * other).sum();
        assert!(cosine > 0.9999 && given.len() == expected.len(), "{cosine}");
    }
    assert_eq!(model.vectors(&[]).await, Ok(Vectors::default()));
    assert_eq!(here.vectors(&[]).await, Ok(Vectors::default()));
}

/// A server that says it has a model and answers every text with a vector of the model that its turn has.
async fn server_of(models: &'static [&'static str]) -> Remote {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let turn = Arc::new(AtomicUsize::new(0));
    let embeddings = move |Json(ask): Json<Value>| {
        let texts = ask["input"].as_array().map_or(0, Vec::len);
        let model = models[turn.fetch_add(1, Ordering::Relaxed) % models.len()];
        let answer = json!({"model": model, "data": vec![json!({"embedding": [0.6, 0.8]}); texts]});
        async { Json(answer) }
    };
    let app = axum::Router::new()
        .route("/v1/model", axum::routing::get(async || Json(json!({"id": "m", "version": "1"}))))
        .route("/v1/embeddings", axum::routing::post(embeddings));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Remote::connect(&format!("http://{address}"), None).await.expect("it connects")
}

#[tokio::test]
async fn vectors_of_two_models_are_never_given_as_one_answer() {
    let texts = vec!["где заказ".to_owned(); 130];
    let one = SentenceModel::Elsewhere(server_of(&["sentence-1"]).await).vectors(&texts).await.expect("one model");
    assert_eq!((one.model.as_str(), one.of.len(), &one.of[129]), ("sentence-1", 130, &vec![0.6, 0.8]));
    let mixed = SentenceModel::Elsewhere(server_of(&["sentence-1", "sentence-2"]).await);
    let error = mixed.vectors(&texts).await.expect_err("two models");
    assert!(matches!(&error, ReadError::Remote(why) if why.contains("different models")), "{error}");
    assert!(mixed.vectors(&texts[..64]).await.is_ok(), "asked again, one of them answers alone");
}

#[tokio::test]
async fn without_a_server_the_call_fails_and_can_be_made_again() {
    let server = Server::with_models(None).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = axum::Router::new()
        .route("/v1/model", axum::routing::get(async || axum::Json(json!({"id": "m", "version": "1"}))));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let remote = Remote::connect(&format!("http://{address}"), None).await.expect("it connects");
    let model = ReadingModel::Elsewhere(remote);
    let error = model.read(vec!["привет".to_owned()]).await.expect_err("it cannot read");
    assert!(matches!(&error, ReadError::Remote(why) if why.contains("404")), "{error}");
    drop(server);
    assert!(Remote::connect(" , ", None).await.is_err());
}
