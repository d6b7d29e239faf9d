use pipelines::customers::Country;
use pipelines::orders::{Brand, BrandId, City, CityId, Restaurant, RestaurantId};
use pipelines::orders::{menu_of, put_brands, put_cities, put_countries, put_restaurants};
use pipelines::platform::trial::Trial;

use crate::program::{file, last_words, okno_with};

#[tokio::test]
async fn files_come_in_again_and_again_and_bad_lines_are_told() {
    let trial = Trial::start().await;
    let brand = places(&trial).await;

    let menu = "brand,country,category,name,price,ingredients,allergens,weight_grams,active\n\
        okno,ru,пицца,Маргарита,590.50,тесто; сыр ;томаты,молоко;глютен,450,true\n\
        unknown,ru,пицца,Пепперони,1,,,,true\n\
        okno,ru,пицца,Дорогая,-5,,,,true\n";
    let menu = file("menu.csv", menu.as_bytes());
    for _ in 0..2 {
        let output = okno_with(&trial, &["import", "menu", menu.to_str().unwrap()]).output().unwrap();
        assert!(last_words(&output).contains("2 bad lines"));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("line 3: brand is not known") && told.contains("line 4: price"), "{told}");
        let known = menu_of(&trial.store, brand, Country::Russia).await.unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!((known[0].price_minor, known[0].ingredients.len(), known[0].weight_grams), (59_050, 3, Some(450)));
    }

    let customers = "phone,country,name,language,city,since\n\
        8 900 123-05-63,ru,Анна,ru,moscow,2025-01-02T03:04:05Z\n\
        +7 900 123 05 63,ru,Анна Петровна,ru,,\n";
    let customers = file("customers.csv", customers.as_bytes());
    assert!(okno_with(&trial, &["import", "customers", customers.to_str().unwrap()]).status().unwrap().success());

    let orders = "phone,country,number,brand,city,restaurant,status,placed_at,due_at,finished_at,total,wishes,item,quantity,price,item_wishes\n\
        89001230563,ru,1047,okno,moscow,Арбат,delivered,2026-01-02T03:04:05Z,,,1181,,Маргарита,1,590.50,без лука\n\
        89001230563,ru,1047,okno,moscow,Арбат,delivered,2026-01-02T03:04:05Z,,,1181,,Маргарита,1,590.50,\n";
    let orders = file("orders.csv", orders.as_bytes());
    for _ in 0..2 {
        let output = okno_with(&trial, &["import", "orders", orders.to_str().unwrap()]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused_at_once() {
    let trial = Trial::start().await;
    let other = file("other.csv", b"a,b\n1,2\n");
    let output = okno_with(&trial, &["import", "customers", other.to_str().unwrap()]).output().unwrap();
    assert!(last_words(&output).contains("lacks the column `phone`"));
    let none = okno_with(&trial, &["import", "customers", "nowhere.csv"]).output().unwrap();
    assert!(last_words(&none).contains("nowhere.csv"));
}

/// One brand with one kitchen in Moscow.
async fn places(trial: &Trial) -> BrandId {
    let clock = trial.store.clock();
    let brand = Brand { id: BrandId::new(clock), slug: "okno".to_owned(), name: "Окно".to_owned() };
    let city = City {
        id: CityId::new(clock),
        country: Country::Russia,
        slug: "moscow".to_owned(),
        name: "Москва".to_owned(),
        zone: "Europe/Moscow".to_owned(),
    };
    let kitchen = Restaurant {
        id: RestaurantId::new(clock),
        brand: brand.id,
        city: city.id,
        name: "Арбат".to_owned(),
        address: "Арбат, 1".to_owned(),
    };
    let mut change = trial.store.begin().await.expect("the trial's database answers");
    put_countries(&mut change, &[(Country::Russia, "Россия")]).await.expect("a country can be put");
    put_brands(&mut change, std::slice::from_ref(&brand)).await.expect("a brand can be put");
    put_cities(&mut change, &[city]).await.expect("a city can be put");
    put_restaurants(&mut change, &[kitchen]).await.expect("a kitchen can be put");
    change.commit().await.expect("the change is committed");
    brand.id
}
