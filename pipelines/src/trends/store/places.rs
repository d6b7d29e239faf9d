use sqlx::PgPool;

use crate::conversations::store::parsed;
use crate::orders::{BrandId, City, CityId, Restaurant, RestaurantId};
use crate::platform::store::StoreError;

pub(in crate::trends) async fn cities(pool: &PgPool) -> Result<Vec<City>, StoreError> {
    let cities = sqlx::query!(r#"SELECT id AS "id: CityId", country, slug, name, zone FROM city ORDER BY slug"#);
    let cities = cities.fetch_all(pool).await?.into_iter().map(|city| {
        Ok(City { id: city.id, country: parsed(&city.country)?, slug: city.slug, name: city.name, zone: city.zone })
    });
    cities.collect()
}

pub(in crate::trends) async fn kitchens(pool: &PgPool) -> Result<Vec<Restaurant>, StoreError> {
    let kitchens = sqlx::query_as!(
        Restaurant,
        r#"SELECT id AS "id: RestaurantId", brand_id AS "brand: BrandId", city_id AS "city: CityId", name, address
           FROM restaurant"#,
    );
    Ok(kitchens.fetch_all(pool).await?)
}
