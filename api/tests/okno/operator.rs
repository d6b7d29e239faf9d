//! The first person of an installation.

use std::io::Write;
use std::process::Stdio;

use pipelines::platform::trial::Trial;
use pipelines::workforce::{Role, sign_in};

use crate::program::{last_words, okno_with};

#[tokio::test]
async fn an_administrator_is_made_on_the_machine_and_may_sign_in() {
    let trial = Trial::start().await;
    let output = okno_with(&trial, &["operator", "Irina", "--role", "admin", "--role", "operator"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let password = said.trim().strip_prefix("irina may sign in with the password ").unwrap();
    let (_, me) = sign_in(&trial.store, "irina", &password.into()).await.unwrap();
    assert!(me.operator.roles.has(Role::Admin) && me.operator.roles.has(Role::Operator));
    let again = okno_with(&trial, &["operator", "irina", "--role", "admin"]).output().unwrap();
    assert!(last_words(&again).contains("taken"));
}

#[tokio::test]
async fn a_password_of_ones_own_comes_by_standard_input_and_is_not_printed() {
    let trial = Trial::start().await;
    let typed = async |password: &str| {
        let mut program = okno_with(&trial, &["operator", "olga", "--role", "quality", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(program.stdin.take().unwrap(), "{password}").unwrap();
        program.wait_with_output().unwrap()
    };
    assert!(last_words(&typed("short").await).contains("8 characters"));
    let output = typed("correct horse battery").await;
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "olga may sign in\n");
    assert!(sign_in(&trial.store, "olga", &"correct horse battery".into()).await.is_ok());
}
