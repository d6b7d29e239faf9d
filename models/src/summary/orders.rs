//! Which number is an order's: by the words beside it, and by what the other side had asked for. The model tags sums, houses
//! and times said in words as orders too.

use crate::entities::Entity;
use crate::summary::corrections;
use crate::summary::frame::Part;
use crate::summary::matters::stretch;
use crate::taxonomy::{EntityType, Speaker};

/// What speaks for a number being an order's, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ground {
    /// The model's tag alone.
    Tagged,
    /// The other side had asked for a number, or spoken of the order.
    Asked,
    /// An order is named beside it.
    Named,
}

struct Order {
    number: String,
    turn: u32,
    ground: Ground,
}

/// Digits in which a number may differ from what was meant.
const MISREAD: usize = 2;
/// Words before a number that say of what it is.
const NEAR: usize = 3;

// Stems of words in our languages.
const ORDERS: &[&str] = &["заказ", "закас", "order", "тапсырыс", "buyurtma", "буюртма", "zakaz"];
/// Whoever orders names no order by it.
const ORDERED: &[&str] = &["заказыв", "заказал", "ordere", "ordering"];
const NUMBERS: &[&str] =
    &["номер", "нөмір", "нөмер", "raqam", "рақам", "number", "nomer", "цифр", "код", "kod", "code"];
const SUMS: &[&str] = &["сумма", "итого", "всего", "summa", "jami", "жами", "барлығы", "total"];
#[rustfmt::skip]
const COMPLAINTS: &[&str] = &[
    "обращени", "жалоб", "тикет", "ticket", "өтініш", "шағым", "ariza", "ариза", "murojaat", "мурожаат", "shikoyat", "шикоят",
];
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "карт", "kart", "card", "сертификат", "sertifikat", "certificate", "договор", "шартнома", "shartnoma", "contract",
    "код", "kod", "code", "sms", "смс", "транзакц", "tranzaks", "transaction", "парти", "batch",
];
/// They begin like a card.
const POTATOES: &[&str] = &["картош", "картоф", "картоп", "kartosh"];
#[rustfmt::skip]
const PLACES: &[&str] = &[
    "дом", "корпус", "квартир", "кв", "подъезд", "офис", "кабинет", "оператор", "үй", "пәтер", "uy", "уй", "kvartira", "operator",
];
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "руб", "роубл", "roub", "rub", "тең", "тг", "tenge", "сум", "сўм", "so'm", "soʻm", "so‘m", "балл", "ball", "бонус", "bonus", "point",
    "процент", "пайыз", "foiz", "фоиз", "тысяч", "мың", "ming", "минг", "человек", "people", "адам", "kishi", "киши", "порц",
    "минут", "daqiqa", "дақиқа", "minute", "грам", "кило", "kilo", "штук", "дана",
];

/// The order of each stretch and the turn that names it; `stated`: the turns that state a matter, in order. The number that
/// most speaks for wins, of like ones the first. One that is taken back gives way to the one that replaces it: to any where
/// the wrong one is named beside it, else to one that differs in few digits, since a "no" may be said of anything. Whoever
/// states a further matter with a number takes back no other matter's. A slip that is mended at once is of no order.
pub(super) fn of(parts: &[Part], starts: &[u32], stated: &[u32]) -> Vec<Option<(String, u32)>> {
    let mut orders: Vec<Option<Order>> = (0..starts.len().max(1)).map(|_| None).collect();
    for (at, part) in parts.iter().enumerate() {
        let named = part.reading.entities.iter().filter(|entity| entity.kind == EntityType::OrderNumber);
        let (denied, said): (Vec<&Entity>, Vec<&Entity>) =
            named.partition(|entity| corrections::is_denied(&part.text, entity));
        let (slips, meant) = split_slips(&part.text, &said);
        if meant.is_empty() {
            continue;
        }
        let before = at.checked_sub(1).map(|at| &parts[at]).filter(|before| before.speaker != part.speaker);
        let asked = before.map_or(Some(Ground::Tagged), |before| asked(&before.text));
        let grounds = meant.iter().rev().filter_map(|entity| Some((ground(&part.text, entity, asked)?, entity)));
        let Some((ground, entity)) = grounds.max_by_key(|(ground, _)| *ground) else { continue };
        let number = whole_number(&part.text, entity);
        let here = stretch(starts, part.turn);
        let is_customers = part.speaker == Speaker::Customer && corrections::corrects(&part.text);
        let is_denied =
            |known: &str| denied.iter().chain(&slips).any(|entity| whole_number(&part.text, entity) == known);
        let is_misread = |known: &str| is_customers && are_near(known, &number, ground);
        let replaces = |known: &str| !denied.is_empty() || is_misread(known);
        let holds = |of: usize, is: &dyn Fn(&str) -> bool| orders[of].as_ref().is_some_and(|known| is(&known.number));
        let is_stated = stated.binary_search(&part.turn).is_ok();
        let misread = || (0..here).rev().find(|of| !is_stated && holds(*of, &is_misread));
        let wrong = (0..=here)
            .rev()
            .find(|of| holds(*of, &is_denied))
            .or_else(|| holds(here, &replaces).then_some(here))
            .or_else(misread);
        // What another matter is about is said again while this one is talked of.
        let is_new = is_stated || !orders.iter().flatten().any(|known| known.number == number);
        let is_surer = orders[here].as_ref().is_none_or(|known| known.ground < ground);
        let of = wrong.or_else(|| (is_new && is_surer).then_some(here));
        if let Some(of) = of {
            let ground = orders[of].as_ref().map_or(ground, |known| known.ground.max(ground));
            orders[of] = Some(Order { number, turn: part.turn, ground });
        }
    }
    orders.into_iter().map(|order| order.map(|order| (order.number, order.turn))).collect()
}

/// What speaks for a number of a text being an order's; none where it is of something else. `asked`: as of the turn before.
fn ground(text: &str, number: &Entity, asked: Option<Ground>) -> Option<Ground> {
    let before = corrections::words_before(text, number, NEAR);
    let behind = corrections::word_behind(text, number);
    let is_near = |stems: &[&str]| before.iter().any(|word| begins(word, stems));
    let is_counted = behind.as_ref().is_some_and(|word| begins(word, UNITS) && !begins(word, SUMS));
    match () {
        () if is_near(SUMS) => None,
        () if before.iter().chain(&behind).any(|word| is_order(word)) => Some(Ground::Named),
        () if is_near(COMPLAINTS) || before.iter().any(|word| is_thing(word)) || is_counted => None,
        () if before.last().is_some_and(|word| begins(word, PLACES)) => None,
        () => asked,
    }
}

/// What is asked for in the turn before a number; none: the number of something else.
fn asked(text: &str) -> Option<Ground> {
    let words: Vec<String> = corrections::words(text).collect();
    let has = |stems: &[&str]| words.iter().any(|word| begins(word, stems));
    match () {
        () if words.iter().any(|word| is_order(word)) => Some(Ground::Asked),
        () if has(NUMBERS) => (!words.iter().any(|word| is_thing(word))).then_some(Ground::Asked),
        () => Some(Ground::Tagged),
    }
}

fn is_order(word: &str) -> bool {
    begins(word, ORDERS) && !begins(word, ORDERED)
}

fn is_thing(word: &str) -> bool {
    begins(word, THINGS) && !begins(word, POTATOES)
}

fn begins(word: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| word.starts_with(stem))
}

/// Of numbers of one text, in its order, those that the next replaces at once, and all others.
fn split_slips<'a>(text: &str, said: &[&'a Entity]) -> (Vec<&'a Entity>, Vec<&'a Entity>) {
    let (mut slips, mut meant) = (Vec::new(), Vec::new());
    for (at, entity) in said.iter().enumerate() {
        let is_slip = said.get(at + 1).is_some_and(|next| corrections::is_replaced(text, entity, next));
        let of = if is_slip { &mut slips } else { &mut meant };
        of.push(*entity);
    }
    (slips, meant)
}

/// With the digits that a hyphen joins to it: a token's tag ends at the hyphen of "КД-14".
fn whole_number(text: &str, entity: &Entity) -> String {
    let mut rest = text.chars().skip(entity.end as usize);
    let joined = rest.next() == Some('-');
    let digits: String = rest.take_while(|c| joined && c.is_ascii_digit()).collect();
    if digits.is_empty() { entity.text.clone() } else { format!("{}-{digits}", entity.text) }
}

/// Whether one number may be the other misread or misheard. Of numbers in words that is not known; where only one is in
/// words, more than its tag must speak for it.
fn are_near(one: &str, other: &str, ground: Ground) -> bool {
    let [one, other] = [one, other].map(|number| number.chars().filter(char::is_ascii_digit).collect::<String>());
    match (one.is_empty(), other.is_empty()) {
        (false, false) => strsim::levenshtein(&one, &other) <= MISREAD,
        (true, true) => true,
        _ => ground > Ground::Tagged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;
    use Speaker::{Customer, Operator};

    /// The order of a talk; each turn with the number that the model tags in it.
    fn order_of(said: &[(Speaker, &str, &str)]) -> Option<String> {
        let part = |(turn, (speaker, text, number)): (u32, &(Speaker, &str, &str))| {
            let start = text.find(number).map_or(0, |at| text[..at].chars().count()) as u32;
            let end = start + number.chars().count() as u32;
            let entity = Entity { kind: EntityType::OrderNumber, text: (*number).to_owned(), start, end };
            let entities = if number.is_empty() { Vec::new() } else { vec![entity] };
            Part {
                turn,
                speaker: *speaker,
                text: (*text).to_owned(),
                reading: Reading { entities, ..Reading::empty() },
            }
        };
        let parts: Vec<Part> = (0..).zip(said).map(part).collect();
        of(&parts, &[], &[]).remove(0).map(|(number, _)| number)
    }

    #[test]
    fn what_was_asked_for_wins_over_what_is_only_tagged() {
        let told = [
            (Operator, "кто заказывал", ""),
            (Customer, "не открыла, ей восемьдесят шесть", "восемьдесят шесть"),
            (Operator, "номер заказа подскажите", ""),
            (Customer, "четыре два один один", "четыре два один один"),
        ];
        assert_eq!(order_of(&told).as_deref(), Some("четыре два один один"));
        let corrected = [
            (Operator, "номер заказа подскажите", ""),
            (Customer, "46685", "46685"),
            (Operator, "вижу, Навои сто семь бэ верно", ""),
            (Customer, "нет брат сто семь а", "сто семь"),
        ];
        assert_eq!(order_of(&corrected).as_deref(), Some("46685"));
        let named = [(Customer, "я девяносто ждала", "девяносто"), (Customer, "заказ тоқсан бес", "тоқсан бес")];
        assert_eq!(order_of(&named).as_deref(), Some("тоқсан бес"));
        assert_eq!(
            order_of(&[(Customer, "он бір сексен заказ бергем", "он бір сексен")]).as_deref(),
            Some("он бір сексен")
        );
    }

    #[test]
    fn a_number_of_something_else_is_no_order() {
        for (asks, says, number) in [
            ("", "итого две тысячи триста", "две тысячи триста"),
            ("", "отыз екі адам келеді", "отыз екі"),
            ("", "обращение принято, номер 7712", "7712"),
            ("", "корпус два", "два"),
            ("Sertifikat raqamini yozing", "SG-7714", "7714"),
            ("соңғы төрт цифры қандай картаның", "төрт жеті жеті сегіз", "төрт жеті жеті сегіз"),
        ] {
            assert_eq!(order_of(&[(Operator, asks, ""), (Customer, says, number)]), None, "{says}");
        }
    }

    #[test]
    fn the_digits_behind_a_hyphen_belong_to_an_order_number_and_a_case_ending_does_not() {
        assert_eq!(order_of(&[(Operator, "Записал: КД-14, 2 060 рублей", "КД")]).as_deref(), Some("КД-14"));
        assert_eq!(order_of(&[(Operator, "48213-ші тапсырыс", "48213")]).as_deref(), Some("48213"));
    }
}
