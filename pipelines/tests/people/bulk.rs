//! Bulk writes: the same again changes nothing, something else changes only that.

use pipelines::customers::{self, Country, IdentityKey, KnownCustomer, Phone};
use pipelines::events::CustomerId;
use pipelines::orders::{self, MenuItem, MenuItemId, OrderStatus};
use pipelines::workforce::Role;

use crate::world::{World, site};

fn known(key: IdentityKey, name: &str, phone: Option<&str>) -> KnownCustomer {
    KnownCustomer {
        key,
        phone: phone.map(|phone| Phone::from_e164(phone).unwrap()),
        name: Some(name.into()),
        language: None,
        country: Some(Country::Kazakhstan),
        city: None,
        since: Some("2025-01-01T00:00:00Z".parse().unwrap()),
    }
}

async fn put(world: &World, rows: &[KnownCustomer]) -> Vec<CustomerId> {
    let mut change = world.store().begin().await.unwrap();
    let customers = customers::put_customers(&mut change, rows).await.unwrap();
    change.commit().await.unwrap();
    customers
}

#[tokio::test]
async fn the_same_customers_twice_are_the_same_customers() {
    let world = World::start().await;
    let rows: Vec<KnownCustomer> = (0..500).map(|n| known(site(&n.to_string()), &format!("Имя {n}"), None)).collect();
    let first = put(&world, &rows).await;
    let mut renamed = rows.clone();
    renamed[0].name = Some("Новое имя".into());
    renamed[1].name = None;
    assert_eq!(put(&world, &renamed).await, first);
    assert_eq!(world.count("SELECT count(*) FROM customer").await, 500);
    assert_eq!(
        world.count("SELECT count(*) FROM customer WHERE name = 'Новое имя' AND name_folded = 'новое имя'").await,
        1
    );
    assert_eq!(world.count("SELECT count(*) FROM customer WHERE name = 'Имя 1'").await, 1);
}

#[tokio::test]
async fn a_key_twice_in_one_file_is_one_customer_and_a_shared_phone_links() {
    let world = World::start().await;
    let rows = [
        known(site("a"), "Анна", Some("+77011234567")),
        known(site("a"), "Анна Ким", None),
        known(site("b"), "Аня", Some("+77011234567")),
    ];
    let customers = put(&world, &rows).await;
    assert_eq!(customers[0], customers[1]);
    assert_ne!(customers[0], customers[2]);
    assert_eq!(put(&world, &rows).await, customers);
    assert_eq!(world.count("SELECT count(*) FROM customer_link").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM customer WHERE name = 'Анна Ким'").await, 1);

    let anna = world.actor("anna", &[Role::Operator]).await;
    let link = customers::card(world.store(), &anna, customers[0]).await.unwrap().links[0].id;
    customers::end_link(world.store(), &anna, customers[0], link).await.unwrap();
    put(&world, &rows).await;
    assert_eq!(world.count("SELECT count(*) FROM customer_link").await, 1, "a person has said no");
}

#[tokio::test]
async fn orders_again_change_only_what_is_new() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let customer = world.customer("a", "Анна").await;
    let mut orders: Vec<_> =
        (0..1_000).map(|n| world.order(customer, &format!("N-{n}"), world.now(), OrderStatus::Cooking)).collect();
    assert_eq!(world.put_orders(&orders).await, 1_000);
    assert_eq!(world.put_orders(&orders).await, 0);
    orders[0].status = OrderStatus::Delivered;
    orders[0].lines.pop();
    assert_eq!(world.put_orders(&orders).await, 1);
    assert_eq!(world.count("SELECT count(*) FROM order_line").await, 1_999);
    let card = customers::card(world.store(), &anna, customer).await.unwrap();
    assert_eq!(card.orders_total, 1_000);
}

#[tokio::test]
async fn a_menu_gives_its_words() {
    let world = World::start().await;
    let item = |name: &str, ingredients: &[&str], active| MenuItem {
        id: MenuItemId::new(world.store().clock()),
        brand: world.brand,
        country: Country::Kazakhstan,
        category: "горячее".into(),
        name: name.into(),
        price_minor: 210_000,
        ingredients: ingredients.iter().map(|one| (*one).to_owned()).collect(),
        allergens: vec![],
        weight_grams: Some(350),
        active,
    };
    let menu = [
        item("Плов", &["рис", "изюм"], true),
        item("Лагман", &["лапша", "рис"], true),
        item("Манты", &["тесто"], false),
    ];
    let mut change = world.store().begin().await.unwrap();
    assert_eq!(orders::put_menu(&mut change, &menu).await.unwrap(), 3);
    assert_eq!(orders::put_menu(&mut change, &menu).await.unwrap(), 0);
    change.commit().await.unwrap();
    let words = orders::menu_words(world.store()).await.unwrap();
    assert_eq!(words.dishes, ["Лагман", "Плов"]);
    assert_eq!(words.ingredients, ["изюм", "лапша", "рис"]);
    let sold = orders::menu_of(world.store(), world.brand, Country::Kazakhstan).await.unwrap();
    assert_eq!(sold, [menu[1].clone(), menu[0].clone()]);
}

#[tokio::test]
async fn places_keep_their_ids() {
    let world = World::start().await;
    let mut change = world.store().begin().await.unwrap();
    let again =
        orders::Brand { id: orders::BrandId::new(world.store().clock()), slug: "plov".into(), name: "Плов".into() };
    orders::put_brands(&mut change, &[again]).await.unwrap();
    change.commit().await.unwrap();
    let places = orders::Places::load(world.store()).await.unwrap();
    assert_eq!((places.brands["plov"].id, places.brands["plov"].name.as_str()), (world.brand, "Плов"));
    assert_eq!(places.cities["almaty"].zone, "Asia/Almaty");
    assert_eq!(places.restaurants[&(world.brand, world.city, "Абая 10".to_owned())].id, world.restaurant);
}
