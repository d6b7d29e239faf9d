//! The small model over the turns of a talk: the roles of each turn, and the topics and mood of the whole.
//!
//! It takes the pooled vectors of the turns, so that a new turn costs one turn. Roles: one hidden layer over
//! the turn and those around it, with the encoder's own opinion of each. The whole: the turns' vectors averaged by learned
//! attention (as in Yang et al., 2016, 2.2), then judged by heads of its own. `models/training/talk.py` trains it.

use std::path::Path;

use ndarray::{Array1, Array2, ArrayView1, s};
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use crate::manifest::LoadError;
use crate::reading::Scored;
use crate::taxonomy::{Sentiment, Speaker, Topic, TurnRole};

/// Turns around the one whose roles are asked.
const BEFORE: usize = 3;
const AFTER: usize = 1;
/// Who speaks, put behind each vector.
const WHO: usize = 2;

/// What the model says of a talk and of each of its turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TalkReading {
    pub whole: Matter,
    /// Of each turn its likeliest role and all that are sure enough, best first.
    pub roles: Vec<Vec<Scored<TurnRole>>>,
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
    pub(super) roles: Vec<Vec<f32>>,
}

#[derive(Debug)]
pub(super) struct TalkModel {
    centre: Array1<f32>,
    spread: Array1<f32>,
    widen: Layer,
    roles: Layer,
    topics: Whole,
    sentiment: Whole,
}

#[derive(Debug)]
struct Whole {
    attention: Layer,
    head: Layer,
}

impl TalkModel {
    /// Loads `talk.safetensors`; `hidden`: the width of the turns' vectors, then how many labels each head scores.
    pub(super) fn load(
        path: &Path,
        hidden: usize,
        topics: usize,
        sentiments: usize,
        roles: usize,
    ) -> Result<TalkModel, LoadError> {
        let bytes =
            std::fs::read(path).map_err(|e| LoadError::Unreadable { path: path.to_owned(), reason: e.to_string() })?;
        let fault = |reason: String| LoadError::Part { path: path.to_owned(), reason };
        let file = SafeTensors::deserialize(&bytes).map_err(|e| fault(e.to_string()))?;
        let load = |name: &str, rows: usize, columns: usize| Layer::load(&file, name, rows, columns).map_err(fault);
        let whole = |name: &str, labels: usize| -> Result<Whole, LoadError> {
            // Behind the vector: the customer speaks, how late the turn is, it is the first.
            let attention = load(&format!("attention.{name}"), 1, hidden + 3)?;
            Ok(Whole { attention, head: load(&format!("whole.{name}"), labels, hidden)? })
        };
        let around = (BEFORE + 1 + AFTER) * (hidden + WHO + roles);
        let inner = file.tensor("widen.bias").map_err(|e| fault(e.to_string()))?.shape().first().copied().unwrap_or(0);
        Ok(TalkModel {
            centre: vector(&file, "centre", hidden).map_err(fault)?,
            spread: vector(&file, "spread", hidden).map_err(fault)?,
            widen: load("widen", inner, around)?,
            roles: load("roles", roles, inner)?,
            topics: whole("topics", topics)?,
            sentiment: whole("sentiment", sentiments)?,
        })
    }

    /// Judges turns in their order; none where there is no turn. The last turn is judged as one that nothing follows.
    pub(super) fn judge(&self, turns: &[(Speaker, &TurnVector)]) -> Option<TalkScores> {
        if turns.is_empty() {
            return None;
        }
        let hidden = self.centre.len();
        let roles = self.roles.bias.len();
        let mut known = Array2::<f32>::zeros((turns.len(), hidden + WHO + roles));
        for (mut row, (speaker, turn)) in known.rows_mut().into_iter().zip(turns) {
            let vector = (ArrayView1::from(&turn.pooled).to_owned() - &self.centre) / &self.spread;
            row.slice_mut(s![..hidden]).assign(&vector);
            row[hidden + usize::from(*speaker == Speaker::Operator)] = 1.0;
            for (place, logit) in row.iter_mut().skip(hidden + WHO).zip(&turn.roles) {
                *place = 1.0 / (1.0 + (-logit).exp());
            }
        }
        Some(TalkScores {
            topics: self.topics.judge(&known, hidden),
            sentiment: self.sentiment.judge(&known, hidden),
            roles: (0..turns.len()).map(|at| self.roles(&known, at)).collect(),
        })
    }

    fn roles(&self, known: &Array2<f32>, at: usize) -> Vec<f32> {
        let width = known.ncols();
        let mut around = Array1::<f32>::zeros((BEFORE + 1 + AFTER) * width);
        for slot in 0..BEFORE + 1 + AFTER {
            // Before the first turn and behind the last there is nothing.
            if let Some(place) = (at + slot).checked_sub(BEFORE).filter(|place| *place < known.nrows()) {
                around.slice_mut(s![slot * width..(slot + 1) * width]).assign(&known.row(place));
            }
        }
        let inner = self.widen.forward(&around).mapv(|x| x.max(0.0));
        self.roles.forward(&inner).to_vec()
    }
}

impl Whole {
    fn judge(&self, known: &Array2<f32>, hidden: usize) -> Vec<f32> {
        let vectors = known.slice(s![.., ..hidden]);
        let score = |(at, row): (usize, ArrayView1<'_, f32>)| {
            let mut facts = Array1::<f32>::zeros(hidden + 3);
            // The vector and whether the customer speaks lie side by side.
            facts.slice_mut(s![..=hidden]).assign(&row.slice(s![..=hidden]));
            facts[hidden + 1] = (at as f32 / 10.0).min(1.0);
            facts[hidden + 2] = f32::from(u8::from(at == 0));
            self.attention.forward(&facts)[0]
        };
        let scores: Vec<f32> = known.rows().into_iter().enumerate().map(score).collect();
        let highest = scores.iter().copied().fold(f32::MIN, f32::max);
        let shares = Array1::from_iter(scores.iter().map(|score| (score - highest).exp()));
        let mean = shares.dot(&vectors) / shares.sum();
        self.head.forward(&mean).to_vec()
    }
}

/// Weight [out, in] and bias.
#[derive(Debug)]
struct Layer {
    weight: Array2<f32>,
    bias: Array1<f32>,
}

impl Layer {
    fn load(file: &SafeTensors<'_>, name: &str, rows: usize, columns: usize) -> Result<Layer, String> {
        let weight = floats(file, &format!("{name}.weight"), &[rows, columns])?;
        let weight = Array2::from_shape_vec((rows, columns), weight).map_err(|e| e.to_string())?;
        Ok(Layer { weight, bias: vector(file, &format!("{name}.bias"), rows)? })
    }

    fn forward(&self, x: &Array1<f32>) -> Array1<f32> {
        self.weight.dot(x) + &self.bias
    }
}

fn vector(file: &SafeTensors<'_>, name: &str, length: usize) -> Result<Array1<f32>, String> {
    Ok(Array1::from_vec(floats(file, name, &[length])?))
}

/// The values of a tensor of f32.
fn floats(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
    let tensor = file.tensor(name).map_err(|e| e.to_string())?;
    if tensor.shape() != shape {
        return Err(format!("{name} is {:?}, expected {shape:?}", tensor.shape()));
    }
    if tensor.dtype() != Dtype::F32 {
        return Err(format!("{name} is {:?}, expected F32", tensor.dtype()));
    }
    Ok(tensor.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}
