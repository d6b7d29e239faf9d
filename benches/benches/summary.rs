//! What the summary of a talk of 30 turns costs on one thread: `cargo bench -p benches --bench summary`. The turns are those
//! of our labelled talks, one talk behind another: few are so long, and what was read lately costs nothing. All turns new
//! to the model, and, as at the end of a live talk, read before.

use std::hint::black_box;
use std::path::Path;

use benches::talks::ours;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use models::reading::{MenuWords, Precision, Reader, ReadingModel};
use models::summary::summarise;
use models::taxonomy::Speaker;

const TURNS: usize = 30;

fn summary(criterion: &mut Criterion) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let reader = Reader::load(&models.join("weights/reading-2"), MenuWords::default(), 1, Precision::Auto);
    let reader = ReadingModel::from(reader.expect("the shipped model loads"));
    let turns: Vec<(Speaker, String)> = ours(&models.join("data"))
        .expect("the data is there")
        .into_iter()
        .flat_map(|talk| talk.turns)
        .map(|turn| (if turn.by_customer { Speaker::Customer } else { Speaker::Operator }, turn.text))
        .collect();
    let mut talks = turns.chunks_exact(TURNS).map(<[_]>::to_vec).cycle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let mut group = criterion.benchmark_group("summary");
    group.bench_function("of new turns", |bencher| {
        let next = || talks.next().unwrap_or_default();
        bencher.iter_batched(
            next,
            |talk| black_box(runtime.block_on(summarise(&reader, None, &talk))),
            BatchSize::SmallInput,
        );
    });
    let known = talks.next().unwrap_or_default();
    group.bench_function("of known turns", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(summarise(&reader, None, &known))));
    });
    group.finish();
}

criterion_group!(benches, summary);
criterion_main!(benches);
