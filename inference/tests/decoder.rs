//! The decoder over small random weights, against the same network written down plainly.

use std::path::PathBuf;

use candle_core::quantized::gguf_file::{Value, write};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use inference::{Choice, Decoder, InferenceError, Instructions, Precision};

const WIDTH: usize = 32;
const HEADS: usize = 2;
const HEAD: usize = 32;
const INNER: usize = 64;
const LAYERS: usize = 6;
const PIECES: usize = 50;
const WINDOW: usize = 24;
const LONGEST: usize = 320;

/// Weights by name, row by row, each with its shape.
fn weights() -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let mut state = 7_u32;
    let mut random = |count: usize, by: f32, plus: f32| -> Vec<f32> {
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / (1_u32 << 23) as f32 - 1.0) * by + plus
        };
        (0..count).map(next).collect()
    };
    let mut all = vec![
        ("token_embd.weight".to_owned(), vec![PIECES, WIDTH], random(PIECES * WIDTH, 0.5, 0.0)),
        ("output_norm.weight".to_owned(), vec![WIDTH], random(WIDTH, 0.3, 1.0)),
    ];
    for layer in 0..LAYERS {
        let matrices = [
            ("attn_q", HEADS * HEAD, WIDTH),
            ("attn_k", HEAD, WIDTH),
            ("attn_v", HEAD, WIDTH),
            ("attn_output", WIDTH, HEADS * HEAD),
            ("ffn_gate", INNER, WIDTH),
            ("ffn_up", INNER, WIDTH),
            ("ffn_down", WIDTH, INNER),
        ];
        for (name, n, k) in matrices {
            all.push((format!("blk.{layer}.{name}.weight"), vec![n, k], random(n * k, 0.3, 0.0)));
        }
        let norms = ["attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm", "attn_q_norm", "attn_k_norm"];
        for name in norms {
            all.push((format!("blk.{layer}.{name}.weight"), vec![WIDTH], random(WIDTH, 0.3, 1.0)));
        }
    }
    all
}

fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.gguf", std::process::id()));
    let whole = |value: usize| Value::U32(value as u32);
    let metadata = [
        ("gemma3.embedding_length", whole(WIDTH)),
        ("gemma3.feed_forward_length", whole(INNER)),
        ("gemma3.block_count", whole(LAYERS)),
        ("gemma3.attention.head_count", whole(HEADS)),
        ("gemma3.attention.head_count_kv", whole(1)),
        ("gemma3.attention.key_length", whole(HEAD)),
        ("gemma3.attention.sliding_window", whole(WINDOW)),
        ("gemma3.rope.freq_base", Value::F32(1e6)),
        ("gemma3.attention.layer_norm_rms_epsilon", Value::F32(1e-6)),
    ];
    let tensor = |(name, shape, values): (String, Vec<usize>, Vec<f32>)| {
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("it fits");
        (name, QTensor::quantize(&tensor, GgmlDType::F32).expect("it is stored"))
    };
    let tensors: Vec<(String, QTensor)> = weights().into_iter().map(tensor).collect();
    let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(name, value)| (*name, value)).collect();
    write(&mut std::fs::File::create(&path).expect("it is created"), &metadata, &tensors).expect("it is written");
    path
}

/// The logits behind the last of the ids, in f64, nothing kept and nothing at once.
fn plainly(ids: &[u32]) -> Vec<f64> {
    let all = weights();
    let of = |name: &str| -> Vec<f64> {
        let found = all.iter().find(|(of, ..)| of == name).expect("it has the tensor");
        found.2.iter().map(|value| f64::from(*value)).collect()
    };
    let product = |weight: &[f64], x: &[f64]| -> Vec<f64> {
        weight.chunks_exact(x.len()).map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum()).collect()
    };
    let norm = |weight: &[f64], x: &[f64]| -> Vec<f64> {
        let mean = x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
        x.iter().zip(weight).map(|(x, w)| x / (mean + 1e-6).sqrt() * w).collect()
    };
    let turned = |x: Vec<f64>, at: usize, base: f64| -> Vec<f64> {
        let half = HEAD / 2;
        let place = |i: usize| {
            let angle = at as f64 * base.powf(-((i % half) as f64) / half as f64);
            let other = if i < half { -x[i + half] } else { x[i - half] };
            x[i] * angle.cos() + other * angle.sin()
        };
        (0..HEAD).map(place).collect()
    };
    let vectors = of("token_embd.weight");
    let embed = |id: &u32| vectors[*id as usize * WIDTH..][..WIDTH].iter().map(|x| x * (WIDTH as f64).sqrt()).collect();
    let mut states: Vec<Vec<f64>> = ids.iter().map(embed).collect();
    for layer in 0..LAYERS {
        let w = |part: &str| of(&format!("blk.{layer}.{part}.weight"));
        let far = layer == 5;
        let base = if far { 1e6 } else { 1e4 };
        let normed: Vec<Vec<f64>> = states.iter().map(|x| norm(&w("attn_norm"), x)).collect();
        let keys: Vec<Vec<f64>> = normed
            .iter()
            .enumerate()
            .map(|(at, x)| turned(norm(&w("attn_k_norm"), &product(&w("attn_k"), x)), at, base))
            .collect();
        let values: Vec<Vec<f64>> = normed.iter().map(|x| product(&w("attn_v"), x)).collect();
        for (at, state) in states.iter_mut().enumerate() {
            let mut context = Vec::new();
            for query in product(&w("attn_q"), &normed[at]).chunks_exact(HEAD) {
                let query = turned(norm(&w("attn_q_norm"), query), at, base);
                let from = if far { 0 } else { (at + 1).saturating_sub(WINDOW) };
                let scores: Vec<f64> = (from..=at)
                    .map(|key| query.iter().zip(&keys[key]).map(|(q, k)| q * k).sum::<f64>() / (HEAD as f64).sqrt())
                    .map(f64::exp)
                    .collect();
                let sum: f64 = scores.iter().sum();
                context.extend((0..HEAD).map(|place| {
                    (from..=at).zip(&scores).map(|(key, score)| score / sum * values[key][place]).sum::<f64>()
                }));
            }
            let seen = norm(&w("post_attention_norm"), &product(&w("attn_output"), &context));
            state.iter_mut().zip(seen).for_each(|(x, more)| *x += more);
            let normed = norm(&w("ffn_norm"), state);
            let gate = product(&w("ffn_gate"), &normed);
            let gelu =
                |x: f64| 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh());
            let inner: Vec<f64> =
                gate.into_iter().zip(product(&w("ffn_up"), &normed)).map(|(g, u)| gelu(g) * u).collect();
            let more = norm(&w("post_ffw_norm"), &product(&w("ffn_down"), &inner));
            state.iter_mut().zip(more).for_each(|(x, more)| *x += more);
        }
    }
    let last = states.last().expect("there is a token");
    product(&vectors, &norm(&of("output_norm.weight"), last))
}

fn ids(count: usize) -> Vec<u32> {
    (0..count).map(|at| ((at * 7 + at * at % 11) % PIECES) as u32).collect()
}

fn logits(decoder: &Decoder, parts: &[&[u32]]) -> Vec<f32> {
    let mut context = decoder.context();
    let mut last = Vec::new();
    for part in parts {
        last = decoder.read(&mut context, part, &mut || true).expect("it reads").expect("to the end").to_vec();
    }
    last
}

#[test]
fn every_kernel_computes_the_network() {
    let path = file("kernels");
    let (short, long) = (ids(9), ids(200));
    let wanted = [plainly(&short), plainly(&long)];
    let mut computed = 0;
    for instructions in [Instructions::Amx, Instructions::Avx512, Instructions::Avx2, Instructions::Portable] {
        for (precision, most) in [(Precision::F32, 2e-3), (Precision::Bf16, 0.5)] {
            let Ok(choice) = Choice::within(precision, instructions) else { continue };
            if choice.instructions != instructions {
                continue;
            }
            computed += 1;
            let decoder = Decoder::load_for(&path, LONGEST, choice).expect("it loads");
            assert_eq!(decoder.pieces(), PIECES);
            for (text, wanted) in [&short, &long].into_iter().zip(&wanted) {
                let found = logits(&decoder, &[text]);
                assert_eq!(found.len(), PIECES);
                for (found, wanted) in found.iter().zip(wanted) {
                    assert!((f64::from(*found) - wanted).abs() < most, "{choice:?}: {found} {wanted}");
                }
            }
        }
    }
    assert!(computed > 0);
}

#[test]
fn read_in_parts_a_text_is_the_same() {
    let decoder = Decoder::load_for(&file("parts"), LONGEST, Choice::PORTABLE).expect("it loads");
    let text = ids(300);
    let whole = logits(&decoder, &[&text]);
    let mut parts: Vec<&[u32]> = vec![&text[..1], &text[1..130], &text[130..270]];
    parts.extend(text[270..].chunks(1));
    for (a, b) in whole.iter().zip(logits(&decoder, &parts)) {
        assert!((a - b).abs() < 1e-3, "{a} {b}");
    }
    // What was read before leaves no trace.
    let mut context = decoder.context();
    decoder.read(&mut context, &ids(77), &mut || true).expect("it reads");
    context.clear();
    assert_eq!(decoder.read(&mut context, &text, &mut || true).expect("it reads"), Some(whole.as_slice()));
}

#[test]
fn it_breaks_off_when_told_and_refuses_what_has_no_room() {
    let decoder = Decoder::load_for(&file("bounds"), LONGEST, Choice::PORTABLE).expect("it loads");
    let mut context = decoder.context();
    let mut asked = 0;
    let mut twice = || {
        asked += 1;
        asked < 3
    };
    assert_eq!(decoder.read(&mut context, &ids(5), &mut twice).expect("it reads"), None);
    context.clear();
    let refused = |ids: &[u32], context: &mut inference::Context| {
        matches!(decoder.read(context, ids, &mut || true), Err(InferenceError::Tokens(_)))
    };
    assert!(refused(&ids(LONGEST + 1), &mut context));
    assert!(refused(&[], &mut context));
    assert!(refused(&[PIECES as u32], &mut context));
}
