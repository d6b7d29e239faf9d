//! A writer's folder whose decoder writes one text whatever it reads: each piece calls for one other.

use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Value, write};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use serde_json::json;
use sha2::{Digest, Sha256};

const WIDTH: usize = 64;
/// Marks that only the program sets, by their ids.
const MARKS: [&str; 12] = [
    "<pad>",
    "<eos>",
    "<bos>",
    "<unk>",
    "<unused0>",
    "<unused1>",
    "<unused2>",
    "<unused3>",
    "<unused4>",
    "<unused5>",
    "<unused6>",
    "<unused7>",
];
const END: usize = 1;
const WRITE: usize = 6;
/// How much louder a piece calls for its next than it sounds itself.
const LOUDER: f32 = 10.0;

/// Makes the folder. `text`: pieces, `▁` for a space; digits and the space are pieces of their own. A last piece that
/// stood before begins the text again from there, for ever.
pub(crate) fn writer(name: &str, text: &[&str]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("it is made");
    let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "▁"];
    let mut pieces: Vec<&str> = MARKS.into_iter().chain(digits).collect();
    for piece in text {
        if !pieces.contains(piece) {
            pieces.push(piece);
        }
    }
    assert!(pieces.len() <= WIDTH, "the text is too long");
    std::fs::write(folder.join("tokenizer.json"), tokenizer(&pieces)).expect("it is written");
    let place = |piece: &&str| pieces.iter().position(|of| of == piece).expect("it is a piece");
    let mut chain: Vec<usize> = std::iter::once(WRITE).chain(text.iter().map(place)).collect();
    if text.last().is_none_or(|last| !text[..text.len() - 1].contains(last)) {
        chain.push(END);
    }
    decoder(&folder.join("model.gguf"), pieces.len(), &chain);
    let file = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).expect("it is there");
        let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({"name": name, "bytes": bytes.len(), "sha256": sum})
    };
    let manifest = json!({
        "id": "writer-test", "version": "1.0.0",
        "base": {"name": "made in a test", "licence": "none", "sources": []},
        "files": [file("model.gguf"), file("tokenizer.json")],
        "training": {"recipe": "", "data_sha256": "", "seed": 0, "epochs": 0, "rows": 0},
        "quality": {},
    });
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).expect("it is written");
    folder
}

fn tokenizer(pieces: &[&str]) -> String {
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        pieces.iter().enumerate().map(|(id, piece)| ((*piece).to_owned(), json!(id))).collect();
    let mark = |(id, content): (usize, &&str)| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true})
    };
    json!({
        "version": "1.0",
        "added_tokens": MARKS.iter().enumerate().map(mark).collect::<Vec<_>>(),
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": false,
            "vocab": vocabulary, "merges": []},
    })
    .to_string()
}

/// Every piece is an axis of its own; the gated network of its only layer turns each piece of the chain to the next.
fn decoder(path: &Path, count: usize, chain: &[usize]) {
    let mut next = vec![0.0; WIDTH * WIDTH];
    for pair in chain.windows(2) {
        next[pair[1] * WIDTH + pair[0]] = 1.0;
    }
    let same: Vec<f32> = (0..WIDTH * WIDTH).map(|at| f32::from(at % (WIDTH + 1) == 0)).collect();
    let nothing = vec![0.0; WIDTH * WIDTH];
    let matrix = |rows: usize, values: &[f32]| (vec![rows, WIDTH], values[..rows * WIDTH].to_vec());
    let norm = |value: f32| (vec![WIDTH], vec![value; WIDTH]);
    let tensors = [
        ("token_embd.weight", matrix(count, &same)),
        ("output_norm.weight", norm(1.0)),
        ("blk.0.attn_q.weight", matrix(WIDTH, &nothing)),
        ("blk.0.attn_k.weight", matrix(WIDTH, &nothing)),
        ("blk.0.attn_v.weight", matrix(WIDTH, &nothing)),
        ("blk.0.attn_output.weight", matrix(WIDTH, &nothing)),
        ("blk.0.ffn_gate.weight", matrix(WIDTH, &same)),
        ("blk.0.ffn_up.weight", matrix(WIDTH, &same)),
        ("blk.0.ffn_down.weight", matrix(WIDTH, &next)),
        ("blk.0.attn_norm.weight", norm(1.0)),
        ("blk.0.post_attention_norm.weight", norm(1.0)),
        ("blk.0.ffn_norm.weight", norm(1.0)),
        ("blk.0.post_ffw_norm.weight", norm(LOUDER)),
        ("blk.0.attn_q_norm.weight", norm(1.0)),
        ("blk.0.attn_k_norm.weight", norm(1.0)),
    ];
    let whole = |value: usize| Value::U32(value as u32);
    let metadata = [
        ("gemma3.embedding_length", whole(WIDTH)),
        ("gemma3.feed_forward_length", whole(WIDTH)),
        ("gemma3.block_count", whole(1)),
        ("gemma3.attention.head_count", whole(1)),
        ("gemma3.attention.head_count_kv", whole(1)),
        ("gemma3.attention.key_length", whole(WIDTH)),
        ("gemma3.attention.sliding_window", whole(4_096)),
        ("gemma3.rope.freq_base", Value::F32(1e6)),
        ("gemma3.attention.layer_norm_rms_epsilon", Value::F32(1e-6)),
    ];
    let stored = tensors.map(|(name, (shape, values))| {
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("it fits");
        (name, QTensor::quantize(&tensor, GgmlDType::F32).expect("it is stored"))
    });
    let tensors: Vec<(&str, &QTensor)> = stored.iter().map(|(name, tensor)| (*name, tensor)).collect();
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(name, value)| (*name, value)).collect();
    write(&mut std::fs::File::create(path).expect("it is created"), &metadata, &tensors).expect("it is written");
}
