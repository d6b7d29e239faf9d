//! Many talks at once at a steady rate, with operators' pages open: how long each message takes to be stored, to be
//! shown and to be read, and what that costs.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use benches::house::{House, free_port};
use benches::shift::Shift;
use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "load")]
struct Load {
    /// Talks at once.
    #[arg(long, default_value_t = 200)]
    contacts: u64,
    /// Messages a second.
    #[arg(long, default_value_t = 10.0)]
    rate: f64,
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Half a minute with fewer talks: fails where something is lost, shows the times, writes nothing.
    #[arg(long)]
    short: bool,
    /// Where the table goes.
    #[arg(long, default_value = "docs/results/load.md")]
    output: PathBuf,
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "a program's last words")]
async fn main() -> ExitCode {
    match measure(Load::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("load: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(mut load: Load) -> Result<(), Trouble> {
    if load.short {
        (load.contacts, load.seconds) = (40, 30);
    }
    let house = House::build("load", load.short).await?;
    let server = house.start("api,worker", free_port()?).await?;
    let shift = Shift::begin(&server.url(), load.contacts, load.rate).await?;
    let pages = shift.desks.len();
    let (before, began) = (machine::usage(server.process()), Instant::now());
    shift.senders.run(&shift.ledger, Duration::from_secs(load.seconds)).await;
    let (after, took) = (machine::usage(server.process()), began.elapsed());
    let (sums, stored) = shift.end().await?;
    let Load { contacts, rate, seconds, .. } = load;
    let cores = (after.cpu_seconds - before.cpu_seconds) / took.as_secs_f64();
    let text = format!(
        "# Load\n\n{contacts} talks at once, {rate} messages/s for {seconds} s, {pages} operators' pages open, {} broker, \
         one process with both roles.\n\nMeasured on {}, commit {}, by \
         `load --contacts {contacts} --rate {rate} --seconds {seconds}`.\n\n{}\n{}\n\
         The server took {cores:.2} cores; it held {:.0} MiB at the start and {:.0} MiB at the end.\n",
        house.broker(),
        machine::description(),
        machine::commit(),
        report::latencies(&sums),
        report::counts(&sums, &stored),
        before.resident_mib,
        after.resident_mib,
    );
    report::publish(&text, (!load.short).then_some(load.output.as_path()))?;
    if stored.is_whole(&sums) { Ok(()) } else { Err(Trouble::NotWhole) }
}
