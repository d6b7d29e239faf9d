use std::collections::BTreeSet;

use serde_json::Value;

use crate::server::Server;

#[test]
fn the_committed_description_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../operator-web/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == api::openapi::json().unwrap(), "run `okno openapi > operator-web/openapi.json`");
}

#[test]
fn every_operation_says_how_it_can_be_refused() {
    let document: Value = serde_json::from_str(&api::openapi::json().unwrap()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} stands for two operations");
            for status in ["400", "401", "403", "404", "409", "413", "415", "429", "500", "503"] {
                let schema = &operation["responses"][status]["content"]["application/json"]["schema"]["$ref"];
                assert!(schema.as_str().is_some_and(|it| it.contains("Error")), "{method} {path} hides {status}");
            }
        }
    }
    assert!(ids.contains("sign_in"));
}

#[tokio::test]
async fn the_server_describes_itself() {
    let server = Server::start().await;
    let served: Value = server.browser().get("/api/openapi.json").await.json().await.unwrap();
    let printed: Value = serde_json::from_str(&api::openapi::json().unwrap()).unwrap();
    assert_eq!(served, printed);
    assert_eq!(served["openapi"], "3.1.0");
}

#[test]
fn every_name_that_is_used_is_described() {
    let text = api::openapi::json().unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let known = document["components"]["schemas"].as_object().unwrap();
    let used: BTreeSet<&str> =
        text.split("#/components/schemas/").skip(1).filter_map(|it| it.split('"').next()).collect();
    let missing: Vec<_> = used.iter().filter(|name| !known.contains_key(**name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(used.contains("ErrorBody"));
}
