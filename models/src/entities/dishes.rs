//! Which dish a customer means: the names of a menu, told from what people call them.

use std::cmp::Reverse;

use crate::entities::menu::{JOINTS, same_word};
use crate::entities::words::Text;

/// Names of dishes that may be meant, each once however it is written.
#[derive(Debug, Clone, Default)]
pub struct DishNames(Vec<Name>);

#[derive(Debug, Clone)]
struct Name {
    folded: String,
    words: Vec<String>,
}

impl DishNames {
    /// Takes names as menus and orders have them.
    pub fn new<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut folded: Vec<String> = names.into_iter().map(|name| folded(name.as_ref())).collect();
        folded.sort_unstable();
        folded.dedup();
        let named = folded.into_iter().map(|folded| Name { words: words(&folded), folded });
        Self(named.filter(|name| !name.words.is_empty()).collect())
    }

    /// The dish that is called so, by its folded name: all words of the one are in the other, in some form ("борща":
    /// "борщ со сметаной"). Of several that it may be, the one that is named whole, with the most words of its name; none
    /// where it may be any of them ("суп").
    pub fn meant(&self, said: &str) -> Option<&str> {
        let said = words(said);
        let mut found: Vec<(Reverse<usize>, &str)> = Vec::new();
        let mut parts: Vec<&str> = Vec::new();
        for name in &self.0 {
            match holds(&said, &name.words) {
                true if name.words.len() <= said.len() => found.push((Reverse(name.words.len()), &name.folded)),
                true => parts.push(&name.folded),
                false => {}
            }
        }
        found.sort_unstable();
        match (found.as_slice(), parts.as_slice()) {
            ([(_, one)], _) => Some(one),
            ([(most, one), (next, _), ..], _) if most != next => Some(one),
            ([], [one]) => Some(one),
            _ => None,
        }
    }
}

/// A name as it is compared: small letters, ё as е, one space between words, without quotation marks and commas. Kitchens
/// and countries whose menus differ in no more than that sell the same dish.
pub fn folded(name: &str) -> String {
    let text = Text::new(name);
    (0..text.len()).map(|at| text.lower(at)).collect::<Vec<_>>().join(" ")
}

/// The words that name something.
fn words(name: &str) -> Vec<String> {
    let text = Text::new(name);
    let word = |at: usize| text.lower(at).to_owned();
    (0..text.len())
        .map(word)
        .filter(|word| !JOINTS.contains(&word.as_str()) && word.chars().any(char::is_alphanumeric))
        .collect()
}

/// Whether all words of the shorter are in the longer, each once.
fn holds(said: &[String], name: &[String]) -> bool {
    let mut free: Vec<&String> = name.iter().collect();
    let mut found = 0;
    for word in said {
        if let Some(at) = free.iter().position(|known| is_word(word, known)) {
            free.swap_remove(at);
            found += 1;
        }
    }
    !said.is_empty() && found == said.len().min(name.len())
}

/// True when `said` is `word` in some form, of short words ("ям", "чай") too: beside the others of a name they are no
/// chance.
fn is_word(said: &str, word: &str) -> bool {
    let short = word.chars().count() == 2 && said.starts_with(word) && said.chars().count() <= 4;
    let ends = |end: &str| ["я", "ю", "е", "ем", "и", "ев"].contains(&end);
    let soft = word.strip_suffix('й').and_then(|stem| said.strip_prefix(stem)).is_some_and(ends);
    short || soft || same_word(said, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> DishNames {
        DishNames::new([
            "Борщ со сметаной",
            "Ролл «Калифорния» с крабом",
            "Ролл «Филадельфия»",
            "Том ям с креветкой",
            "Том ям с курицей",
            "Плов",
            "ПЛОВ",
            "Шашлык из курицы",
            "Зелёный чай",
        ])
    }

    #[test]
    fn people_name_a_dish_by_some_of_its_words_in_any_form() {
        let menu = menu();
        for (said, meant) in [
            ("борща", "борщ со сметаной"),
            ("филадельфию", "ролл филадельфия"),
            ("Роллы Калифорния", "ролл калифорния с крабом"),
            ("том яме с креветками", "том ям с креветкой"),
            ("плов", "плов"),
            ("плов из казана", "плов"),
            ("зеленого чая", "зеленый чай"),
        ] {
            assert_eq!(menu.meant(said), Some(meant), "{said}");
        }
    }

    #[test]
    fn what_may_be_two_dishes_or_is_on_no_menu_is_none() {
        let menu = menu();
        for said in ["том ям", "ролл", "суши", "борщ с грибами", "", "«»", "с"] {
            assert_eq!(menu.meant(said), None, "{said}");
        }
        assert_eq!(DishNames::new(["Том ям с курицей", "Плов"]).meant("том ям"), Some("том ям с курицей"));
    }

    #[test]
    fn one_dish_is_one_name_however_menus_write_it() {
        assert_eq!(folded("  Ролл «Зелёный  дракон»"), "ролл зеленый дракон");
        assert_eq!(folded("Ролл Зеленый Дракон"), folded("РОЛЛ «ЗЕЛЁНЫЙ ДРАКОН»"));
        assert_eq!(folded("Yongʻoq sousli chuka"), folded("yong'oq sousli Chuka"));
        let once = folded("Сет «Семейный», 40 шт.");
        assert_eq!(folded(&once), once, "a folded name stays as it is");
    }
}
