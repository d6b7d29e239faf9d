//! How well outbreaks are found in weekly counts simulated after Noufaily et al. 2013, and how often there is none.

use std::process::ExitCode;
use std::sync::Arc;

use benches::simulate::run::{Detector, Run, Wanted, group};
use benches::simulate::score::Judged;
use benches::simulate::weekly::{Scenario, TIMES, simulate};
use benches::simulate::{engine, farrington, peers};
use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;
use models::trends::{Holidays, Step};

#[derive(Debug, Parser)]
#[command(name = "trends-weekly")]
struct Weekly {
    #[command(flatten)]
    run: Run,
}

const WANTED: Wanted = Wanted { share: 0.01, ever: "found at 1 % FPR", early: "found in the starting week" };

#[allow(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    match measure(&Weekly::parse().run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-weekly: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn measure(run: &Run) -> Result<(), Trouble> {
    let scenarios = Scenario::all();
    let holidays = Arc::new(Holidays::none());
    let detectors = [
        Detector { name: "Okno", judge: Box::new(|it| engine::judge(it, Step::Week, &holidays)) },
        Detector {
            name: "oracle of one week",
            judge: Box::new(|it| Judged::by(it, |counts| peers::oracle(it, counts))),
        },
        Detector {
            name: "oracle of one and two",
            judge: Box::new(|it| Judged::by(it, |counts| peers::oracle_of_two(it, counts))),
        },
        Detector { name: "farringtonFlexible", judge: Box::new(farrington::judge) },
        Detector { name: "EARS C1", judge: Box::new(|it| Judged::by(it, |counts| peers::ears(it, counts, 0))) },
    ];
    let scores = run.scores(scenarios.len(), |at, seed, one| simulate(at, &scenarios[at], seed, one), &detectors, 1);
    let sizes: Vec<_> = TIMES.map(|size| group(format!("k = {size}"), move |_, times| times == size)).collect();
    let kept = scenarios.clone();
    let kinds = |name: String, of: fn(&Scenario, usize) -> bool, which: usize| {
        let kept = kept.clone();
        group(name, move |at, _| of(&kept[at], which))
    };
    let rows = (0..7).map(|row| kinds(scenarios[row * 6].row_name(), |it, row| it.row == row, row));
    let harmonics = (0..3).map(|m| kinds(format!("{m} harmonics"), |it, m| it.harmonics as usize == m, m));
    let trend = ["no trend", "trend"].into_iter().enumerate();
    let trend = trend.map(|(at, name)| kinds(name.to_owned(), |it, at| usize::from(it.trend) == at, at));
    let groups: Vec<_> = rows.chain(trend).chain(harmonics).collect();
    let text = format!(
        "42 scenarios × {} series a seed, each with every k from 1 to 10; {}, commit {}.\n\n{}\n\n{}\nFound ever / in \
         the starting week, at the threshold of 1 % false positives:\n\n{}\n{}",
        run.repetitions,
        machine::description(),
        machine::commit(),
        run.command("trends-weekly"),
        WANTED.overall(&detectors, &scores, |at| scenarios[at].name()),
        WANTED.groups("size", &sizes, &detectors, &scores),
        WANTED.groups("scenarios", &groups, &detectors, &scores),
    );
    report::publish(&text, None)?;
    run.output.as_ref().map_or(Ok(()), |page| report::section(page, "Weekly counts", &text))
}
