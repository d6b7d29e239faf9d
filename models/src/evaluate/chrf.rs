//! chrF++: how far a text shares runs of letters and words with a reference (Popović, 2017), as sacreBLEU 2.5 counts it
//! with `word_order=2`: letters of orders 1 to 6 without white space, words of orders 1 and 2, recall weighing four times.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::AddAssign;

const LETTERS: usize = 6;
const WORDS: usize = 2;
const BETA_SQUARED: f64 = 4.0;

/// Runs of each order in the text, in the reference and in both; of several pairs, their sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shared([(usize, usize, usize); LETTERS + WORDS]);

impl Shared {
    pub(super) fn of(text: &str, reference: &str) -> Shared {
        let mut shared = Shared::default();
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<Vec<char>>();
        let (mine, wanted) = (letters(text), letters(reference));
        for order in 1..=LETTERS {
            shared.0[order - 1] = overlap(&mine, &wanted, order);
        }
        let (mine, wanted) = (words(text), words(reference));
        for order in 1..=WORDS {
            shared.0[LETTERS + order - 1] = overlap(&mine, &wanted, order);
        }
        shared
    }

    /// In [0, 1].
    pub(super) fn score(self) -> f64 {
        let orders = self.0.iter().filter(|(mine, wanted, _)| *mine > 0 && *wanted > 0);
        let count = orders.clone().count() as f64;
        let (precision, recall) = orders.fold((0.0, 0.0), |(precision, recall), (mine, wanted, both)| {
            (precision + *both as f64 / *mine as f64 / count, recall + *both as f64 / *wanted as f64 / count)
        });
        if precision + recall == 0.0 {
            return 0.0;
        }
        (1.0 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall)
    }
}

impl AddAssign for Shared {
    fn add_assign(&mut self, other: Shared) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
        }
    }
}

fn overlap<T: Eq + Hash>(mine: &[T], wanted: &[T], order: usize) -> (usize, usize, usize) {
    let mut open: HashMap<&[T], usize> = HashMap::new();
    for run in wanted.windows(order) {
        *open.entry(run).or_default() += 1;
    }
    let found = open.values().sum();
    let mut both = 0;
    let mut all = 0;
    for run in mine.windows(order) {
        all += 1;
        if let Some(left) = open.get_mut(run).filter(|left| **left > 0) {
            *left -= 1;
            both += 1;
        }
    }
    // A reference without runs of this order says nothing of it.
    (if found == 0 { 0 } else { all }, found, both)
}

/// Words; a mark at the end or else at the beginning of one stands by itself.
fn words(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for word in text.split_whitespace() {
        if word.chars().count() > 1 && word.ends_with(|c: char| c.is_ascii_punctuation()) {
            let (rest, mark) = word.split_at(word.len() - 1);
            all.extend([rest, mark]);
        } else if word.chars().count() > 1 && word.starts_with(|c: char| c.is_ascii_punctuation()) {
            let (mark, rest) = word.split_at(1);
            all.extend([mark, rest]);
        } else {
            all.push(word);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_that_of_sacrebleu() {
        let pairs = [
            ("Заказ 48213 опаздывает: «жду уже час».", "Клиент ждёт заказ 48213 уже час, курьер не звонил."),
            ("Refunded 2 450 tenge, nothing is owed.", "2 450 tenge were refunded; nothing is owed."),
        ];
        let mut both = Shared::default();
        for ((text, reference), wanted) in pairs.into_iter().zip([0.263513, 0.671620]) {
            let shared = Shared::of(text, reference);
            assert!((shared.score() - wanted).abs() < 1e-4, "{}", shared.score());
            both += shared;
        }
        assert!((both.score() - 0.455482).abs() < 1e-4, "{}", both.score());
        assert!((Shared::of("", "да").score()).abs() < 1e-9);
        assert!((Shared::of("да", "да").score() - 1.0).abs() < 1e-9);
    }
}
