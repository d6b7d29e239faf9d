//! Brands, cities, kitchens and menus, from the tables.

use jiff::Timestamp;

use super::dice::Dice;
use super::dishes::DISHES;
use super::ingredients::{Ingredient, ingredient};
use super::places::{BRANDS, CITIES, COUNTRIES};
use super::world::id_at;
use crate::orders::{Brand, BrandId, City, CityId, MenuItem, MenuItemId, Restaurant, RestaurantId};

pub(super) fn brands(dice: &mut Dice, now: Timestamp) -> Vec<Brand> {
    let brand =
        |&(slug, name): &(&str, &str)| Brand { id: BrandId(id_at(dice, now)), slug: slug.into(), name: name.into() };
    BRANDS.iter().map(brand).collect()
}

pub(super) fn cities(dice: &mut Dice, now: Timestamp) -> Vec<City> {
    CITIES
        .iter()
        .map(|plan| City {
            id: CityId(id_at(dice, now)),
            country: plan.country,
            slug: plan.slug.into(),
            name: plan.name.into(),
            zone: plan.zone.into(),
        })
        .collect()
}

/// Each address holds a kitchen of each brand.
pub(super) fn restaurants(dice: &mut Dice, now: Timestamp, brands: &[Brand], cities: &[City]) -> Vec<Restaurant> {
    let mut all = Vec::new();
    for (city, plan) in cities.iter().zip(&CITIES) {
        for &address in plan.streets {
            let street = address.rsplit_once(',').map_or(address, |(street, _)| street);
            all.extend(brands.iter().map(|brand| Restaurant {
                id: RestaurantId(id_at(dice, now)),
                brand: brand.id,
                city: city.id,
                name: format!("{} — {street}", brand.name),
                address: address.into(),
            }));
        }
    }
    all
}

/// The menus of the countries one after another, each in the order of the dishes.
pub(super) fn menu(dice: &mut Dice, now: Timestamp, brands: &[Brand]) -> Vec<MenuItem> {
    let everywhere = COUNTRIES.iter().flat_map(|country| DISHES.iter().map(move |dish| (*country, dish)));
    everywhere
        .map(|(country, dish)| {
            let parts: Vec<&Ingredient> = dish.ingredients.iter().filter_map(|key| ingredient(key)).collect();
            let mut allergens: Vec<String> = parts.iter().filter_map(|part| part.allergen.map(str::to_owned)).collect();
            allergens.sort_unstable();
            allergens.dedup();
            MenuItem {
                id: MenuItemId(id_at(dice, now)),
                brand: brands[dish.brand].id,
                country,
                category: dish.category.name(country).into(),
                name: dish.name(country).into(),
                price_minor: dish.price(country).minor,
                ingredients: parts.iter().map(|part| part.name(country).into()).collect(),
                allergens,
                weight_grams: Some(dish.grams),
                active: true,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dish_is_made_of_known_ingredients_and_belongs_to_a_brand() {
        for dish in &DISHES {
            assert!(dish.brand < BRANDS.len());
            for key in dish.ingredients {
                assert!(ingredient(key).is_some(), "no ingredient {key}");
            }
        }
    }

    #[test]
    fn prices_look_like_prices() {
        let borsch = DISHES.iter().find(|dish| dish.name(COUNTRIES[0]).contains("Борщ")).unwrap();
        let prices = COUNTRIES.map(|country| borsch.price(country).minor / 100);
        assert_eq!(prices, [279, 1_540, 37_000]);
    }
}
