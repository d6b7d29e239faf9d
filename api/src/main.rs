//! `okno`: one binary, a role or a task per subcommand.

use std::process::ExitCode;

use clap::Parser;

/// The only place that prints outside the log: a failure is one sentence that says what to do.
#[allow(clippy::print_stderr, reason = "whoever started the program reads its last words on the terminal")]
fn main() -> ExitCode {
    match api::cli::run(api::cli::Okno::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("okno: {failure}");
            ExitCode::FAILURE
        }
    }
}
