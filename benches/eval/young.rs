//! How often ordinary hours and five minutes are called strange: in the first days of a series, and as clocks change.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use benches::simulate::hourly::{LEVELS, after, count_of};
use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;
use models::trends::{CountSeries, Holidays, Step};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rayon::prelude::*;

#[derive(Debug, Parser)]
#[command(name = "trends-young")]
struct Young {
    /// Seeds of the simulation; those below 1000 are for tuning.
    #[arg(long, value_delimiter = ',', default_value = "2001,2002,2003")]
    seeds: Vec<u64>,
    /// The page whose section is written anew; without it the tables are only shown.
    #[arg(long)]
    output: Option<PathBuf>,
}

const DAY: i64 = 86_400;
/// Days of each series.
const DAYS: i64 = 42;
/// Ages in days, each up to the next.
const AGES: [i64; 6] = [0, 1, 2, 4, 8, 15];
/// Clocks change on this day (a Sunday) at three o'clock; an hour is left out or comes twice.
const CHANGE: i64 = 34;
const AT: i64 = CHANGE * DAY + 3 * 3_600;

/// What verdicts said.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    rows: u64,
    below: [u64; 3],
    alerts: u64,
    refused: u64,
}

const BELOW: [f64; 3] = [0.01, 0.001, 0.0001];

impl Told {
    fn add(&mut self, other: &Told) {
        self.rows += other.rows;
        self.alerts += other.alerts;
        self.refused += other.refused;
        self.below.iter_mut().zip(other.below).for_each(|(sum, one)| *sum += one);
    }

    fn cells(&self, step: Step) -> Vec<String> {
        let share = |part: u64| part as f64 / self.rows.max(1) as f64;
        let days = (DAY / step.seconds()) as f64;
        let below = self.below.iter().map(|below| format!("{:.5}", share(*below)));
        let rest = [format!("{:.4}", share(self.alerts) * days), self.refused.to_string()];
        [self.rows.to_string()].into_iter().chain(below).chain(rest).collect()
    }
}

#[allow(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    match measure(&Young::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-young: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn measure(run: &Young) -> Result<(), Trouble> {
    let head = ["step", "rows of", "rows", "p < 0.01", "p < 0.001", "p < 0.0001", "alerts a day", "refused"];
    let (mut young, mut changed) = (Vec::new(), Vec::new());
    for step in [Step::Hour, Step::FiveMinutes] {
        let row = |of: String, told: &Told| [vec![step.to_string(), of], told.cells(step)].concat();
        for (place, told) in told(run, step, 0, AGES.len(), age_of).iter().enumerate() {
            let to = AGES.get(place + 1).map_or("on".to_owned(), i64::to_string);
            young.push(row(format!("day {} to {to}", AGES[place]), told));
        }
        for (name, shift) in [("no change", 0), ("an hour left out", 3_600), ("an hour twice", -3_600)] {
            // The day of the change, the week after it.
            let told = told(run, step, shift, 2, |age| match age - CHANGE {
                0 => Some(0),
                1..=7 => Some(1),
                _ => None,
            });
            changed.push(row(format!("{name}: the day"), &told[0]));
            changed.push(row(format!("{name}: the week after"), &told[1]));
        }
    }
    let seeds = run.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let text = format!(
        "{LEVELS} series a seed and step, {DAYS} days each, nothing strange in them; {}, commit {}.\n\n`cargo run \
         --release --bin trends-young -- --seeds {seeds}`\n\nBy the age of a series that has no siblings:\n\n{}\nWhere \
         clocks change on day {CHANGE}:\n\n{}",
        machine::description(),
        machine::commit(),
        report::table(&head, &young),
        report::table(&head, &changed),
    );
    report::publish(&text, None)?;
    run.output.as_ref().map_or(Ok(()), |page| report::section(page, "Young series and clock changes", &text))
}

fn age_of(age: i64) -> Option<usize> {
    AGES.iter().rposition(|from| *from <= age)
}

/// What was told of all series, by the place that `place` gives to a row's day; clocks go on by `shift` seconds at
/// [`AT`].
fn told(run: &Young, step: Step, shift: i64, places: usize, place: impl Fn(i64) -> Option<usize> + Sync) -> Vec<Told> {
    let all: Vec<_> = run.seeds.iter().flat_map(|seed| (0..LEVELS).map(move |at| (*seed, at))).collect();
    let one = |(seed, at): &(u64, usize)| {
        let mut random = StdRng::seed_from_u64(seed * LEVELS as u64 + *at as u64);
        let mut series = CountSeries::new(step, Arc::new(Holidays::none()));
        let mut told = vec![Told::default(); places];
        for row in 0..DAYS * DAY / step.seconds() {
            let seconds = row * step.seconds();
            let local = if seconds < AT { seconds } else { seconds + shift };
            let count = count_of(*at, local, step.seconds() as f64 / 3_600.0, &mut random);
            let verdict = series.next(after(local), count);
            let Some(told) = place(seconds / DAY).map(|place| &mut told[place]) else { continue };
            let Ok(verdict) = verdict else {
                told.refused += 1;
                continue;
            };
            told.rows += 1;
            told.alerts += u64::from(verdict.alert);
            told.below.iter_mut().zip(BELOW).for_each(|(sum, below)| *sum += u64::from(verdict.p < below));
        }
        told
    };
    let none = || vec![Told::default(); places];
    all.par_iter().map(one).reduce(none, |mut left, right| {
        left.iter_mut().zip(&right).for_each(|(left, right)| left.add(right));
        left
    })
}
