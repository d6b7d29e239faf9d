//! What a summary's text costs the writer on its one thread: `cargo bench -p benches --bench writer`. A talk of 600 pieces
//! is read, a piece is written behind it, and a text of 90 pieces is. Without the writer's folder nothing is measured.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use inference::Decoder;

const TALK: u32 = 600;
const TEXT: u32 = 90;

fn writer(criterion: &mut Criterion) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/weights");
    let models = std::env::var_os("OKNO_MODELS").map_or(models, Into::into);
    let file = models.join("writer-1/model.gguf");
    if !file.is_file() {
        return;
    }
    let decoder = Decoder::load(&file, 1_024).expect("the weights load");
    let mut context = decoder.context();
    // Ids from all over the vocabulary: what they say costs nothing.
    let pieces = decoder.pieces() as u32;
    let talk: Vec<u32> = (0..TALK).map(|at| at * 7_919 % pieces).collect();
    let mut group = criterion.benchmark_group("writer");
    group.sample_size(10);
    group.bench_function("talk", |bencher| {
        bencher.iter(|| {
            context.clear();
            black_box(decoder.read(&mut context, &talk, &mut || true).is_ok())
        });
    });
    group.bench_function("text", |bencher| {
        bencher.iter(|| {
            context.clear();
            let mut is_ok = decoder.read(&mut context, &talk, &mut || true).is_ok();
            for at in 0..TEXT {
                is_ok &= decoder.read(&mut context, &[at * 31 % pieces], &mut || true).is_ok();
            }
            assert!(black_box(is_ok));
        });
    });
    group.finish();
}

criterion_group!(benches, writer);
criterion_main!(benches);
