//! `okno classify`: what the model understands of messages in a file.

use std::io::Write;

use clap::Args;
use models::reading::{ClassifiedLine, Reader, Said};
use serde::Deserialize;

use super::batch::Batch;
use super::reading::Reading;
use super::{Failure, surroundings};

/// Messages read together: enough to keep every thread busy, few enough to see the output come.
const AT_ONCE: usize = 64;

#[derive(Debug, Args)]
pub(super) struct Classify {
    #[command(flatten)]
    batch: Batch,
    #[command(flatten)]
    reading: Reading,
    /// Add `because`: each phrase, and by how much the scores fall without it. Costs a reading a phrase.
    #[arg(long)]
    explain: bool,
}

/// A line that comes in.
#[derive(Deserialize)]
struct Message {
    id: String,
    text: String,
}

pub(super) fn run(args: &Classify) -> Result<(), Failure> {
    let reader = args.reading.load()?;
    let (mut lines, mut tally) = args.batch.lines()?;
    let mut out = args.batch.writer()?;
    let runtime = surroundings::runtime()?;
    let mut waiting = Vec::with_capacity(AT_ONCE);
    while let Some(line) = lines.next(&tally)? {
        match line.text.map_err(str::to_owned).and_then(|text| message(&text)) {
            Ok(message) => waiting.push(message),
            Err(why) => tally.bad(line.number, why),
        }
        if waiting.len() == AT_ONCE {
            runtime.block_on(read(&reader, &mut waiting, args.explain, &mut out))?;
        }
    }
    runtime.block_on(read(&reader, &mut waiting, args.explain, &mut out))?;
    tally.end()
}

/// The reason names no words of the message.
fn message(line: &str) -> Result<Message, String> {
    serde_json::from_str(line)
        .map_err(|error| format!("no JSON object with the texts `id` and `text` (column {})", error.column()))
}

async fn read(reader: &Reader, waiting: &mut Vec<Message>, explain: bool, out: &mut impl Write) -> Result<(), Failure> {
    let texts = waiting.iter().map(|message| message.text.clone()).collect();
    let readings = reader.read(texts).await.map_err(Failure::Unread)?;
    for (message, reading) in waiting.drain(..).zip(readings) {
        let because = match explain {
            true => Some(reader.explain(&message.text, Said::from(&reading)).await.map_err(Failure::Unread)?),
            false => None,
        };
        let line = serde_json::to_string(&ClassifiedLine { because, ..ClassifiedLine::new(message.id, reading) });
        let line = line.map_err(|cause| Failure::Broken(cause.to_string()))?;
        writeln!(out, "{line}").map_err(Failure::Output)?;
    }
    out.flush().map_err(Failure::Output)
}
