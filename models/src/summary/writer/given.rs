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
/// Beginnings of words by which something else is done or promised.
const DOES: &[&str] = &[
    "провер",
    "переда",
    "отправ",
    "измен",
    "поменя",
    "отмен",
    "добав",
    "исправ",
    "обеща",
    "пообещ",
    "перезвон",
    "связал",
    "тексер",
    "жібер",
    "өзгерт",
    "хабарлас",
    "уәде",
    "tekshir",
    "yubor",
    "o'zgartir",
    "bekor",
    "va'da",
    "текшир",
    "юбор",
    "ўзгартир",
    "бекор",
    "ваъда",
    "checked",
    "sent",
    "forward",
    "passed",
    "changed",
    "updated",
    "cancel",
    "contacted",
    "called",
    "promis",
    "escalat",
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
    "нельзя",
    "невозможн",
    "ұсын",
    "сұра",
    "талап",
    "қала",
    "емес",
    "жоқ",
    "болма",
    "taklif",
    "so'ra",
    "talab",
    "xohla",
    "emas",
    "yo'q",
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
    "without",
    "instead",
    "denied",
    "wasn't",
    "won't",
    "didn't",
];
/// The same as whole words: many others begin like these, "noodles" and "note" among them.
const NOT: &[&str] = &[
    "не", "ни", "без", "нет", "нету", "бас", "rad", "рад", "no", "not", "nothing", "none", "nobody", "never",
    "neither", "nor", "cannot",
];
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
/// What parts two statements of a sentence: who asks for one thing in the first may be given another in the second.
const JOINTS: [&str; 9] = ["; ", ", и ", ", но ", ", бірақ ", ", lekin ", ", ammo ", ", лекин ", ", and ", ", but "];
/// Beginnings of words by which a matter is said to be settled.
const SETTLED: &[&str] = &["решен", "решён", "урегулир", "шешілді", "hal", "ҳал", "resolved", "settled"];

/// Whether a sentence tells as given what the facts know as refused and nowhere as given, or a matter as settled that is
/// not.
pub(super) fn overstates(sentence: &str, facts: &[Fact], outcome: Outcome) -> bool {
    let parted = JOINTS.iter().fold(sentence.to_owned(), |parted, joint| parted.replace(joint, "\n"));
    parted.lines().any(|statement| overstated(statement, facts, outcome))
}

fn overstated(statement: &str, facts: &[Fact], outcome: Outcome) -> bool {
    let words = Words::of(statement);
    if words.hedge() {
        return false;
    }
    if outcome == Outcome::Unresolved && words.any(SETTLED) {
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
        let told = fact.sum().is_some_and(|sum| quantities(statement).iter().any(|number| number.value == sum));
        words.any(GIVES) && (words.any(thing) || told)
    })
}

/// Whether the facts know each thing that a sentence names, as given where it is not denied, and any deed at all where
/// it tells of one.
pub(super) fn rests_on_facts(sentence: &str, facts: &[Fact]) -> bool {
    let words = Words::of(sentence);
    let hedge = words.hedge();
    let is_done = |fact: &Fact| matches!(fact.kind, FactKind::Action | FactKind::Promise);
    let knows = |of: &[FactType]| {
        let mut named = facts.iter().filter(|fact| of.contains(&fact.what));
        named.any(|fact| hedge || is_done(fact) || fact.accepted == Some(true))
    };
    let tells = !hedge && (words.any(GIVES) || words.any(DOES));
    let mut things = THINGS.iter().filter(|(_, thing)| words.any(thing));
    things.all(|(of, _)| knows(of)) && (!tells || facts.iter().any(is_done))
}

/// The words of a sentence in lower case.
struct Words(Vec<String>);

impl Words {
    fn of(sentence: &str) -> Words {
        let lower = sentence.to_lowercase().replace(['‘', 'ʻ', 'ʼ', '’'], "'");
        let words = lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
        Words(words.map(str::to_owned).collect())
    }

    fn any(&self, beginnings: &[&str]) -> bool {
        self.0.iter().any(|word| beginnings.iter().any(|of| word.starts_with(of)))
    }

    /// Whether they deny, offer or ask for what they name.
    fn hedge(&self) -> bool {
        let denies =
            |word: &str| NOT.contains(&word) || word.ends_with("n't") || DENIES.iter().any(|of| word.contains(of));
        self.any(HEDGES) || self.0.iter().any(|word| denies(word))
    }
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
        assert!(tells("The noodles were cold, and the customer was credited with bonus points."));
        assert!(tells("The operator noted it and credited 500 bonuses."));
        assert!(!tells("No bonus was credited."));
        assert!(!tells("Nothing was credited, not even a bonus."));
        assert!(!tells("Bonuses weren’t credited."));
        assert!(!tells("Клиент остался без 500 бонусов, их не начислили."));
        assert!(tells("Клиент попросил возврат, и оператор начислил 500 бонусов."));
        assert!(tells("The customer asked for a refund, and the operator credited 500 bonuses."));
        assert!(!tells("Оператор предложил начислить 500 бонусов, но клиент отказался."));
        assert!(!tells("Клиент просил бонусы, но оператор их не начислил."));
        let given = [refused[0].clone(), fact(FactKind::Action, FactType::Bonus, None, Some(true))];
        assert!(!overstates("Оператор начислил 500 бонусов.", &given, Outcome::Resolved));
        assert!(overstates("Вопрос решён.", &[], Outcome::Unresolved));
        assert!(!overstates("Вопрос не решён.", &[], Outcome::Unresolved));
    }
}
