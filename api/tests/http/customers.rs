use pipelines::customers::{Country, IdentityKey, KnownCustomer, Phone, put_customers};
use pipelines::events::CustomerId;
use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, refusal};

#[tokio::test]
async fn a_customer_is_found_looked_at_and_linked_and_all_of_it_is_known_later() {
    let server = Server::start().await;
    let (anna, double) =
        (customer(&server, "+79001230563", "Анна").await, customer(&server, "+79001230564", "Аня").await);
    let browser = server.signed_in("boris", &[Role::Operator]).await;

    let found: Value = browser.get("/api/customers?query=8%20900%20123-05-63").await.json().await.unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["items"][0]["customer_id"], json!(anna));
    assert!(!found.to_string().contains("1230563"), "the number is masked");

    let card: Value = browser.get(&format!("/api/customers/{anna}/card")).await.json().await.unwrap();
    assert_eq!(card["name"], "Анна");
    let phone = card["phones"][0]["id"].as_str().unwrap();
    let reveal = format!("/api/customers/{anna}/phones/{phone}/reveal");
    let shown: Value = browser.send(Method::POST, &reveal, json!({})).await.json().await.unwrap();
    assert_eq!(shown, json!({"phone": "+79001230563"}));
    let foreign = format!("/api/customers/{double}/phones/{phone}/reveal");
    assert_eq!(browser.send(Method::POST, &foreign, json!({})).await.status(), StatusCode::NOT_FOUND);

    let links = format!("/api/customers/{anna}/links");
    let link = json!({"other_customer_id": double, "reason": "same voice, same address"});
    let made = browser.send(Method::POST, &links, link).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let id = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let unlink = browser.request(Method::DELETE, &format!("{links}/{id}")).send().await.unwrap();
    assert_eq!(unlink.status(), StatusCode::NO_CONTENT);

    let auditor = server.signed_in("root", &[Role::Admin]).await;
    let audit: Value =
        auditor.get(&format!("/api/admin/audit?object_kind=customer&object_id={anna}")).await.json().await.unwrap();
    let actions: Vec<&str> = audit["items"].as_array().unwrap().iter().filter_map(|it| it["action"].as_str()).collect();
    let expected = ["customer.link_ended", "customer.linked", "customer.phone_revealed", "customer.card_read"];
    assert_eq!(actions, expected);
    assert!(audit["items"].as_array().unwrap().iter().all(|it| it["request_id"].is_string()));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = Server::start().await;
    let browser = server.signed_in("boris", &[Role::Operator]).await;
    let nobody = "019ab000-0000-7000-8000-000000000000";
    let (status, body) = refusal(browser.get(&format!("/api/customers/{nobody}/card")).await).await;
    assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
    let orders: Value = browser.get(&format!("/api/customers/{nobody}/orders")).await.json().await.unwrap();
    assert_eq!(orders, json!({"items": [], "next": null}));
    for query in ["", "a", "%20%20%20"] {
        let answer = browser.get(&format!("/api/customers?query={query}")).await;
        assert_eq!(refusal(answer).await.0, StatusCode::BAD_REQUEST, "{query}");
    }
}

async fn customer(server: &Server, phone: &str, name: &str) -> CustomerId {
    let phone = Phone::parse(phone, Country::Russia).expect("a test's phone fits");
    let known = KnownCustomer {
        key: IdentityKey::phone(&phone),
        phone: None,
        name: Some(name.to_owned()),
        language: None,
        country: None,
        city: None,
        since: None,
    };
    let mut change = server.trial.store.begin().await.expect("the trial's database answers");
    let made = put_customers(&mut change, &[known]).await.expect("a customer can be made");
    change.commit().await.expect("the change is committed");
    made[0]
}
