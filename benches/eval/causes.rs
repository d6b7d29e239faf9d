//! How well the causes of simulated surges are named, how often one is named where nothing rose, and how long it takes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use benches::ledger::percentile;
use benches::simulate::cubes::{ATTRIBUTES, PLAIN, Place, Setting, Simulated, Surge};
use benches::simulate::greedy;
use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;
use models::trends::causes::{Cube, Refused, explain};
use rand::SeedableRng;
use rand::rngs::StdRng;

#[derive(Debug, Parser)]
#[command(name = "trends-causes")]
struct Causes {
    /// Seeds of the simulation; those below 1000 are for tuning.
    #[arg(long, value_delimiter = ',', default_value = "2001,2002,2003")]
    seeds: Vec<u64>,
    /// Cubes of each size and seed; a third as many of each other setting.
    #[arg(long, default_value_t = 500)]
    cases: u64,
    /// The page whose section is written anew; without it the tables are only shown.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Contacts of a cube.
const SIZES: [f64; 2] = [20_000.0, 5_000.0];

/// What is asked of a surge, and its name in the table.
type Kind = (String, Box<dyn Fn(&Surge) -> bool>);

/// What came of the cubes of a setting.
#[derive(Debug, Clone, Default)]
struct Outcome {
    ours: Score,
    greedy: Score,
    /// Each surge, and whether it was named.
    surges: Vec<(Surge, bool)>,
    milliseconds: Vec<f64>,
}

/// Causes named rightly and wrongly.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
    /// Cubes in which nothing rose, and those of them for which a cause was named.
    empty: usize,
    alarms: usize,
}

#[allow(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    match measure(&Causes::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-causes: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Causes) -> Result<(), Trouble> {
    let sized = |contacts: f64| Setting { contacts, ..PLAIN };
    let mut seeds = Vec::new();
    let mut wholes = Vec::new();
    for contacts in SIZES {
        let mut whole = Outcome::default();
        for seed in &args.seeds {
            let outcome = outcome(&sized(contacts), *seed, args.cases);
            seeds.push(outcome.row(vec![contacts.to_string(), seed.to_string()]));
            whole.add(outcome);
        }
        seeds.push(whole.row(vec![contacts.to_string(), "all".to_owned()]));
        wholes.push(whole);
    }
    let mut others = Vec::new();
    for (name, setting) in settings() {
        let mut row = vec![name.to_owned()];
        for contacts in SIZES {
            let mut whole = Outcome::default();
            for seed in &args.seeds {
                whole.add(outcome(&Setting { contacts, ..setting }, *seed, args.cases.div_ceil(3)));
            }
            row.extend([whole.ours.f1(), whole.ours.alarms(), whole.greedy.f1()]);
        }
        others.push(row);
    }
    let listed = args.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let head = ["contacts", "seed", "F1", "precision", "recall", "false alarms", "ms: half", "99 of 100", "longest"];
    let head = [&head[..], &["F1 of the greedy search", "its false alarms"]].concat();
    let text = format!(
        "{} cubes a seed and size; {}, commit {}.\n\n`cargo run --release --bin trends-causes -- --seeds {listed} \
         --cases {}`\n\n{}\nSurges named, of all there were:\n\n{}\nOther settings, {} cubes a seed:\n\n{}",
        args.cases,
        machine::description(),
        machine::commit(),
        args.cases,
        report::table(&head, &seeds),
        report::table(&["surges", "20,000 contacts", "5,000 contacts"], &by_kind(&wholes)),
        args.cases.div_ceil(3),
        report::table(&["setting", "F1 20,000", "alarms", "greedy", "F1 5,000", "alarms", "greedy"], &others),
    );
    report::publish(&text, None)?;
    args.output.as_ref().map_or(Ok(()), |page| report::section(page, "Causes", &text))
}

/// What others may draw otherwise than we do.
fn settings() -> [(&'static str, Setting); 11] {
    [
        ("surges where 5 contacts are expected or more", Setting { least: 5.0, ..PLAIN }),
        ("surges where 50 contacts are expected or more", Setting { least: 50.0, ..PLAIN }),
        ("up to three surges", Setting { surges: 3, ..PLAIN }),
        ("expected counts exact", Setting { past: None, ..PLAIN }),
        ("expected counts the mean of 3", Setting { past: Some(3), ..PLAIN }),
        ("flat shares: powers of 0.5", Setting { zipf: 0.5, ..PLAIN }),
        ("steep shares: powers of 1.4", Setting { zipf: 1.4, ..PLAIN }),
        ("leaves uneven, spread 0.7", Setting { uneven: 0.7, ..PLAIN }),
        ("attributes depend on each other in pairs, spread 0.5", Setting { paired: 0.5, ..PLAIN }),
        ("counts vary twice as much as by chance", Setting { spread: 2.0, ..PLAIN }),
        ("the whole rises or falls by a fifth", Setting { level: 0.2, ..PLAIN }),
    ]
}

fn outcome(setting: &Setting, seed: u64, cases: u64) -> Outcome {
    let mut outcome = Outcome::default();
    for case in 0..cases {
        let simulated = setting.draw(&mut StdRng::seed_from_u64(seed * 1_000_000 + case));
        let rows: Vec<[String; 4]> =
            simulated.leaves.iter().map(|leaf| leaf.values.map(|value| value.to_string())).collect();
        let began = Instant::now();
        let found = explained(&simulated, &rows).unwrap_or_default();
        outcome.milliseconds.push(began.elapsed().as_secs_f64() * 1_000.0);
        outcome.ours.add(&found, &simulated.surges);
        outcome.greedy.add(&greedy::causes(&simulated.leaves), &simulated.surges);
        outcome.surges.extend(simulated.surges.into_iter().map(|surge| (surge.clone(), found.contains(&surge.place))));
    }
    outcome
}

/// The places of the causes that the engine names.
fn explained(simulated: &Simulated, rows: &[[String; 4]]) -> Result<Vec<Place>, Refused> {
    let mut cube = Cube::new(ATTRIBUTES.map(|(name, _)| name.to_owned()).to_vec())?;
    for (leaf, values) in simulated.leaves.iter().zip(rows) {
        cube.add(values, leaf.expected, leaf.actual)?;
    }
    let place = |stated: &[(String, String)]| -> Place {
        ATTRIBUTES.map(|(name, _)| stated.iter().find(|(other, _)| other == name)?.1.parse().ok())
    };
    Ok(explain(&cube).causes.iter().map(|cause| place(&cause.place)).collect())
}

fn by_kind(wholes: &[Outcome]) -> Vec<Vec<String>> {
    let mut kinds: Vec<Kind> = Vec::new();
    for order in 1..=3 {
        kinds.push((format!("of {order} attributes"), Box::new(move |surge| surge.order() == order)));
    }
    for (low, high) in [(2.0, 3.0), (3.0, 5.0), (5.0, 8.1)] {
        let name = format!("×{low:.0} to ×{high:.0}");
        kinds.push((name, Box::new(move |surge| (low..high).contains(&surge.times))));
    }
    for (low, high) in [(20.0, 50.0), (50.0, 200.0), (200.0, 1_000.0), (1_000.0, f64::INFINITY)] {
        let name =
            if high < 1e9 { format!("where {low} to {high} are expected") } else { format!("where {low} or more are") };
        kinds.push((name, Box::new(move |surge| (low..high).contains(&surge.mass))));
    }
    let row = |(name, of): Kind| {
        let cells = wholes.iter().map(|whole| {
            let all = whole.surges.iter().filter(|(surge, _)| of(surge)).count();
            let named = whole.surges.iter().filter(|(surge, named)| of(surge) && *named).count();
            format!("{named} of {all}")
        });
        std::iter::once(name).chain(cells).collect()
    };
    kinds.into_iter().map(row).collect()
}

impl Outcome {
    fn add(&mut self, other: Self) {
        for (score, other) in [(&mut self.ours, other.ours), (&mut self.greedy, other.greedy)] {
            score.right += other.right;
            score.wrong += other.wrong;
            score.missed += other.missed;
            score.empty += other.empty;
            score.alarms += other.alarms;
        }
        self.surges.extend(other.surges);
        self.milliseconds.extend(other.milliseconds);
    }

    fn row(&self, mut row: Vec<String>) -> Vec<String> {
        let ours = self.ours;
        let precision = share(ours.right, ours.right + ours.wrong);
        let recall = share(ours.right, ours.right + ours.missed);
        row.extend([ours.f1(), precision, recall, ours.alarms()]);
        row.extend(
            [50.0, 99.0, 100.0]
                .map(|at| percentile(&self.milliseconds, at).map_or("–".to_owned(), |ms| format!("{ms:.1}"))),
        );
        row.extend([self.greedy.f1(), self.greedy.alarms()]);
        row
    }
}

impl Score {
    fn add(&mut self, found: &[Place], surges: &[Surge]) {
        let right = surges.iter().filter(|surge| found.contains(&surge.place)).count();
        self.right += right;
        self.wrong += found.len() - right;
        self.missed += surges.len() - right;
        self.empty += usize::from(surges.is_empty());
        self.alarms += usize::from(surges.is_empty() && !found.is_empty());
    }

    /// Of all causes named and all that there were.
    fn f1(self) -> String {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    fn alarms(self) -> String {
        format!("{} of {}", self.alarms, self.empty)
    }
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.4}", part as f64 / whole as f64) }
}
