//! Holidays as analysts meet them: the list, what is said of a day, and what is not taken.

use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Browser, Server, refusal};
use crate::trends::get;

const AT: &str = "/api/trends/holidays";

async fn write(browser: &Browser, method: Method, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
    let answer = browser
        .request(method, path)
        .header("idempotency-key", key)
        .json(body)
        .send()
        .await
        .expect("the server answers");
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_day_is_added_once_however_often_it_is_sent_and_is_undone() {
    let server = Server::start().await;
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    let year = server.trial.store.clock().now().to_string()[..4].parse::<i32>().unwrap() + 1;
    let list = async |country: &str| {
        let list = get(&analyst, &format!("{AT}?country={country}&from={year}-01-01&to={year}-12-31")).await;
        list["items"].as_array().unwrap().clone()
    };
    let before = list("ru").await;
    let new_year = &before[0];
    assert_eq!((&new_year["date"], &new_year["kept"]), (&json!(format!("{year}-01-01")), &json!(true)));
    assert_eq!(new_year["calendar"]["feast"], "new_year");
    assert_eq!(new_year["calendar"]["source"], "ru_labour_code");
    assert_eq!((&new_year["calendar"]["expected"], &new_year["own"]), (&json!(false), &json!([])));

    let day = json!({"country": "ru", "date": format!("{year}-04-14"), "kind": "added", "name": " День города "});
    let (status, made) = write(&analyst, Method::POST, AT, "a", &day).await;
    assert_eq!(
        (status, &made["name"], &made["by"]["name"]),
        (StatusCode::CREATED, &json!("День города"), &json!("analyst"))
    );
    assert_eq!(write(&analyst, Method::POST, AT, "a", &day).await, (status, made.clone()), "the same once more");
    assert_eq!(write(&analyst, Method::POST, AT, "b", &day).await.0, StatusCode::CONFLICT, "said already");
    let out = json!({"country": null, "date": format!("{year}-01-01"), "kind": "removed"});
    let (status, taken_out) = write(&analyst, Method::POST, AT, "c", &out).await;
    assert_eq!((status, &taken_out["country"], &taken_out["name"]), (StatusCode::CREATED, &Value::Null, &Value::Null));

    let now = list("ru").await;
    assert_eq!(now.len(), before.len() + 1);
    assert_eq!((&now[0]["kept"], &now[0]["own"]), (&json!(false), &json!([taken_out])));
    let added = now.iter().find(|it| it["date"] == day["date"]).unwrap();
    assert_eq!((&added["kept"], &added["calendar"], &added["own"]), (&json!(true), &Value::Null, &json!([made])));
    let elsewhere = list("uz").await;
    assert_eq!(elsewhere[0]["kept"], false, "taken out everywhere");
    assert!(elsewhere.iter().all(|it| it["date"] != day["date"]), "added in one country");

    let path = |made: &Value| format!("{AT}/{}", made["id"].as_str().unwrap());
    assert_eq!(write(&analyst, Method::DELETE, &path(&made), "d", &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(write(&analyst, Method::DELETE, &path(&made), "d", &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(write(&analyst, Method::DELETE, &path(&made), "e", &json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(write(&analyst, Method::DELETE, &path(&taken_out), "f", &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(list("ru").await, before);
    let admin = server.signed_in("admin", &[Role::Admin]).await;
    for (action, times) in [("added", 1), ("removed", 1), ("undone", 2)] {
        let audit = get(&admin, &format!("/api/admin/audit?action=holiday.{action}")).await;
        let entries = audit["items"].as_array().unwrap();
        assert_eq!(entries.len(), times, "{action}");
        assert!(entries.iter().all(|it| it["object_kind"] == "holiday" && it["detail"]["date"].is_string()));
    }
}

#[tokio::test]
async fn what_is_no_day_or_changes_nothing_is_refused() {
    let server = Server::start().await;
    let analyst = server.signed_in("analyst", &[Role::Analyst]).await;
    for (odd, status) in [
        (json!({"country": "ru", "date": "2027-02-29", "kind": "added", "name": "x"}), StatusCode::BAD_REQUEST),
        (json!({"country": "fr", "date": "2027-07-14", "kind": "added", "name": "x"}), StatusCode::BAD_REQUEST),
        (json!({"country": "ru", "date": "1999-01-01", "kind": "removed"}), StatusCode::BAD_REQUEST),
        (json!({"country": "ru", "date": "2027-04-14", "kind": "added"}), StatusCode::BAD_REQUEST),
        (json!({"country": "ru", "date": "2027-04-14", "kind": "added", "name": "  "}), StatusCode::BAD_REQUEST),
        (
            json!({"country": "ru", "date": "2027-04-14", "kind": "added", "name": "x".repeat(101)}),
            StatusCode::BAD_REQUEST,
        ),
        (json!({"country": "ru", "date": "2027-05-09", "kind": "removed", "name": "x"}), StatusCode::BAD_REQUEST),
        (json!({"country": "ru", "date": "2027-05-09", "kind": "added", "name": "x"}), StatusCode::CONFLICT),
        (json!({"date": "2027-04-14", "kind": "removed"}), StatusCode::CONFLICT),
    ] {
        assert_eq!(analyst.send(Method::POST, AT, odd.clone()).await.status(), status, "{odd}");
    }
    for odd in
        ["", "?country=ru", "?country=ru&from=2027-01-01&to=2026-01-01", "?country=ru&from=2020-01-01&to=2030-01-01"]
    {
        let (status, body) = refusal(analyst.get(&format!("{AT}{odd}")).await).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{odd}");
    }
    let operator = server.signed_in("operator", &[Role::Operator]).await;
    let day = json!({"country": "ru", "date": "2027-04-14", "kind": "added", "name": "x"});
    assert_eq!(write(&operator, Method::POST, AT, "a", &day).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        operator.get(&format!("{AT}?country=ru&from=2027-01-01&to=2027-01-31")).await.status(),
        StatusCode::FORBIDDEN
    );
}
