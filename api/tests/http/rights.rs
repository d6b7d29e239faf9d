//! Every operation times every role and nobody: a new route without a decision here fails.

use std::collections::BTreeMap;

use pipelines::workforce::Role;
use pipelines::workforce::Role::{Admin, Analyst, Operator, Quality};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Browser, Server, refusal};

const EVERYBODY: &[Role] = &[Operator, Quality, Analyst, Admin];

/// Who may call an operation at all; whether they may see one object is another question.
fn decided(operation: &str) -> Option<&'static [Role]> {
    Some(match operation {
        "current_session" | "put_preferences" | "put_presence" => EVERYBODY,
        "list_colleagues" => &[Operator, Quality, Admin],
        "list_contacts"
        | "get_contact"
        | "list_messages"
        | "explain_message"
        | "list_frames"
        | "get_attachment"
        | "mark_read"
        | "put_draft"
        | "add_note"
        | "give_verdict"
        | "get_summary"
        | "list_summary_versions"
        | "ask_summary" => &[Operator, Quality, Admin],
        "edit_summary" | "confirm_summary" => &[Operator, Admin],
        "quality_list_summaries" | "quality_get_figures" | "quality_get_summary" | "quality_judge_summary" => {
            &[Quality, Admin]
        }
        "take_next" | "accept_contact" | "hold_contact" | "resume_contact" | "finish_contact" | "close_contact"
        | "reopen_contact" | "transfer_contact" | "send_message" | "retry_message" => &[Operator, Admin],
        "find_customers" | "get_card" | "list_orders" => &[Operator, Quality, Admin],
        "reveal_phone" | "link_customers" | "unlink_customers" => &[Operator, Admin],
        "admin_list_operators"
        | "admin_create_operator"
        | "admin_update_operator"
        | "admin_list_audit"
        | "admin_list_accounts"
        | "admin_create_account"
        | "admin_list_templates"
        | "admin_create_template"
        | "admin_update_template"
        | "admin_delete_template" => &[Admin],
        // figures over all contacts, and what stands behind them without a word of a customer
        "trends_list_places"
        | "trends_get_overview"
        | "trends_get_points"
        | "trends_list_contacts"
        | "trends_export_points"
        | "trends_get_given"
        | "trends_list_given_contacts"
        | "trends_export_given"
        | "trends_get_alert"
        | "trends_list_alert_contacts"
        | "trends_acknowledge_alert"
        | "trends_comment_alert"
        | "trends_mute_alert"
        | "trends_judge_alert"
        | "trends_list_holidays"
        | "trends_say_holiday"
        | "trends_undo_holiday" => &[Quality, Analyst, Admin],
        "trends_list_alerts" | "trends_list_frames" => EVERYBODY,
        "list_templates" | "render_template" => &[Operator, Quality, Admin],
        _ => return None,
    })
}

/// Answered without a session.
const OPEN: [&str; 2] = ["sign_in", "sign_out"];

#[tokio::test]
async fn every_role_may_do_what_was_decided_and_no_more() {
    let server = Server::start().await;
    let mut people = vec![("nobody", None, server.browser())];
    for role in EVERYBODY {
        people.push((role.as_str(), Some(*role), server.signed_in(role.as_str(), &[*role]).await));
    }
    for (id, method, path) in operations() {
        if OPEN.contains(&id.as_str()) {
            continue;
        }
        let allowed = decided(&id).unwrap_or_else(|| panic!("decide in rights.rs who may call {id}"));
        for (name, role, browser) in &people {
            let status = call(browser, &method, &path).await;
            let expected = match role {
                None => status == StatusCode::UNAUTHORIZED,
                Some(role) if allowed.contains(role) => {
                    status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN
                }
                Some(_) => status == StatusCode::FORBIDDEN,
            };
            assert!(expected, "{name} calling {id} got {status}");
            assert!(!status.is_server_error(), "{name} calling {id} got {status}");
        }
    }
}

/// With an id that nobody has and an empty body: rights are looked at before either.
async fn call(browser: &Browser, method: &Method, path: &str) -> StatusCode {
    let answer = match *method {
        Method::GET => browser.get(path).await,
        _ => browser.send(method.clone(), path, json!({})).await,
    };
    let status = answer.status();
    if status.is_client_error() {
        refusal(answer).await;
    }
    status
}

/// Id, method and address of every operation that the interface description lists.
pub(crate) fn operations() -> Vec<(String, Method, String)> {
    let document: Value = serde_json::from_str(&api::openapi::json().expect("the description can be written"))
        .expect("the description is JSON");
    let paths: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_value(document["paths"].clone()).expect("paths hold operations");
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method of HTTP");
            let id = operation["operationId"].as_str().expect("every operation has an id").to_owned();
            let filled = path
                .split('/')
                .map(|part| if part.starts_with('{') { "019ab000-0000-7000-8000-000000000000" } else { part });
            all.push((id, method, filled.collect::<Vec<_>>().join("/")));
        }
    }
    assert!(all.len() > 5, "the description is empty");
    all
}
