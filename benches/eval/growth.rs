//! What a tick of ten thousand hourly series takes, after histories of one, two and four years: time, and memory.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::ledger::percentile;
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
    let mut all: Vec<Population> = run.years.iter().map(|years| Population::read(run, *years, &bar)).collect();
    bar.finish_and_clear();
    // Taking turns: a machine that is slower for a while is slower for all of them.
    for tick in 0..run.ticks {
        all.iter_mut().for_each(|of| of.tick(tick));
    }
    all.iter_mut().for_each(Population::pack);
    for tick in run.ticks..2 * run.ticks {
        all.iter_mut().for_each(|of| of.tick_from_packed(tick));
    }
    let years = run.years.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let text = format!(
        "{} hourly series, one thread, {} ticks in turn, {} different histories of which the other series continue \
         copies; {}, commit {}.\n\n`cargo run --release --bin trends-growth -- --seed {} --series {} --years {years} \
         --histories {} --ticks {}`\n\n{}",
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
                "median of tick over that of the first row",
                "tick from packed states, median ms",
                "packed bytes a series, mean",
                "most",
                "resident bytes a series",
            ],
            &all.iter().map(|of| of.row(&all[0])).collect::<Vec<_>>(),
        ),
    );
    report::publish(&text, None)?;
    run.output.as_ref().map_or(Ok(()), |page| report::section(page, "Speed and growth", &text))
}

/// Series with histories of the same length, and how long their ticks took.
struct Population {
    years: u64,
    hours: u64,
    random: StdRng,
    series: Vec<CountSeries>,
    /// Bytes that the series hold.
    held: f64,
    packed: Vec<Vec<u8>>,
    ticks: Vec<Duration>,
    from_packed: Vec<Duration>,
}

impl Population {
    fn read(run: &Growth, years: u64, bar: &ProgressBar) -> Population {
        let mut random = StdRng::seed_from_u64(run.seed);
        let hours = years * 8_766;
        let histories: Vec<CountSeries> = (0..run.histories)
            .map(|at| {
                let mut series = CountSeries::new(Step::Hour, holidays());
                for hour in 0..hours {
                    let _ = series.next(begin(hour), count(at, hour, &mut random));
                }
                bar.inc(1);
                series
            })
            .collect();
        let before = resident();
        let series: Vec<CountSeries> = histories.iter().cycle().take(run.series).cloned().collect();
        let held = resident() - before;
        Population {
            years,
            hours,
            random,
            series,
            held,
            packed: Vec::new(),
            ticks: Vec::new(),
            from_packed: Vec::new(),
        }
    }

    fn counts(&mut self, hour: u64) -> Vec<u64> {
        (0..self.series.len()).map(|at| count(at, hour, &mut self.random)).collect()
    }

    fn tick(&mut self, tick: u64) {
        let hour = self.hours + tick;
        let counts = self.counts(hour);
        let started = Instant::now();
        for (series, count) in self.series.iter_mut().zip(&counts) {
            std::hint::black_box(series.next(begin(hour), *count)).ok();
        }
        self.ticks.push(started.elapsed());
    }

    fn pack(&mut self) {
        self.packed = self.series.iter().map(CountSeries::pack).collect();
    }

    fn tick_from_packed(&mut self, tick: u64) {
        let hour = self.hours + tick;
        let (counts, holidays) = (self.counts(hour), holidays());
        let started = Instant::now();
        for (packed, count) in self.packed.iter_mut().zip(&counts) {
            if let Some(mut series) = CountSeries::unpack(packed, Step::Hour, Arc::clone(&holidays)) {
                std::hint::black_box(series.next(begin(hour), *count)).ok();
                *packed = series.pack();
            }
        }
        self.from_packed.push(started.elapsed());
    }

    fn row(&self, first: &Population) -> Vec<String> {
        let milliseconds = |one: Duration| one.as_secs_f64() * 1e3;
        let ratios = self.ticks.iter().zip(&first.ticks).map(|(own, first)| own.div_duration_f64(*first));
        let bytes: usize = self.packed.iter().map(Vec::len).sum();
        let series = self.series.len() as f64;
        vec![
            self.years.to_string(),
            format!("{:.0}", median(self.ticks.iter().copied().map(milliseconds))),
            format!("{:.0}", self.ticks.iter().max().copied().map_or(0.0, milliseconds)),
            format!("{:.2}", median(ratios)),
            format!("{:.0}", median(self.from_packed.iter().copied().map(milliseconds))),
            format!("{:.0}", bytes as f64 / series),
            self.packed.iter().map(Vec::len).max().unwrap_or(0).to_string(),
            format!("{:.0}", self.held / series),
        ]
    }
}

fn holidays() -> Arc<Holidays> {
    Arc::new(Holidays::none())
}

fn median(of: impl Iterator<Item = f64>) -> f64 {
    percentile(&of.collect::<Vec<_>>(), 50.0).unwrap_or(0.0)
}

/// Bytes that this process holds.
fn resident() -> f64 {
    machine::usage(std::process::id()).resident_mib * 1024.0 * 1024.0
}
