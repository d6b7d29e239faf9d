//! Logits become a reading: temperatures, thresholds, abstention.

use inference::{Encoded, EncoderConfig};

use crate::manifest::{LoadError, Manifest};
use crate::reading::{Entity, Reading, Scored};
use crate::taxonomy::{Sentiment, Urgency};

/// What turns an answer of the encoder into labels.
#[derive(Debug)]
pub(super) struct Judge {
    manifest: Manifest,
    /// Where each head stands among the encoder's answers.
    topics: usize,
    sentiment: usize,
    urgency: usize,
    language: usize,
}

impl Judge {
    /// Checks that each head of the encoder scores exactly the labels of the manifest.
    pub(super) fn new(manifest: Manifest, config: &EncoderConfig, path: &std::path::Path) -> Result<Judge, LoadError> {
        let place = |head: &'static str, expected: usize| {
            let found = config.heads.iter().position(|h| h.name == head);
            match found {
                Some(at) if config.heads[at].labels == expected && expected > 0 => Ok(at),
                _ => Err(LoadError::Labels {
                    path: path.to_owned(),
                    head,
                    expected,
                    found: found.map_or(0, |at| config.heads[at].labels),
                }),
            }
        };
        Ok(Judge {
            topics: place("topics", manifest.labels.topics.len())?,
            sentiment: place("sentiment", manifest.labels.sentiment.len())?,
            urgency: place("urgency", manifest.labels.urgency.len())?,
            language: place("language", manifest.labels.language.len())?,
            manifest,
        })
    }

    pub(super) fn read(&self, encoded: &Encoded, entities: Vec<Entity>) -> Reading {
        let (labels, heat, limits) = (&self.manifest.labels, self.manifest.temperatures, self.manifest.thresholds);
        let mut topics: Vec<Scored<_>> = encoded.logits[self.topics]
            .iter()
            .zip(&labels.topics)
            .map(|(logit, topic)| Scored { value: *topic, score: 1.0 / (1.0 + (-logit / heat.topics).exp()) })
            .collect();
        topics.sort_by(|a, b| b.score.total_cmp(&a.score));
        let abstained = topics[0].score < limits.abstain;
        let named = topics.iter().skip(1).take_while(|t| !abstained && t.score >= limits.topic).count();
        topics.truncate(1 + named);

        let languages = shares(&encoded.logits[self.language], &labels.language, heat.language);
        let urgencies = shares(&encoded.logits[self.urgency], &labels.urgency, heat.urgency);
        let critical = urgencies.iter().find(|u| u.value == Urgency::Critical && u.score >= limits.critical);
        let urgency = critical.or_else(|| urgencies.iter().find(|u| u.value != Urgency::Critical));
        Reading {
            language: languages[0],
            mixed: languages.get(1).is_some_and(|second| second.score >= limits.mixed),
            topics,
            abstained,
            sentiment: shares(&encoded.logits[self.sentiment], &labels.sentiment, heat.sentiment)[0],
            urgency: urgency.copied().unwrap_or(urgencies[0]),
            entities,
        }
    }

    /// The reading of a text with nothing to read in it.
    pub(super) fn nothing(&self) -> Reading {
        Reading {
            language: Scored { value: self.manifest.labels.language[0], score: 0.0 },
            mixed: false,
            topics: Vec::new(),
            abstained: true,
            sentiment: Scored { value: Sentiment::Neutral, score: 1.0 },
            urgency: Scored { value: Urgency::Normal, score: 1.0 },
            entities: Vec::new(),
        }
    }
}

/// Softmax of logits at a temperature, best first.
fn shares<T: Copy>(logits: &[f32], labels: &[T], temperature: f32) -> Vec<Scored<T>> {
    let highest = logits.iter().copied().fold(f32::MIN, f32::max);
    let raised: Vec<f32> = logits.iter().map(|l| ((l - highest) / temperature).exp()).collect();
    let whole: f32 = raised.iter().sum();
    let mut all: Vec<Scored<T>> =
        raised.iter().zip(labels).map(|(r, label)| Scored { value: *label, score: r / whole }).collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all
}
