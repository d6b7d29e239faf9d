use std::collections::HashMap;
use std::path::Path;

use safetensors::SafeTensors;

use crate::evaluate::references::{HEADS, ReferenceError};

/// What a folder of this reference holds.
pub(super) const FILE: &str = "ngrams.safetensors";
/// Lengths of the grams within a word, its borders included.
const SHORTEST: usize = 2;
const LONGEST: usize = 5;

/// Logistic regression on grams of letters and words, hashed into buckets; `models/training/references.py` trains it
/// on the same grams.
#[derive(Debug)]
pub(super) struct Ngrams {
    rarity: Vec<f32>,
    /// For each head its weights, [labels × buckets], and its bias.
    heads: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Ngrams {
    pub(super) fn load(path: &Path) -> Result<Ngrams, ReferenceError> {
        let fault = |reason: String| ReferenceError::Folder { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|e| fault(e.to_string()))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|e| fault(e.to_string()))?;
        let floats = |name: &str| -> Result<Vec<f32>, ReferenceError> {
            let tensor = file.tensor(name).map_err(|e| fault(e.to_string()))?;
            Ok(tensor.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        };
        let rarity = floats("rarity")?;
        let mut heads = Vec::with_capacity(HEADS.len());
        for head in HEADS {
            let (weight, bias) = (floats(&format!("{head}.weight"))?, floats(&format!("{head}.bias"))?);
            if weight.len() != bias.len() * rarity.len() {
                return Err(fault(format!("`{head}` does not fit {} buckets", rarity.len())));
            }
            heads.push((weight, bias));
        }
        Ok(Ngrams { rarity, heads })
    }

    pub(super) fn logits(&self, text: &str) -> [Vec<f32>; 3] {
        let buckets = self.rarity.len();
        let mut counts: HashMap<usize, f32> = HashMap::new();
        for gram in grams(text) {
            *counts.entry(hash(&gram) as usize % buckets).or_default() += 1.0;
        }
        let weigh = |(bucket, count): (usize, f32)| (bucket, (1.0 + count.ln()) * self.rarity[bucket]);
        let weighed: Vec<(usize, f32)> = counts.into_iter().map(weigh).collect();
        let length = weighed.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        std::array::from_fn(|head| {
            let (weight, bias) = &self.heads[head];
            let score = |label: usize| {
                let row = &weight[label * buckets..(label + 1) * buckets];
                bias[label] + weighed.iter().map(|(bucket, value)| row[*bucket] * value).sum::<f32>() / length
            };
            (0..bias.len()).map(score).collect()
        })
    }
}

/// Grams of two to five letters within each word and its borders, the words, and pairs of words.
fn grams(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let mut grams = Vec::new();
    for word in &words {
        let letters: Vec<char> = std::iter::once(' ').chain(word.chars()).chain([' ']).collect();
        for length in SHORTEST..=LONGEST {
            grams.extend(letters.windows(length).map(|gram| gram.iter().collect::<String>()));
        }
        grams.push(format!("w{word}"));
    }
    grams.extend(words.windows(2).map(|pair| format!("w{} {}", pair[0], pair[1])));
    grams
}

/// FNV-1a (Fowler, Noll, Vo) of 32 bits.
fn hash(gram: &str) -> u32 {
    gram.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_and_hashes_by_hand() {
        assert_eq!(
            grams("Ок да"),
            [" о", "ок", "к ", " ок", "ок ", " ок ", "wок", " д", "да", "а ", " да", "да ", " да ", "wда", "wок да"]
        );
        // Published test value of FNV-1a for "a".
        assert_eq!(hash("a"), 0xe40c_292c);
        assert!(grams(" \n").is_empty());
    }
}
