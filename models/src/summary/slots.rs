//! What a fact says besides its kind and type: the sum, the time and the code that stand in its turn.

use crate::entities::{Entity, Quantity, quantities};
use crate::summary::corrections;
use crate::taxonomy::{EntityType, FactKind, FactType};

/// Beginnings of what is counted in bonuses.
const BONUSES: &[&str] = &["бонус", "балл", "bonus", "ball", "point", "ұпай", "бал"];
const PERCENT: &[&str] = &["%", "процент", "percent", "foiz", "пайыз", "фоиз"];
/// Words before the sum of several.
const TOTAL: &[&str] = &["всего", "итого", "барлығы", "жалпы", "jami", "жами", "total", "altogether"];

/// The sum of a fact; `place`: the how-manieth fact of its turn it is. Where a turn names several sums, they are given
/// out in their order, unless one is called their total; of an order the last is told, which is the whole.
pub(super) fn amount(kind: FactKind, what: FactType, place: usize, text: &str, entities: &[Entity]) -> Option<String> {
    use FactType::*;
    let money: Vec<&Entity> = standing(text, entities, &[EntityType::Money]);
    let told = |entity: &&Entity| entity.text.clone();
    let is_total = |sum: &&&Entity| corrections::words_before(text, sum, 1).iter().any(|word| TOTAL.contains(&&**word));
    let total = || money.iter().skip(1).find(is_total);
    let sum = || total().or(money.get(place)).or(money.last()).map(told);
    match what {
        // What is asked about is seldom a sum that is wanted.
        Information | Other if kind == FactKind::Request => None,
        OrderPlaced | OrderChanged if kind == FactKind::Action => money.last().map(told),
        Refund | OrderPlaced | OrderChanged | Information | Other | StatusCheck | DataChange | WrittenAnswer
        | BookingMade | BookingChanged => sum(),
        Bonus => bonuses(text).or_else(sum),
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
    let first = |kind: EntityType| standing(text, entities, &[kind]).first().map(|entity| entity.text.clone());
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

/// "500 бонусов".
fn bonuses(text: &str) -> Option<String> {
    let named = quantities(text).into_iter().filter(|number| BONUSES.iter().any(|word| number.of.starts_with(word)));
    not_taken_back(text, named.map(|number| number.whole))
}

/// "10%", "двадцать процентов".
fn percent(text: &str) -> Option<String> {
    let share = |number: Quantity<'_>| {
        let from = place(text, number.text);
        let behind = &text[from + number.text.len()..];
        let sign = behind.strip_prefix('%').map(|_| 1).or_else(|| behind.strip_prefix(" %").map(|_| 2));
        let named = || PERCENT.iter().any(|word| number.of.starts_with(word)).then_some(number.whole.len());
        let length = sign.map(|sign| number.text.len() + sign).or_else(named)?;
        Some(&text[from..from + length])
    };
    not_taken_back(text, quantities(text).into_iter().filter_map(share))
}

/// The first of these parts of a text that its speaker does not take back.
fn not_taken_back<'a>(text: &str, parts: impl Iterator<Item = &'a str>) -> Option<String> {
    let sum = |part: &'a str| {
        let start = text[..place(text, part)].chars().count() as u32;
        let end = start + part.chars().count() as u32;
        Entity { kind: EntityType::Money, text: part.to_owned(), start, end }
    };
    let sums: Vec<Entity> = parts.map(sum).collect();
    corrections::standing(text, &sums.iter().collect::<Vec<_>>()).first().map(|entity| entity.text.clone())
}

/// The byte of a text at which a part of it begins.
fn place(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
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
        let returned = "Вернула 1 890 ₽ за рибай и доставку 199 ₽, итого 2 089 ₽.";
        assert_eq!(sum(FactKind::Action, FactType::Refund, 0, returned).as_deref(), Some("2 089 ₽"));
        let counted = "Всего 300 рублей, из них 100 рублей скидки.";
        assert_eq!(sum(FactKind::Action, FactType::Refund, 0, counted).as_deref(), Some("300 рублей"));
    }

    #[test]
    fn what_the_operator_takes_back_is_not_given() {
        let given = |what: FactType, text: &str| sum(FactKind::Action, what, 0, text);
        assert_eq!(given(FactType::Bonus, "Начислю 500 бонусов, ой, 700 бонусов.").as_deref(), Some("700 бонусов"));
        assert_eq!(given(FactType::Bonus, "500 бонусов или 700 бонусов").as_deref(), Some("500 бонусов"));
        assert_eq!(given(FactType::Discount, "Скидка не 10%, а 15 %.").as_deref(), Some("15 %"));
        assert_eq!(given(FactType::Discount, "двадцать процентов").as_deref(), Some("двадцать процентов"));
        let text = "Промокод SUSHI15, точнее SUSHI20.";
        let entities = entities::find(text, Language::Ru, &MenuWords::default(), Vec::new());
        let code = code(FactKind::Action, FactType::PromoCode, text, &entities);
        assert_eq!(code.as_deref(), Some("SUSHI20"));
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
