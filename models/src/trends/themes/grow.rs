//! From the strongest ball to the theme around it.

use ndarray::{Array1, Array2, Axis};

use super::scan::{Scan, strength};

/// How often the centre is moved into the middle of what was found.
const MOVES: usize = 4;
/// A talk joins when so many of its nearest belong to the theme,
const COMPANIONS: usize = 5;
/// of so many.
const COMPANY: usize = 12;
/// How often talks may join those that have just joined.
const ROUNDS: usize = 3;

pub(super) struct Grown {
    /// The talks of now, the nearest to the middle first, those that joined last.
    pub(super) members: Vec<usize>,
    /// Talks of before that are as near as all that did not join.
    pub(super) before: usize,
    /// Talks of now that should be as near.
    pub(super) expected: f64,
}

/// Talks in the order of how near they are to the middle of the core, cut where the likelihood ratio of what is inside
/// is greatest; then the same around the middle of those, until nothing moves.
pub(super) fn from(space: &Array2<f32>, scan: &Scan<'_>, core: &[usize]) -> Grown {
    let mut grown = cut(space, scan, core);
    for _ in 1..MOVES {
        let next = cut(space, scan, &grown.members);
        let same = next.members == grown.members;
        grown = next;
        if same {
            break;
        }
    }
    join(scan, &mut grown.members);
    grown
}

/// Talks of now that lie among the theme's own though far from its middle: themes are no balls.
fn join(scan: &Scan<'_>, members: &mut Vec<usize>) {
    let mut inside = vec![false; scan.now.len()];
    members.iter().for_each(|talk| inside[*talk] = true);
    for _ in 0..ROUNDS {
        let companions = |talk: usize| scan.neighbours(talk).take(COMPANY).filter(|other| inside[*other]).count();
        let joining: Vec<usize> = (0..scan.now.len())
            .filter(|talk| scan.now[*talk] && !inside[*talk] && companions(*talk) >= COMPANIONS)
            .collect();
        joining.iter().for_each(|talk| inside[*talk] = true);
        members.extend(joining);
    }
}

fn cut(space: &Array2<f32>, scan: &Scan<'_>, around: &[usize]) -> Grown {
    let middle = space.select(Axis(0), around).mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(space.ncols()));
    let nearness = space.dot(&middle);
    let mut order: Vec<usize> = (0..space.nrows()).filter(|talk| scan.holds(*talk)).collect();
    order.sort_by(|one, other| nearness[*other].total_cmp(&nearness[*one]).then(one.cmp(other)));
    let (mut now, mut expected) = (0_usize, 0.0);
    let (mut best, mut strongest, mut due) = (0, 0.0, 0.0);
    for (at, talk) in order.iter().enumerate() {
        now += usize::from(scan.now[*talk]);
        expected += scan.share[*talk];
        let strength = strength(now as f64, at as f64 + 1.0, expected);
        if strength > strongest {
            (best, strongest, due) = (at + 1, strength, expected);
        }
    }
    let (members, before): (Vec<usize>, Vec<usize>) = order[..best].iter().partition(|talk| scan.now[**talk]);
    Grown { members, before: before.len(), expected: due }
}
