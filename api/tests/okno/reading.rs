//! What the model says on the command line.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{file, last_words, okno};

const LINES: [&[u8]; 5] = [
    r#"{"id":"a","text":"Где мой заказ 48213? Опаздывает уже на полтора часа!"}"#.as_bytes(),
    b"not json, card 4276 1234",
    r#"{"id":"b","text":"Том ям остыл, а оператор мне хамит"}"#.as_bytes(),
    b"\xff",
    br#"{"id":"c","text":""}"#,
];

#[test]
fn messages_are_classified_in_their_order_and_bad_lines_are_told() {
    let menu = file("menu-words.csv", "name,ingredients\nТом ям,креветки;кокосовое молоко\n".as_bytes());
    let mut program = okno(&["classify", "--threads", "1", "--menu"])
        .arg(menu)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(&LINES.join(b"\n".as_slice())).unwrap();
    let output = program.wait_with_output().unwrap();
    let lines: Vec<serde_json::Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect();
    let ids: Vec<_> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(lines[0]["class"], "complaint");
    assert_eq!(lines[0]["language"], "ru");
    let number = &lines[0]["entities"][0];
    let span = ["type", "text", "start", "end"].map(|key| number[key].clone());
    assert_eq!(serde_json::json!(span), serde_json::json!(["order_number", "48213", 14, 19]));
    assert!(lines[1]["entities"].as_array().unwrap().iter().any(|entity| entity["type"] == "dish"));
    assert_eq!(lines[2]["abstained"], true);
    let last = last_words(&output);
    assert!(last.contains("2 bad lines"), "{last}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("line 2: ") && errors.contains("line 4: not UTF-8"), "{errors}");
    assert!(!errors.contains("4276"), "what a customer typed is on standard error: {errors}");
}

#[test]
fn contacts_are_summarised_in_their_order_and_bad_lines_are_told() {
    let turn = |speaker: &str, text: &str| format!(r#"{{"speaker":"{speaker}","text":"{text}"}}"#);
    let line =
        |id: &str, turns: &[String]| format!(r#"{{"id":"{id}","channel":"call","turns":[{}]}}"#, turns.join(","));
    let many = |turns: usize| vec![turn("customer", "да"); turns];
    let lines = [
        line("a", &[turn("customer", "не привезли суп"), turn("operator", "Возвращаю 690 рублей")]),
        "not json, card 4276 1234".to_owned(),
        line("unknown", &[turn("robot 4276 1234", "а")]),
        r#"{"id":"silent","turns":[{"text":"card 4276 1234"}]}"#.to_owned(),
        r#"{"id":7,"turns":[]}"#.to_owned(),
        String::new(),
        line("b", &[]),
        line("too long", &many(10_001)),
        line("c", &many(600)),
        line("d", &[turn("customer", &"где заказ ".repeat(1_000)), turn("operator", "😡")])
            .replace("call", &"a channel of two megabytes".repeat(80_000)),
    ];
    let input = file("talks.jsonl", lines.join("\n").as_bytes());
    let output = okno(&["summarise", "--threads", "1", "--input"]).arg(input).output().unwrap();
    let made = String::from_utf8(output.stdout.clone()).unwrap();
    let made: Vec<serde_json::Value> = made.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<_> = made.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    assert_eq!(made[0]["topics"][0], "complaint.missing_item");
    assert_eq!(made[1]["summary"]["outcome"], "none");
    assert_eq!(made[2]["roles"].as_array().map(Vec::len), Some(600), "nothing is cut off");
    assert!(last_words(&output).contains("5 bad lines"));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!([2, 3, 4, 5, 8].iter().all(|bad| errors.contains(&format!("line {bad}: "))), "{errors}");
    assert!(!errors.contains("4276"), "what a customer typed is on standard error: {errors}");
}

#[test]
fn the_models_are_listed_verified_and_measured() {
    let list = okno(&["models", "list"]).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.lines().any(|line| line.starts_with("reading-2 ") && line.contains("MIT")), "{list}");
    let verified = okno(&["models", "verify"]).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
    let rows = file(
        "labelled.jsonl",
        "{\"id\":\"u\",\"language\":\"ru\",\"style\":\"chat\",\"text\":\"заказ едет уже два часа\",\
          \"topics\":[\"complaint.late_delivery\"],\"sentiment\":\"negative\",\"urgency\":\"high\"}\n{}\n"
            .as_bytes(),
    );
    let output = okno(&["models", "evaluate", "--json", "--input"]).arg(&rows).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["messages"]["ru"]["n"], 1);
    assert!(last_words(&output).contains("1 bad line"));
    let table = okno(&["models", "evaluate", "--input"]).arg(&rows).output().unwrap();
    assert!(String::from_utf8(table.stdout).unwrap().contains("ru/chat"), "the table names the parts");
}

/// A labelled contact of a customer's and an operator's turn, without a summary where its text is empty.
fn contact(id: &str, language: &str, [said, answered, text]: [&str; 3]) -> Value {
    let mut line = json!({
        "id": id, "language": language, "channel": "site", "topics": ["complaint.missing_item"],
        "sentiment": "negative", "urgency": "normal",
        "turns": [
            {"speaker": "customer", "text": said, "roles": ["issue"]},
            {"speaker": "operator", "text": answered, "roles": ["action"]},
        ],
        "evidence": {"issue": [0], "request": [0], "actions": [1], "promises": [], "outcome": [1]},
    });
    if !text.is_empty() {
        line["summary"] = json!({"issue": "", "request": "", "actions": [], "promises": [], "outcome": "resolved",
            "text": text});
    }
    line
}

/// The facts of such a contact: that so much was given back.
fn refund(id: &str, amount: &str) -> Value {
    json!({"id": id, "facts": [{"kind": "action", "type": "refund", "amount": amount, "due": null, "code": null,
        "accepted": true, "turn": 1}]})
}

#[test]
fn summaries_are_measured_and_bad_lines_are_told() {
    let soup = ["не привезли суп, заказ 48213", "Вернула 690 рублей на карту", "Не привезли суп. Вернули 690 рублей."];
    let bread = ["нет хлеба, верните деньги", "Возвращаю 120 рублей", "Не положили хлеб. Вернули 120 рублей."];
    let roll =
        ["my order 5512 came without rolls", "I refunded 2500 tenge", "Rolls were missing; 2500 tenge refunded."];
    let lines = [
        refund("a", "690 рублей"),
        contact("a", "ru", soup),
        contact("b", "ru", bread),
        contact("c", "en", roll),
        refund("b", "120 рублей"),
        refund("c", "2500 tenge"),
        contact("without a summary", "ru", ["где суп", "Едет", ""]),
    ];
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let good = file("summaries.jsonl", text.as_bytes());
    let evaluate = |options: &[&str], rows: &Path| {
        let arguments = [&["models", "evaluate", "--task", "summaries", "--threads", "1"][..], options].concat();
        okno(&arguments).arg("--input").arg(rows).output().unwrap()
    };
    let output = evaluate(&["--json"], &good);
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let figures = ["all", "ru", "en"].map(|part| &report["summaries"][part]);
    assert_eq!(figures.map(|of| of["n"].as_u64()), [Some(3), Some(2), Some(1)], "one has no summary");
    for of in figures {
        assert!(of["chrf"]["value"].as_f64().is_some_and(|chrf| chrf > 0.0 && chrf < 1.0), "{of}");
        assert!(of["numbers_found"]["value"].as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)), "{of}");
        assert_eq!(of["unsupported"], 0, "{of}");
        assert!(of["whole_facts_f1"]["value"].is_f64(), "its facts are known: {of}");
    }
    assert!(report["annotated_facts_f1"].as_f64() > Some(0.5), "the rules find such sums: {report}");
    assert!(report["references"]["text of the annotated frame"]["chrf"]["value"].is_f64(), "{report}");
    assert_eq!(report["outputs"].as_array().map(Vec::len), Some(3));

    let output = evaluate(&[], &good);
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8(output.stdout).unwrap();
    for word in ["chrF++", "numbers found", "unsupported", "facts F1", "text of the annotated frame", soup[2]] {
        assert!(table.contains(word), "{word}: {table}");
    }

    let odd = ["not json, card 4276 1234", r#"{"id":"d","facts":[{"kind":"gift 4276 1234"}]}"#];
    let bad = file("summaries-bad.jsonl", format!("{}\n{text}{}\n", odd[0], odd[1]).as_bytes());
    let output = evaluate(&["--json"], &bad);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summaries"]["all"]["n"], 3, "the others are measured");
    assert!(last_words(&output).contains("2 bad lines"));
    let errors = String::from_utf8(output.stderr).unwrap();
    for line in [1, 9] {
        assert!(errors.contains(&format!("line {line}: no labelled message, labelled contact or facts")), "{errors}");
    }
    assert!(!errors.contains("4276"), "what a customer typed is on standard error: {errors}");
}

#[test]
fn a_model_that_is_not_there_is_said() {
    let output = okno(&["classify", "--model", "reading-0"]).stdin(Stdio::null()).output().unwrap();
    assert!(last_words(&output).contains("reading-0"));
    let output = okno(&["models", "list", "--models", "/nowhere"]).output().unwrap();
    assert!(last_words(&output).contains("OKNO_MODELS"));
}
