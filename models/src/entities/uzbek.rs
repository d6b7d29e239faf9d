//! Uzbek writes its case endings onto the word; by the rules of annotation they do not belong to what is named.

use crate::entities::Entity;

/// Endings of case, plural and place, the longest first.
const ENDINGS: [&str; 28] = [
    "lardagi",
    "лардаги",
    "larning",
    "larni",
    "larga",
    "larda",
    "lardan",
    "dagi",
    "ning",
    "dan",
    "lar",
    "ni",
    "da",
    "ga",
    "qa",
    "ларнинг",
    "ларни",
    "ларга",
    "ларда",
    "лардан",
    "даги",
    "нинг",
    "дан",
    "лар",
    "ни",
    "да",
    "га",
    "қа",
];
/// A shorter rest is no stem.
const SHORTEST_STEM: usize = 3;
/// Words that end like a case and have none: of menus, of time, of places.
const WHOLE: [&str; 20] = [
    "peroni",
    "xo'rda",
    "хўрда",
    "пеперони",
    "пепперони",
    "cannelloni",
    "daqiqa",
    "дақиқа",
    "ertaga",
    "эртага",
    "indinga",
    "индинга",
    "kuni",
    "куни",
    "tumani",
    "тумани",
    "maydoni",
    "майдони",
    "xiyoboni",
    "хиёбони",
];

/// Takes the case ending off an entity of an Uzbek text.
pub(super) fn without_case(entity: &mut Entity) {
    let lower: String = entity.text.to_lowercase().chars().map(plain).collect();
    if WHOLE.iter().any(|word| lower.ends_with(word)) {
        return;
    }
    let Some(ending) = ENDINGS.iter().find(|ending| lower.ends_with(*ending)) else { return };
    let length = ending.chars().count();
    let letters = entity.text.chars().count();
    let before = || lower.chars().rev().skip(length);
    let stem = before().take_while(|c| c.is_alphabetic() || *c == '\'').count();
    // A number is a stem of any length.
    let number = before().next().is_some_and(|c| c.is_ascii_digit());
    if !number && stem < SHORTEST_STEM || lower.chars().count() != letters {
        return;
    }
    entity.text = entity.text.chars().take(letters - length).collect();
    entity.end -= u32::try_from(length).unwrap_or(0);
}

fn plain(c: char) -> char {
    if matches!(c, '`' | '´' | '‘' | '’' | '′' | 'ʻ' | 'ʼ') { '\'' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::EntityType;

    #[test]
    fn cases_go_and_stems_stay() {
        for (written, named) in [
            ("lag'monni", "lag'mon"),
            ("40 minutda", "40 minut"),
            ("burgerlarning", "burger"),
            ("норинга", "норин"),
            ("pepperoni", "pepperoni"),
            ("qirq daqiqa", "qirq daqiqa"),
            ("besh daqiqada", "besh daqiqa"),
            ("36 000 so'mni", "36 000 so'm"),
            ("soat 20:00ga", "soat 20:00"),
            ("Registon ko‘chasidagi", "Registon ko‘chasi"),
            ("nagetslar", "nagets"),
            ("ertaga", "ertaga"),
            ("moshxoʻrda", "moshxoʻrda"),
            ("osh", "osh"),
            ("uni", "uni"),
        ] {
            let end = u32::try_from(written.chars().count()).expect("short");
            let mut entity = Entity { kind: EntityType::Dish, text: written.to_owned(), start: 0, end };
            without_case(&mut entity);
            assert_eq!(entity.text, named);
            assert_eq!(entity.end as usize, named.chars().count());
        }
    }
}
