//! Whether summaries stand in the way of live readings: the same steady traffic in turns without and with summaries
//! asked for, and the reading's time from sending to the page in each.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use benches::house::{House, free_port};
use benches::ledger::percentile;
use benches::shift::Shift;
use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;

/// Summaries that were asked for and made.
const ASKED: &str = "okno_summaries_total{reason=\"asked\"}";
/// How long the summaries of a turn may take.
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Debug, Parser)]
#[command(name = "summaries")]
struct Summaries {
    /// Talks at once; each is summarised once in a turn with summaries.
    #[arg(long, default_value_t = 50)]
    contacts: u64,
    /// Messages a second.
    #[arg(long, default_value_t = 10.0)]
    rate: f64,
    /// Summaries that are asked for a second in a turn with them: faster than they are made, and not as fast as one client
    /// can ask, which would measure the asking.
    #[arg(long, default_value_t = 20.0)]
    asked: f64,
    /// Pairs of turns, one without summaries and one with them.
    #[arg(long, default_value_t = 7)]
    pairs: u32,
    /// Of each turn.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Where the table goes.
    #[arg(long, default_value = "docs/results/summaries-beside-live.md")]
    output: PathBuf,
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "a program's last words")]
async fn main() -> ExitCode {
    match measure(Summaries::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("summaries: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(run: Summaries) -> Result<(), Trouble> {
    let house = House::build("summaries", false).await?;
    let server = house.start("api,worker", free_port()?).await?;
    let mut asked_for = house.past;
    server.measured(ASKED, asked_for as f64, PATIENCE).await;
    let shift = Shift::begin(&server.url(), run.contacts, run.rate).await?;
    let mut rows = Vec::new();
    let mut medians = [Vec::new(), Vec::new()];
    let mut first = run.contacts;
    let turn = Duration::from_secs(run.seconds);
    for pair in 1..=run.pairs {
        // Which of the two comes first changes from pair to pair, so that neither gets the warmer machine.
        for with in if pair % 2 == 0 { [true, false] } else { [false, true] } {
            shift.ledger.time_from_here();
            let asked = async { if with { shift.summarise_all(run.asked).await } else { Ok(()) } };
            let (_, asked) = tokio::join!(shift.senders.run_from(&shift.ledger, first, turn), asked);
            asked?;
            shift.settle(Duration::from_secs(60)).await;
            // The writer may take longer than the turn; the next one begins when it is done.
            if with {
                asked_for += run.contacts;
                server.measured(ASKED, asked_for as f64, PATIENCE).await;
            }
            first += (run.rate * run.seconds as f64) as u64;
            let times = shift.ledger.sums().until_read;
            let name = format!("{pair}, {}", if with { "with" } else { "without" });
            rows.push(report::times(&name, &times));
            medians[usize::from(with)].extend(percentile(&times, 99.0));
        }
    }
    let ratios: Vec<f64> = medians[0].iter().zip(&medians[1]).map(|(without, with)| with / without).collect();
    let ratio = percentile(&ratios, 50.0).unwrap_or_default();
    let [without, with] = medians.map(|p99s| percentile(&p99s, 50.0).unwrap_or_default());
    let written = server.measure("okno_writer_seconds_count").await;
    let summaries = server.measure(ASKED).await - house.past as f64;
    let text = format!(
        "# Summaries beside live readings\n\n{} talks, {} messages/s, turns of {} s; in a turn with summaries all {} talks \
         are summarised meanwhile, asked for {} a second. {} broker, one process with both roles.\n\nMeasured on {}, commit {}, by \
         `summaries --contacts {} --rate {} --asked {} --pairs {} --seconds {}`.\n\nFrom sending a message to its reading on the \
         operator's page:\n\n{}\n{summaries} summaries were made, the writer wrote {written} texts (0: none is installed).\n\nMedian of the p99: {without:.1} ms without, {with:.1} ms with summaries, {:.2} times as \
         long (goal: at most 1.25); median of the pairs' own ratios: {ratio:.2}.\n",
        run.contacts,
        run.rate,
        run.seconds,
        run.contacts,
        run.asked,
        house.broker(),
        machine::description(),
        machine::commit(),
        run.contacts,
        run.rate,
        run.asked,
        run.pairs,
        run.seconds,
        report::table(&["turn", "n", "p50 ms", "p95 ms", "p99 ms", "longest ms"], &rows),
        with / without,
    );
    report::publish(&text, Some(run.output.as_path()))
}
