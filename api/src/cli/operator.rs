//! `okno operator`: somebody who may sign in, made on the machine itself. So a fresh installation gets its first
//! administrator, who makes the others on the page.

use std::io::{BufRead, Write};

use clap::Args;
use models::taxonomy::Language;
use pipelines::platform::clock::Clock;
use pipelines::platform::database;
use pipelines::workforce::{Login, NewOperator, Role, Roles, create_operator};
use secrecy::{ExposeSecret, SecretString};

use super::database_url::DatabaseUrl;
use super::{Failure, surroundings};

#[derive(Debug, Args)]
pub(super) struct Operator {
    /// What they sign in with: letters a to z, digits, `.`, `_` and `-`.
    #[arg(value_parser = Login::parse)]
    login: Login,
    /// Their name as colleagues read it; without it the login.
    #[arg(long)]
    name: Option<String>,
    /// operator, quality, analyst or admin; may be given several times.
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
    /// ru, kk, uz or en; may be given several times.
    #[arg(long = "language", default_values = ["ru"])]
    languages: Vec<Language>,
    /// Contacts held at once, at most.
    #[arg(long, default_value_t = 5)]
    capacity: u16,
    /// Read the password from the first line of standard input; without this one is made up and printed.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    database: DatabaseUrl,
}

pub(super) fn run(args: &Operator) -> Result<(), Failure> {
    let clock = Clock::system();
    let password = if args.password_stdin { typed()? } else { made_up(&clock) };
    let new = NewOperator {
        login: args.login.clone(),
        name: args.name.clone().unwrap_or_else(|| args.login.as_str().to_owned()),
        password: password.clone(),
        roles: Roles::new(&args.roles).map_err(|none| Failure::Broken(none.to_string()))?,
        languages: args.languages.clone(),
        capacity: args.capacity,
    };
    surroundings::runtime()?.block_on(async {
        let store = database::connect(&args.database.get()?, clock).await?;
        database::check(&store).await?;
        create_operator(&store, None, new).await.map_err(Failure::Operator)
    })?;
    let mut out = std::io::stdout();
    let said = match args.password_stdin {
        true => writeln!(out, "{} may sign in", args.login.as_str()),
        false => writeln!(out, "{} may sign in with the password {}", args.login.as_str(), password.expose_secret()),
    };
    said.map_err(Failure::Output)
}

fn typed() -> Result<SecretString, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Failure::Reading)?;
    Ok(line.trim_end_matches(['\r', '\n']).into())
}

/// 96 random bits in letters that are not mistaken for one another.
fn made_up(clock: &Clock) -> SecretString {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes = clock.secret();
    let password: String = bytes.iter().take(20).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    password.into()
}
