//! Runs the built program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pipelines::platform::trial::Trial;
use secrecy::ExposeSecret;

/// The program with nothing of the surroundings that could lead it astray.
pub(crate) fn okno(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_okno"));
    program.args(arguments).env_remove("DATABASE_URL").env_remove("OKNO_WEB").env_remove("OKNO_LISTEN");
    program.env("OKNO_LOG", "error").env("OKNO_MODELS", concat!(env!("CARGO_MANIFEST_DIR"), "/../models/weights"));
    program
}

pub(crate) fn okno_with(trial: &Trial, arguments: &[&str]) -> Command {
    let mut program = okno(arguments);
    program.env("DATABASE_URL", trial.url.expose_secret());
    program
}

/// A file for one test, in cargo's own folder for that.
pub(crate) fn file(name: &str, text: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the folder for tests can be written");
    path
}

/// Checks that a failure is one sentence that says what to do, with exit code 1, and gives it.
pub(crate) fn last_words(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let errors = String::from_utf8(output.stderr.clone()).expect("messages are UTF-8");
    let last = errors.lines().last().expect("a failure says something").to_owned();
    assert!(last.starts_with("okno: "), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    last
}
