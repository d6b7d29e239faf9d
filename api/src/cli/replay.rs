//! `okno replay`: plays written talks against a running server and compares what was sent, stored, read and seen.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use pipelines::platform::clock::Clock;
use secrecy::SecretString;

use super::{Failure, surroundings};
use crate::replay::{Dialogue, Doors, Stage, parse, replay};

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Files of talks, a JSON object a line.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The running server.
    #[arg(long, env = "OKNO_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Times faster than people write; 0 waits nowhere.
    #[arg(long, default_value_t = 0.0)]
    speed: f64,
    /// Talks at once.
    #[arg(long, default_value_t = 4)]
    contacts: usize,
    /// Operators who serve, as `login:password`; the demonstration's by themselves.
    #[arg(long = "login", env = "OKNO_REPLAY_LOGINS", value_delimiter = ',', hide_env_values = true, required = true)]
    logins: Vec<Login>,
    /// The bot's account and the secret of its webhook, as `account:secret`.
    #[arg(long, default_value = "demo-bot:demo-bot-secret")]
    telegram: Login,
    /// The site's account.
    #[arg(long, default_value = "demo-site")]
    site: String,
    /// The app's account and its signing key.
    #[arg(long, default_value = "demo-app:demo-app-secret")]
    app: Login,
    /// The telephone source's account and its token.
    #[arg(long, default_value = "demo-calls:demo-calls-secret")]
    calls: Login,
    /// Leave the contacts open.
    #[arg(long)]
    keep_open: bool,
}

/// A name and its secret.
#[derive(Clone, Debug)]
struct Login(String, SecretString);

impl std::str::FromStr for Login {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, secret) = text.split_once(':').ok_or("write it as name:secret")?;
        Ok(Self(name.to_owned(), SecretString::from(secret)))
    }
}

/// Plays all talks; fails where anything that was sent did not arrive.
pub(super) fn run(args: &Replay) -> Result<(), Failure> {
    let (dialogues, bad) = read(&args.files)?;
    let began = Clock::system().now();
    let pair = |login: &Login| (login.0.clone(), login.1.clone());
    let stage = Stage {
        url: args.url.trim_end_matches('/').to_owned(),
        speed: args.speed,
        at_once: args.contacts,
        logins: args.logins.iter().map(pair).collect(),
        doors: Doors {
            telegram: pair(&args.telegram),
            site: args.site.clone(),
            app: pair(&args.app),
            calls: pair(&args.calls),
        },
        people: Vec::new(),
        run: began.as_second().unsigned_abs() % 1_000_000,
        close: !args.keep_open,
        began,
        sessions: Arc::default(),
    };
    let bar = ProgressBar::new(dialogues.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} talks, {elapsed}, {eta} left {msg}") {
        bar.set_style(style);
    }
    let table = surroundings::runtime()?
        .block_on(replay(&stage, dialogues, |dialogue, outcome| {
            match outcome {
                Ok(count) if count.is_whole() => {}
                Ok(count) => tracing::warn!(talk = dialogue.id, ?count, "not everything arrived"),
                Err(error) => tracing::warn!(talk = dialogue.id, %error, "the talk broke off"),
            }
            bar.inc(1);
        }))
        .map_err(Failure::Replay)?;
    bar.finish_and_clear();
    write!(std::io::stdout(), "{table}").map_err(Failure::Output)?;
    match (table.is_whole(), bad) {
        (false, _) => Err(Failure::NotWhole),
        (true, 0) => Ok(()),
        (true, bad) => Err(Failure::BadLines(bad)),
    }
}

/// All talks of the files; a line that is none is named and left out.
fn read(files: &[PathBuf]) -> Result<(Vec<Dialogue>, u64), Failure> {
    let (mut dialogues, mut bad) = (Vec::new(), 0);
    for path in files {
        let file = File::open(path).map_err(|cause| Failure::Input { path: path.clone(), cause })?;
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(Failure::Reading)?;
            if line.trim().is_empty() {
                continue;
            }
            match parse(&line) {
                Ok(dialogue) => dialogues.push(dialogue),
                Err(error) => {
                    bad += 1;
                    tracing::warn!(file = %path.display(), line = index + 1, error, "not a talk");
                }
            }
        }
    }
    Ok((dialogues, bad))
}
