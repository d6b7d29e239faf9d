//! What the summary of a talk of 30 turns costs on one thread: `cargo bench -p benches --bench summary`. All turns new to
//! the model, and, as at the end of a live talk, read before.

use std::hint::black_box;
use std::path::Path;

use benches::senders::{LANGUAGES, texts_in};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use models::reading::{MenuWords, Precision, Reader, ReadingModel};
use models::summary::summarise;
use models::taxonomy::Speaker;

const TURNS: usize = 30;

fn summary(criterion: &mut Criterion) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let reader = Reader::load(&models.join("weights/reading-2"), MenuWords::default(), 1, Precision::Auto);
    let reader = ReadingModel::from(reader.expect("the shipped model loads"));
    let of = |language| texts_in(&models.join("data"), language).expect("the data is there");
    let texts: Vec<String> = LANGUAGES.into_iter().flat_map(of).collect();
    let mut talks = texts.chunks_exact(TURNS).cycle().map(|texts| -> Vec<(Speaker, String)> {
        let speaker = |at: usize| if at.is_multiple_of(2) { Speaker::Customer } else { Speaker::Operator };
        texts.iter().enumerate().map(|(at, text)| (speaker(at), text.clone())).collect()
    });
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
