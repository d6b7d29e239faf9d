//! Under load, one part after another is killed or restarted; afterwards everything that was sent must be stored once,
//! read, and shown once and in order.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use benches::house::{House, free_port};
use benches::shift::Shift;
use benches::trouble::Trouble;
use benches::{machine, report, services};
use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "fault")]
struct Fault {
    /// Talks at once.
    #[arg(long, default_value_t = 200)]
    contacts: u64,
    /// Messages a second.
    #[arg(long, default_value_t = 10.0)]
    rate: f64,
    #[arg(long, default_value_t = 180)]
    seconds: u64,
    /// Half a minute with fewer talks; writes nothing.
    #[arg(long)]
    short: bool,
    /// Where the table goes.
    #[arg(long, default_value = "docs/results/fault.md")]
    output: PathBuf,
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "a program's last words")]
async fn main() -> ExitCode {
    match measure(Fault::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("fault: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(mut fault: Fault) -> Result<(), Trouble> {
    if fault.short {
        (fault.contacts, fault.seconds) = (40, 30);
    }
    let Fault { contacts, rate, seconds, .. } = fault;
    let house = House::build("fault", fault.short).await?;
    let mut worker = house.start("worker", free_port()?).await?;
    let mut api = house.start("api", free_port()?).await?;
    let shift = Shift::begin(&api.url(), contacts, rate).await?;
    let (senders, ledger) = (shift.senders.clone(), shift.ledger.clone());
    let sending = tokio::spawn(async move { senders.run(&ledger, Duration::from_secs(seconds)).await });

    // Each fault has its share of the time, and some of the load comes before the first and after the last.
    let share = Duration::from_secs(seconds) / 6;
    let mut rows = Vec::new();
    let mut note =
        |what: &str, began: Instant| rows.push(vec![what.to_owned(), format!("{:.1}", began.elapsed().as_secs_f64())]);
    tokio::time::sleep(share).await;
    let began = Instant::now();
    worker.kill_and_restart(&house).await?;
    note("`kill -9` of the worker, started again", began);
    tokio::time::sleep(share).await;
    let began = Instant::now();
    api.kill_and_restart(&house).await?;
    note("`kill -9` of the api, started again", began);
    tokio::time::sleep(share).await;
    let began = Instant::now();
    services::restart("postgres").await?;
    note("PostgreSQL stopped and started", began);
    tokio::time::sleep(share).await;
    if house.broker() == "RabbitMQ" {
        let began = Instant::now();
        services::restart("rabbitmq").await?;
        note("RabbitMQ stopped and started", began);
    }
    drop(sending.await);

    let (sums, stored) = shift.end().await?;
    let text = format!(
        "# Faults\n\n{contacts} talks at once, {rate} messages/s for {seconds} s, {} broker, a process for each role. Whoever \
         sends tries again until the message is taken, as Telegram does; pages come back and ask for what they \
         missed.\n\nMeasured on {}, commit {}, by `fault --contacts {contacts} --rate {rate} --seconds {seconds}`.\n\n{}\n{}\n{}",
        house.broker(),
        machine::description(),
        machine::commit(),
        report::table(&["fault", "s until it answered again"], &rows),
        report::counts(&sums, &stored),
        report::latencies(&sums),
    );
    report::publish(&text, (!fault.short).then_some(fault.output.as_path()))?;
    if stored.is_whole(&sums) { Ok(()) } else { Err(Trouble::NotWhole) }
}
