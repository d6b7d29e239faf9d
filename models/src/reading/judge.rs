//! Logits become a reading: temperatures, thresholds, abstention.

use std::ops::Range;

use inference::{Encoded, EncoderConfig};

use crate::entities;
use crate::manifest::{ActLabel, Judgement, LoadError, MessageTemperatures};
use crate::reading::acts;
use crate::reading::layers::sigmoid;
use crate::reading::talk::{Act, Evidence, Matter, TalkReading, TalkScores, TurnScores, TurnVector};
use crate::reading::{Entity, Reading, Said, Scored};
use crate::taxonomy::{FactKind, Language, Topic, Urgency};

/// About one text in twenty of such a language is written so.
const RARE_SCRIPT: f32 = 3.0;

/// What turns an answer of the encoder into labels.
#[derive(Debug)]
pub(super) struct Judge {
    meaning: Judgement,
    /// Where each head stands among the encoder's answers.
    topics: usize,
    sentiment: usize,
    urgency: usize,
    language: usize,
    roles: usize,
}

impl Judge {
    /// Checks that each head of the encoder scores exactly the labels that the manifest names.
    pub(super) fn new(meaning: Judgement, config: &EncoderConfig, path: &std::path::Path) -> Result<Judge, LoadError> {
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
        let tags = entities::TAGS_OF_A_KIND * meaning.labels.entities.len() + 1;
        if config.token_labels != tags {
            let (path, found) = (path.to_owned(), config.token_labels);
            return Err(LoadError::Labels { path, head: "spans", expected: tags, found });
        }
        Ok(Judge {
            topics: place("topics", meaning.labels.topics.len())?,
            sentiment: place("sentiment", meaning.labels.sentiment.len())?,
            urgency: place("urgency", meaning.labels.urgency.len())?,
            language: place("language", meaning.labels.language.len())?,
            roles: place("roles", meaning.labels.roles.len())?,
            meaning,
        })
    }

    /// Where the heads that the grams speak to stand, and how many labels each has.
    pub(super) fn heads_of_grams(&self) -> [(usize, usize); 3] {
        let labels = &self.meaning.labels;
        [
            (self.topics, labels.topics.len()),
            (self.sentiment, labels.sentiment.len()),
            (self.urgency, labels.urgency.len()),
        ]
    }

    /// `entities`: what is named in the text, once its language is known.
    pub(super) fn read(&self, encoded: &Encoded, entities: impl FnOnce(Language) -> Vec<Entity>) -> Reading {
        let (labels, limits) = (&self.meaning.labels, self.meaning.thresholds);
        let heat = self.meaning.temperatures.language;
        let languages = shares(&encoded.logits[self.language], &labels.language, heat);
        let heat = self.heat(encoded);
        let mut topics = self.topics(encoded);
        let abstained = topics[0].score < limits.abstain;
        let named = topics.iter().skip(1).take_while(|t| !abstained && t.score >= limits.topic).count();
        topics.truncate(1 + named);

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
            entities: entities(languages[0].value),
        }
    }

    /// Russian and Kazakh are seldom written in Latin letters, English never in Cyrillic: takes [`RARE_SCRIPT`] from the
    /// scores of languages whose letters a text has none of.
    pub(super) fn weigh_script(&self, text: &str, encoded: &mut Encoded) {
        let latin = text.chars().any(|c| c.is_ascii_alphabetic());
        let cyrillic = text.chars().any(|c| matches!(c, '\u{400}'..='\u{52f}'));
        if latin == cyrillic {
            return;
        }
        for (logit, language) in encoded.logits[self.language].iter_mut().zip(&self.meaning.labels.language) {
            let rare = match language {
                Language::Ru | Language::Kk => latin,
                Language::En => cyrillic,
                Language::Uz => false,
            };
            *logit -= if rare { RARE_SCRIPT } else { 0.0 };
        }
    }

    /// All topics with their probabilities, best first.
    pub(super) fn topics(&self, encoded: &Encoded) -> Vec<Scored<Topic>> {
        let heat = self.heat(encoded).topics;
        likelihoods(&encoded.logits[self.topics], &self.meaning.labels.topics, heat)
    }

    /// How likely what was said is by an encoding: the topic, the sentiment and the urgency.
    pub(super) fn likelihood(&self, said: Said, encoded: &Encoded) -> [f32; 3] {
        let (labels, heat) = (&self.meaning.labels, self.heat(encoded));
        let sentiments = shares(&encoded.logits[self.sentiment], &labels.sentiment, heat.sentiment);
        let urgencies = shares(&encoded.logits[self.urgency], &labels.urgency, heat.urgency);
        [
            said.topic.map_or(0.0, |topic| score_of(&self.topics(encoded), topic)),
            score_of(&sentiments, said.sentiment),
            score_of(&urgencies, said.urgency),
        ]
    }

    /// The temperatures of the language that the encoding shows.
    fn heat(&self, encoded: &Encoded) -> MessageTemperatures {
        let heat = &self.meaning.temperatures;
        let languages = shares(&encoded.logits[self.language], &self.meaning.labels.language, heat.language);
        // The manifest has been checked to know every language.
        heat.by_language[&languages[0].value]
    }

    /// The spans that the tags of the tokens mark.
    pub(super) fn spans(&self, text: &str, places: &[Range<usize>], encoded: &Encoded) -> Vec<Entity> {
        entities::tagged(text, places, &encoded.tokens, &self.meaning.labels.entities)
    }

    /// What the model over turns takes of one turn.
    pub(super) fn turn(&self, encoded: Encoded) -> TurnVector {
        let mut logits = encoded.logits;
        TurnVector { pooled: encoded.pooled, roles: logits.swap_remove(self.roles) }
    }

    /// Scores of a whole talk and of its turns become labels.
    pub(super) fn talk(&self, scores: &TalkScores) -> TalkReading {
        let (labels, heat, limits) =
            (&self.meaning.labels, self.meaning.temperatures.talk, self.meaning.thresholds.talk);
        let mut topics = likelihoods(&scores.topics, &labels.topics, heat.topics);
        let further = topics.iter().skip(1).take_while(|t| t.score >= limits.topic).count();
        topics.truncate(1 + further);
        let roles = scores.turns.iter().map(|turn| {
            let mut roles = likelihoods(&turn.roles, &labels.roles, heat.roles);
            let further = roles.iter().skip(1).take_while(|r| r.score >= limits.role).count();
            roles.truncate(1 + further);
            roles
        });
        let sentiment = shares(&scores.sentiment, &labels.sentiment, heat.sentiment)[0];
        TalkReading {
            whole: Matter { topics, sentiment },
            roles: roles.collect(),
            acts: self.acts(&scores.turns),
            outcome: shares(&scores.outcome, &labels.outcome, heat.outcome)[0],
            evidence: self.evidence(&scores.turns),
        }
    }

    fn acts(&self, turns: &[TurnScores]) -> Vec<Vec<Act>> {
        let (heat, limits) = (self.meaning.temperatures.talk.acts, self.meaning.thresholds.talk);
        let likely = |turn: &TurnScores| turn.acts.iter().map(|logit| sigmoid(logit / heat)).collect();
        let likely: Vec<Vec<f32>> = turns.iter().map(likely).collect();
        let named = acts::named(&likely, acts::Limits { once: limits.act, again: limits.act_again });
        let told = |turn: usize, act: usize| {
            let ActLabel { kind, what } = self.meaning.labels.acts[act];
            let accepted = match kind {
                FactKind::Request => answer(turns[turn].answers[0]),
                FactKind::Proposal => answer(turns[turn].answers[1]),
                FactKind::Action | FactKind::Promise => Some(true),
            };
            Act { kind, what, score: likely[turn][act], accepted }
        };
        named.iter().enumerate().map(|(turn, acts)| acts.iter().map(|act| told(turn, *act)).collect()).collect()
    }

    /// Every contact has a matter and an end, so these rest on their likeliest turn even where none is sure enough.
    fn evidence(&self, turns: &[TurnScores]) -> Evidence {
        let limits = self.meaning.thresholds.talk.evidence;
        let sure = |part: usize, limit: f32| {
            let scores = turns.iter().map(move |turn| sigmoid(turn.evidence[part]));
            (0..).zip(scores).filter(move |(_, score)| *score >= limit).map(|(at, _)| at).collect::<Vec<u32>>()
        };
        let sure_or_best = |part: usize, limit: f32| {
            let likeliest = (0..).zip(turns).max_by(|(_, a), (_, b)| a.evidence[part].total_cmp(&b.evidence[part]));
            let sure = sure(part, limit);
            if sure.is_empty() { likeliest.map(|(at, _)| at).into_iter().collect() } else { sure }
        };
        Evidence {
            issue: sure_or_best(0, limits.issue),
            request: sure(1, limits.request),
            actions: sure(2, limits.actions),
            promises: sure(3, limits.promises),
            outcome: sure_or_best(4, limits.outcome),
        }
    }

    /// The reading of a text with nothing to read in it.
    pub(super) fn nothing(&self) -> Reading {
        Reading::nothing(Scored { value: self.meaning.labels.language[0], score: 0.0 })
    }
}

/// What became of a request or a proposal: false, true or left open, whichever is likeliest.
fn answer([refused, taken, open]: [f32; 3]) -> Option<bool> {
    if open > refused && open > taken { None } else { Some(taken >= refused) }
}

fn score_of<T: PartialEq>(scored: &[Scored<T>], label: T) -> f32 {
    scored.iter().find(|scored| scored.value == label).map_or(0.0, |scored| scored.score)
}

/// The sigmoid of each logit at a temperature, best first.
fn likelihoods<T: Copy>(logits: &[f32], labels: &[T], temperature: f32) -> Vec<Scored<T>> {
    let likely = |logit: f32| sigmoid(logit / temperature);
    let mut all: Vec<_> =
        logits.iter().zip(labels).map(|(logit, label)| Scored { value: *label, score: likely(*logit) }).collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all
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
