//! Simpler models on the same messages in the same run: what a reading model has to beat.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inference::{Encoder, EncoderConfig, InferenceError, Precision, Tokeniser};
use serde::Serialize;

use crate::evaluate::bootstrap::{Figure, figure};
use crate::evaluate::score::{Counts, macro_f1};
use crate::evaluate::{LabelledMessage, by_part, share};
use crate::manifest::LoadError;
use crate::reading::ReadError;
use crate::reading::grams::{self, Grams, HEADS};
use crate::taxonomy::{Sentiment, Topic, Urgency};

/// Texts that an encoder computes together.
const AT_ONCE: usize = 32;
/// How many labels each of [`HEADS`] has, in the order of the taxonomy.
const LABELS: [usize; 3] = [Topic::ALL.len(), Sentiment::ALL.len(), Urgency::ALL.len()];

/// Why a reference cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error("{} cannot be read ({reason}); make the references with models/training/references.py", path.display())]
    Folder { path: PathBuf, reason: String },
    #[error(transparent)]
    Inference(#[from] InferenceError),
    #[error(transparent)]
    Grams(#[from] LoadError),
}

/// A simpler model, by its folder's name.
#[derive(Debug)]
pub struct Reference {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Linear heads on the pooled vector of an encoder, fine-tuned or not.
    Encoder {
        tokeniser: Box<Tokeniser>,
        encoder: Encoder,
        heads: [usize; 3],
    },
    Grams(Box<Grams>),
}

/// All in [0, 1] but the count; a figure over nothing is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReferenceFigures {
    pub n: usize,
    pub topic_macro_f1: Option<Figure>,
    pub class_accuracy: Option<Figure>,
    pub sentiment_macro_f1: Option<Figure>,
    pub critical_recall: Option<f64>,
    pub critical_precision: Option<f64>,
}

struct Read<'a> {
    wanted: &'a LabelledMessage,
    topic: Topic,
    sentiment: Sentiment,
    urgency: Urgency,
}

impl Reference {
    /// All references under `folder`, by name.
    pub fn load_all(folder: &Path, threads: usize) -> Result<Vec<Reference>, ReferenceError> {
        let fault = |e: std::io::Error| ReferenceError::Folder { path: folder.to_owned(), reason: e.to_string() };
        let mut folders: Vec<PathBuf> =
            std::fs::read_dir(folder).map_err(fault)?.filter_map(Result::ok).map(|e| e.path()).collect();
        folders.retain(|path| path.is_dir());
        folders.sort();
        folders.iter().map(|path| Reference::load(path, threads)).collect()
    }

    fn load(folder: &Path, threads: usize) -> Result<Reference, ReferenceError> {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if folder.join(grams::FILE).exists() {
            let heads = std::array::from_fn(|head| (head, LABELS[head]));
            return Ok(Reference { name, kind: Kind::Grams(Box::new(Grams::load(folder, heads)?)) });
        }
        let config = EncoderConfig::read(&folder.join("config.json"))?;
        let tokeniser = Tokeniser::read(&folder.join("tokenizer.json"), &config)?;
        let encoder = Encoder::load(&folder.join("model.safetensors"), &config, threads, Precision::Auto)?;
        let mut heads = [0; 3];
        for ((place, head), labels) in heads.iter_mut().zip(HEADS).zip(LABELS) {
            let found = config.heads.iter().position(|h| h.name == head && h.labels == labels);
            *place = found.ok_or_else(|| ReferenceError::Folder {
                path: folder.to_owned(),
                reason: format!("it has no head `{head}` of {labels} labels"),
            })?;
        }
        Ok(Reference { name, kind: Kind::Encoder { tokeniser: Box::new(tokeniser), encoder, heads } })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the messages and counts, by part (`all`, a language).
    pub(super) fn figures(
        &self,
        messages: &[&LabelledMessage],
    ) -> Result<BTreeMap<String, ReferenceFigures>, ReadError> {
        let mut rows = Vec::with_capacity(messages.len());
        for part in messages.chunks(AT_ONCE) {
            for (wanted, logits) in part.iter().zip(self.logits(part)?) {
                let [topic, sentiment, urgency] = logits.map(|logits| best(&logits));
                let (topic, sentiment) = (Topic::ALL[topic], Sentiment::ALL[sentiment]);
                rows.push(Read { wanted, topic, sentiment, urgency: Urgency::ALL[urgency] });
            }
        }
        Ok(by_part(&rows, |row| vec!["all".to_owned(), row.wanted.language.to_string()], figures))
    }

    fn logits(&self, messages: &[&LabelledMessage]) -> Result<Vec<[Vec<f32>; 3]>, ReadError> {
        match &self.kind {
            Kind::Grams(grams) => Ok(messages
                .iter()
                .map(|message| {
                    let mut logits = LABELS.map(|labels| vec![0.0; labels]);
                    grams.add(&message.text, &mut logits);
                    logits
                })
                .collect()),
            Kind::Encoder { tokeniser, encoder, heads } => {
                let tokens = messages.iter().map(|m| tokeniser.tokens(&m.text)).collect::<Result<Vec<_>, _>>()?;
                let encoded = encoder.encode(&tokens)?;
                Ok(encoded.into_iter().map(|e| heads.map(|head| e.logits[head].clone())).collect())
            }
        }
    }
}

/// Where the highest logit stands.
fn best(logits: &[f32]) -> usize {
    (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap_or(0)
}

fn figures(rows: &[&Read<'_>]) -> ReferenceFigures {
    let mut critical = Counts::default();
    for row in rows {
        critical.add(row.wanted.urgency == Urgency::Critical, row.urgency == Urgency::Critical);
    }
    ReferenceFigures {
        n: rows.len(),
        topic_macro_f1: figure(rows, |rows| {
            macro_f1(&rows.iter().map(|r| (r.wanted.topics.first().copied(), Some(r.topic))).collect::<Vec<_>>(), None)
        }),
        class_accuracy: figure(rows, |rows| {
            share(rows, |r| r.wanted.topics.first().is_some_and(|t| t.class() == r.topic.class()))
        }),
        sentiment_macro_f1: figure(rows, |rows| {
            let pair = |r: &&Read<'_>| (Some(r.wanted.sentiment), Some(r.sentiment));
            macro_f1(&rows.iter().map(pair).collect::<Vec<_>>(), None)
        }),
        critical_recall: critical.recall(),
        critical_precision: critical.precision(),
    }
}
