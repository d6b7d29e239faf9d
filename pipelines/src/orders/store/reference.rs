//! Places and brands: a statement each, however many rows.

use std::collections::HashMap;

use sqlx::PgPool;

use crate::customers::Country;
use crate::orders::{Brand, BrandId, City, CityId, Currency, Places, Restaurant, RestaurantId};
use crate::platform::store::{Change, StoreError};

pub(crate) async fn put_countries(change: &mut Change, countries: &[Country]) -> Result<(), StoreError> {
    let column = |of: fn(Country) -> &'static str| -> Vec<String> {
        countries.iter().map(|country| of(*country).to_owned()).collect()
    };
    sqlx::query!(
        "INSERT INTO country (code, name, currency, calling_code, language)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
         ON CONFLICT (code) DO UPDATE SET name = excluded.name",
        &column(Country::as_str),
        &column(Country::name),
        &column(|country| Currency::of(country).as_str()),
        &column(Country::calling_code),
        &column(|country| country.language().as_str()),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) async fn put_brands(change: &mut Change, brands: &[Brand]) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO brand (id, slug, name) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
         ON CONFLICT (slug) DO UPDATE SET name = excluded.name",
        &brands.iter().map(|brand| brand.id.0).collect::<Vec<_>>(),
        &brands.iter().map(|brand| brand.slug.clone()).collect::<Vec<_>>(),
        &brands.iter().map(|brand| brand.name.clone()).collect::<Vec<_>>(),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) async fn put_cities(change: &mut Change, cities: &[City]) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO city (id, country, slug, name, zone)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
         ON CONFLICT (slug) DO UPDATE SET country = excluded.country, name = excluded.name, zone = excluded.zone",
        &cities.iter().map(|city| city.id.0).collect::<Vec<_>>(),
        &cities.iter().map(|city| city.country.as_str().to_owned()).collect::<Vec<_>>(),
        &cities.iter().map(|city| city.slug.clone()).collect::<Vec<_>>(),
        &cities.iter().map(|city| city.name.clone()).collect::<Vec<_>>(),
        &cities.iter().map(|city| city.zone.clone()).collect::<Vec<_>>(),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) async fn put_restaurants(change: &mut Change, restaurants: &[Restaurant]) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO restaurant (id, brand_id, city_id, name, address)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
         ON CONFLICT (brand_id, city_id, name) DO UPDATE SET address = excluded.address",
        &restaurants.iter().map(|restaurant| restaurant.id.0).collect::<Vec<_>>(),
        &restaurants.iter().map(|restaurant| restaurant.brand.0).collect::<Vec<_>>(),
        &restaurants.iter().map(|restaurant| restaurant.city.0).collect::<Vec<_>>(),
        &restaurants.iter().map(|restaurant| restaurant.name.clone()).collect::<Vec<_>>(),
        &restaurants.iter().map(|restaurant| restaurant.address.clone()).collect::<Vec<_>>(),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) async fn places(pool: &PgPool) -> Result<Places, StoreError> {
    let brands = sqlx::query_as!(Brand, r#"SELECT id AS "id: BrandId", slug, name FROM brand"#).fetch_all(pool).await?;
    let cities = sqlx::query!(r#"SELECT id AS "id: CityId", country, slug, name, zone FROM city"#)
        .fetch_all(pool)
        .await?
        .into_iter()
        .map(|city| {
            let country = city.country.parse().map_err(|cause| StoreError::Decode(serde::de::Error::custom(cause)))?;
            Ok(City { id: city.id, country, slug: city.slug, name: city.name, zone: city.zone })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let restaurants = sqlx::query_as!(
        Restaurant,
        r#"SELECT id AS "id: RestaurantId", brand_id AS "brand: BrandId", city_id AS "city: CityId", name, address
           FROM restaurant"#,
    )
    .fetch_all(pool)
    .await?;
    let kitchen = |kitchen: Restaurant| ((kitchen.brand, kitchen.city, kitchen.name.clone()), kitchen);
    Ok(Places {
        brands: brands.into_iter().map(|brand| (brand.slug.clone(), brand)).collect(),
        cities: cities.into_iter().map(|city| (city.slug.clone(), city)).collect(),
        restaurants: restaurants.into_iter().map(kitchen).collect::<HashMap<_, _>>(),
    })
}
