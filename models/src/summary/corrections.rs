//! What a speaker takes back: "нет, 4183, не 4138", "верну 500, ой, 690 рублей".

use crate::entities::Entity;

/// Words by which a speaker takes back what they have just said.
const CORRECTS: &[&str] = &[
    "нет",
    "ой",
    "точнее",
    "вернее",
    "ошиблась",
    "ошибся",
    "перепутала",
    "перепутал",
    "жоқ",
    "қателестім",
    "шатастырдым",
    "yo'q",
    "yoʻq",
    "yo‘q",
    "adashdim",
    "йўқ",
    "адашдим",
    "no",
    "sorry",
    "wait",
    "mean",
    "actually",
];
/// Words that deny what stands behind them, and what stands before them.
const BEFORE: &[&str] = &["не", "вместо", "not", "instead"];
const BEHIND: &[&str] = &["емес", "орнына", "emas", "эмас", "o'rniga", "oʻrniga", "o‘rniga", "ўрнига"];
/// Words that may stand between a denial, or a correction, and the number that it is of.
const NAMES: &[&str] = &[
    "заказ",
    "заказа",
    "номер",
    "тапсырыс",
    "нөмір",
    "buyurtma",
    "raqam",
    "буюртма",
    "рақам",
    "of",
    "order",
    "number",
];
/// Between what is taken back and what replaces it are at most so many words.
const NEAR: usize = 4;

/// Whether somebody takes something back in this text.
pub(super) fn corrects(text: &str) -> bool {
    words(text).any(|word| CORRECTS.contains(&word.as_str()))
}

/// Whether the text says that it is not this. What a sign parts from the denial is not denied: "or not? 4183".
pub(super) fn is_denied(text: &str, entity: &Entity) -> bool {
    let clause = between(text, 0, entity.start).rsplit([',', ';', '.', '!', '?', '\n']).next().unwrap_or_default();
    let before = words(clause).filter(|word| !NAMES.contains(&word.as_str())).last();
    let behind = words(between(text, entity.end, u32::MAX)).next();
    before.is_some_and(|word| BEFORE.contains(&word.as_str()))
        || behind.is_some_and(|word| BEHIND.contains(&word.as_str()))
}

/// Whether nothing but a correction stands between a number and the next: "48213, ой, 48231". A "no" among other words
/// may be said of anything: "в 48213 нет супа, в 48231 плова".
pub(super) fn is_replaced(text: &str, number: &Entity, next: &Entity) -> bool {
    let between = between(text, number.end, next.start);
    let is_of_it = |word: String| [CORRECTS, NAMES].iter().any(|of| of.contains(&word.as_str()));
    corrects(between) && words(between).all(is_of_it)
}

/// Of spans of one text, in its order, those that nobody takes back; all where that leaves none.
pub(super) fn standing<'a>(text: &str, entities: &[&'a Entity]) -> Vec<&'a Entity> {
    let is_replaced = |at: usize| {
        entities.get(at + 1).is_some_and(|next| {
            let between = between(text, entities[at].end, next.start);
            words(between).count() <= NEAR && corrects(between)
        })
    };
    let stands = |at: &usize| !is_denied(text, entities[*at]) && !is_replaced(*at);
    let left: Vec<&Entity> = (0..entities.len()).filter(stands).map(|at| entities[at]).collect();
    if left.is_empty() { entities.to_vec() } else { left }
}

/// At most so many words before this, in lower case and in their order.
pub(super) fn words_before(text: &str, entity: &Entity, many: usize) -> Vec<String> {
    let all: Vec<String> = words(between(text, 0, entity.start)).collect();
    all[all.len().saturating_sub(many)..].to_vec()
}

/// The word right behind this, in lower case; none where a sign parts them.
pub(super) fn word_behind(text: &str, entity: &Entity) -> Option<String> {
    let behind = between(text, entity.end, u32::MAX);
    words(behind).next().filter(|_| behind.starts_with(char::is_whitespace))
}

/// Unicode scalar values `from..to` of a text.
fn between(text: &str, from: u32, to: u32) -> &str {
    let byte = |place: u32| text.char_indices().nth(place as usize).map_or(text.len(), |(at, _)| at);
    let (from, to) = (byte(from), byte(to));
    text.get(from..to).unwrap_or_default()
}

/// In lower case and without the signs around them.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::EntityType;

    fn of(text: &str, spans: &[&str]) -> Vec<Entity> {
        let entity = |span: &&str| {
            let start = text.split(span).next().map_or(0, |before| before.chars().count()) as u32;
            let end = start + span.chars().count() as u32;
            Entity { kind: EntityType::Money, text: (*span).to_owned(), start, end }
        };
        spans.iter().map(entity).collect()
    }

    fn left(text: &str, spans: &[&str]) -> Vec<String> {
        let all = of(text, spans);
        standing(text, &all.iter().collect::<Vec<_>>()).iter().map(|entity| entity.text.clone()).collect()
    }

    #[test]
    fn what_is_denied_or_replaced_at_once_does_not_stand() {
        assert_eq!(left("нет, 4183, не 4138", &["4183", "4138"]), ["4183"]);
        assert_eq!(left("4138 емес, 4183", &["4138", "4183"]), ["4183"]);
        assert_eq!(left("4138 emas 4183", &["4138", "4183"]), ["4183"]);
        assert_eq!(left("4183, not 4138", &["4183", "4138"]), ["4183"]);
        assert_eq!(left("верну 500, ой, 690 рублей", &["500", "690 рублей"]), ["690 рублей"]);
        assert_eq!(left("560 рублей и 420 рублей", &["560 рублей", "420 рублей"]), ["560 рублей", "420 рублей"]);
        assert_eq!(left("это не 300 рублей", &["300 рублей"]), ["300 рублей"]);
        assert_eq!(left("не заказ 4138, а заказ 4183", &["4138", "4183"]), ["4183"]);
        assert_eq!(left("стало 1 115 вместо 1 190", &["1 115", "1 190"]), ["1 115"]);
        assert_eq!(left("620 instead of 690", &["620", "690"]), ["620"]);
        assert_eq!(left("690 орнына 620", &["690", "620"]), ["620"]);
        assert_eq!(left("4138 или не? 4183", &["4138", "4183"]), ["4138", "4183"]);
    }
}
