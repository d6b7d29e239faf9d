//! Entities by rules: what is named in a text, where it stands.
//!
//! Each kind has its own file and finds its spans alone; where two overlap, the kind that is rarer
//! mistaken wins (the order of [`find`]).

mod datetime;
mod duration;
mod menu;
mod money;
mod numbers;
mod order_number;
mod person;
mod phone;
mod promo_code;
mod words;

pub use menu::MenuWords;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::taxonomy::EntityType;
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

/// All entities of `text` in the order in which they stand, none overlapping another.
pub fn find(text: &str, menu: &MenuWords) -> Vec<Entity> {
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
