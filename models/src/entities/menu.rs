//! Dishes and ingredients of the menu, found in inflected and slightly misspelt words.

use std::collections::HashMap;

use crate::entities::Span;
use crate::entities::words::Text;
use crate::taxonomy::EntityType;

/// Letters of a word that must stand as they are; words that differ earlier are not compared.
const FIRST: usize = 2;
/// Words under this many letters must be written without a fault.
const LONG: usize = 6;
/// Joins that may be left out or added between the words of a name.
pub(super) const JOINTS: [&str; 9] = ["с", "со", "и", "в", "на", "мен", "va", "with", "and"];

/// The words of a menu: dish and ingredient names, ready to be found in texts.
#[derive(Debug, Clone, Default)]
pub struct MenuWords {
    names: Vec<Name>,
    /// Names by the first letters of their words.
    by_first: HashMap<String, Vec<(usize, usize)>>,
}

#[derive(Debug, Clone)]
struct Name {
    words: Vec<String>,
    kind: EntityType,
}

impl MenuWords {
    /// Takes names as the menu has them, each with [`EntityType::Dish`] or [`EntityType::Ingredient`].
    pub fn new(names: Vec<(String, EntityType)>) -> MenuWords {
        let mut menu = MenuWords::default();
        for (name, kind) in names {
            let text = Text::new(&name);
            let words: Vec<String> = (0..text.len())
                .map(|i| text.lower(i).to_owned())
                .filter(|w| !JOINTS.contains(&w.as_str()) && w.chars().any(char::is_alphanumeric))
                .collect();
            let number = menu.names.len();
            for (place, word) in words.iter().enumerate() {
                // A name may begin at its first word, or be cut to its last if that is long enough to be its own.
                let whole = place == 0;
                let last = place + 1 == words.len() && word.chars().count() >= LONG;
                if whole || last {
                    menu.by_first.entry(first(word)).or_default().push((number, place));
                }
            }
            if !words.is_empty() {
                menu.names.push(Name { words, kind });
            }
        }
        menu
    }

    /// The names in a text, the longest at each place.
    pub(super) fn find(&self, text: &Text<'_>) -> Vec<(EntityType, Span)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let longest = self
                .by_first
                .get(&first(text.lower(at)))
                .into_iter()
                .flatten()
                .filter_map(|&(name, place)| self.matches(text, at, name, place))
                .max_by_key(|(_, span)| span.to);
            match longest {
                Some((kind, span)) => {
                    at = span.to;
                    found.push((kind, span));
                }
                None => at += 1,
            }
        }
        found
    }

    fn matches(&self, text: &Text<'_>, at: usize, name: usize, place: usize) -> Option<(EntityType, Span)> {
        let name = &self.names[name];
        let mut to = at;
        for word in &name.words[place..] {
            while to > at && JOINTS.contains(&text.lower(to)) {
                to += 1;
            }
            if !same_word(text.lower(to), word) {
                return None;
            }
            to += 1;
        }
        Some((name.kind, Span { from: at, to }))
    }
}

fn first(word: &str) -> String {
    word.chars().take(FIRST).collect()
}

/// True when `said` is `word` in some form: the same but for its ending, or for one slip in a long word.
pub(super) fn same_word(said: &str, word: &str) -> bool {
    if said == word {
        return true;
    }
    let (said_len, word_len) = (said.chars().count(), word.chars().count());
    let shared = said.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
    if word_len == 3 {
        // "суп", "супа", but not "рис", "риск".
        let ending = said.chars().nth(3).is_some_and(|c| "аеиоуыюяaeiou".contains(c));
        return shared == 3 && ending && said_len <= 5;
    }
    if word_len < 3 || said_len < 3 || said_len > word_len + 4 || said_len + 2 < word_len {
        return false;
    }
    let stem = word_len - if word_len > LONG { 2 } else { 1 };
    if shared >= stem {
        return true;
    }
    // One letter wrong, missing, doubled or swapped (optimal string alignment), compared without the endings.
    let stem_of = |w: &str| w.chars().take(stem).collect::<String>();
    word_len >= LONG && strsim::osa_distance(&stem_of(said), &stem_of(word)) <= 1
}
