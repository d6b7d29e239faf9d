//! What reading 32 messages costs in pieces and in layers, on one thread: `cargo bench -p benches --bench reading`.
//! Elements are messages.

use std::hint::black_box;
use std::path::Path;

use benches::senders::{LANGUAGES, texts_in};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use inference::{Encoder, EncoderConfig, Precision, Tokeniser};

const MESSAGES: usize = 32;

fn pieces(criterion: &mut Criterion) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let folder = models.join("weights/reading-2");
    let config = EncoderConfig::read(&folder.join("config.json")).expect("the shipped model has a configuration");
    let tokeniser = Tokeniser::read(&folder.join("tokenizer.json"), &config).expect("and a tokeniser");
    let encoder = Encoder::load(&folder.join("model.safetensors"), &config, 1, Precision::Auto).expect("and weights");
    let of = |language| texts_in(&models.join("data"), language).expect("the data is there");
    let texts: Vec<String> =
        LANGUAGES.into_iter().flat_map(|l| of(l).into_iter().take(MESSAGES / LANGUAGES.len())).collect();
    let tokens: Vec<_> = texts.iter().map(|text| tokeniser.tokens(text).expect("any text has tokens")).collect();
    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("tokenise", |bencher| {
        bencher.iter(|| texts.iter().filter(|text| black_box(tokeniser.tokens(text)).is_ok()).count());
    });
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(encoder.encode(&tokens).is_ok())));
    group.finish();
}

criterion_group!(benches, pieces);
criterion_main!(benches);
