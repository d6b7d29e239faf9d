use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::Stdio;

use pipelines::platform::trial::Trial;

use crate::program::{last_words, okno, okno_with};

#[tokio::test]
async fn a_taken_address_is_said() {
    let trial = Trial::start().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = okno_with(&trial, &["serve", "--listen", &address]).output().unwrap();
    let words = last_words(&output);
    assert!(words.contains(&address) && words.contains("--listen"), "{words}");
}

#[test]
fn a_missing_database_is_said() {
    let words = last_words(&okno(&["serve"]).output().unwrap());
    assert!(words.contains("DATABASE_URL"), "{words}");
    let nobody = okno(&["serve"]).env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/okno").output().unwrap();
    let words = last_words(&nobody);
    assert!(words.contains("PostgreSQL"), "{words}");
    let odd = okno(&["migrate"]).env("DATABASE_URL", "not an address").output().unwrap();
    assert!(last_words(&odd).contains("postgres://"));
}

#[tokio::test]
async fn a_page_that_is_not_where_it_was_said_to_be() {
    let trial = Trial::start().await;
    let output = okno_with(&trial, &["serve", "--web", "/nowhere"]).output().unwrap();
    assert!(last_words(&output).contains("npm run build"));
}

#[test]
fn the_description_is_printed() {
    let output = okno(&["openapi"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), api::openapi::json().unwrap());
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop_and_ends_well() {
    let trial = Trial::start().await;
    let mut program = okno_with(&trial, &["serve", "--listen", "127.0.0.1:0"])
        .env("OKNO_LOG", "info")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(program.stderr.take().unwrap()).lines();
    let serving = log.by_ref().map_while(Result::ok).find(|line| line.contains("serving"));
    assert!(serving.is_some_and(|line| line.contains("127.0.0.1:")), "the log says where");
    let stopped = std::process::Command::new("kill").arg(program.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert!(program.wait().unwrap().success());
}
