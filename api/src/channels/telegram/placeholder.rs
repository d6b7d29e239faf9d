//! Words for what has none: an operator reads that something came, in the language of the account.

use models::taxonomy::Language;

use super::update::{Typed, full_name};

/// A readable line for a sticker, a place, somebody's number and whatever else a person can send; none if nobody sent a thing.
pub(super) fn placeholder(typed: &Typed, language: Language) -> Option<String> {
    let message = &typed.message;
    if let Some(sticker) = &message.sticker {
        return Some(line(language, Thing::Sticker, sticker.emoji.as_deref()));
    }
    if let Some(venue) = &message.venue {
        return Some(line(language, Thing::Place, Some(&format!("{}, {}", venue.title, venue.address))));
    }
    if let Some(at) = &message.location {
        return Some(line(language, Thing::Place, Some(&format!("{:.6}, {:.6}", at.latitude, at.longitude))));
    }
    if let Some(contact) = &message.contact {
        let name = full_name(&contact.first_name, contact.last_name.as_deref());
        return Some(line(language, Thing::Contact, Some(&format!("{name}, {}", contact.phone_number))));
    }
    if let Some(dice) = &message.dice {
        return Some(format!("{} {}", dice.emoji, dice.value));
    }
    let rest = message.caption.clone();
    if typed.other || rest.is_some() { Some(line(language, Thing::Other, rest.as_deref())) } else { None }
}

enum Thing {
    Sticker,
    Place,
    Contact,
    Other,
}

fn line(language: Language, thing: Thing, detail: Option<&str>) -> String {
    let word = match (thing, language) {
        (Thing::Sticker, Language::En) => "Sticker",
        (Thing::Sticker, Language::Uz) => "Stiker",
        (Thing::Sticker, _) => "Стикер",
        (Thing::Place, Language::En) => "Place",
        (Thing::Place, Language::Kk) => "Орын",
        (Thing::Place, Language::Uz) => "Joy",
        (Thing::Place, _) => "Место",
        (Thing::Contact, Language::En) => "Contact",
        (Thing::Contact, Language::Uz) => "Kontakt",
        (Thing::Contact, _) => "Контакт",
        (Thing::Other, Language::En) => "Cannot be shown here",
        (Thing::Other, Language::Kk) => "Мұнда көрсетілмейді",
        (Thing::Other, Language::Uz) => "Bu yerda koʻrsatilmaydi",
        (Thing::Other, _) => "Здесь не показывается",
    };
    match detail {
        Some(detail) => format!("[{word}] {detail}"),
        None => format!("[{word}]"),
    }
}
