//! Money: a number with its currency word, or with a word for thousands.

use crate::entities::numbers::{number, quantities};
use crate::entities::unit::currency;
use crate::entities::words::Text;
use crate::entities::{Entity, Span};
use crate::taxonomy::EntityType;

pub(super) fn is_currency(word: &str) -> bool {
    currency(word).is_some()
}

pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match amount(text, at) {
            Some(span) => {
                at = span.to;
                spans.push(span);
            }
            None => at += 1,
        }
    }
    spans
}

/// What is tagged, each sum as the rules have it (`by_rules`) where they know more of it: a tag may end before a currency
/// sign or within a number ("11 900" of "11 900 ₸"), or hold what stands beside a sum with its currency ("0.5 л 850 ₸").
pub(super) fn whole(mut tagged: Vec<Entity>, by_rules: &[Entity]) -> Vec<Entity> {
    for tag in tagged.iter_mut().filter(|tag| tag.kind == EntityType::Money) {
        let knows_more = |sum: &&Entity| {
            let holds_tag = sum.start <= tag.start && tag.end <= sum.end;
            let meets = sum.start < tag.end && tag.start < sum.end;
            // What the rules take for a sum may be the end of a number that they do not know: "1.250 ₸".
            let before = sum.start.checked_sub(tag.start + 1).and_then(|at| tag.text.chars().nth(at as usize));
            let begins = before.is_none_or(char::is_whitespace);
            holds_tag || (meets && begins && quantities(&sum.text).iter().any(|number| number.unit.is_some()))
        };
        let mut sums = by_rules.iter().filter(|entity| entity.kind == EntityType::Money);
        if let Some(sum) = sums.find(knows_more) {
            *tag = sum.clone();
        }
    }
    tagged
}

fn amount(text: &Text<'_>, at: usize) -> Option<Span> {
    if matches!(text.lower(at), "$" | "€") {
        return number(text, at + 1).map(|n| Span { from: at, to: n.span.to });
    }
    let number = number(text, at)?;
    let mut to = number.span.to;
    // "тысяча" is a sum, "тысячи" alone is not.
    let said = number.has_thousand && (to - at > 1 || matches!(text.lower(at), "тысяча" | "тысячу"));
    let mut is_money = said || (number.in_digits && to - at > 1);
    let joined = text.joined(to - 1);
    // "20к", "20k", and "ming" with an ending: "28 minglik", "65 мингга".
    let thousands = matches!(text.lower(to), "к" | "k") && text.gap(to - 1).is_empty();
    if joined && (thousands || ["ming", "минг", "мың"].iter().any(|m| text.lower(to).starts_with(m))) {
        (is_money, to) = (true, to + 1);
    }
    if text.joined(to - 1) && is_currency(text.lower(to)) {
        (is_money, to) = (true, to + 1);
    }
    let counted = ["чел", "штук", "грамм", "раз", "км", "калор", "kishi", "people"];
    let is_counted = to == number.span.to && counted.iter().any(|c| text.lower(to).starts_with(c));
    (is_money && !is_counted).then_some(Span { from: at, to })
}
