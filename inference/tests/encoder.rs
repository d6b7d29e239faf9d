//! The encoder over small random weights: a text's numbers do not depend on its neighbours.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use candle_core::{Device, Tensor};
use inference::{Encoder, EncoderConfig, Head, InferenceError, Tokens};
use proptest::prelude::*;

fn config() -> EncoderConfig {
    EncoderConfig {
        hidden_size: 24,
        num_hidden_layers: 2,
        num_attention_heads: 3,
        intermediate_size: 40,
        vocab_size: 50,
        max_position_embeddings: 64,
        layer_norm_eps: 1e-12,
        prefix: String::new(),
        heads: vec![Head { name: "colour".to_owned(), labels: 5 }, Head { name: "size".to_owned(), labels: 2 }],
        token_labels: 3,
    }
}

/// Reproducible weights: matrices as int8 rows with scales, the rest as f32.
fn write_weights(name: &str, config: &EncoderConfig) -> PathBuf {
    let mut tensors = HashMap::new();
    let (hidden, wide) = (config.hidden_size, config.intermediate_size);
    let mut state = 7_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut add = |name: String, shape: &[usize]| {
        let count = shape.iter().product();
        let bytes: Vec<u8> = (0..count).map(|_| next()).collect();
        let bytes = Tensor::from_vec(bytes, shape, &Device::Cpu).expect("the shape fits");
        if shape.len() == 2 {
            let scale = Tensor::full(0.01_f32, shape[0], &Device::Cpu).expect("a scale a row");
            tensors.insert(format!("{name}.scale"), scale);
            tensors.insert(name, bytes);
        } else {
            let floats = bytes.to_dtype(candle_core::DType::F32).and_then(|t| t / 200.0).expect("bytes become floats");
            tensors.insert(name, floats);
        }
    };
    add("embeddings.word_embeddings.weight".into(), &[config.vocab_size, hidden]);
    add("embeddings.position_embeddings.weight".into(), &[config.max_position_embeddings, hidden]);
    add("embeddings.token_type_embeddings.weight".into(), &[1, hidden]);
    let norm = |add: &mut dyn FnMut(String, &[usize]), name: String| {
        add(format!("{name}.weight"), &[hidden]);
        add(format!("{name}.bias"), &[hidden]);
    };
    let linear = |add: &mut dyn FnMut(String, &[usize]), name: String, rows: usize, columns: usize| {
        add(format!("{name}.weight"), &[rows, columns]);
        add(format!("{name}.bias"), &[rows]);
    };
    norm(&mut add, "embeddings.LayerNorm".into());
    for layer in 0..config.num_hidden_layers {
        let prefix = format!("encoder.layer.{layer}");
        for part in ["query", "key", "value"] {
            linear(&mut add, format!("{prefix}.attention.self.{part}"), hidden, hidden);
        }
        linear(&mut add, format!("{prefix}.attention.output.dense"), hidden, hidden);
        norm(&mut add, format!("{prefix}.attention.output.LayerNorm"));
        linear(&mut add, format!("{prefix}.intermediate.dense"), wide, hidden);
        linear(&mut add, format!("{prefix}.output.dense"), hidden, wide);
        norm(&mut add, format!("{prefix}.output.LayerNorm"));
    }
    for head in &config.heads {
        linear(&mut add, format!("heads.{}", head.name), head.labels, hidden);
    }
    linear(&mut add, "spans".into(), config.token_labels, hidden);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    candle_core::safetensors::save(&tensors, &path).expect("the weights are written");
    path
}

static ENCODER: LazyLock<Encoder> = LazyLock::new(|| {
    let name = format!("encoder-{}.safetensors", std::process::id());
    Encoder::load(&write_weights(&name, &config()), &config(), 1).expect("the weights load")
});

fn texts() -> impl Strategy<Value = Vec<Tokens>> {
    let text = prop::collection::vec(0..50_u32, 1..=64).prop_map(|ids| Tokens::new(ids, &config()).expect("it fits"));
    prop::collection::vec(text, 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_batch_equals_its_texts_one_by_one(batch in texts()) {
        let together = ENCODER.encode(&batch).expect("it encodes");
        prop_assert_eq!(together.len(), batch.len());
        for (text, in_batch) in batch.iter().zip(&together) {
            let alone = &ENCODER.encode(std::slice::from_ref(text)).expect("it encodes")[0];
            for (a, b) in alone.vector.iter().zip(&in_batch.vector) {
                prop_assert!((a - b).abs() < 1e-4, "{} {}", a, b);
            }
            prop_assert_eq!((in_batch.tokens.len(), in_batch.pooled.len()), (text.len(), 24));
            let logits = |e: &inference::Encoded| e.logits.iter().chain(&e.tokens).flatten().copied().collect::<Vec<_>>();
            for (a, b) in logits(alone).into_iter().zip(logits(in_batch)) {
                prop_assert!((a - b).abs() < 1e-3 * (1.0 + a.abs()), "{} {}", a, b);
            }
        }
    }

    #[test]
    fn a_sentence_vector_has_length_one(batch in texts()) {
        for encoded in ENCODER.encode(&batch).expect("it encodes") {
            let length: f32 = encoded.vector.iter().map(|v| v * v).sum();
            prop_assert!((length - 1.0).abs() < 1e-4);
            prop_assert_eq!(encoded.logits.iter().map(Vec::len).collect::<Vec<_>>(), vec![5, 2]);
        }
    }
}

#[test]
fn an_empty_batch_has_no_answers() {
    assert_eq!(ENCODER.encode(&[]), Ok(Vec::new()));
}

#[test]
fn weights_of_another_shape_are_refused() {
    let path = write_weights("other-shape.safetensors", &config());
    let wider = EncoderConfig { intermediate_size: 48, ..config() };
    let error = Encoder::load(&path, &wider, 1).expect_err("it must not load");
    assert!(matches!(&error, InferenceError::Weights(reason) if reason.contains("intermediate")), "{error}");
}

#[test]
fn tokens_that_the_encoder_cannot_take_do_not_exist() {
    assert!(Tokens::new(vec![], &config()).is_none());
    assert!(Tokens::new(vec![50], &config()).is_none());
    assert!(Tokens::new(vec![0; 65], &config()).is_none());
}
