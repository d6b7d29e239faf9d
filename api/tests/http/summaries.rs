//! Summaries as the page meets them: shown, asked for, put right, confirmed, and judged by the quality team.

use metrics_exporter_prometheus::PrometheusBuilder;
use pipelines::conversations::{Accepted, view};
use pipelines::platform::history;
use pipelines::platform::stage::Stage;
use pipelines::summaries::Summarise;
use pipelines::workforce::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Browser, Server, refusal};
use crate::talk::Talk;

/// A server with a contact that anna has and finishes.
struct Desk {
    server: Server,
    talk: Talk,
    anna: Browser,
    said: Accepted,
}

impl Desk {
    async fn open() -> Self {
        let server = Server::with_models(None).await;
        let talk = Talk::open(&server.trial.store).await;
        let anna = server.signed_in("anna", &[Role::Operator]).await;
        let said = talk.say("vera", "В пакете нет супа, а он в чеке есть").await;
        let desk = Self { server, talk, anna, said };
        assert_eq!(desk.does(Method::POST, "/accept", json!({})).await.0, StatusCode::OK);
        desk
    }

    fn at(&self, rest: &str) -> String {
        format!("/api/contacts/{}{rest}", self.said.contact_id)
    }

    async fn does(&self, method: Method, rest: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.anna.send(method, &self.at(rest), body).await;
        (answer.status(), answer.json().await.unwrap_or(Value::Null))
    }

    async fn sees(&self, rest: &str) -> (StatusCode, Value) {
        let answer = self.anna.get(&self.at(rest)).await;
        (answer.status(), answer.json().await.unwrap_or(Value::Null))
    }

    /// What the worker would do with all that happened.
    async fn works(&self) {
        let store = &self.server.trial.store;
        let seen = view::of_customer(store, self.said.customer_id, self.said.contact_id).await;
        let seen = seen.expect("the database answers").expect("the contact is there");
        let events = history::events_since(store, seen.customer_id, seen.id, seen.opened_at, 0).await;
        let events = events.expect("the log is read");
        let stage = Summarise::new(store.clone(), self.server.state.reading.clone().expect("it has the models"), None);
        for event in events.iter().filter(|event| Summarise::wants(&event.body)) {
            stage.run(event).await.expect("the stage ends well");
        }
    }
}

fn words(text: &str) -> Value {
    json!({"issue": "Не привезли суп.", "request": "", "actions": ["возвращены деньги"], "promises": [],
        "outcome": "resolved", "text": text})
}

#[tokio::test]
async fn an_operator_reads_puts_right_and_confirms_the_summary_of_a_talk_that_ended() {
    let desk = Desk::open().await;
    assert_eq!(desk.sees("/summary").await.0, StatusCode::NOT_FOUND);
    assert_eq!(desk.does(Method::POST, "/finish", json!({})).await.0, StatusCode::OK);
    desk.works().await;
    let (status, made) = desk.sees("/summary").await;
    assert_eq!((status, &made["version"], &made["reason"]), (StatusCode::OK, &json!(1), &json!("closed")));
    assert_eq!((&made["by"], &made["edited"], &made["confirmed_at"]), (&Value::Null, &json!(false), &Value::Null));
    assert_eq!(made["messages"], json!([desk.said.message_id]));
    assert_eq!(made["account"]["topics"][0], "complaint.missing_item");

    let put = |version: i32, summary: Value| {
        desk.does(Method::PUT, "/summary", json!({"version": version, "summary": summary}))
    };
    assert_eq!(put(2, words("Суп.")).await.0, StatusCode::CONFLICT);
    let (status, edited) = put(1, words("  Суп не привезли.  ")).await;
    assert_eq!((status, &edited["version"], &edited["by"]["name"]), (StatusCode::OK, &json!(2), &json!("anna")));
    assert_eq!(edited["account"]["summary"], words("Суп не привезли."));
    assert_eq!(put(1, words("Суп.")).await.1["code"], "conflict");
    assert_eq!(desk.does(Method::POST, "/summary/confirm", json!({"version": 1})).await.0, StatusCode::CONFLICT);
    let (status, confirmed) = desk.does(Method::POST, "/summary/confirm", json!({"version": 2})).await;
    assert_eq!((status, &confirmed["confirmed_by"]["name"]), (StatusCode::OK, &json!("anna")));
    assert_eq!(desk.sees("/summary").await.1, confirmed);

    let (_, versions) = desk.sees("/summary/versions?limit=1").await;
    assert_eq!((&versions["items"][0]["version"], &versions["next"]), (&json!(2), &json!("2")));
    assert!(versions["items"][0]["distance"].as_i64() > Some(0));
    let (_, older) = desk.sees("/summary/versions?cursor=2").await;
    assert_eq!(older["items"][0]["summary"], made["account"]["summary"]);
    assert_eq!(desk.sees("/summary/versions?cursor=x").await.0, StatusCode::BAD_REQUEST);

    let (_, stream) = desk.sees("/frames?since=0").await;
    let frames = stream["frames"].as_array().unwrap();
    assert_eq!(
        frames.iter().map(|it| it["seq"].clone()).collect::<Vec<_>>(),
        (1..=frames.len()).map(|n| json!(n)).collect::<Vec<_>>()
    );
    let summaries: Vec<_> = frames.iter().filter(|frame| frame["type"] == "summary").collect();
    assert_eq!((summaries.len(), &summaries[2]["data"]), (3, &confirmed), "made, edited, confirmed");
}

#[tokio::test]
async fn how_much_an_edit_changed_is_measured() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let measures = recorder.handle();
    // The server runs on this test's thread.
    let _here = metrics::set_default_local_recorder(&recorder);
    let desk = Desk::open().await;
    desk.does(Method::POST, "/finish", json!({})).await;
    desk.works().await;
    let edit = |version: i32, text: &str| json!({"version": version, "summary": words(text)});
    assert_eq!(desk.does(Method::PUT, "/summary", edit(1, "Суп не привезли.")).await.0, StatusCode::OK);
    assert_eq!(desk.does(Method::PUT, "/summary", edit(2, "Суп не привезли.")).await.0, StatusCode::OK);
    assert_eq!(desk.does(Method::PUT, "/summary", edit(1, "Суп.")).await.0, StatusCode::CONFLICT);
    let (_, versions) = desk.sees("/summary/versions").await;
    let distance = versions["items"][0]["distance"].as_i64().unwrap();
    assert!(distance > 0);
    let shown = measures.render();
    for line in
        ["okno_summary_edit_characters_count 1".to_owned(), format!("okno_summary_edit_characters_sum {distance}")]
    {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
}

#[tokio::test]
async fn a_summary_can_be_asked_for_while_the_talk_goes_on() {
    let desk = Desk::open().await;
    let ask = || desk.does(Method::POST, "/summary", json!({}));
    assert_eq!(ask().await.0, StatusCode::ACCEPTED);
    desk.works().await;
    assert_eq!(desk.sees("/summary").await.1["reason"], "asked");
    assert_eq!(ask().await.0, StatusCode::NO_CONTENT);
    desk.talk.say("vera", "И хлеб").await;
    assert_eq!(ask().await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_edit_keeps_its_bounds_and_a_contact_its_owner() {
    let desk = Desk::open().await;
    desk.does(Method::POST, "/finish", json!({})).await;
    desk.works().await;
    let long = "а".repeat(4_001);
    for (field, odd) in [
        ("text", json!("")),
        ("text", json!("   ")),
        ("text", json!(long)),
        ("text", json!("a\u{0}b")),
        ("issue", json!("а".repeat(1_001))),
        ("issue", json!(null)),
        ("actions", json!(vec!["а"; 21])),
        ("promises", json!([""])),
        ("promises", json!(["а".repeat(501)])),
        ("outcome", json!("fine")),
        ("mood", json!("fine")),
    ] {
        let mut summary = words("Суп.");
        summary[field] = odd;
        let (status, body) = desk.does(Method::PUT, "/summary", json!({"version": 1, "summary": summary})).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{field}");
    }
    let edit = json!({"version": 1, "summary": words("Суп.")});
    let boris = desk.server.signed_in("boris", &[Role::Operator]).await;
    assert_eq!(boris.get(&desk.at("/summary")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(boris.send(Method::PUT, &desk.at("/summary"), edit.clone()).await.status(), StatusCode::NOT_FOUND);
    let admin = desk.server.signed_in("admin", &[Role::Admin]).await;
    assert_eq!(admin.send(Method::PUT, &desk.at("/summary"), edit).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_quality_team_judges_what_it_reads() {
    let desk = Desk::open().await;
    desk.does(Method::POST, "/finish", json!({})).await;
    desk.works().await;
    let quality = desk.server.signed_in("quality", &[Role::Quality]).await;
    let list = async |query: &str| {
        let answer = quality.get(&format!("/api/quality/summaries?{query}")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{query}");
        answer.json::<Value>().await.unwrap()["items"].as_array().unwrap().clone()
    };
    let items = list("topic=complaint.missing_item&edited=false&judged=false&max_support=1&limit=10").await;
    assert_eq!(
        (items.len(), &items[0]["contact_id"], &items[0]["operator"]["name"]),
        (1, &json!(desk.said.contact_id), &json!("anna"))
    );
    assert_eq!(list("topic=consultation.menu&judged=false").await.len() + list("judged=true").await.len(), 0);
    for odd in
        ["max_support=2", "max_support=NaN", "max_support=-0.1", "edited=perhaps", "topic=weather", "cursor=1", "who=1"]
    {
        let (status, body) = refusal(quality.get(&format!("/api/quality/summaries?{odd}")).await).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{odd}");
    }

    let at = format!("/api/quality/summaries/{}", desk.said.contact_id);
    let review: Value = quality.get(&at).await.json().await.unwrap();
    assert_eq!(review["turns"][0]["text"], "В пакете нет супа, а он в чеке есть");
    assert_eq!((&review["version"], &review["verdicts"]), (&json!(1), &json!([])));
    let judge = async |body: Value| quality.send(Method::POST, &format!("{at}/verdict"), body).await.status();
    let wrong = json!({"version": 1, "verdict": "wrong", "field": "outcome", "comment": "не решено"});
    assert_eq!(judge(json!({"version": 1, "verdict": "correct", "field": "text"})).await, StatusCode::BAD_REQUEST);
    assert_eq!(judge(json!({"version": 1, "verdict": "so-so"})).await, StatusCode::BAD_REQUEST);
    assert_eq!(judge(json!({"version": 9, "verdict": "correct"})).await, StatusCode::CONFLICT);
    assert_eq!(judge(wrong).await, StatusCode::CREATED);
    assert_eq!(judge(json!({"version": 1, "verdict": "correct"})).await, StatusCode::CREATED);
    let review: Value = quality.get(&at).await.json().await.unwrap();
    let verdicts: Vec<_> = review["verdicts"].as_array().unwrap().iter().map(|it| &it["verdict"]).collect();
    assert_eq!(verdicts, ["correct", "wrong"], "both are kept");
    assert_eq!(
        (&review["verdicts"][1]["comment"], &review["verdicts"][1]["by"]["name"]),
        (&json!("не решено"), &json!("quality"))
    );
    assert_eq!(list("judged=true").await[0]["verdict"], "correct");
    let admin = desk.server.signed_in("admin", &[Role::Admin]).await;
    let audit: Value = admin.get("/api/admin/audit?action=summary.read").await.json().await.unwrap();
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        quality.get("/api/quality/summaries/019ab000-0000-7000-8000-000000000000").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn versions_say_who_wrote_what_and_figures_count_how_much_was_changed() {
    let desk = Desk::open().await;
    desk.does(Method::POST, "/finish", json!({})).await;
    desk.works().await;
    let quality = desk.server.signed_in("quality", &[Role::Quality]).await;
    let asks = async |path: &str| {
        let answer = quality.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json::<Value>().await.unwrap()
    };
    let at = format!("/api/quality/summaries/{}", desk.said.contact_id);
    let made = asks(&at).await;
    assert_eq!(made["changed"], json!([]));
    let none = asks("/api/quality/figures").await;
    assert_eq!((&none["n"], &none["edited"], &none["median_distance"]), (&json!(1), &json!(0), &Value::Null));

    let mut summary = made["account"]["summary"].clone();
    summary["text"] = json!("Суп не привезли.");
    summary["actions"] = json!(["вернула деньги"]);
    let edit = json!({"version": 1, "summary": summary});
    assert_eq!(desk.does(Method::PUT, "/summary", edit).await.1["changed"], json!(["text", "actions"]));
    assert_eq!(asks(&at).await["changed"], json!(["text", "actions"]));
    let versions = asks(&desk.at("/summary/versions")).await["items"].as_array().unwrap().clone();
    let told: Vec<_> = versions.iter().map(|it| [&it["version"], &it["by"]["name"], &it["reason"]]).collect();
    let nobody = &Value::Null;
    assert_eq!(told, [[&json!(2), &json!("anna"), &json!("edited")], [&json!(1), nobody, &json!("closed")]]);
    assert_eq!((&versions[0]["model"], &versions[0]["support"]), (&made["model"], &versions[1]["support"]));
    assert_eq!((&versions[1]["author"], &versions[1]["distance"]), (&json!("frame"), nobody));
    let distance = versions[0]["distance"].as_f64().unwrap();

    let judge = async |version: i32, verdict: &str| {
        let body = json!({"version": version, "verdict": verdict});
        quality.send(Method::POST, &format!("{at}/verdict"), body).await.status()
    };
    assert_eq!(judge(1, "correct").await, StatusCode::CONFLICT, "a verdict on what nobody reads any more");
    assert_eq!(judge(2, "wrong").await, StatusCode::CREATED);
    let counted = asks("/api/quality/figures").await;
    let figure = |name: &str| counted[name].as_f64();
    assert_eq!((figure("confirmed"), figure("edited"), figure("confirmed_edited")), (Some(0.0), Some(1.0), Some(0.0)));
    assert_eq!((figure("median_distance"), figure("mean_distance")), (Some(distance), Some(distance)));
    assert_eq!((figure("wrong"), figure("correct"), figure("incomplete")), (Some(1.0), Some(0.0), Some(0.0)));
    assert_eq!(desk.does(Method::POST, "/summary/confirm", json!({"version": 2})).await.0, StatusCode::OK);
    let counted = asks("/api/quality/figures?confirmed=true&verdict=wrong").await;
    assert_eq!([&counted["n"], &counted["confirmed"], &counted["confirmed_edited"]], [&json!(1); 3]);
    assert_eq!(asks("/api/quality/figures?verdict=correct").await["n"], 0);
    for odd in ["max_support=2", "verdict=so-so", "confirmed=1", "limit=1", "cursor=1"] {
        let (status, body) = refusal(quality.get(&format!("/api/quality/figures?{odd}")).await).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{odd}");
    }
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_figures_together() {
    let desk = Desk::open().await;
    desk.does(Method::POST, "/finish", json!({})).await;
    desk.works().await;
    let edit = json!({"version": 1, "summary": words("Суп не привезли.")});
    assert_eq!(desk.does(Method::PUT, "/summary", edit).await.0, StatusCode::OK);
    let quality = desk.server.signed_in("quality", &[Role::Quality]).await;
    let listed = async |query: &str| {
        let [list, figures] = ["summaries", "figures"].map(|what| format!("/api/quality/{what}?{query}"));
        let list: Value = quality.get(&list).await.json().await.unwrap();
        let figures: Value = quality.get(&figures).await.json().await.unwrap();
        let items = list["items"].as_array().unwrap().clone();
        assert_eq!(figures["n"], items.len(), "{query}");
        items
    };
    let all = listed("").await;
    let (support, anna) = (all[0]["support"].as_f64().unwrap(), all[0]["operator"]["id"].as_str().unwrap());
    let nobody = "019ab000-0000-7000-8000-000000000000";
    let (sure, lower) =
        (format!("max_support={}", (support + 0.001).min(1.0)), format!("max_support={}", support - 0.001));
    let fits = [
        "topic=complaint.missing_item".to_owned(),
        format!("operator_id={anna}"),
        "outcome=resolved".to_owned(),
        sure,
        "edited=true".to_owned(),
        "confirmed=false".to_owned(),
        "judged=false".to_owned(),
    ];
    assert_eq!(listed(&fits.join("&")).await.len(), 1, "all at once");
    let others = [
        "topic=complaint.payment".to_owned(),
        format!("operator_id={nobody}"),
        "outcome=none".to_owned(),
        lower,
        "edited=false".to_owned(),
        "confirmed=true".to_owned(),
        "judged=true".to_owned(),
    ];
    for (at, other) in others.into_iter().enumerate() {
        let mut asked = fits.clone();
        asked[at] = other;
        assert_eq!(listed(&asked.join("&")).await.len(), 0, "{}", asked[at]);
    }
}

#[tokio::test]
async fn the_next_operator_reads_on_the_card_what_the_one_before_put_right() {
    let desk = Desk::open().await;
    desk.does(Method::POST, "/finish", json!({})).await;
    desk.works().await;
    let edit = json!({"version": 1, "summary": words("Суп не привезли, деньги вернули.")});
    assert_eq!(desk.does(Method::PUT, "/summary", edit).await.0, StatusCode::OK);
    assert_eq!(desk.does(Method::POST, "/summary/confirm", json!({"version": 2})).await.0, StatusCode::OK);
    assert_eq!(desk.does(Method::POST, "/close", json!({"outcome": "resolved"})).await.0, StatusCode::OK);
    desk.works().await;
    let again = desk.talk.say("vera", "И снова я").await;
    assert_eq!(again.contact_id, desk.said.contact_id, "it goes on within hours");
    let boris = desk.server.signed_in("boris", &[Role::Operator]).await;
    let accept = format!("/api/contacts/{}/accept", again.contact_id);
    assert_eq!(boris.send(Method::POST, &accept, json!({})).await.status(), StatusCode::OK);
    let card: Value = boris.get(&format!("/api/customers/{}/card", again.customer_id)).await.json().await.unwrap();
    let last = &card["summaries"][0];
    assert_eq!(
        (&last["contact_id"], &last["text"]),
        (&json!(desk.said.contact_id), &json!("Суп не привезли, деньги вернули."))
    );
}
