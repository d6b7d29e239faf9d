//! Menus.

use sqlx::PgPool;

use crate::customers::Country;
use crate::orders::{BrandId, MenuItem, MenuItemId, MenuWords};
use crate::platform::store::{Change, StoreError};

/// Lists do not fit in columns of an unnest: they travel joined by a character that no menu holds.
const BETWEEN: &str = "\u{1f}";

pub(crate) async fn put(change: &mut Change, items: &[MenuItem]) -> Result<u64, StoreError> {
    let put = sqlx::query!(
        r#"INSERT INTO menu_item AS known
             (id, brand_id, country, category, name, price_minor, ingredients, allergens, weight_grams, active)
           SELECT id, brand_id, country, category, name, price_minor,
                  string_to_array(ingredients, U&'\001F'), string_to_array(allergens, U&'\001F'), weight_grams, active
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                       $9::integer[], $10::boolean[])
             AS item (id, brand_id, country, category, name, price_minor, ingredients, allergens, weight_grams, active)
           ON CONFLICT (brand_id, country, name) DO UPDATE SET
             category = excluded.category, price_minor = excluded.price_minor, ingredients = excluded.ingredients,
             allergens = excluded.allergens, weight_grams = excluded.weight_grams, active = excluded.active
           WHERE (known.category, known.price_minor, known.ingredients, known.allergens, known.weight_grams, known.active)
             IS DISTINCT FROM (excluded.category, excluded.price_minor, excluded.ingredients, excluded.allergens,
                               excluded.weight_grams, excluded.active)"#,
        &items.iter().map(|item| item.id.0).collect::<Vec<_>>(),
        &items.iter().map(|item| item.brand.0).collect::<Vec<_>>(),
        &items.iter().map(|item| item.country.as_str().to_owned()).collect::<Vec<_>>(),
        &items.iter().map(|item| item.category.clone()).collect::<Vec<_>>(),
        &items.iter().map(|item| item.name.clone()).collect::<Vec<_>>(),
        &items.iter().map(|item| item.price_minor).collect::<Vec<_>>(),
        &items.iter().map(|item| item.ingredients.join(BETWEEN)).collect::<Vec<_>>(),
        &items.iter().map(|item| item.allergens.join(BETWEEN)).collect::<Vec<_>>(),
        &items.iter().map(|item| item.weight_grams.map(u32::cast_signed)).collect::<Vec<_>>() as &[Option<i32>],
        &items.iter().map(|item| item.active).collect::<Vec<_>>(),
    )
    .execute(change.conn())
    .await?;
    Ok(put.rows_affected())
}

pub(crate) async fn of(pool: &PgPool, brand: BrandId, country: Country) -> Result<Vec<MenuItem>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, category, name, price_minor, ingredients, allergens, weight_grams, active FROM menu_item
         WHERE brand_id = $1 AND country = $2 AND active ORDER BY category, name",
        brand.0,
        country.as_str(),
    )
    .fetch_all(pool)
    .await?;
    let items = rows.into_iter().map(|row| MenuItem {
        id: MenuItemId(row.id),
        brand,
        country,
        category: row.category,
        name: row.name,
        price_minor: row.price_minor,
        ingredients: row.ingredients,
        allergens: row.allergens,
        weight_grams: row.weight_grams.map(i32::cast_unsigned),
        active: row.active,
    });
    Ok(items.collect())
}

pub(crate) async fn words(pool: &PgPool) -> Result<MenuWords, StoreError> {
    let dishes = sqlx::query_scalar!(r#"SELECT DISTINCT name AS "name!" FROM menu_item WHERE active ORDER BY 1"#)
        .fetch_all(pool)
        .await?;
    let ingredients = sqlx::query_scalar!(
        r#"SELECT DISTINCT ingredient AS "ingredient!" FROM menu_item, unnest(ingredients) AS ingredient
           WHERE active ORDER BY 1"#,
    )
    .fetch_all(pool)
    .await?;
    Ok(MenuWords { dishes, ingredients })
}
