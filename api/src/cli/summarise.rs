//! `okno summarise`: what happened in the contacts of a file.

use std::io::Write;

use clap::Args;
use models::reading::ReadingModel;
use models::summary::Writer;

use super::batch::Batch;
use super::reading::Reading;
use super::{Failure, surroundings};
use crate::inference::summarise::{LONGEST, Talk};

#[derive(Debug, Args)]
pub(super) struct Summarise {
    #[command(flatten)]
    batch: Batch,
    #[command(flatten)]
    reading: Reading,
}

pub(super) fn run(args: &Summarise) -> Result<(), Failure> {
    let reader = ReadingModel::from(args.reading.load()?);
    let writer = args.reading.writer(&reader)?;
    let (mut lines, mut tally) = args.batch.lines_up_to(LONGEST)?;
    let mut out = args.batch.writer()?;
    let runtime = surroundings::runtime()?;
    while let Some(line) = lines.next(&tally)? {
        let talk = line
            .text
            .map_err(str::to_owned)
            .and_then(|text| Talk::read(text.as_bytes()).map_err(|why| why.to_string()));
        match talk {
            Ok(talk) => runtime.block_on(write(&reader, writer.as_ref(), &talk, &mut out))?,
            Err(why) => tally.bad(line.number, why),
        }
    }
    tally.end()
}

async fn write(
    reader: &ReadingModel,
    writer: Option<&Writer>,
    talk: &Talk,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let summarised = talk.summarised(reader, writer).await.map_err(Failure::Unread)?;
    let line = serde_json::to_string(&summarised).map_err(|cause| Failure::Broken(cause.to_string()))?;
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Failure::Output)
}
