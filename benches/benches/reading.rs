//! What reading 32 messages costs in pieces and in layers, on one thread: `cargo bench -p benches --bench reading`.
//! Elements are messages.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use inference::{Encoder, EncoderConfig, Precision, Tokeniser};

const MESSAGES: usize = 32;

fn pieces(criterion: &mut Criterion) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let folder = models.join("weights/reading-2");
    let config = EncoderConfig::read(&folder.join("config.json")).expect("the shipped model has a configuration");
    let tokeniser = Tokeniser::read(&folder.join("tokenizer.json"), &config).expect("and a tokeniser");
    let encoder = Encoder::load(&folder.join("model.safetensors"), &config, 1, Precision::Auto).expect("and weights");
    let texts: Vec<String> = ["ru", "kk", "uz", "en"].iter().flat_map(|language| messages(&models, language)).collect();
    let tokens: Vec<_> = texts.iter().map(|text| tokeniser.tokens(text).expect("any text has tokens")).collect();
    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("tokenise", |bencher| {
        bencher.iter(|| texts.iter().map(|text| black_box(tokeniser.tokens(text)).is_ok()).filter(|ok| *ok).count());
    });
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(encoder.encode(&tokens).is_ok())));
    group.finish();
}

/// The first eight of a language in our data.
fn messages(models: &Path, language: &str) -> Vec<String> {
    let lines =
        std::fs::read_to_string(models.join(format!("data/utterances-{language}.jsonl"))).expect("the data is there");
    let text =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?.get("text")?.as_str().map(str::to_owned);
    lines.lines().filter_map(text).take(MESSAGES / 4).collect()
}

criterion_group!(benches, pieces);
criterion_main!(benches);
