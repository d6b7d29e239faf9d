//! How strange values are found in the Numenta Anomaly Benchmark, by its own rules.
//!
//! Lavin and Ahmad, Evaluating real-time anomaly detection algorithms, 2015; the data are not ours and stay outside.

#[path = "nab/corpus.rs"]
mod corpus;
#[path = "nab/rules.rs"]
mod rules;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;
use corpus::Recording;
use models::trends::ValueSeries;
use rayon::prelude::*;
use rules::{Outcome, PROFILES, Profile, Step, outcome, steps, sum};

#[derive(Debug, Parser)]
#[command(name = "trends-nab")]
struct Nab {
    /// The folder of the benchmark: `combined_windows.json` and `data/GROUP/FILE.csv`.
    #[arg(long)]
    data: PathBuf,
    /// The page whose section is written anew; without it the tables are only shown.
    #[arg(long)]
    output: Option<PathBuf>,
}

#[allow(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    match measure(&Nab::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-nab: {trouble}");
            ExitCode::FAILURE
        }
    }
}

/// What the engine said of each row: the score, and whether an incident began.
struct Said {
    scores: Vec<f64>,
    alerts: Vec<f64>,
}

fn measure(run: &Nab) -> Result<(), Trouble> {
    let recordings = corpus::read(&run.data)?;
    let begun = Instant::now();
    let said: Vec<Said> = recordings.par_iter().map(judge).collect();
    let seconds = begun.elapsed().as_secs_f64();
    let rows: usize = recordings.iter().map(|it| it.rows.len()).sum();
    let windows: usize = recordings.iter().map(|it| it.windows.len()).sum();
    let outcomes = PROFILES.map(|profile| {
        let of = |which: fn(&Said) -> &[f64]| -> Vec<Vec<Step>> {
            recordings.iter().zip(&said).map(|(it, said)| steps(it, which(said), profile)).collect()
        };
        (profile, outcome(&recordings, &of(|it| &it.scores), profile), of(|it| &it.alerts))
    });
    let text = format!(
        "{} files scored, {windows} windows, {rows} rows in {seconds:.1} s; {}, commit {}.\n\n`cargo run --release \
         --bin trends-nab -- --data FOLDER`\n\nTuned: one threshold for all files, the best there is, as the benchmark \
         has it. Holdout: the threshold of each group is the best for all other groups. As shipped: the rows on which \
         the engine raises an alert, nothing chosen.\n\n{}\nShare of each group in the standard total:\n\n{}",
        recordings.len(),
        machine::description(),
        machine::commit(),
        overall(&recordings, &outcomes),
        groups(&recordings, &outcomes[0].1),
    );
    report::publish(&text, None)?;
    run.output.as_ref().map_or(Ok(()), |page| report::section(page, "Values: Numenta Anomaly Benchmark", &text))
}

fn judge(recording: &Recording) -> Said {
    let mut series = ValueSeries::new();
    let verdicts: Vec<_> = recording.rows.iter().map(|(at, value)| series.next(*at, *value).ok()).collect();
    Said {
        scores: verdicts.iter().map(|it| it.map_or(0.0, |it| it.score)).collect(),
        alerts: verdicts.iter().map(|it| it.map_or(0.0, |it| f64::from(u8::from(it.alert)))).collect(),
    }
}

fn overall(recordings: &[Recording], outcomes: &[(Profile, Outcome, Vec<Vec<Step>>)]) -> String {
    let rows: Vec<_> = outcomes
        .iter()
        .map(|(profile, it, alerts)| {
            let shipped: f64 = alerts.iter().map(|steps| sum(steps, 1.0)).sum();
            let scale = rules::scale(recordings, *profile);
            vec![
                profile.name.to_owned(),
                format!("{:.1}", it.tuned),
                format!("{:.1}", it.holdout),
                format!("{:.1}", shipped * scale),
                format!("{:.4}", it.threshold),
            ]
        })
        .collect();
    report::table(&["profile", "tuned", "holdout", "as shipped", "tuned threshold"], &rows)
}

/// With one decimal, and no minus before a zero.
fn points(score: f64) -> String {
    format!("{:.1}", (10.0 * score).round() / 10.0 + 0.0)
}

fn groups(recordings: &[Recording], outcome: &Outcome) -> String {
    let rows: Vec<_> = outcome
        .groups
        .iter()
        .map(|group| {
            let files = recordings.iter().filter(|it| it.group == group.name);
            let most =
                100.0 * group.windows as f64 / recordings.iter().map(|it| it.windows.len()).sum::<usize>() as f64;
            vec![
                group.name.clone(),
                files.count().to_string(),
                group.windows.to_string(),
                format!("{most:.1}"),
                points(group.tuned),
                points(group.holdout),
                format!("{} of {}", group.found, group.windows),
                group.wrong.to_string(),
            ]
        })
        .collect();
    report::table(&["group", "files", "windows", "perfect", "tuned", "holdout", "windows found", "rows outside"], &rows)
}
