//! The small model over the turns of a talk: what each turn does, asks, offers and promises, what became of that, on which
//! turns a summary rests, and topics, mood and end of the whole.
//!
//! It takes the pooled vectors of the turns, so that a new turn costs one turn. A narrow state of each turn, with
//! the encoder's own opinion of its roles, looks twice at the states around it. Topics and mood: the turns' vectors averaged
//! by learned attention (as in Yang et al., 2016, 2.2), then judged by heads of their own. `models/training/talk.py` has it.

use std::path::Path;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, concatenate, s};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::manifest::{Labels, LoadError};
use crate::reading::Scored;
use crate::reading::layers::{Layer, Norm, sigmoid, vector};
use crate::taxonomy::{FactKind, FactType, Outcome, Sentiment, Speaker, Topic, TurnRole};

/// Turns before and after that a state looks at, each time it looks.
const AROUND: usize = 2;
const LOOKS: usize = 2;
/// Who speaks, put behind each vector.
const WHO: usize = 2;
/// Requests and proposals are refused, taken or left open.
const ANSWERED: usize = 2;
const ANSWERS: usize = 3;
/// The parts of a summary that have evidence.
const PARTS: usize = 5;

/// What the model says of a talk and of each of its turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TalkReading {
    pub whole: Matter,
    /// Of each turn its likeliest role and all that are sure enough, best first.
    pub roles: Vec<Vec<Scored<TurnRole>>>,
    /// Of each turn what is asked, offered, done or promised in it, as far as the model is sure, best first.
    pub acts: Vec<Vec<Act>>,
    pub outcome: Scored<Outcome>,
    pub evidence: Evidence,
}

impl TalkReading {
    /// Of a talk without turns.
    pub(crate) fn nothing() -> TalkReading {
        let sentiment = Scored { value: Sentiment::Neutral, score: 1.0 };
        TalkReading {
            whole: Matter { topics: Vec::new(), sentiment },
            roles: Vec::new(),
            acts: Vec::new(),
            outcome: Scored { value: Outcome::NoMatter, score: 1.0 },
            evidence: Evidence::default(),
        }
    }
}

/// What a turn asks, offers, does or promises.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Act {
    pub kind: FactKind,
    #[serde(rename = "type")]
    pub what: FactType,
    pub score: f32,
    /// Whether the other side took it; none: it was left open.
    pub accepted: Option<bool>,
}

/// The turns, from 0, that each part of a summary rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SummaryEvidence)]
pub struct Evidence {
    pub issue: Vec<u32>,
    pub request: Vec<u32>,
    pub actions: Vec<u32>,
    pub promises: Vec<u32>,
    pub outcome: Vec<u32>,
}

/// What a whole talk is about, and how the customer felt over it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matter {
    /// The best topic and all that are sure enough, best first.
    pub topics: Vec<Scored<Topic>>,
    pub sentiment: Scored<Sentiment>,
}

/// What of a turn its talk is judged by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TurnVector {
    /// The mean of the token states.
    pub(super) pooled: Vec<f32>,
    /// The encoder's logits of its roles, read by itself.
    pub(super) roles: Vec<f32>,
}

/// Logits of a talk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TalkScores {
    pub(super) topics: Vec<f32>,
    pub(super) sentiment: Vec<f32>,
    pub(super) outcome: Vec<f32>,
    pub(super) turns: Vec<TurnScores>,
}

/// Logits of a turn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TurnScores {
    pub(super) roles: Vec<f32>,
    pub(super) acts: Vec<f32>,
    /// Of its request and of its proposal: refused, taken, left open.
    pub(super) answers: [[f32; ANSWERS]; ANSWERED],
    /// Whether issue, request, actions, promises and outcome rest on it.
    pub(super) evidence: [f32; PARTS],
}

#[derive(Debug)]
pub(super) struct TalkModel {
    centre: Array1<f32>,
    spread: Array1<f32>,
    narrow: (Layer, Norm),
    looks: Vec<(Layer, Norm)>,
    roles: Layer,
    acts: Layer,
    answers: Layer,
    evidence: Layer,
    topics: Whole,
    sentiment: Whole,
    outcome: Whole,
}

/// A head of the whole over what a learned attention takes of its turns.
#[derive(Debug)]
struct Whole {
    attention: Layer,
    head: Layer,
}

impl TalkModel {
    /// Loads `talk.safetensors`; `hidden`: the width of the turns' vectors, `labels`: what its heads score.
    pub(super) fn load(path: &Path, hidden: usize, labels: &Labels) -> Result<TalkModel, LoadError> {
        let bytes =
            std::fs::read(path).map_err(|e| LoadError::Unreadable { path: path.to_owned(), reason: e.to_string() })?;
        TalkModel::parse(&bytes, hidden, labels).map_err(|reason| LoadError::Part { path: path.to_owned(), reason })
    }

    fn parse(bytes: &[u8], hidden: usize, labels: &Labels) -> Result<TalkModel, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
        let inner = file.tensor("narrow.bias").map_err(|e| e.to_string())?.shape().first().copied().unwrap_or(0);
        let load = |name: &str, rows: usize, columns: usize| Layer::load(&file, name, rows, columns);
        let norm = |at: usize| Norm::load(&file, &format!("norms.{at}"), inner);
        let look = |at: usize| Ok((load(&format!("looks.{at}"), inner, (2 * AROUND + 1) * inner)?, norm(at + 1)?));
        let whole = |name: &str, looked: usize, taken: usize, labels: usize| -> Result<Whole, String> {
            let attention = load(&format!("attention.{name}"), 1, looked)?;
            Ok(Whole { attention, head: load(&format!("whole.{name}"), labels, taken)? })
        };
        Ok(TalkModel {
            centre: vector(&file, "centre", hidden)?,
            spread: vector(&file, "spread", hidden)?,
            narrow: (load("narrow", inner, hidden + WHO + labels.roles.len())?, norm(0)?),
            looks: (0..LOOKS).map(look).collect::<Result<_, String>>()?,
            roles: load("roles", labels.roles.len(), inner)?,
            acts: load("acts", labels.acts.len(), inner)?,
            answers: load("answers", ANSWERED * ANSWERS, inner)?,
            evidence: load("evidence", PARTS, inner)?,
            // Behind the vector: the customer speaks, how late the turn is, it is the first.
            topics: whole("topics", hidden + 3, hidden, labels.topics.len())?,
            sentiment: whole("sentiment", hidden + 3, hidden, labels.sentiment.len())?,
            outcome: whole("outcome", inner, 2 * inner, labels.outcome.len())?,
        })
    }

    /// Judges turns in their order; none where there is no turn. The last turn is judged as one that nothing follows.
    pub(super) fn judge(&self, turns: &[(Speaker, &TurnVector)]) -> Option<TalkScores> {
        if turns.is_empty() {
            return None;
        }
        let known = self.known(turns);
        let states = self.states(&known);
        let [roles, acts, answers, evidence] =
            [&self.roles, &self.acts, &self.answers, &self.evidence].map(|head| head.forward_rows(&states));
        let turn = |at: usize| TurnScores {
            roles: roles.row(at).to_vec(),
            acts: acts.row(at).to_vec(),
            answers: std::array::from_fn(|kind| std::array::from_fn(|n| answers[[at, kind * ANSWERS + n]])),
            evidence: std::array::from_fn(|part| evidence[[at, part]]),
        };
        let vectors = known.slice(s![.., ..self.centre.len()]);
        let placed = placed(&known, self.centre.len());
        let highest = states.fold_axis(Axis(0), f32::MIN, |most, state| most.max(*state));
        let joined = concatenate![Axis(0), self.outcome.taken(&states, states.view()), highest];
        Some(TalkScores {
            topics: self.topics.head.forward(&self.topics.taken(&placed, vectors)).to_vec(),
            sentiment: self.sentiment.head.forward(&self.sentiment.taken(&placed, vectors)).to_vec(),
            outcome: self.outcome.head.forward(&joined).to_vec(),
            turns: (0..turns.len()).map(turn).collect(),
        })
    }

    /// Of each turn its vector, who speaks, and what the encoder says of its roles.
    fn known(&self, turns: &[(Speaker, &TurnVector)]) -> Array2<f32> {
        let hidden = self.centre.len();
        let roles = turns.first().map_or(0, |(_, turn)| turn.roles.len());
        let mut known = Array2::<f32>::zeros((turns.len(), hidden + WHO + roles));
        for (mut row, (speaker, turn)) in known.rows_mut().into_iter().zip(turns) {
            let vector = (ArrayView1::from(&turn.pooled).to_owned() - &self.centre) / &self.spread;
            row.slice_mut(s![..hidden]).assign(&vector);
            row[hidden + usize::from(*speaker == Speaker::Operator)] = 1.0;
            for (place, logit) in row.iter_mut().skip(hidden + WHO).zip(&turn.roles) {
                *place = sigmoid(*logit);
            }
        }
        known
    }

    fn states(&self, known: &Array2<f32>) -> Array2<f32> {
        let (narrow, norm) = &self.narrow;
        let mut states = norm.forward(narrow.forward_rows(known)).mapv(|x| x.max(0.0));
        for (look, norm) in &self.looks {
            let seen = look.forward_rows(&around(&states)).mapv(|x| x.max(0.0));
            states = norm.forward(states + seen);
        }
        states
    }
}

impl Whole {
    /// The mean of `rows` by the shares that the attention gives them for what it looks at.
    fn taken(&self, looked_at: &Array2<f32>, rows: ArrayView2<'_, f32>) -> Array1<f32> {
        let scores = self.attention.forward_rows(looked_at).remove_axis(Axis(1));
        let highest = scores.fold(f32::MIN, |most, score| most.max(*score));
        let shares = scores.mapv(|score| (score - highest).exp());
        shares.dot(&rows) / shares.sum()
    }
}

/// Each state between those before and after it; beyond the ends there is nothing.
fn around(states: &Array2<f32>) -> Array2<f32> {
    let (turns, width) = states.dim();
    let mut around = Array2::<f32>::zeros((turns, (2 * AROUND + 1) * width));
    for (at, mut row) in around.rows_mut().into_iter().enumerate() {
        for slot in 0..=2 * AROUND {
            if let Some(place) = (at + slot).checked_sub(AROUND).filter(|place| *place < turns) {
                row.slice_mut(s![slot * width..(slot + 1) * width]).assign(&states.row(place));
            }
        }
    }
    around
}

/// Of each turn its vector, whether the customer speaks, how late it is, and whether it is the first.
fn placed(known: &Array2<f32>, hidden: usize) -> Array2<f32> {
    let mut placed = Array2::<f32>::zeros((known.nrows(), hidden + 3));
    // The vector and whether the customer speaks lie side by side.
    placed.slice_mut(s![.., ..=hidden]).assign(&known.slice(s![.., ..=hidden]));
    for (at, mut row) in placed.rows_mut().into_iter().enumerate() {
        row[hidden + 1] = (at as f32 / 10.0).min(1.0);
        row[hidden + 2] = f32::from(u8::from(at == 0));
    }
    placed
}
