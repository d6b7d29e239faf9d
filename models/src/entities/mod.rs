//! Entities: what is named in a text, where it stands; by the tags of the model and by rules.
//!
//! Each kind has its own file of rules and finds its spans alone; where two overlap, the kind that is rarer
//! mistaken wins (the order of [`by_rules`]). [`find`] says whose word counts where rules and tags differ.

mod category;
mod datetime;
mod dishes;
mod duration;
mod menu;
mod money;
mod numbers;
mod order_number;
mod person;
mod phone;
mod promo_code;
mod tags;
mod unit;
mod uzbek;
mod words;

pub use dishes::{DishNames, folded};
pub use menu::MenuWords;
pub(crate) use numbers::joined;
pub use numbers::{Quantity, quantities};
pub(crate) use tags::{TAGS_OF_A_KIND, tagged};
pub(crate) use unit::SaidNumbers;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::taxonomy::{EntityType, Language};
use words::Text;

/// Of a longer text the beginning is read, in characters.
const LONGEST: usize = 8_192;

/// A span of the text that names something.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Entity {
    #[serde(rename = "type")]
    pub kind: EntityType,
    /// The span, to the letter.
    pub text: String,
    /// First Unicode scalar value of the span, counted from 0.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

/// Words `from..to` of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: usize,
    to: usize,
}

/// Kinds whose form says what they are: here a rule's word goes before a tag's.
const BY_FORM: [EntityType; 3] = [EntityType::Phone, EntityType::PromoCode, EntityType::OrderNumber];

/// All entities of `text` in the order in which they stand, none overlapping another, each span listed once.
///
/// `tagged`: what the model's tags mark. Kinds with a form of their own are taken from the rules first; of all else
/// the tags decide, but for where a sum begins and ends; what only a rule or the menu knows is added where nothing
/// stands yet. In an Uzbek text case endings do not belong to a span; a bare part of the menu (rolls, a salad) is no
/// dish.
pub fn find(text: &str, language: Language, menu: &MenuWords, mut tagged: Vec<Entity>) -> Vec<Entity> {
    tagged.retain(|entity| !category::is_category(entity));
    let (by_form, by_words): (Vec<_>, Vec<_>) =
        by_rules(text, menu).into_iter().partition(|entity| BY_FORM.contains(&entity.kind));
    let mut tagged = money::whole(tagged, &by_words);
    if language == Language::Uz {
        tagged.iter_mut().for_each(uzbek::without_case);
    }
    let mut found: Vec<Entity> = Vec::new();
    for entity in by_form.into_iter().chain(tagged).chain(by_words) {
        let free = found.iter().all(|known| known.end <= entity.start || entity.end <= known.start);
        if free && !found.iter().any(|known| known.kind == entity.kind && known.text == entity.text) {
            found.push(entity);
        }
    }
    found.sort_by_key(|entity| entity.start);
    found
}

/// What the rules find.
fn by_rules(text: &str, menu: &MenuWords) -> Vec<Entity> {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    let text = Text::new(&text[..end]);
    let mut taken = vec![None; text.len()];
    let mut found = Vec::new();
    let mut take = |kind: EntityType, spans: Vec<Span>| {
        for span in spans {
            if span.from < span.to && taken[span.from..span.to].iter().all(Option::is_none) {
                taken[span.from..span.to].fill(Some(kind));
                found.push((span, kind));
            }
        }
    };
    take(EntityType::Phone, phone::find(&text));
    take(EntityType::PromoCode, promo_code::find(&text));
    take(EntityType::OrderNumber, order_number::find_named(&text));
    take(EntityType::Datetime, datetime::find(&text));
    take(EntityType::Money, money::find(&text));
    take(EntityType::Duration, duration::find(&text));
    take(EntityType::OrderNumber, order_number::find_bare(&text));
    take(EntityType::Person, person::find(&text));
    for (kind, span) in menu.find(&text) {
        take(kind, vec![span]);
    }
    found.sort_by_key(|(span, _)| span.from);
    found.into_iter().map(|(span, kind)| text.entity(span, kind)).collect()
}

#[cfg(test)]
mod tests;
