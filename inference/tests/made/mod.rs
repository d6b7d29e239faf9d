//! Small encoders with reproducible weights.

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use inference::{EncoderConfig, Head};

/// A shape with two heads on texts and one on tokens.
pub(crate) fn shape(
    hidden_size: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    longest: usize,
) -> EncoderConfig {
    EncoderConfig {
        hidden_size,
        num_hidden_layers: 2,
        num_attention_heads,
        intermediate_size,
        vocab_size: 50,
        max_position_embeddings: longest,
        layer_norm_eps: 1e-12,
        prefix: String::new(),
        heads: vec![Head { name: "colour".to_owned(), labels: 5 }, Head { name: "size".to_owned(), labels: 2 }],
        token_labels: 3,
    }
}

/// Reproducible weights: matrices as int8 rows with scales, the rest as f32.
pub(crate) fn write_weights(name: &str, config: &EncoderConfig) -> PathBuf {
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
