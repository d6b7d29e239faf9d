//! Kitchens with their brands, cities and countries, known by their slugs.

use pipelines::customers::Country;
use pipelines::orders::{
    Brand, BrandId, City, CityId, Places, Restaurant, RestaurantId, put_brands, put_cities, put_countries,
    put_restaurants,
};
use pipelines::platform::store::Store;
use serde::Deserialize;

use super::super::Failure;
use super::super::tally::Tally;
use super::{Rows, fields};

pub(super) const COLUMNS: &[&str] =
    &["country", "city", "city_name", "zone", "brand", "brand_name", "restaurant", "address"];

#[derive(Deserialize)]
struct Row {
    country: String,
    city: String,
    city_name: String,
    zone: String,
    brand: String,
    brand_name: String,
    restaurant: String,
    address: String,
}

/// A row each: kitchens are few, and later rows name places of earlier ones.
pub(super) async fn import(store: &Store, mut rows: Rows, tally: &mut Tally) -> Result<(), Failure> {
    let mut places = Places::load(store).await?;
    while let Some((line, row)) = rows.next::<Row>(tally) {
        match read(row, &places, store) {
            Ok((country, city, brand, restaurant)) => {
                let mut change = store.begin().await?;
                put_countries(&mut change, &[country]).await?;
                put_cities(&mut change, std::slice::from_ref(&city)).await?;
                put_brands(&mut change, std::slice::from_ref(&brand)).await?;
                put_restaurants(&mut change, &[restaurant]).await?;
                change.commit().await?;
                places.cities.insert(city.slug.clone(), city);
                places.brands.insert(brand.slug.clone(), brand);
            }
            Err(why) => tally.bad(line, why),
        }
    }
    Ok(())
}

fn read(row: Row, places: &Places, store: &Store) -> Result<(Country, City, Brand, Restaurant), String> {
    let country: Country = fields::word(&row.country, "country")?;
    fields::slug(&row.city, "city")?;
    fields::slug(&row.brand, "brand")?;
    for (text, longest, column) in [
        (&row.city_name, 100, "city_name"),
        (&row.brand_name, 100, "brand_name"),
        (&row.restaurant, 100, "restaurant"),
        (&row.address, 300, "address"),
    ] {
        fields::bounded(text, longest, column)?;
        if text.is_empty() {
            return Err(format!("{column} is empty"));
        }
    }
    jiff::tz::TimeZone::get(&row.zone).map_err(|_| "zone is no time zone; write it as Asia/Almaty")?;
    let clock = store.clock();
    let city = City {
        id: places.cities.get(&row.city).map_or_else(|| CityId::new(clock), |known| known.id),
        country,
        slug: row.city,
        name: row.city_name,
        zone: row.zone,
    };
    let brand = Brand {
        id: places.brands.get(&row.brand).map_or_else(|| BrandId::new(clock), |known| known.id),
        slug: row.brand,
        name: row.brand_name,
    };
    let restaurant = Restaurant {
        id: RestaurantId::new(clock),
        brand: brand.id,
        city: city.id,
        name: row.restaurant,
        address: row.address,
    };
    Ok((country, city, brand, restaurant))
}
