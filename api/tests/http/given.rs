//! What was given and promised as the page meets it: figures, the contacts behind them, the file.

use pipelines::platform::history;
use pipelines::platform::stage::Stage;
use pipelines::summaries::Summarise;
use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, refusal};
use crate::talk::Talk;
use crate::trends::get;

/// A server on which three customers were told that their money is returned and that they will be called back.
async fn promised() -> Server {
    let server = Server::with_models(None).await;
    let store = &server.trial.store;
    let talk = Talk::open(store).await;
    let anna = server.signed_in("anna", &[Role::Operator]).await;
    let stage = Summarise::new(store.clone(), server.state.reading.clone().expect("it has the models"), None);
    for visitor in ["vera", "boris", "gleb"] {
        let said = talk.say(visitor, "В пакете нет супа, а он в чеке есть. Верните деньги").await;
        let at = |rest: &str| format!("/api/contacts/{}{rest}", said.contact_id);
        assert_eq!(anna.send(Method::POST, &at("/accept"), json!({})).await.status(), StatusCode::OK);
        for text in ["Вернула вам 690 рублей на карту.", "Старший смены перезвонит вам завтра до 12:00."]
        {
            let reply = json!({"text": text, "seen_seq": 1_000});
            assert_eq!(anna.send(Method::POST, &at("/messages"), reply).await.status(), StatusCode::CREATED);
        }
        assert_eq!(anna.send(Method::POST, &at("/finish"), json!({})).await.status(), StatusCode::OK);
        let seen = pipelines::conversations::view::of_customer(store, said.customer_id, said.contact_id).await;
        let seen = seen.expect("the database answers").expect("the contact is there");
        let events = history::events_since(store, seen.customer_id, seen.id, seen.opened_at, 0).await;
        for event in events.expect("the log is read").iter().filter(|event| Summarise::wants(&event.body)) {
            stage.run(event).await.expect("the stage ends well");
        }
    }
    server
}

#[tokio::test]
async fn what_was_given_is_told_by_its_parts_and_its_contacts_and_leaves_as_a_file() {
    let server = promised().await;
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    let given = get(&analyst, "/api/trends/given?topic=complaint.missing_item&channel=site").await;
    let all = &given["compensation"]["all"];
    assert_eq!((&all["n"], &all["done"], &all["without_sum"]), (&json!(3), &json!(3), &json!(0)), "{given}");
    assert_eq!(all["sums"], json!([{"minor": 207_000, "currency": "RUB"}]));
    assert_eq!(given["compensation"]["cities"][0]["name"], "Москва");
    assert_eq!(given["compensation"]["types"][0]["key"], "refund");
    assert_eq!((&given["promises"]["all"]["open"], &given["watched_days"]), (&json!(3), &json!(7)), "{given}");
    assert_eq!(get(&analyst, "/api/trends/given?topic=order.new").await["promises"]["all"]["n"], 0);
    let long = analyst.get("/api/trends/given?from=2020-01-01T00:00:00Z").await;
    assert_eq!(refusal(long).await.0, StatusCode::BAD_REQUEST);

    let path = "/api/trends/given/contacts?of=promises&state=open&type=callback&limit=2";
    let first = get(&analyst, path).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 2, "{first}");
    let contact = &first["items"][0];
    assert_eq!((&contact["facts"][0]["state"], &contact["opens"]), (&json!("open"), &json!(false)), "{first}");
    assert!(contact["facts"][0]["due_at"].is_string() && contact.get("customer_id").is_none());
    let rest = get(&analyst, &format!("{path}&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let days = given["promises"]["days"].as_array().unwrap();
    let day = days.iter().find(|day| day["figure"]["n"] == 3).unwrap()["day"].as_str().unwrap().to_owned();
    let of_day = get(&analyst, &format!("/api/trends/given/contacts?of=compensation&day={day}&summed=true")).await;
    assert_eq!(of_day["items"].as_array().unwrap().len(), 3);
    let cityless = get(&analyst, "/api/trends/given/contacts?of=compensation&without=city").await;
    assert_eq!(cityless["items"], json!([]));

    let file = analyst.get("/api/trends/given/export").await;
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    let file = file.text().await.unwrap();
    assert!(file.starts_with("of,day,topic,city,channel,type,state,n,currency,sum_minor\n"), "{file}");
    assert!(file.contains(",complaint.missing_item,Москва,site,refund,done,3,RUB,207000\n"), "{file}");
    for far in [
        "?from=-009999-01-03T00:00:00Z&to=-009999-01-04T00:00:00Z",
        "?from=2200-01-01T00:00:00Z&to=2200-01-02T00:00:00Z",
        "?from=9999-12-01T00:00:00Z&to=9999-12-02T00:00:00Z",
        "/export?to=1969-12-31T00:00:00Z",
        "/contacts?of=promises&day=-009999-01-01",
        "/contacts?of=compensation&day=9999-12-31",
    ] {
        let (status, body) = refusal(analyst.get(&format!("/api/trends/given{far}")).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{far}");
        assert!(body["message"].as_str().unwrap().contains("1970 to 2199"), "{far}: {body}");
    }
    for odd in
        ["", "?of=promises&done=true", "?of=compensation&state=open", "?of=promises&day=1", "?of=promises&without=type"]
    {
        let (status, _) = refusal(analyst.get(&format!("/api/trends/given/contacts{odd}")).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{odd}");
    }
}
