//! Who is near to whom.

use ndarray::{Array2, s};

/// Rows that are multiplied at once; bounds the memory.
const AT_ONCE: usize = 256;
/// Neighbours whose vectors are added to a talk's own.
const COMPANY: usize = 6;

/// For each row of `space`, those nearest to its neighbourhood.
///
/// A talk on the rim of a theme looks half outward. So each looks around from the middle of its own neighbourhood (one
/// step of a mean shift, Fukunaga & Hostetler 1975), which found a third more of the planted themes.
pub(super) fn neighbourhoods(space: &Array2<f32>, width: usize) -> Nearest {
    let company = nearest(space, space, COMPANY + 1);
    let mut middles = space.clone();
    for (talk, mut middle) in middles.rows_mut().into_iter().enumerate() {
        for other in company.of(talk).iter().filter(|other| **other as usize != talk) {
            middle += &space.row(*other as usize);
        }
    }
    nearest(space, &middles, width)
}

/// The `width` rows of `space` that are nearest to each of `middles`, the nearest first; the first row of equally near
/// ones.
fn nearest(space: &Array2<f32>, middles: &Array2<f32>, width: usize) -> Nearest {
    let talks = space.nrows();
    let width = width.min(talks);
    let mut of = Vec::with_capacity(talks * width);
    let mut keys: Vec<u64> = Vec::with_capacity(talks);
    for first in (0..talks).step_by(AT_ONCE) {
        let last = (first + AT_ONCE).min(talks);
        let cosines = middles.slice(s![first..last, ..]).dot(&space.t());
        for cosines in cosines.rows() {
            keys.clear();
            keys.extend(cosines.iter().enumerate().map(|(other, cosine)| key(*cosine, other)));
            if width > 0 && width < keys.len() {
                keys.select_nth_unstable(width - 1);
            }
            keys.truncate(width);
            keys.sort_unstable();
            of.extend(keys.iter().map(|key| *key as u32));
        }
    }
    Nearest { width, of }
}

pub(super) struct Nearest {
    width: usize,
    of: Vec<u32>,
}

impl Nearest {
    pub(super) fn of(&self, row: usize) -> &[u32] {
        &self.of[row * self.width..(row + 1) * self.width]
    }
}

/// A number that grows as the cosine falls, then with the row.
fn key(cosine: f32, row: usize) -> u64 {
    let bits = cosine.to_bits();
    let rising = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    (u64::from(!rising) << 32) | row as u64
}
