use pipelines::customers::Country;
use pipelines::orders::{Places, menu_of};
use pipelines::platform::trial::Trial;

use crate::program::{file, last_words, okno_with};

#[tokio::test]
async fn files_come_in_again_and_again_and_bad_lines_are_told() {
    let trial = Trial::start().await;
    let restaurants = "country,city,city_name,zone,brand,brand_name,restaurant,address\n\
        ru,moscow,Москва,Europe/Moscow,okno,Окно,Арбат,\"Арбат, 1\"\n\
        ru,moscow,Москва,Mars/Olympus,okno,Окно,Тверская,\"Тверская, 2\"\n\
        ru,Москва,Москва,Europe/Moscow,okno,Окно,Тверская,\"Тверская, 2\"\n\
        kz,almaty,Алматы,Asia/Almaty,okno,Окно,Абай,\"Абай даңғылы, 7\"\n";
    let restaurants = file("restaurants.csv", restaurants.as_bytes());
    for _ in 0..2 {
        let output = okno_with(&trial, &["import", "restaurants", restaurants.to_str().unwrap()]).output().unwrap();
        assert!(last_words(&output).contains("2 bad lines"));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("line 3: zone") && told.contains("line 4: city"), "{told}");
    }
    let places = Places::load(&trial.store).await.unwrap();
    assert_eq!((places.brands.len(), places.cities.len(), places.restaurants.len()), (1, 2, 2));
    let brand = places.brands["okno"].id;

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
