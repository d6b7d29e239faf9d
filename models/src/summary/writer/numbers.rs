//! Which numbers may be written: those of the turns, digit by digit.
//!
//! All allowed numbers stand in a tree of digits. While one is written, the next piece must be a digit that goes on in the
//! tree, or anything else where a number of the tree is whole. "15 000" is one number with a gap in it.

use std::collections::HashSet;

use crate::entities::{joined, quantities};

/// What a piece of the vocabulary is to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Digit(u8),
    /// A space by itself.
    Gap,
    /// Letters and signs.
    Words,
    /// The text ends here.
    End,
    /// Never written: marks, single bytes, and what would be a number in other signs.
    Never,
}

/// The tree. Node 0 is the place where no number is being written.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// What follows by a digit, and by a gap; 0: nothing.
    digits: [u32; 10],
    gap: u32,
    /// A number is whole here.
    whole: bool,
}

/// How far the number that is being written may have come: a gap may be one in a number or one behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place(Vec<u32>);

impl Place {
    /// No number is being written.
    pub(super) fn outside() -> Place {
        Place(vec![0])
    }
}

impl Numbers {
    /// Of these turns: their runs of digits, the numbers that they say in words, plain ("15000") and in groups
    /// ("15 000"), and those that they say in parts.
    pub(super) fn of<'a>(turns: impl Iterator<Item = &'a str>) -> Numbers {
        let mut numbers = Numbers { nodes: vec![Node { whole: true, ..Node::default() }] };
        for turn in turns {
            for run in turn.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
                numbers.put(run);
            }
            let values: HashSet<u64> = quantities(turn).into_iter().map(|number| number.value).collect();
            for value in values {
                let plain = value.to_string();
                numbers.put(&plain);
                numbers.put(&grouped(&plain));
            }
            for number in joined(turn) {
                numbers.put(&number);
            }
        }
        numbers
    }

    fn put(&mut self, number: &str) {
        let mut at = 0;
        for sign in number.bytes() {
            let new = self.nodes.len() as u32;
            let node = &mut self.nodes[at];
            let next = if sign.is_ascii_digit() { &mut node.digits[usize::from(sign - b'0')] } else { &mut node.gap };
            if *next == 0 {
                *next = new;
            }
            at = *next as usize;
            if at == self.nodes.len() {
                self.nodes.push(Node::default());
            }
        }
        self.nodes[at].whole = true;
    }

    /// Whether a piece of this kind may come at this place.
    pub(super) fn allows(&self, place: &Place, kind: Kind) -> bool {
        let any = |holds: &dyn Fn(&Node) -> bool| place.0.iter().any(|at| holds(&self.nodes[*at as usize]));
        match kind {
            Kind::Digit(digit) => any(&|node| node.digits[usize::from(digit)] != 0),
            Kind::Gap => any(&|node| node.whole || node.gap != 0),
            Kind::Words | Kind::End => any(&|node| node.whole),
            Kind::Never => false,
        }
    }

    /// The place behind a piece that was allowed.
    pub(super) fn after(&self, place: &Place, kind: Kind) -> Place {
        let nodes = || place.0.iter().map(|at| &self.nodes[*at as usize]);
        let within: Vec<u32> = match kind {
            Kind::Digit(digit) => {
                nodes().map(|node| node.digits[usize::from(digit)]).filter(|next| *next != 0).collect()
            }
            Kind::Gap => {
                let behind = nodes().any(|node| node.whole).then_some(0);
                behind.into_iter().chain(nodes().map(|node| node.gap).filter(|next| *next != 0)).collect()
            }
            Kind::Words | Kind::End | Kind::Never => vec![0],
        };
        Place(within)
    }
}

/// With a gap between thousands.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn writes(numbers: &Numbers, text: &str) -> bool {
        let mut place = Place::outside();
        let kinds = text.chars().map(|c| match c {
            '0'..='9' => Kind::Digit(c as u8 - b'0'),
            ' ' => Kind::Gap,
            _ => Kind::Words,
        });
        for kind in kinds.chain([Kind::End]) {
            if !numbers.allows(&place, kind) {
                return false;
            }
            place = numbers.after(&place, kind);
        }
        true
    }

    #[test]
    fn numbers_of_the_turns_are_written_and_no_others() {
        let turns = ["где заказ 48213, жду сорок минут", "вернём пятнадцать тысяч, придут до 14:30"];
        let numbers = Numbers::of(turns.into_iter());
        for said in ["Заказ 48213.", "40 минут", "15000 сум", "15 000 сум", "до 14:30", "48213 40", "15 000 48213", ""]
        {
            assert!(writes(&numbers, said), "{said}");
        }
        let spoken = Numbers::of(["семьдесят семь сто двадцать девять, жду"].into_iter());
        assert!(writes(&spoken, "Заказ 77129.") && !writes(&spoken, "Заказ 7712."));
        for other in ["4821", "482134", "48214", "15", "15 ", "15 00", "000", "1430", "40000", "15 0000", "41 минута"]
        {
            assert!(!writes(&numbers, other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_allowed_stands_in_the_turns(
            turns in prop::collection::vec("[0-9]{1,3}( |,|:|а)[0-9]{0,6} ?(сорок|две тысячи|)", 1..4),
            choices in prop::collection::vec(0..12_u8, 0..60),
        ) {
            let numbers = Numbers::of(turns.iter().map(String::as_str));
            let (mut place, mut text) = (Place::outside(), String::new());
            for choice in choices {
                let (kind, sign) = match choice {
                    digit @ 0..=9 => (Kind::Digit(digit), char::from(b'0' + digit)),
                    10 => (Kind::Gap, ' '),
                    _ => (Kind::Words, 'x'),
                };
                if numbers.allows(&place, kind) {
                    place = numbers.after(&place, kind);
                    text.push(sign);
                }
            }
            // The last number may be unfinished.
            let whole = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
            let values: HashSet<String> = turns
                .iter()
                .flat_map(|turn| quantities(turn).into_iter().map(|number| number.value.to_string()).collect::<Vec<_>>())
                .collect();
            let parts: HashSet<String> = turns.iter().flat_map(|turn| joined(turn)).collect();
            let said: HashSet<&str> = turns.iter().flat_map(|turn| turn.split(|c: char| !c.is_ascii_digit())).collect();
            let groups: HashSet<String> = values.iter().flat_map(|value| {
                grouped(value).split(' ').map(str::to_owned).collect::<Vec<_>>()
            }).collect();
            for run in whole.split(|c: char| !c.is_ascii_digit()) {
                prop_assert!(said.contains(run) || parts.contains(run) || values.contains(run) || groups.contains(run) || run.is_empty(), "{} in {}", run, whole);
            }
        }
    }
}
