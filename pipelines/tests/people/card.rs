//! The card and the search that leads to it.

use jiff::SignedDuration;
use pipelines::customers::{self, Country, CustomerError, Phone, Purpose};
use pipelines::orders::{OrderStatus, orders_of};
use pipelines::platform::page::Limit;
use pipelines::workforce::Role;

use crate::world::World;

#[tokio::test]
async fn a_card_shows_the_whole_person_and_is_audited() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let (one, other) =
        (world.customer("visitor-0001", "Светлана").await, world.customer("visitor-0002", "Света").await);
    let third = world.customer("visitor-0003", "С. Ким").await;
    customers::link(world.store(), &anna, one, other, "тот же человек").await.unwrap();
    customers::link(world.store(), &anna, third, other, "тот же человек").await.unwrap();
    customers::give_consent(world.store(), &anna, one, Purpose::Marketing, "телефон").await.unwrap();
    let now = world.now();
    let ago = |hours| now - SignedDuration::from_hours(hours);
    world
        .put_orders(&[
            world.order(one, "A-1", ago(100), OrderStatus::Delivered),
            world.order(other, "A-2", ago(1), OrderStatus::OnWay),
            world.order(third, "A-3", ago(50), OrderStatus::Cancelled),
        ])
        .await;
    world.contact(other, ago(24 * 40), None).await;
    let contact = world.contact(third, ago(2), None).await;
    world.wait(SignedDuration::from_secs(1));

    let card = customers::card(world.store(), &anna, one).await.unwrap();
    assert_eq!((card.name.as_deref(), card.city.as_deref()), (Some("Светлана"), Some("Алматы")));
    let numbers: Vec<&str> = card.orders.iter().map(|order| order.number.as_str()).collect();
    assert_eq!((numbers, card.orders_total), (vec!["A-2", "A-3", "A-1"], 3));
    let open = card.open_order.unwrap();
    assert_eq!((open.number.as_str(), open.total.minor), ("A-2", 450_000));
    assert_eq!(open.lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["Плов", "Морс"]);
    assert_eq!(open.lines[0].wishes.as_deref(), Some("без изюма"));
    assert_eq!((card.contacts.len(), card.contacts_30_days, card.contacts[0].id), (2, 1, contact));
    assert_eq!(card.links.iter().map(|link| link.customer_id).collect::<Vec<_>>(), [other, third]);

    let mut labels: Vec<&str> = card.accounts.iter().map(|account| account.label.as_str()).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["•••0001", "•••0002", "•••0003"]);
    assert_eq!(card.consents[0].purpose, Purpose::Marketing);
    assert_eq!(world.audited().await.last().unwrap(), "customer.card_read");
}

#[tokio::test]
async fn who_may_not_read_cards_reads_none_and_finds_none() {
    let world = World::start().await;
    let analyst = world.actor("figures", &[Role::Analyst]).await;
    let quality = world.actor("quality", &[Role::Quality]).await;
    let customer = world.customer("a", "Светлана").await;
    let phone = reachable(&world, customer, "+77011234567").await;
    assert!(matches!(customers::card(world.store(), &analyst, customer).await, Err(CustomerError::Forbidden(_))));
    let found = customers::search(world.store(), &analyst, "Светлана", None, Limit::default()).await;
    assert!(matches!(found, Err(CustomerError::Forbidden(_))));
    assert!(orders_of(world.store(), &analyst, customer, None, Limit::default()).await.is_err());
    let seen = customers::card(world.store(), &quality, customer).await.unwrap().phones[0].id;
    let shown = customers::reveal_phone(world.store(), &quality, customer, seen).await;
    assert!(matches!(shown, Err(CustomerError::Forbidden(_))));
    drop(phone);
}

#[tokio::test]
async fn a_phone_is_revealed_on_its_own_card_only() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let (one, other) = (world.customer("a", "Светлана").await, world.customer("b", "Болат").await);
    let number = reachable(&world, one, "+77011234567").await;
    let id = customers::card(world.store(), &anna, one).await.unwrap().phones[0].id;
    assert_eq!(customers::reveal_phone(world.store(), &anna, one, id).await.unwrap(), number);
    assert!(world.audited().await.iter().any(|action| action == "customer.phone_revealed"));
    assert!(matches!(customers::reveal_phone(world.store(), &anna, other, id).await, Err(CustomerError::NotFound)));
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE audit::text LIKE '%7011234567%'").await, 0);
}

#[tokio::test]
async fn customers_are_found_by_phone_name_and_order() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let semyon = world.customer("a", "Семён Ли").await;
    let semyonova = world.customer("b", "семенова Ольга").await;
    let percent = world.customer("c", "100% Болат").await;
    reachable(&world, semyon, "+77011234567").await;
    world.put_orders(&[world.order(percent, "A-77", world.now(), OrderStatus::Delivered)]).await;
    let find = async |query: &str| -> Vec<_> {
        let found = customers::search(world.store(), &anna, query, None, Limit::default()).await.unwrap();
        found.items.iter().map(|one| one.customer_id).collect()
    };
    assert_eq!(find("8 (701) 123-45-67").await, [semyon]);
    assert_eq!(find("СЕМЕН").await, [semyon, semyonova]);
    assert_eq!(find("Семён ").await, [semyon, semyonova]);
    assert_eq!(find("№A-77").await, [percent]);
    assert!(find("%%").await.is_empty(), "a percent sign is a letter like any other");
    assert!(find("' OR 1=1 --").await.is_empty());
    assert!(customers::search(world.store(), &anna, "С", None, Limit::default()).await.is_err());
    let line = customers::search(world.store(), &anna, "Семён", None, Limit::default()).await.unwrap().items.remove(0);
    assert_eq!((line.phone_masked.as_deref(), line.city.as_deref()), (Some("+7 701 •••-45-67"), Some("Алматы")));
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE detail::text ILIKE '%сем%'").await, 0);
}

#[tokio::test]
async fn pages_of_names_and_orders_hold_everything_once() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let mut expected = Vec::new();
    for n in 0..7 {
        expected.push(world.customer(&n.to_string(), &format!("Ира {}", n / 3)).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = customers::search(world.store(), &anna, "ира", cursor.as_deref(), Limit::new(2)).await.unwrap();
        seen.extend(page.items.iter().map(|one| one.customer_id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(
        {
            let mut sorted = seen.clone();
            sorted.sort_unstable();
            sorted
        },
        {
            expected.sort_unstable();
            expected.clone()
        }
    );

    let customer = expected[0];
    let orders: Vec<_> = (0..7)
        .map(|n| {
            let placed_at = world.now() - SignedDuration::from_hours(n / 2);
            world.order(customer, &format!("N-{n}"), placed_at, OrderStatus::Delivered)
        })
        .collect();
    world.put_orders(&orders).await;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = orders_of(world.store(), &anna, customer, cursor, Limit::new(3)).await.unwrap();
        seen.extend(page.items.into_iter().map(|order| (order.placed_at, order.id)));
        let Some(next) = page.next else { break };
        cursor = Some(next.parse().unwrap());
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|a, b| a > b), "latest first, each once");
}

#[tokio::test]
async fn a_consent_is_given_once_and_its_end_is_kept() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let customer = world.customer("a", "Светлана").await;
    let give =
        async || customers::give_consent(world.store(), &anna, customer, Purpose::Training, "чат").await.unwrap();
    let first = give().await;
    assert_eq!(give().await, first);
    world.wait(SignedDuration::from_hours(1));
    customers::withdraw_consent(world.store(), &anna, customer, Purpose::Training).await.unwrap();
    let again = customers::withdraw_consent(world.store(), &anna, customer, Purpose::Training).await;
    assert!(matches!(again, Err(CustomerError::NotFound)));
    let second = give().await;
    let card = customers::card(world.store(), &anna, customer).await.unwrap();
    let seen: Vec<_> = card.consents.iter().map(|consent| (consent.id, consent.withdrawn_at)).collect();
    assert_eq!(seen, [(second.id, None), (first.id, Some(world.now()))]);
}

async fn reachable(world: &World, customer: pipelines::events::CustomerId, number: &str) -> Phone {
    let phone = Phone::parse(number, Country::Kazakhstan).unwrap();
    let mut change = world.store().begin().await.unwrap();
    customers::link_phone(&mut change, customer, &phone).await.unwrap();
    change.commit().await.unwrap();
    phone
}
