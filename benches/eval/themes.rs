//! How small a theme is found that no label has, and how often a window without one raises an alarm.
//!
//! Windows are drawn of our own labelled messages, no text in now and before alike; talks of one matter are planted
//! among now and held back from before.

#[path = "themes/corpus.rs"]
mod corpus;
#[path = "themes/load.rs"]
mod load;
#[path = "themes/parts.rs"]
mod parts;
#[path = "themes/tables.rs"]
mod tables;
#[path = "themes/windows.rs"]
mod windows;

use std::path::PathBuf;
use std::process::ExitCode;

use benches::trouble::Trouble;
use benches::{machine, report};
use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "trends-themes")]
struct Themes {
    /// Seeds of the windows; those below 1000 are for tuning.
    #[arg(long, value_delimiter = ',', default_value = "2001,2002,2003")]
    seeds: Vec<u64>,
    /// Windows without a theme, for each seed and kind.
    #[arg(long, default_value_t = 100)]
    windows: usize,
    /// Windows with each theme, for each seed, size and kind.
    #[arg(long, default_value_t = 3)]
    repetitions: usize,
    /// The labelled texts.
    #[arg(long, default_value = "models/data")]
    data: PathBuf,
    /// The themes written by hand.
    #[arg(long, default_value = "benches/eval/data/themes.jsonl")]
    themes: PathBuf,
    /// The folder of the models' weights.
    #[arg(long, env = "OKNO_MODELS", default_value = "models/weights")]
    models: PathBuf,
    /// The page whose section is written anew; without it the tables are only shown.
    #[arg(long)]
    output: Option<PathBuf>,
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "a program's last words")]
async fn main() -> ExitCode {
    match measure(&Themes::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-themes: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(run: &Themes) -> Result<(), Trouble> {
    let messages = load::messages(&run.data, &run.themes, &run.models).await?;
    let contacts = load::contacts(&run.data, &run.models).await?;
    let seeds = run.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let text = format!(
        "{}, commit {}.\n\n`cargo run --release --bin trends-themes -- --seeds {seeds} --windows {} --repetitions {}`\n\n{}",
        machine::description(),
        machine::commit(),
        run.windows,
        run.repetitions,
        tables::all(&messages, &contacts, &run.seeds, run.windows, run.repetitions),
    );
    report::publish(&text, None)?;
    run.output.as_ref().map_or(Ok(()), |page| report::section(page, "Themes that no label has", &text))
}
