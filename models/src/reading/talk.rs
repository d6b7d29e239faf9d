//! The small model over the turns of a talk: what each turn does, asks, offers and promises, what became of that, on which
//! turns a summary rests, and topics, mood and end of the whole.
//!
//! It takes the pooled vectors of the turns, so that a new turn costs one turn. Several members, trained from different
//! beginnings, judge the same turns, and the mean of their logits counts: their errors differ more than what they know
//! (Hansen and Salamon, 1990). `models/training/talk.py` has it.

use std::path::Path;

use ndarray::{Array1, Array2, ArrayView1, s};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::manifest::{Labels, LoadError};
use crate::reading::Scored;
use crate::reading::layers::{sigmoid, vector};
use crate::reading::member::{Logits, Member};
use crate::taxonomy::{FactKind, FactType, Outcome, Sentiment, Speaker, Topic, TurnRole};

/// Who speaks, put behind each vector.
pub(super) const WHO: usize = 2;
/// Requests and proposals are refused, taken or left open.
pub(super) const ANSWERED: usize = 2;
pub(super) const ANSWERS: usize = 3;
/// The parts of a summary that have evidence.
pub(super) const PARTS: usize = 5;

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
    /// At least one.
    members: Vec<Member>,
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
        let count = (0..).take_while(|number| file.tensor(&format!("{number}.narrow.bias")).is_ok()).count();
        let members: Vec<Member> =
            (0..count).map(|number| Member::load(&file, number, hidden, labels)).collect::<Result<_, _>>()?;
        if members.is_empty() {
            return Err("no tensor is named `0.narrow.bias`".to_owned());
        }
        Ok(TalkModel { centre: vector(&file, "centre", hidden)?, spread: vector(&file, "spread", hidden)?, members })
    }

    /// Judges turns in their order; none where there is no turn. The last turn is judged as one that nothing follows.
    pub(super) fn judge(&self, turns: &[(Speaker, &TurnVector)]) -> Option<TalkScores> {
        if turns.is_empty() {
            return None;
        }
        let known = self.known(turns);
        let said = self.members.iter().map(|member| member.judge(&known, self.centre.len()));
        Some(said.reduce(Logits::and)?.over(self.members.len()).scores())
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
}
