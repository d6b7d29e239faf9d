//! `okno trends`

use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use pipelines::platform::clock::Clock;
use pipelines::platform::store::Store;
use pipelines::platform::{database, log};
use pipelines::trends::{Rebuild, judge_anew};

use super::database_url::DatabaseUrl;
use super::{Failure, surroundings};
use crate::trends::webhook;

#[derive(Debug, Args)]
pub(super) struct Trends {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Count contacts anew from what is stored. Broken off, the same command goes on where it stopped.
    Rebuild(RebuildDays),
    /// Tell the webhook's service once more of what came after a position, which each of its requests bears.
    Resend(Resend),
}

#[derive(Debug, Args)]
struct RebuildDays {
    /// The first day, UTC.
    #[arg(long)]
    from: Date,
    /// The last day, UTC.
    #[arg(long)]
    to: Date,
    /// Also judge all steps anew from the first count on, as if they had come live. Alerts that nobody has done anything
    /// with are forgotten and found again.
    #[arg(long)]
    judge: bool,
    #[command(flatten)]
    database: DatabaseUrl,
}

#[derive(Debug, Args)]
struct Resend {
    /// The position of the last request that arrived; 0: none did.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    after: i64,
    #[command(flatten)]
    database: DatabaseUrl,
}

pub(super) fn run(args: &Trends) -> Result<(), Failure> {
    surroundings::runtime()?.block_on(async {
        match &args.task {
            Task::Rebuild(days) => rebuild(days).await,
            Task::Resend(resend) => {
                let store = open(&resend.database).await?;
                let back = log::go_back(&store, webhook::READER, resend.after).await?;
                if back { Ok(()) } else { Err(Failure::NotSoFar(resend.after)) }
            }
        }
    })
}

async fn open(database: &DatabaseUrl) -> Result<Store, Failure> {
    let store = database::connect(&database.get()?, Clock::system()).await?;
    database::check(&store).await?;
    Ok(store)
}

async fn rebuild(args: &RebuildDays) -> Result<(), Failure> {
    if args.to < args.from {
        return Err(Failure::NoDays);
    }
    let store = open(&args.database).await?;
    let mut rebuild = Rebuild::begin(&store, args.from, args.to).await?;
    let counting = bar("counting", rebuild.left());
    while rebuild.step().await? {
        counting.inc(1);
    }
    rebuild.finish().await?;
    counting.finish_and_clear();
    if args.judge {
        let judging = bar("judging", 0);
        judge_anew(&store, |done, all| {
            judging.set_length(all);
            judging.set_position(done);
        })
        .await?;
        judging.finish_and_clear();
    }
    Ok(())
}

fn bar(what: &'static str, steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
