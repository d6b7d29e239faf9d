//! One member of the model over turns.
//!
//! A narrow state of each turn, with the encoder's own opinion of its roles, looks at the others of the talk; heads judge
//! that. Topics and mood: the turns' vectors averaged by learned attention (as in Yang et al., 2016, 2.2), then judged
//! by heads of their own.

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};
use safetensors::SafeTensors;

use crate::manifest::Labels;
use crate::reading::layers::{Layer, Norm};
use crate::reading::looks::Looks;
use crate::reading::talk::{ANSWERED, ANSWERS, PARTS, TalkScores, TurnScores, WHO};

#[derive(Debug)]
pub(super) struct Member {
    narrow: (Layer, Norm),
    looks: Looks,
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

/// Logits of a talk, and of its turns a row each.
#[derive(Debug)]
pub(super) struct Logits {
    topics: Array1<f32>,
    sentiment: Array1<f32>,
    outcome: Array1<f32>,
    /// Roles, acts, answers and evidence.
    turns: [Array2<f32>; 4],
}

impl Member {
    /// Takes member `number` out of the file; `hidden`: the width of the turns' vectors, `labels`: what its heads score.
    pub(super) fn load(
        file: &SafeTensors<'_>,
        number: usize,
        hidden: usize,
        labels: &Labels,
    ) -> Result<Member, String> {
        let bias = file.tensor(&format!("{number}.narrow.bias")).map_err(|e| e.to_string())?;
        let inner = bias.shape().first().copied().unwrap_or(0);
        let load =
            |name: &str, rows: usize, columns: usize| Layer::load(file, &format!("{number}.{name}"), rows, columns);
        let norm = Norm::load(file, &format!("{number}.norms.0"), inner)?;
        let whole = |name: &str, looked: usize, taken: usize, labels: usize| -> Result<Whole, String> {
            let attention = load(&format!("attention.{name}"), 1, looked)?;
            Ok(Whole { attention, head: load(&format!("whole.{name}"), labels, taken)? })
        };
        Ok(Member {
            narrow: (load("narrow", inner, hidden + WHO + labels.roles.len())?, norm),
            looks: Looks::load(file, number, inner)?,
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

    /// Judges turns in their order. `known`: of each turn the standardised vector, `hidden` wide, and what stands behind it.
    pub(super) fn judge(&self, known: &Array2<f32>, hidden: usize) -> Logits {
        let states = self.states(known);
        let vectors = known.slice(s![.., ..hidden]);
        let placed = placed(known, hidden);
        let highest = states.fold_axis(Axis(0), f32::MIN, |most, state| most.max(*state));
        let joined = concatenate![Axis(0), self.outcome.taken(&states, states.view()), highest];
        Logits {
            topics: self.topics.head.forward(&self.topics.taken(&placed, vectors)),
            sentiment: self.sentiment.head.forward(&self.sentiment.taken(&placed, vectors)),
            outcome: self.outcome.head.forward(&joined),
            turns: [&self.roles, &self.acts, &self.answers, &self.evidence].map(|head| head.forward_rows(&states)),
        }
    }

    fn states(&self, known: &Array2<f32>) -> Array2<f32> {
        let (narrow, norm) = &self.narrow;
        self.looks.look(norm.forward(narrow.forward_rows(known)).mapv(|x| x.max(0.0)))
    }
}

impl Logits {
    /// The sum with what another member says of the same turns.
    pub(super) fn and(mut self, other: Logits) -> Logits {
        self.topics += &other.topics;
        self.sentiment += &other.sentiment;
        self.outcome += &other.outcome;
        for (ours, theirs) in self.turns.iter_mut().zip(&other.turns) {
            *ours += theirs;
        }
        self
    }

    /// The mean, of a sum over so many members.
    pub(super) fn over(self, members: usize) -> Logits {
        let share = 1.0 / members as f32;
        Logits {
            topics: self.topics * share,
            sentiment: self.sentiment * share,
            outcome: self.outcome * share,
            turns: self.turns.map(|logits| logits * share),
        }
    }

    pub(super) fn scores(&self) -> TalkScores {
        let [roles, acts, answers, evidence] = &self.turns;
        let turn = |at: usize| TurnScores {
            roles: roles.row(at).to_vec(),
            acts: acts.row(at).to_vec(),
            answers: std::array::from_fn::<_, ANSWERED, _>(|kind| {
                std::array::from_fn(|n| answers[[at, kind * ANSWERS + n]])
            }),
            evidence: std::array::from_fn(|part| evidence[[at, part]]),
        };
        TalkScores {
            topics: self.topics.to_vec(),
            sentiment: self.sentiment.to_vec(),
            outcome: self.outcome.to_vec(),
            turns: (0..roles.nrows()).map(turn).collect(),
        }
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
