//! For the benches: the products of a layer by themselves, and what the processor could do at best.

use std::arch::x86_64::*;
use std::time::Instant;

use super::aligned::Aligned;
use super::kernels::Kernels;
use super::layer::{BLOCK, blocks};
use super::linear::{Linear, Prepared};
use crate::choice::Choice;

/// The four products of a layer with its weights, and rows to multiply.
pub struct Products {
    kernels: &'static Kernels,
    maps: Vec<(Linear, usize, usize)>,
    input: Aligned<f32>,
    output: Aligned<f32>,
    prepared: Prepared,
    tokens: usize,
}

impl std::fmt::Debug for Products {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Products").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

impl Products {
    /// None where the choice has no kernels here.
    pub fn new(choice: Choice, tokens: usize, hidden: usize, wide: usize) -> Option<Products> {
        let kernels = Kernels::of(choice.instructions)?;
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1_u32 << 23) as f32 - 1.0
        };
        let shapes = [(3 * hidden, hidden), (hidden, hidden), (wide, hidden), (hidden, wide)];
        let maps = shapes.map(|(n, k)| {
            let weight: Vec<f32> = (0..n * k).map(|_| next() * 0.05).collect();
            (Linear::new(&weight, &vec![0.1; n], kernels, choice.precision, None), n, k)
        });
        let mut input = Aligned::zeros(tokens * wide);
        input.iter_mut().for_each(|value| *value = next());
        Some(Products {
            kernels,
            maps: maps.into(),
            input,
            output: Aligned::zeros(tokens * wide.max(3 * hidden)),
            prepared: Prepared::new(BLOCK, wide),
            tokens,
        })
    }

    /// Computes them once on this thread, rounding and what follows the sums included; answers how many products of two
    /// numbers that took.
    pub fn run(&mut self) -> u64 {
        let _tiles = self.kernels.hold();
        for (map, n, k) in &self.maps {
            for block in blocks(0..self.tokens) {
                let (x, out) = (&self.input[block.start * k..], &mut self.output[block.start * n..]);
                // Which of them is bent, as the widened rows are, is seen by the shape alone.
                map.apply(self.kernels, x, block.len(), n > k, &mut self.prepared, out);
            }
        }
        self.maps.iter().map(|(_, n, k)| (self.tokens * n * k) as u64).sum()
    }
}

/// Products of two numbers a second that the instruction for eight bits reaches by itself, on registers only; none where
/// the processor has none.
pub fn limit() -> Option<f64> {
    if !is_x86_feature_detected!("avx512vnni") || !is_x86_feature_detected!("avx512f") {
        return None;
    }
    const ROUNDS: usize = 2_000_000;
    let began = Instant::now();
    // SAFETY: the processor has the instruction.
    let sum = unsafe { registers(ROUNDS) };
    let seconds = began.elapsed().as_secs_f64();
    std::hint::black_box(sum);
    Some((ROUNDS * SUMS * 64) as f64 / seconds)
}

/// Independent sums, enough to hide how long the instruction takes.
const SUMS: usize = 16;

#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn registers(rounds: usize) -> i32 {
    let (a, b) = (_mm512_set1_epi32(0x0102_0304), std::hint::black_box(_mm512_set1_epi32(0x0101_0101)));
    let mut sums = [_mm512_setzero_si512(); SUMS];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = _mm512_dpbusd_epi32(*sum, a, b);
        }
    }
    let all = sums.into_iter().fold(_mm512_setzero_si512(), |all, sum| _mm512_add_epi32(all, sum));
    _mm512_reduce_add_epi32(all)
}
