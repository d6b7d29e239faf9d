//! What a text says was given, beside what the frame knows was refused.

use crate::entities::quantities;
use crate::summary::Fact;
use crate::taxonomy::{FactKind, FactType, Outcome};

/// Beginnings of words by which each of these is told, in all languages: people mix them.
const THINGS: &[(&[FactType], &[&str])] = &[
    (
        &[FactType::Refund],
        &[
            "возврат",
            "вернул",
            "вернут",
            "верну",
            "возмест",
            "возмещ",
            "қайтар",
            "қайтыр",
            "qaytar",
            "qaytir",
            "қайтир",
            "refund",
            "reimburs",
        ],
    ),
    (&[FactType::Bonus], &["бонус", "балл", "ұпай", "bonus", "ball", "points"]),
    (&[FactType::PromoCode], &["промокод", "promo"]),
    (&[FactType::Discount], &["скидк", "жеңілдік", "chegirma", "чегирма", "discount"]),
    (
        &[FactType::Redelivery, FactType::Replacement],
        &[
            "довез",
            "довоз",
            "перевез",
            "замен",
            "ауыстыр",
            "алмастыр",
            "almashtir",
            "алмаштир",
            "redeliver",
            "replace",
            "resent",
            "resend",
        ],
    ),
    (&[FactType::Gift], &["подар", "сыйлық", "sovg", "совға", "gift"]),
];
/// Beginnings of words by which something is given.
const GIVES: &[&str] = &[
    "начисл",
    "оформ",
    "выда",
    "предостав",
    "зачисл",
    "верну",
    "возвра",
    "сдела",
    "есептел",
    "есепте",
    "аудар",
    "беріл",
    "берді",
    "қайтар",
    "hisobla",
    "berdi",
    "beril",
    "qaytar",
    "o'tkaz",
    "ҳисобла",
    "берди",
    "credited",
    "issued",
    "refunded",
    "granted",
    "gave",
    "added",
    "applied",
    "processed",
];
/// Beginnings of words by which it is denied, offered or asked for: then nothing is said to be given.
const HEDGES: &[&str] = &[
    "отказ",
    "отклон",
    "предлож",
    "предлаг",
    "просит",
    "просил",
    "попрос",
    "хочет",
    "хотел",
    "требу",
    "потреб",
    "без",
    "нет",
    "нельзя",
    "невозможн",
    "бас",
    "ұсын",
    "сұра",
    "талап",
    "қала",
    "емес",
    "жоқ",
    "болма",
    "rad",
    "taklif",
    "so'ra",
    "soʻra",
    "so‘ra",
    "talab",
    "xohla",
    "emas",
    "yo'q",
    "yoʻq",
    "yo‘q",
    "рад",
    "таклиф",
    "сўра",
    "талаб",
    "хоҳла",
    "эмас",
    "йўқ",
    "declin",
    "refus",
    "reject",
    "offer",
    "ask",
    "request",
    "want",
    "demand",
    "not",
    "no",
    "without",
    "instead",
    "denied",
    "wasn't",
    "won't",
    "didn't",
];
const NOT: &[&str] = &["не", "ни"];
/// Inside of Kazakh and Uzbek verbs that deny.
const DENIES: &[&str] = &[
    "майды",
    "мейді",
    "байды",
    "бейді",
    "пайды",
    "пейді",
    "маған",
    "меген",
    "баған",
    "беген",
    "паған",
    "пеген",
    "мады",
    "меді",
    "бады",
    "беді",
    "пады",
    "педі",
    "maydi",
    "magan",
    "madi",
    "майди",
    "маган",
    "мади",
];
/// Beginnings of words by which a matter is said to be settled.
const SETTLED: &[&str] = &["решен", "решён", "урегулир", "шешілді", "hal", "ҳал", "resolved", "settled"];

/// Whether a sentence tells as given what the facts know as refused and nowhere as given, or a matter as settled that is
/// not.
pub(super) fn overstates(sentence: &str, facts: &[Fact], outcome: Outcome) -> bool {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '‘' | 'ʻ' | '’'))
        .filter(|word| !word.is_empty())
        .collect();
    let any = |beginnings: &[&str]| words.iter().any(|word| beginnings.iter().any(|of| word.starts_with(of)));
    let denies = |word: &&str| NOT.contains(word) || word.ends_with("n't") || DENIES.iter().any(|of| word.contains(of));
    if any(HEDGES) || words.iter().any(denies) {
        return false;
    }
    if outcome == Outcome::Unresolved && any(SETTLED) {
        return true;
    }
    let refused = |fact: &&Fact| {
        let was = matches!(fact.kind, FactKind::Proposal | FactKind::Request) && fact.accepted == Some(false);
        was && !facts
            .iter()
            .any(|other| other.gives(fact.what) || (other.what == fact.what && other.accepted == Some(true)))
    };
    facts.iter().filter(refused).any(|fact| {
        let thing = THINGS.iter().find(|(of, _)| of.contains(&fact.what)).map_or(&[] as &[&str], |(_, words)| *words);
        let sum = fact.amount.as_deref().and_then(|amount| quantities(amount).first().map(|number| number.value));
        let told = sum.is_some_and(|sum| quantities(sentence).iter().any(|number| number.value == sum));
        any(GIVES) && (any(thing) || told)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: FactKind, what: FactType, amount: Option<&str>, accepted: Option<bool>) -> Fact {
        Fact { kind, what, amount: amount.map(str::to_owned), due: None, code: None, accepted, turn: 1 }
    }

    #[test]
    fn a_refused_offer_is_not_told_as_given() {
        let refused = [fact(FactKind::Proposal, FactType::Bonus, Some("500 бонусов"), Some(false))];
        let tells = |sentence: &str| overstates(sentence, &refused, Outcome::Informed);
        assert!(tells("Оператор начислил клиенту 500 бонусов."));
        assert!(tells("The customer was credited with bonus points."));
        assert!(tells("Оператор оформил 500 рублей."));
        assert!(!tells("Клиент отказался от 500 бонусов."));
        assert!(!tells("Оператор предложил начислить 500 бонусов."));
        assert!(!tells("500 бонусов не начислили."));
        assert!(!tells("500 бонус берілмейді делінді."));
        assert!(!tells("Оператор проверил заказ."));
        let given = [refused[0].clone(), fact(FactKind::Action, FactType::Bonus, None, Some(true))];
        assert!(!overstates("Оператор начислил 500 бонусов.", &given, Outcome::Resolved));
        assert!(overstates("Вопрос решён.", &[], Outcome::Unresolved));
        assert!(!overstates("Вопрос не решён.", &[], Outcome::Unresolved));
    }
}
