//! What the operator did or promised, kept so that each wish and each offer finds at once what fulfils it: a long talk
//! may hold thousands of both.

use std::collections::{HashMap, HashSet};

use crate::summary::Fact;
use crate::taxonomy::FactType;

/// Deeds and promises by their type.
#[derive(Debug, Default)]
pub(super) struct Deeds(HashMap<FactType, Sums>);

/// Of those of one type.
#[derive(Debug, Default)]
struct Sums {
    named: HashSet<u64>,
    is_one_without: bool,
}

impl Deeds {
    pub(super) fn of(facts: &[Fact]) -> Deeds {
        let mut deeds = Deeds::default();
        facts.iter().for_each(|fact| deeds.add(fact));
        deeds
    }

    /// Adds a fact, unless it is a wish or an offer.
    pub(super) fn add(&mut self, fact: &Fact) {
        if fact.gives(fact.what) {
            let (sums, sum) = (self.0.entry(fact.what).or_default(), fact.sum());
            sums.named.extend(sum);
            sums.is_one_without |= sum.is_none();
        }
    }

    pub(super) fn has(&self, what: FactType) -> bool {
        self.0.contains_key(&what)
    }

    /// Whether what is asked or offered is among them; another sum of it is something else.
    pub(super) fn fulfil(&self, fact: &Fact) -> bool {
        let is_of = |sums: &Sums| sums.is_one_without || fact.sum().is_none_or(|sum| sums.named.contains(&sum));
        self.0.get(&fact.what).is_some_and(is_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::FactKind::{self, Action, Promise, Proposal};

    fn fact(kind: FactKind, what: FactType, amount: Option<&str>) -> Fact {
        Fact { kind, what, amount: amount.map(str::to_owned), due: None, code: None, accepted: None, turn: 0 }
    }

    #[test]
    fn an_offer_is_fulfilled_by_its_own_sum_or_by_one_that_names_none() {
        let offer = fact(Proposal, FactType::Bonus, Some("500 бонусов"));
        let open = fact(Proposal, FactType::Bonus, None);
        let of = |given: &[Fact]| [Deeds::of(given).fulfil(&offer), Deeds::of(given).fulfil(&open)];
        assert_eq!(of(&[]), [false, false]);
        assert_eq!(of(&[fact(Action, FactType::Refund, None), offer.clone()]), [false, false]);
        assert_eq!(of(&[fact(Action, FactType::Bonus, Some("900 бонусов"))]), [false, true]);
        assert_eq!(of(&[fact(Promise, FactType::Bonus, Some("пятьсот бонусов"))]), [true, true]);
        assert_eq!(of(&[fact(Action, FactType::Bonus, None)]), [true, true]);
    }
}
