//! Attention of the newest tokens over all before them. The heads share one key and one value, so the queries of a token
//! are rows of one product; places are turned into the keys and queries (Su et al., 2021).

use super::arithmetic::{Arithmetic, Rows};
use super::file::Shape;
use super::layer::Norm;

/// Of so many layers all but the last see only a window.
const PERIOD: usize = 6;
/// The base of the places in layers with a window.
const NEAR_BASE: f32 = 10_000.0;
/// Tokens whose scores are held at once.
const QUERIES: usize = 4;

pub(super) struct Attention {
    shape: Shape,
    query: Norm,
    key: Norm,
    /// None: it sees all.
    window: Option<usize>,
    /// Cosine and sine, [longest, head / 2] each.
    turns: (Vec<f32>, Vec<f32>),
}

/// Keys and values of what a layer has read, as panels: [longest / columns, head, columns] and
/// [head / columns, longest, columns].
pub(super) struct Memory {
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Memory {
    pub(super) fn new(longest: usize, shape: &Shape) -> Memory {
        Memory { keys: vec![0.0; longest * shape.head], values: vec![0.0; longest * shape.head] }
    }

    fn longest(&self, head: usize) -> usize {
        self.keys.len() / head
    }

    fn put(&mut self, token: usize, key: &[f32], value: &[f32], columns: usize) {
        let (head, longest) = (key.len(), self.longest(key.len()));
        let panel = &mut self.keys[token / columns * head * columns..];
        for (place, key) in key.iter().enumerate() {
            panel[place * columns + token % columns] = *key;
        }
        for (panel, values) in value.chunks_exact(columns).enumerate() {
            self.values[(panel * longest + token) * columns..][..columns].copy_from_slice(values);
        }
    }
}

impl Attention {
    pub(super) fn new(shape: Shape, number: usize, query: Norm, key: Norm, longest: usize) -> Attention {
        let near = !(number + 1).is_multiple_of(PERIOD);
        let base = if near { NEAR_BASE } else { shape.base };
        let half = shape.head / 2;
        let angle = |at: usize| (at / half) as f32 * base.powf(-((at % half) as f32) / half as f32);
        let cosine = (0..longest * half).map(|at| angle(at).cos()).collect();
        let sine = (0..longest * half).map(|at| angle(at).sin()).collect();
        Attention { shape, query, key, window: near.then_some(shape.window), turns: (cosine, sine) }
    }

    /// Room for scores.
    pub(super) fn scores(shape: &Shape, longest: usize) -> Vec<f32> {
        vec![0.0; QUERIES * shape.heads * longest]
    }

    /// `seen`: of each token query, key and value. The tokens' keys and values go to the memory, `context` takes a row for
    /// each token.
    #[expect(clippy::too_many_arguments, reason = "what is read, where it stands, and the memory that it takes")]
    pub(super) fn attend(
        &self,
        arithmetic: Arithmetic,
        seen: &mut [f32],
        tokens: usize,
        start: usize,
        memory: &mut Memory,
        scores: &mut [f32],
        context: &mut [f32],
    ) {
        let Shape { heads, head, .. } = self.shape;
        let (columns, all) = (arithmetic.columns(), heads * head);
        let stride = all + 2 * head;
        let longest = memory.longest(head);
        for (token, row) in seen.chunks_exact_mut(stride).take(tokens).enumerate() {
            let (queries, rest) = row.split_at_mut(all);
            let (key, value) = rest.split_at_mut(head);
            for query in queries.chunks_exact_mut(head) {
                self.place(&self.query, query, start + token, (head as f32).sqrt().recip());
            }
            self.place(&self.key, key, start + token, 1.0);
            memory.put(start + token, key, value, columns);
        }
        for first in (0..tokens).step_by(QUERIES) {
            let count = QUERIES.min(tokens - first);
            let (from, to) = self.sees(start + first, start + first + count, columns);
            let across = (to - from).next_multiple_of(columns);
            for token in 0..count {
                let rows = Rows { x: &seen[(first + token) * stride..], stride: head, rows: heads, k: head };
                let out = &mut scores[token * heads * across..];
                arithmetic.product(rows, &memory.keys[from * head..], across / columns, out, across);
                let at = start + first + token;
                let unseen = self.window.map_or(0, |window| (at + 1).saturating_sub(window + from));
                let of_token = &mut scores[token * heads * across..][..heads * across];
                of_token.chunks_exact_mut(across).for_each(|row| row[..unseen].fill(f32::MIN));
                arithmetic.softmax(of_token, at + 1 - from, across);
            }
            let rows = Rows { x: scores, stride: across, rows: count * heads, k: to - from };
            for panel in 0..head / columns {
                let values = &memory.values[(panel * longest + from) * columns..];
                arithmetic.product(rows, values, 1, &mut context[first * all + panel * columns..], head);
            }
        }
    }

    /// The tokens that those in `first..end` see, from the beginning of a panel.
    fn sees(&self, first: usize, end: usize, columns: usize) -> (usize, usize) {
        let from = self.window.map_or(0, |window| (first + 1).saturating_sub(window));
        (from / columns * columns, end)
    }

    /// Norms a query or key and turns it to its place.
    fn place(&self, norm: &Norm, x: &mut [f32], at: usize, scale: f32) {
        let half = x.len() / 2;
        let mut normed = [0.0; 512];
        let normed = &mut normed[..x.len()];
        norm.apply(x, normed);
        let (cosine, sine) = (&self.turns.0[at * half..][..half], &self.turns.1[at * half..][..half]);
        for place in 0..half {
            let (one, other) = (normed[place], normed[place + half]);
            x[place] = (one * cosine[place] - other * sine[place]) * scale;
            x[place + half] = (other * cosine[place] + one * sine[place]) * scale;
        }
    }
}
