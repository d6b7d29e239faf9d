//! A second opinion beside the encoder's: which grams of letters and words a text has.
//!
//! Logistic regression on grams of two to five letters within each word, on words and on pairs of words, hashed into
//! buckets and weighed by TF-IDF. `models/training/grams.py` trains it and tells how its logits join the encoder's.

use std::path::Path;

use inference::LONGEST_TEXT;
use safetensors::{Dtype, SafeTensors};

use crate::manifest::LoadError;

/// The file in a model folder.
pub(crate) const FILE: &str = "grams.safetensors";
/// The heads it speaks to, as its labels lie one behind the other.
pub(crate) const HEADS: [&str; 3] = ["topics", "sentiment", "urgency"];
/// Lengths of the grams within a word, its borders included.
const SHORTEST: usize = 2;
const LONGEST: usize = 5;
/// Where zero lies in a stored byte.
const ZERO: f32 = 128.0;

#[derive(Debug)]
pub(crate) struct Grams {
    /// For each bucket how rare its grams are.
    rarity: Vec<f32>,
    /// For each bucket a byte a label.
    weight: Vec<u8>,
    /// For each label what a byte is worth, and where it starts.
    scale: Vec<f32>,
    bias: Vec<f32>,
    /// Where each head of [`HEADS`] stands among the logits that are added to, and how many labels it has.
    heads: [(usize, usize); 3],
}

impl Grams {
    /// Loads [`FILE`] from a folder. `heads`: the place of each of [`HEADS`] among the logits, and its labels.
    pub(crate) fn load(folder: &Path, heads: [(usize, usize); 3]) -> Result<Grams, LoadError> {
        let path = folder.join(FILE);
        let bytes =
            std::fs::read(&path).map_err(|e| LoadError::Unreadable { path: path.clone(), reason: e.to_string() })?;
        let fault = |reason: String| LoadError::Part { path: path.clone(), reason };
        let file = SafeTensors::deserialize(&bytes).map_err(|e| fault(e.to_string()))?;
        let stored = |name: &str, kind: Dtype| match file.tensor(name) {
            Ok(tensor) if tensor.dtype() == kind => Ok(tensor.data().to_vec()),
            Ok(tensor) => Err(fault(format!("`{name}` is stored as {:?}", tensor.dtype()))),
            Err(e) => Err(fault(e.to_string())),
        };
        let floats = |name: &str| -> Result<Vec<f32>, LoadError> {
            let bytes = stored(name, Dtype::F32)?;
            Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        };
        let (rarity, scale, bias) = (floats("rarity")?, floats("scale")?, floats("bias")?);
        let weight = stored("weight", Dtype::U8)?;
        let labels: usize = heads.iter().map(|(_, labels)| labels).sum();
        if rarity.is_empty() || [scale.len(), bias.len()] != [labels; 2] || weight.len() != rarity.len() * labels {
            return Err(fault(format!("it does not score {labels} labels for each of {} buckets", rarity.len())));
        }
        Ok(Grams { rarity, weight, scale, bias, heads })
    }

    /// Adds to the logits of a text, head by head, what its grams say.
    pub(crate) fn add(&self, text: &str, logits: &mut [Vec<f32>]) {
        let mut buckets: Vec<usize> = Vec::new();
        each(text, |hash| buckets.push(hash as usize % self.rarity.len()));
        // In order, so that the same text gives the same sum.
        buckets.sort_unstable();
        let (mut sums, mut square) = (vec![0.0_f32; self.scale.len()], 0.0_f32);
        for same in buckets.chunk_by(|a, b| a == b) {
            let bucket = same[0];
            let value = (1.0 + (same.len() as f32).ln()) * self.rarity[bucket];
            square += value * value;
            let row = &self.weight[bucket * sums.len()..(bucket + 1) * sums.len()];
            for (sum, byte) in sums.iter_mut().zip(row) {
                *sum += value * (f32::from(*byte) - ZERO);
            }
        }
        let length = square.sqrt().max(f32::MIN_POSITIVE);
        let mut said =
            sums.iter().zip(&self.scale).zip(&self.bias).map(|((sum, scale), bias)| sum * scale / length + bias);
        for (place, labels) in self.heads {
            for (logit, more) in logits[place].iter_mut().zip(said.by_ref().take(labels)) {
                *logit += more;
            }
        }
    }
}

/// Calls with the hash of each gram: of letters within each word and its borders, of the word, of it and the one before.
fn each(text: &str, mut found: impl FnMut(u32)) {
    let lower: String = text.chars().take(LONGEST_TEXT).flat_map(char::to_lowercase).collect();
    let mut before: Option<&str> = None;
    for word in lower.split_whitespace() {
        let letters: Vec<char> = std::iter::once(' ').chain(word.chars()).chain([' ']).collect();
        for start in 0..letters.len() {
            let mut hash = START;
            for (length, letter) in (1..=LONGEST).zip(&letters[start..]) {
                hash = more(hash, letter.encode_utf8(&mut [0; 4]));
                if length >= SHORTEST {
                    found(hash);
                }
            }
        }
        found(more(more(START, "w"), word));
        if let Some(before) = before {
            found(more(more(more(more(START, "w"), before), " "), word));
        }
        before = Some(word);
    }
}

/// FNV-1a of 32 bits (Fowler, Noll, Vo), from where a hash stands.
fn more(hash: u32, text: &str) -> u32 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

const START: u32 = 0x811c_9dc5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_and_hashes_by_hand() {
        let mut found = Vec::new();
        each("Ок да", |hash| found.push(hash));
        let expected =
            [" о", " ок", " ок ", "ок", "ок ", "к ", "wок", " д", " да", " да ", "да", "да ", "а ", "wда", "wок да"];
        assert_eq!(found, expected.map(|gram| more(START, gram)));
        // Published test value of FNV-1a for "a".
        assert_eq!(more(START, "a"), 0xe40c_292c);
        each(" \n", |_| panic!("nothing stands here"));
    }

    #[test]
    fn sums_by_hand() {
        // Two buckets and one label of each head: every gram of "аа" but those that fall to the other bucket.
        let grams = Grams {
            rarity: vec![1.0, 1.0],
            weight: vec![130, 128, 127, 130, 128, 127],
            scale: vec![0.5, 1.0, 2.0],
            bias: vec![0.25, 0.0, -1.0],
            heads: [(2, 1), (0, 1), (1, 1)],
        };
        let mut logits = vec![vec![1.0], vec![1.0], vec![1.0]];
        grams.add("б", &mut logits);
        // Both buckets weigh alike up to the length of the row, which is one: their sum lies between 1 and √2.
        let sum = (logits[2][0] - 1.25) / (2.0 * 0.5);
        assert!((1.0..=2.0_f32.sqrt() + 1e-6).contains(&sum), "{sum}");
        assert_eq!(logits[0], [1.0]);
        assert!((logits[1][0] + 2.0 * sum).abs() < 1e-6, "{}", logits[1][0]);
        let mut empty = vec![vec![0.0]; 3];
        grams.add("\u{3000}", &mut empty);
        assert_eq!(empty, [[0.0], [-1.0], [0.25]]);
    }
}
