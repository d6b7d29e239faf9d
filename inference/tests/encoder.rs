//! The encoder over small random weights: a text's numbers do not depend on its neighbours.

mod made;

use std::sync::LazyLock;

use inference::{Encoder, EncoderConfig, InferenceError, Precision, Tokens};
use made::{shape, write_weights};
use proptest::prelude::*;

fn config() -> EncoderConfig {
    shape(24, 3, 40, 64)
}

static ENCODER: LazyLock<Encoder> = LazyLock::new(|| {
    let name = format!("encoder-{}.safetensors", std::process::id());
    Encoder::load(&write_weights(&name, &config()), &config(), 1, Precision::Auto).expect("the weights load")
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
    let error = Encoder::load(&path, &wider, 1, Precision::Auto).expect_err("it must not load");
    assert!(matches!(&error, InferenceError::Weights(reason) if reason.contains("intermediate")), "{error}");
}

#[test]
fn tokens_that_the_encoder_cannot_take_do_not_exist() {
    assert!(Tokens::new(vec![], &config()).is_none());
    assert!(Tokens::new(vec![50], &config()).is_none());
    assert!(Tokens::new(vec![0; 65], &config()).is_none());
}
