//! The products of one layer on one thread, in each precision, beside the most that the instruction for eight bits can do:
//! `cargo bench -p benches --bench kernels`. Elements are products of two numbers.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use inference::measure::{Products, limit};
use inference::{Choice, Instructions, Precision};

/// A layer of the shipped encoder.
const HIDDEN: usize = 384;
const WIDE: usize = 1536;

fn products(criterion: &mut Criterion) {
    #[expect(clippy::print_stderr, reason = "criterion has no place for it")]
    if let Some(limit) = limit() {
        eprintln!("registers only, int8: {:.1} G products a second", limit / 1e9);
    }
    let paths = [
        ("int8, tiles", Precision::Int8, Instructions::Amx),
        ("bf16, tiles", Precision::Bf16, Instructions::Amx),
        ("int8", Precision::Int8, Instructions::Avx512),
        ("bf16", Precision::Bf16, Instructions::Avx512),
        ("f32", Precision::F32, Instructions::Avx512),
        ("int8, avx2", Precision::Int8, Instructions::Avx2),
        ("f32, avx2", Precision::F32, Instructions::Avx2),
    ];
    let mut group = criterion.benchmark_group("products");
    for tokens in [1, 16, 32, 33, 128, 512] {
        for (name, precision, instructions) in paths {
            let Ok(choice) = Choice::within(precision, instructions) else { continue };
            if choice.instructions != instructions {
                continue; // this processor has them not
            }
            let Some(mut products) = Products::new(choice, tokens, HIDDEN, WIDE) else { continue };
            group.throughput(Throughput::Elements(products.run()));
            group.bench_function(BenchmarkId::new(name, tokens), |bencher| bencher.iter(|| black_box(products.run())));
        }
    }
    group.finish();
}

criterion_group!(benches, products);
criterion_main!(benches);
