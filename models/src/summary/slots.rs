//! What a fact says besides its kind and type: the sum, the time and the code that stand in its turn.

use crate::entities::{Entity, quantities};
use crate::summary::corrections;
use crate::taxonomy::{EntityType, FactKind, FactType};

/// Beginnings of what is counted in bonuses.
const BONUSES: &[&str] = &["бонус", "балл", "bonus", "ball", "point", "ұпай", "бал"];
const PERCENT: &[&str] = &["%", "процент", "percent", "foiz", "пайыз", "фоиз"];

/// The sum of a fact; `place`: the how-manieth fact of its turn it is. Where a turn names several sums, they are given
/// out in their order; of an order the last is told, which is the whole.
pub(super) fn amount(kind: FactKind, what: FactType, place: usize, text: &str, entities: &[Entity]) -> Option<String> {
    use FactType::*;
    let money: Vec<&Entity> = standing(text, entities, &[EntityType::Money]);
    let told = |entity: &&Entity| entity.text.clone();
    let sum = || money.get(place).or(money.last()).map(told);
    let counted = |words: &[&str]| {
        let found = quantities(text).into_iter().find(|number| words.iter().any(|word| number.of.starts_with(word)));
        found.map(|number| number.whole.to_owned())
    };
    match what {
        // What is asked about is seldom a sum that is wanted.
        Information | Other if kind == FactKind::Request => None,
        OrderPlaced | OrderChanged if kind == FactKind::Action => money.last().map(told),
        Refund | OrderPlaced | OrderChanged | Information | Other | StatusCheck | DataChange | WrittenAnswer
        | BookingMade | BookingChanged => sum(),
        Bonus => counted(BONUSES).or_else(sum),
        Discount | PromoCode => percent(text).or_else(sum),
        _ => None,
    }
}

/// The time or span by which a fact is due, or for which it holds: where more of our annotated contacts have one than not.
pub(super) fn due(kind: FactKind, what: FactType, place: usize, text: &str, entities: &[Entity]) -> Option<String> {
    use FactType::*;
    let has = match kind {
        FactKind::Promise => true,
        FactKind::Request => matches!(what, BookingMade | BookingChanged),
        FactKind::Action => {
            matches!(what, Information | OrderChanged | PromoCode | Refund | BookingMade | BookingChanged)
        }
        FactKind::Proposal => {
            !matches!(what, Refund | Discount | Gift | Bonus | OrderPlaced | OrderCancelled | Information)
        }
    };
    let times = runs(text, entities);
    // Who writes says first what they will write about, and when that is.
    let time = if what == WrittenAnswer { times.last() } else { times.get(place).or(times.last()) };
    time.filter(|_| has).map(|time| (*time).to_owned())
}

/// The promo code, ticket or new order number of a fact.
pub(super) fn code(kind: FactKind, what: FactType, text: &str, entities: &[Entity]) -> Option<String> {
    let first = |kind: EntityType| of(entities, &[kind]).next().map(|entity| entity.text.clone());
    match (kind, what) {
        (FactKind::Action | FactKind::Promise, FactType::OrderPlaced) => first(EntityType::OrderNumber),
        (FactKind::Request, _) => None,
        (_, FactType::PromoCode | FactType::Discount) => first(EntityType::PromoCode),
        (_, FactType::Escalation | FactType::WrittenAnswer | FactType::Callback) => ticket(text),
        _ => None,
    }
}

fn standing<'a>(text: &str, entities: &'a [Entity], kinds: &'a [EntityType]) -> Vec<&'a Entity> {
    corrections::standing(text, &of(entities, kinds).collect::<Vec<_>>())
}

fn of<'a>(entities: &'a [Entity], kinds: &'a [EntityType]) -> impl Iterator<Item = &'a Entity> {
    entities.iter().filter(|entity| kinds.contains(&entity.kind))
}

/// Times that stand side by side are one: "tomorrow, by noon".
fn runs<'a>(text: &'a str, entities: &[Entity]) -> Vec<&'a str> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for entity in standing(text, entities, &[EntityType::Datetime, EntityType::Duration]) {
        let (Some(start), Some(end)) = (places.get(entity.start as usize), places.get(entity.end as usize)) else {
            continue;
        };
        match runs.last_mut() {
            Some(last) if text[last.1..*start].chars().all(|c| c == ' ' || c == ',') => last.1 = *end,
            _ => runs.push((*start, *end)),
        }
    }
    runs.into_iter().map(|(start, end)| &text[start..end]).collect()
}

/// "10%", "двадцать процентов".
fn percent(text: &str) -> Option<String> {
    for number in quantities(text) {
        let behind = &text[number.text.as_ptr() as usize - text.as_ptr() as usize + number.text.len()..];
        if let Some(sign) = behind.strip_prefix('%').map(|_| 1).or_else(|| behind.strip_prefix(" %").map(|_| 2)) {
            return Some(format!("{}{}", number.text, &behind[..sign]));
        }
        if PERCENT.iter().any(|word| number.of.starts_with(word)) {
            return Some(number.whole.to_owned());
        }
    }
    None
}

/// Letters and digits joined by a hyphen: "СБ-72".
fn ticket(text: &str) -> Option<String> {
    let word = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).find(|word| {
        let (letters, digits) = word.split_once('-').unwrap_or(("", ""));
        (1..=6).contains(&letters.chars().count())
            && letters.chars().all(char::is_uppercase)
            && !digits.is_empty()
            && digits.chars().all(|c| c.is_ascii_digit() || c == '-')
    });
    word.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{self, MenuWords};
    use crate::taxonomy::Language;

    fn sum(kind: FactKind, what: FactType, place: usize, text: &str) -> Option<String> {
        amount(kind, what, place, text, &entities::find(text, Language::Ru, &MenuWords::default(), Vec::new()))
    }

    #[test]
    fn the_sum_of_an_order_is_its_whole_and_other_facts_of_a_turn_share_its_sums_out() {
        let placed = "Лагман 560 рублей, манты 420 рублей, всего 980 рублей.";
        assert_eq!(sum(FactKind::Action, FactType::OrderPlaced, 0, placed).as_deref(), Some("980 рублей"));
        let offered = "Верну 300 рублей или 500 рублей скидки.";
        assert_eq!(sum(FactKind::Proposal, FactType::Refund, 0, offered).as_deref(), Some("300 рублей"));
        assert_eq!(sum(FactKind::Proposal, FactType::Refund, 1, offered).as_deref(), Some("500 рублей"));
    }

    #[test]
    fn a_sum_that_is_asked_about_is_not_asked_for() {
        let asked = "Почему с меня взяли 300 рублей?";
        assert_eq!(sum(FactKind::Request, FactType::Information, 0, asked), None);
        assert_eq!(sum(FactKind::Request, FactType::Refund, 0, asked).as_deref(), Some("300 рублей"));
        let seen = "Вижу оплату на 300 рублей.";
        assert_eq!(sum(FactKind::Action, FactType::StatusCheck, 0, seen).as_deref(), Some("300 рублей"));
    }
}
