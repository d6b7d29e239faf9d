//! All our written talks, chats and calls in four languages, and the public coffee orders, through the public addresses
//! of a server: every message stored once, in order, read and shown.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use api::replay::{Dialogue, Doors, Stage, Table, replay};
use benches::desk::Desk;
use benches::house::{House, free_port};
use benches::trouble::Trouble;
use benches::{coffee, machine, report, talks};
use clap::Parser;
use indicatif::ProgressBar;
use pipelines::demonstration::secret_of;
use pipelines::platform::clock::Clock;

#[derive(Debug, Parser)]
#[command(name = "replay")]
struct Replay {
    /// Talks at once.
    #[arg(long, default_value_t = 8)]
    contacts: usize,
    /// The folder of the public data; without it only our own talks are played.
    #[arg(long, env = "OKNO_PUBLIC_DATA")]
    public_data: Option<PathBuf>,
    /// A tenth of the talks; writes nothing.
    #[arg(long)]
    short: bool,
    /// Where the table goes.
    #[arg(long, default_value = "docs/results/replay.md")]
    output: PathBuf,
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "a program's last words")]
async fn main() -> ExitCode {
    match measure(Replay::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("replay: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(args: Replay) -> Result<(), Trouble> {
    let house = House::build("replay", true).await?;
    let server = house.start("api,worker", free_port()?).await?;
    let desks = Desk::enough(&server.url(), 20).await?;
    let stage = stage(server.url(), desks.len(), args.contacts);
    let mut text = format!(
        "# Written talks\n\n{} at once, {} broker, one process with both roles; calls say both sides. Measured on {}, commit {}, \
         by `replay --contacts {}`.\n",
        args.contacts,
        house.broker(),
        machine::description(),
        machine::commit(),
        args.contacts,
    );
    let mut whole = true;
    let mut sets = vec![("Our own, ru, kk, uz, en and mixed", talks::ours(Path::new("models/data"))?)];
    match args.public_data {
        Some(folder) => sets.push(("Taskmaster-4, coffee orders", coffee::dialogues(&folder.join("taskmaster4"))?)),
        None => text.push_str("\nThe public coffee orders were left out: OKNO_PUBLIC_DATA names no folder.\n"),
    }
    for (number, (name, talks)) in (1..).zip(sets) {
        let talks: Vec<_> = talks.into_iter().step_by(if args.short { 10 } else { 1 }).collect();
        let stage = Stage { run: stage.run + number, ..stage.clone() };
        let began = Instant::now();
        let table = play(&stage, talks).await?;
        whole &= table.is_whole();
        text.push_str(&format!("\n## {name}\n\n```\n{table}```\n\n{:.0} s.\n", began.elapsed().as_secs_f64()));
    }
    report::publish(&text, (!args.short).then_some(args.output.as_path()))?;
    if whole { Ok(()) } else { Err(Trouble::NotWhole) }
}

async fn play(stage: &Stage, talks: Vec<Dialogue>) -> Result<Table, Trouble> {
    let bar = ProgressBar::new(talks.len() as u64);
    let table = replay(stage, talks, |talk, outcome| {
        if let Err(error) = outcome {
            tracing::warn!(talk = talk.id, %error, "the talk broke off");
        }
        bar.inc(1);
    });
    let table = table.await?;
    bar.finish_and_clear();
    Ok(table)
}

fn stage(url: String, operators: usize, at_once: usize) -> Stage {
    let began = Clock::system().now();
    let door = |slug: &str| (slug.to_owned(), secret_of(slug));
    Stage {
        url,
        speed: 0.0,
        at_once,
        logins: (1..=operators).map(|number| (format!("bench-{number}"), "bench-password".into())).collect(),
        doors: Doors {
            telegram: door("demo-bot"),
            site: "demo-site".to_owned(),
            app: door("demo-app"),
            calls: door("demo-calls"),
        },
        people: Vec::new(),
        sessions: Arc::default(),
        run: began.as_second().unsigned_abs() % 1_000_000,
        close: true,
        began,
    }
}
