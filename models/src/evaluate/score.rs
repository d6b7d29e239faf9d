use std::collections::HashMap;
use std::hash::Hash;
use std::ops::AddAssign;

use crate::evaluate::LabelledEntity;
use crate::reading::Entity;
use crate::taxonomy::EntityType;

/// Hits, misses and false finds of one label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    hit: usize,
    missed: usize,
    false_find: usize,
}

impl Counts {
    pub(super) fn add(&mut self, wanted: bool, found: bool) {
        match (wanted, found) {
            (true, true) => self.hit += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.false_find += 1,
            (false, false) => {}
        }
    }

    pub(super) fn wanted(&self) -> usize {
        self.hit + self.missed
    }

    pub(super) fn recall(&self) -> Option<f64> {
        ratio(self.hit, self.wanted())
    }

    pub(super) fn precision(&self) -> Option<f64> {
        ratio(self.hit, self.hit + self.false_find)
    }

    /// None when there was nothing to find and nothing was found.
    pub(super) fn f1(self) -> Option<f64> {
        ratio(2 * self.hit, 2 * self.hit + self.missed + self.false_find)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.hit += other.hit;
        self.missed += other.missed;
        self.false_find += other.false_find;
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Macro-averaged F1 of `(wanted, found)` over the labels that are wanted anywhere, or over `labels` many; none of
/// no rows.
pub(super) fn macro_f1<L: Copy + Eq + Hash>(pairs: &[(Option<L>, Option<L>)], labels: Option<usize>) -> Option<f64> {
    let mut counts: HashMap<L, Counts> = HashMap::new();
    for (wanted, found) in pairs {
        if let Some(label) = wanted {
            counts.entry(*label).or_default().add(true, found == wanted);
        }
        if let Some(label) = found.filter(|_| found != wanted) {
            counts.entry(label).or_default().add(false, true);
        }
    }
    let counts: Vec<Counts> = counts.into_values().collect();
    let mean = macro_f1_of_counts(&counts)?;
    let present = counts.iter().filter(|c| c.wanted() > 0).count();
    Some(mean * present as f64 / labels.unwrap_or(present) as f64)
}

/// Mean F1 of the labels that are wanted anywhere; none where none is.
pub(super) fn macro_f1_of_counts(counts: &[Counts]) -> Option<f64> {
    let present: Vec<f64> = counts.iter().filter(|c| c.wanted() > 0).filter_map(|c| c.f1()).collect();
    (!present.is_empty()).then(|| present.iter().sum::<f64>() / present.len() as f64)
}

/// Compares two lists as multisets.
pub(super) fn multiset<T: PartialEq>(wanted: &[T], found: &[T]) -> Counts {
    let mut open: Vec<&T> = wanted.iter().collect();
    let mut counts = Counts::default();
    for item in found {
        let place = open.iter().position(|wanted| *wanted == item);
        counts.add(place.is_some(), true);
        if let Some(place) = place {
            open.swap_remove(place);
        }
    }
    counts.missed += open.len();
    counts
}

/// Compares entities of some types as multisets of type and text.
pub(super) fn entities(wanted: &[LabelledEntity], found: &[Entity], of: impl Fn(EntityType) -> bool) -> Counts {
    let wanted: Vec<_> = wanted.iter().filter(|e| of(e.kind)).map(|e| (e.kind, e.text.as_str())).collect();
    let found: Vec<_> = found.iter().filter(|e| of(e.kind)).map(|e| (e.kind, e.text.as_str())).collect();
    multiset(&wanted, &found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macro_f1_by_hand() {
        // a: one hit, one miss; b: one hit, one false find: each 2/3.
        let pairs = [(Some('a'), Some('a')), (Some('a'), Some('b')), (Some('b'), Some('b'))];
        let is = |found: Option<f64>, wanted: f64| (found.expect("there are rows") - wanted).abs() < 1e-9;
        assert!(is(macro_f1(&pairs, None), 2.0 / 3.0));
        assert!(is(macro_f1(&pairs, Some(4)), 1.0 / 3.0));
        assert_eq!(macro_f1::<char>(&[], None), None);
    }

    #[test]
    fn entities_count_as_a_multiset() {
        let wanted = |text: &str| LabelledEntity { kind: EntityType::Dish, text: text.to_owned() };
        let found = |text: &str| Entity { kind: EntityType::Dish, text: text.to_owned(), start: 0, end: 1 };
        let counts = entities(&[wanted("суп"), wanted("суп"), wanted("чай")], &[found("суп"), found("плов")], |_| true);
        assert_eq!(counts, Counts { hit: 1, missed: 2, false_find: 1 });
        assert_eq!(counts.f1(), Some(0.4));
        assert_eq!(Counts::default().f1(), None);
    }
}
