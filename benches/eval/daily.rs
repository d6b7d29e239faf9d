//! How well outbreaks are found in daily counts simulated after Noufaily et al. 2019, and how often there is none.

use std::process::ExitCode;
use std::sync::Arc;

use benches::simulate::daily::{COUNT, Sizes, TIMES, holiday_dates, simulate};
use benches::simulate::run::{Detector, Run, Wanted, group};
use benches::simulate::score::Judged;
use benches::simulate::{engine, peers};
use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;
use models::trends::{Holidays, Step};

#[derive(Debug, Parser)]
#[command(name = "trends-daily")]
struct Daily {
    #[command(flatten)]
    run: Run,
}

/// Days of an outbreak in which it is found early.
const EARLY: usize = 4;
const WANTED: Wanted = Wanted { share: 0.005, ever: "found at 0.5 % FPR", early: "by the fourth day" };

#[allow(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    match measure(&Daily::parse().run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-daily: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn measure(run: &Run) -> Result<(), Trouble> {
    let holidays = Arc::new(Holidays::none().with(holiday_dates()));
    let detectors = [
        Detector { name: "Okno", judge: Box::new(|it| engine::judge(it, Step::Day, &holidays)) },
        Detector {
            name: "oracle of one day",
            judge: Box::new(|it| Judged::by(it, |counts| peers::oracle(it, counts))),
        },
        Detector { name: "EARS C2", judge: Box::new(|it| Judged::by(it, |counts| peers::ears(it, counts, 2))) },
    ];
    let scores = |sizes| run.scores(COUNT, |at, seed, one| simulate(sizes, at, seed, one), &detectors, EARLY);
    let (scores, sized_before) = (scores(Sizes::Signal), scores(Sizes::Program));
    let sizes: Vec<_> = TIMES.map(|size| group(format!("k = {size}"), move |_, times| times == size)).into();
    let signals: Vec<_> = (0..COUNT).map(|signal| group(name(signal), move |at, _| at == signal)).collect();
    let text = format!(
        "16 signals × {} series a seed, each with every k of 2, 3, 5 and 10; {}, commit {}.\n\n{}\n\n{}\nFound ever / \
         by the fourth day, at the threshold of 0.5 % false positives:\n\n{}\n{}\nWith outbreaks sized by the standard \
         deviation before division, as the authors' programs do (signals 5, 7 and 12):\n\n{}\n{}",
        run.repetitions,
        machine::description(),
        machine::commit(),
        run.command("trends-daily"),
        WANTED.overall(&detectors, &scores, name),
        WANTED.groups("size", &sizes, &detectors, &scores),
        WANTED.groups("signal", &signals, &detectors, &scores),
        WANTED.overall(&detectors, &sized_before, name),
        WANTED.groups("size", &sizes, &detectors, &sized_before),
    );
    report::publish(&text, None)?;
    run.output.as_ref().map_or(Ok(()), |page| report::section(page, "Daily counts", &text))
}

fn name(signal: usize) -> String {
    format!("signal {}", signal + 1)
}
