//! Bare words of a menu's parts (rolls, a set, a salad, a drink) name no dish: by the rules of annotation they are no
//! entity, though a dish often stands where they stand.

use crate::entities::Entity;
use crate::taxonomy::EntityType;

/// How such words begin in the four languages, and how many letters of an ending may follow.
const BEGINNINGS: [(&str, usize); 28] = [
    ("ролл", 4),
    ("суши", 4),
    ("сет", 3),
    ("соус", 4),
    ("десерт", 4),
    ("салат", 5),
    ("напит", 4),
    ("набор", 3),
    ("вилк", 3),
    ("прибор", 3),
    ("сусын", 5),
    ("тәтті", 5),
    ("ичимлик", 5),
    ("ширинлик", 5),
    ("roll", 5),
    ("sushi", 4),
    ("set", 3),
    ("sauce", 1),
    ("dessert", 1),
    ("salad", 1),
    ("drink", 1),
    ("cutlery", 0),
    ("salat", 5),
    ("sous", 4),
    ("desert", 4),
    ("shirinlik", 5),
    ("ichimlik", 5),
    ("to'plam", 4),
];

/// A dish of one word that only says which part of the menu it is from.
pub(super) fn is_category(entity: &Entity) -> bool {
    if entity.kind != EntityType::Dish || entity.text.chars().any(char::is_whitespace) {
        return false;
    }
    let word = entity.text.to_lowercase().replace(['ʻ', 'ʼ', '‘', '’', '`'], "'");
    BEGINNINGS.iter().any(|(beginning, longest)| {
        word.strip_prefix(beginning)
            .is_some_and(|ending| ending.chars().count() <= *longest && ending.chars().all(char::is_alphabetic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_menu_are_no_dishes() {
        let dish = |text: &str| Entity { kind: EntityType::Dish, text: text.to_owned(), start: 0, end: 1 };
        for word in ["роллы", "Суши", "сет", "соусом", "салатларни", "rolls", "sushi", "toʻplamlar", "тәттілер"]
        {
            assert!(is_category(&dish(word)), "{word}");
        }
        for word in ["ролл филадельфия", "салат цезарь", "сетка картофельная", "филадельфия", "рамен"]
        {
            assert!(!is_category(&dish(word)), "{word}");
        }
        assert!(!is_category(&Entity { kind: EntityType::Ingredient, ..dish("соус") }));
    }
}
