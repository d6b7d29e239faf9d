//! What a tick of ten thousand hourly series takes, after histories of one, two and four years: time, and memory.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::simulate::hourly::{begin, count};
use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;
use indicatif::ProgressBar;
use models::trends::{CountSeries, Holidays, Step};
use rand::SeedableRng;
use rand::rngs::StdRng;

#[derive(Debug, Parser)]
#[command(name = "trends-growth")]
struct Growth {
    #[arg(long, default_value_t = 2001)]
    seed: u64,
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// Years of hourly history.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4")]
    years: Vec<u64>,
    /// How many different histories are read row by row; the other series continue a copy of one of them.
    #[arg(long, default_value_t = 97)]
    histories: usize,
    /// Ticks that are timed.
    #[arg(long, default_value_t = 24)]
    ticks: u64,
    /// The page whose section is written anew; without it the table is only shown.
    #[arg(long)]
    output: Option<PathBuf>,
}

#[allow(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    match measure(&Growth::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-growth: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn measure(run: &Growth) -> Result<(), Trouble> {
    let bar = ProgressBar::new(run.years.len() as u64 * run.histories as u64);
    let mut kept = Vec::new();
    let rows: Vec<_> = run.years.iter().map(|years| row(run, *years, &bar, &mut kept)).collect();
    bar.finish_and_clear();
    let years = run.years.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let text = format!(
        "{} hourly series, one thread, {} ticks, {} different histories of which the other series continue copies; {}, \
         commit {}.\n\n`cargo run --release --bin trends-growth -- --seed {} --series {} --years {years} --histories {} \
         --ticks {}`\n\n{}",
        run.series,
        run.ticks,
        run.histories,
        machine::description(),
        machine::commit(),
        run.seed,
        run.series,
        run.histories,
        run.ticks,
        report::table(
            &[
                "years of history",
                "tick, median ms",
                "tick, longest ms",
                "tick from packed states, median ms",
                "packed bytes a series, mean",
                "most",
                "resident bytes a series",
            ],
            &rows,
        ),
    );
    report::publish(&text, None)?;
    run.output.as_ref().map_or(Ok(()), |page| report::section(page, "Speed and growth", &text))
}

/// `kept` holds what was measured before: memory that was given back would be taken again unseen.
fn row(run: &Growth, years: u64, bar: &ProgressBar, kept: &mut Vec<Kept>) -> Vec<String> {
    let holidays = Arc::new(Holidays::none());
    let mut random = StdRng::seed_from_u64(run.seed);
    let hours = years * 8_766;
    let histories: Vec<CountSeries> = (0..run.histories)
        .map(|at| {
            let mut series = CountSeries::new(Step::Hour, Arc::clone(&holidays));
            for hour in 0..hours {
                let _ = series.next(begin(hour), count(at, hour, &mut random));
            }
            bar.inc(1);
            series
        })
        .collect();
    let before = resident();
    let mut all: Vec<CountSeries> = histories.iter().cycle().take(run.series).cloned().collect();
    let held = resident() - before;
    let mut ticks: Vec<Duration> = (0..run.ticks)
        .map(|tick| {
            let counts = counts(run.series, hours + tick, &mut random);
            let started = Instant::now();
            for (series, count) in all.iter_mut().zip(&counts) {
                std::hint::black_box(series.next(begin(hours + tick), *count)).ok();
            }
            started.elapsed()
        })
        .collect();
    let mut packed: Vec<Vec<u8>> = all.iter().map(CountSeries::pack).collect();
    let mut stored: Vec<Duration> = (run.ticks..2 * run.ticks)
        .map(|tick| {
            let counts = counts(run.series, hours + tick, &mut random);
            let started = Instant::now();
            for (packed, count) in packed.iter_mut().zip(&counts) {
                if let Some(mut series) = CountSeries::unpack(packed, Step::Hour, Arc::clone(&holidays)) {
                    std::hint::black_box(series.next(begin(hours + tick), *count)).ok();
                    *packed = series.pack();
                }
            }
            started.elapsed()
        })
        .collect();
    ticks.sort();
    stored.sort();
    let milliseconds = |one: Option<&Duration>| one.map_or(0.0, |one| one.as_secs_f64() * 1e3);
    let bytes: usize = packed.iter().map(Vec::len).sum();
    let most = packed.iter().map(Vec::len).max().unwrap_or(0);
    kept.push((all, packed));
    vec![
        years.to_string(),
        format!("{:.0}", milliseconds(ticks.get(ticks.len() / 2))),
        format!("{:.0}", milliseconds(ticks.last())),
        format!("{:.0}", milliseconds(stored.get(stored.len() / 2))),
        format!("{:.0}", bytes as f64 / run.series as f64),
        most.to_string(),
        format!("{:.0}", held / run.series as f64),
    ]
}

type Kept = (Vec<CountSeries>, Vec<Vec<u8>>);

fn counts(series: usize, hour: u64, random: &mut StdRng) -> Vec<u64> {
    (0..series).map(|at| count(at, hour, random)).collect()
}

/// Bytes that this process holds.
fn resident() -> f64 {
    machine::usage(std::process::id()).resident_mib * 1024.0 * 1024.0
}
