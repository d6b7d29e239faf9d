//! What a model folder says of itself, and the proof that its files are the ones it speaks of.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::reading::{ModelId, grams};
use crate::summary::FILES_OF_A_WRITER;
use crate::taxonomy::{EntityType, FactKind, FactType, Language, Outcome, Sentiment, Topic, TurnRole, Urgency};

/// The name of the manifest in a model folder.
pub const FILE: &str = "manifest.json";

/// `manifest.json` of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub id: String,
    pub version: String,
    pub base: Base,
    pub files: Vec<File>,
    /// How the scores of a reading model become labels; a model of sentence vectors has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Judgement>,
    pub training: Training,
    /// Measured on the held-back split; for people and for the model card.
    pub quality: serde_json::Value,
}

/// What the scores of a reading model mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    pub labels: Labels,
    pub thresholds: Thresholds,
    pub temperatures: Temperatures,
}

/// What the model was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Base {
    pub name: String,
    pub licence: String,
    pub sources: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct File {
    pub name: String,
    pub bytes: u64,
    /// In lower-case hexadecimal.
    pub sha256: String,
}

/// The label of each logit, head by head. A label that the taxonomy does not have fails the load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Labels {
    pub topics: Vec<Topic>,
    pub sentiment: Vec<Sentiment>,
    pub urgency: Vec<Urgency>,
    pub language: Vec<Language>,
    pub roles: Vec<TurnRole>,
    /// The kinds of the tags of tokens: outside first, then begin and inside of each.
    pub entities: Vec<EntityType>,
    /// Of the model over turns.
    pub acts: Vec<ActLabel>,
    pub outcome: Vec<Outcome>,
}

/// A kind and a type of fact that occur together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActLabel {
    pub kind: FactKind,
    #[serde(rename = "type")]
    pub what: FactType,
}

/// Probabilities chosen on the dev split.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// A further topic is named from here on.
    pub topic: f32,
    /// Below this the best topic is only a guess.
    pub abstain: f32,
    /// A message is critical from here on, even if another urgency is likelier.
    pub critical: f32,
    /// The second language takes a real part from here on.
    pub mixed: f32,
    pub talk: TalkThresholds,
}

/// Of whole talks and their turns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TalkThresholds {
    /// A further topic of the talk is named from here on.
    pub topic: f32,
    /// A further role of a turn is named from here on.
    pub role: f32,
    /// An act is named from here on, by the chance that the talk states it at all.
    pub act: f32,
    /// It is named once more from here on, by the chance that the talk states it so often.
    pub act_again: f32,
    pub evidence: EvidenceThresholds,
}

/// A part of the summary rests on a turn from here on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EvidenceThresholds {
    pub issue: f32,
    pub request: f32,
    pub actions: f32,
    pub promises: f32,
    pub outcome: f32,
}

/// Logits are divided by these before they become probabilities (Guo et al., 2017).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Temperatures {
    pub language: f32,
    /// Of messages, by the language that the model reads in them.
    pub by_language: HashMap<Language, MessageTemperatures>,
    pub talk: TalkTemperatures,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MessageTemperatures {
    pub topics: f32,
    pub sentiment: f32,
    pub urgency: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TalkTemperatures {
    pub topics: f32,
    pub sentiment: f32,
    pub roles: f32,
    pub acts: f32,
    pub outcome: f32,
}

impl Temperatures {
    /// The first that no logit can be divided by.
    fn fault(&self) -> Option<String> {
        let TalkTemperatures { topics, sentiment, roles, acts, outcome } = self.talk;
        let messages = self.by_language.values().flat_map(|t| [t.topics, t.sentiment, t.urgency]);
        if messages.chain([topics, sentiment, roles, acts, outcome, self.language]).any(|t| !t.is_finite() || t <= 0.0)
        {
            return Some("a temperature is not above zero".to_owned());
        }
        let missing = Language::ALL.iter().find(|language| !self.by_language.contains_key(language))?;
        Some(format!("it has no temperatures for `{missing}`"))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Training {
    pub recipe: String,
    pub data_sha256: String,
    pub seed: u64,
    pub epochs: u32,
    pub rows: u32,
}

impl Manifest {
    pub fn model(&self) -> ModelId {
        ModelId { id: self.id.clone(), version: self.version.clone() }
    }
}

/// Why a model folder cannot be used; each sentence says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("{} is missing; restore the model folder, or point OKNO_MODELS at the folder that holds it", .0.display())]
    Missing(PathBuf),
    #[error("{} cannot be read ({reason}); check the permissions and the disk", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{} is no manifest of this version ({reason}); restore the model folder from the release", path.display())]
    Manifest { path: PathBuf, reason: String },
    #[error("{} has {found} bytes instead of {expected}; restore it from the release", path.display())]
    Size { path: PathBuf, expected: u64, found: u64 },
    #[error("{} is not the file that the manifest names (its sha256 differs); restore it from the release", path.display())]
    Altered { path: PathBuf },
    #[error("{} scores {found} labels on the head `{head}` where the manifest names {expected}; restore the model folder from the release", path.display())]
    Labels { path: PathBuf, head: &'static str, expected: usize, found: usize },
    #[error("{} does not fit the manifest ({reason}); restore the model folder from the release", path.display())]
    Part { path: PathBuf, reason: String },
    #[error(transparent)]
    Inference(#[from] inference::InferenceError),
}

/// The manifests of all model folders in `models`, by name. A folder with a broken manifest is an error.
pub fn list(models: &Path) -> Result<Vec<(PathBuf, Manifest)>, LoadError> {
    let entries = std::fs::read_dir(models).map_err(|e| unreadable(models, &e))?;
    let mut folders: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|e| e.path()).filter(|p| p.join(FILE).exists()).collect();
    folders.sort();
    folders.into_iter().map(|folder| read(&folder).map(|manifest| (folder, manifest))).collect()
}

/// Reads the manifest of `folder` and checks that each of its files is there, unaltered.
pub fn verify(folder: &Path) -> Result<Manifest, LoadError> {
    let manifest = read(folder)?;
    for file in &manifest.files {
        let path = folder.join(&file.name);
        let bytes = std::fs::read(&path).map_err(|e| unreadable(&path, &e))?;
        if bytes.len() as u64 != file.bytes {
            return Err(LoadError::Size { path, expected: file.bytes, found: bytes.len() as u64 });
        }
        if hex(&Sha256::digest(&bytes)) != file.sha256 {
            return Err(LoadError::Altered { path });
        }
    }
    Ok(manifest)
}

fn read(folder: &Path) -> Result<Manifest, LoadError> {
    let path = folder.join(FILE);
    let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
    let fault = |reason: String| LoadError::Manifest { path: path.clone(), reason };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|e| fault(e.to_string()))?;
    for file in &manifest.files {
        // A manifest speaks of its own folder only.
        if file.name.contains(['/', '\\']) || file.name.starts_with('.') {
            return Err(fault(format!("`{}` is no name of a file in this folder", file.name)));
        }
    }
    let writes = manifest.files.iter().any(|file| file.name == FILES_OF_A_WRITER[0]);
    let of_encoder = ["model.safetensors", "tokenizer.json", "config.json"].into_iter().filter(|_| !writes);
    let of_writer = FILES_OF_A_WRITER.into_iter().filter(|_| writes);
    let of_reading = ["talk.safetensors", grams::FILE].into_iter().filter(|_| manifest.reading.is_some());
    for needed in of_encoder.chain(of_writer).chain(of_reading) {
        if !manifest.files.iter().any(|f| f.name == needed) {
            return Err(fault(format!("it does not name {needed}")));
        }
    }
    if let Some(reason) = manifest.reading.as_ref().and_then(|reading| reading.temperatures.fault()) {
        return Err(fault(reason));
    }
    Ok(manifest)
}

fn unreadable(path: &Path, error: &std::io::Error) -> LoadError {
    match error.kind() {
        std::io::ErrorKind::NotFound => LoadError::Missing(path.to_owned()),
        _ => LoadError::Unreadable { path: path.to_owned(), reason: error.to_string() },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
