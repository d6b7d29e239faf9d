//! What a customer answered to an offer, as far as their words say it plainly.

use crate::entities::folded;
use crate::summary::frame::Part;
use crate::summary::phrases::Phrases;
use crate::taxonomy::Speaker;

/// An answer is at most so long, in turns or parts of long ones.
const LONGEST: usize = 3;

/// What came behind an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The customer said nothing more.
    Silence,
    /// With words by which people refuse. On annotated offers that were not given after all 92 in 100 of these are
    /// refused, and so are the half of all that are refused; the others refuse without such a word.
    Refusal,
    Other,
}

/// What the customer said next behind this turn.
pub(super) fn answer(parts: &[Part], turn: u32) -> Answer {
    let behind = &parts[parts.partition_point(|part| part.turn <= turn)..];
    let is_customers = |part: &&Part| part.speaker == Speaker::Customer;
    let said: Vec<&Part> =
        behind.iter().skip_while(|part| !is_customers(part)).take_while(is_customers).take(LONGEST).collect();
    match said.as_slice() {
        [] => Answer::Silence,
        said if said.iter().any(|part| Phrases::refuse(&folded(&part.text))) => Answer::Refusal,
        _ => Answer::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;

    fn to(said: &[(Speaker, &str)]) -> Answer {
        let part = |(turn, (speaker, text)): (u32, &(Speaker, &str))| Part {
            turn,
            speaker: *speaker,
            text: (*text).to_owned(),
            reading: Reading::empty(),
        };
        let offer = (Speaker::Operator, "Могу начислить 500 бонусов, не больше");
        answer(&(0..).zip([offer].iter().chain(said)).map(part).collect::<Vec<_>>(), 0)
    }

    #[test]
    fn refusals_are_known_in_every_language_and_script() {
        for refusal in [
            "Не надо.",
            "нет, спасибо",
            "обойдусь",
            "Оставьте себе!",
            "жоқ, керек емес",
            "оны күтпеймін",
            "bonus kerak emas",
            "Yoʻq, rahmat",
            "uni kutmayman",
            "бонус керакмас",
            "Йўқ",
            "No thanks",
            "I don’t want it",
        ] {
            assert_eq!(to(&[(Speaker::Customer, refusal)]), Answer::Refusal, "{refusal}");
        }
        for other in ["давайте", "а когда они придут", "бірге жіберіңіз", "mayli", "okay", "небо"]
        {
            assert_eq!(to(&[(Speaker::Customer, other)]), Answer::Other, "{other}");
        }
    }

    #[test]
    fn only_what_the_customer_says_next_answers() {
        assert_eq!(to(&[]), Answer::Silence);
        assert_eq!(to(&[(Speaker::Operator, "нет?")]), Answer::Silence);
        assert_eq!(to(&[(Speaker::Operator, "или возврат"), (Speaker::Customer, "не хочу")]), Answer::Refusal);
        let (yes, no) = ((Speaker::Customer, "давайте"), (Speaker::Customer, "не то"));
        assert_eq!(to(&[yes, (Speaker::Operator, "готово"), no]), Answer::Other);
    }
}
