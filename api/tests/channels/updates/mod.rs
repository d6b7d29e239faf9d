//! Updates as the Bot API writes them, and what we read in them.

use api::channels::telegram::update::{NotAnUpdate, read, read_bytes};
use models::taxonomy::Language;
use serde_json::Value;

#[test]
fn each_kind_of_update_is_read_as_what_it_is() {
    let updates: Value = serde_json::from_str(include_str!("updates.json")).unwrap();
    for (name, update) in updates.as_object().unwrap() {
        let (id, reading) = read(update.clone(), Language::Ru).unwrap();
        assert_eq!(id, update["update_id"].as_i64().unwrap());
        insta::assert_json_snapshot!(name.as_str(), reading);
    }
}

#[test]
fn an_edit_names_the_message_that_it_changes() {
    let updates: Value = serde_json::from_str(include_str!("updates.json")).unwrap();
    let external = |name: &str| {
        let (_, reading) = read(updates[name].clone(), Language::Ru).unwrap();
        serde_json::to_value(reading).unwrap()["said"].clone()
    };
    assert_eq!(external("edit")["what"]["edit"]["of"], external("text")["external_id"]);
    assert_ne!(external("edit")["external_id"], external("text")["external_id"]);
}

#[test]
fn what_is_no_update_is_refused() {
    for body in [
        &b""[..],
        b"{\"update_id\": 1, \"mess",
        b"[1]",
        b"{}",
        b"{\"update_id\": \"x\"}",
        b"{\"update_id\": 1, \"a\": \"\xff\"}",
    ] {
        assert_eq!(read_bytes(body, Language::Ru), Err(NotAnUpdate));
    }
}
