//! One person, one customer, however many keys and however many ask at once.

use jiff::SignedDuration;
use models::taxonomy::Language;
use pipelines::customers::{self, Country, IdentityKey, KnownCustomer, Linked, NewCustomer, Phone};
use pipelines::events::CustomerId;
use pipelines::workforce::Role;

use crate::world::{World, site};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_get_one_customer() {
    let world = World::start().await;
    let asking: Vec<_> = (0..64)
        .map(|_| {
            let store = world.store().clone();
            tokio::spawn(async move {
                let mut change = store.begin().await.unwrap();
                let new = NewCustomer { name: Some("Айгерим".into()), ..NewCustomer::default() };
                let customer = customers::resolve(&mut change, &IdentityKey::telegram(77), &new).await.unwrap();
                change.commit().await.unwrap();
                customer
            })
        })
        .collect();
    let mut customers: Vec<CustomerId> = Vec::new();
    for one in asking {
        customers.push(one.await.unwrap());
    }
    customers.dedup();
    assert_eq!(customers.len(), 1);
    assert_eq!(world.count("SELECT count(*) FROM customer").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM event WHERE type = 'customer_changed'").await, 1);
}

#[tokio::test]
async fn a_claim_that_is_rolled_back_leaves_the_key_free() {
    let world = World::start().await;
    let mut change = world.store().begin().await.unwrap();
    let lost = customers::resolve(&mut change, &site("a"), &NewCustomer::default()).await.unwrap();
    drop(change);
    let kept = world.customer("a", "Тимур").await;
    assert_ne!(lost, kept);
    assert_eq!(world.count("SELECT count(*) FROM identity").await, 1);
}

#[tokio::test]
async fn a_known_customer_is_completed_and_not_renamed() {
    let world = World::start().await;
    let mut customers = Vec::new();
    for (name, language) in [
        (None, None),
        (Some("  Светлана\t Ким "), None),
        (Some("Другое имя"), Some(Language::Kk)),
        (None, Some(Language::En)),
    ] {
        let mut change = world.store().begin().await.unwrap();
        let new = NewCustomer { name: name.map(str::to_owned), language, ..NewCustomer::default() };
        customers.push(customers::resolve(&mut change, &site("a"), &new).await.unwrap());
        change.commit().await.unwrap();
    }
    customers.dedup();
    assert_eq!(customers.len(), 1);
    let (name, folded, language): (String, String, String) =
        sqlx::query_as("SELECT name, name_folded, language FROM customer")
            .fetch_one(world.store().pool())
            .await
            .unwrap();
    assert_eq!((name.as_str(), folded.as_str(), language.as_str()), ("Светлана Ким", "светлана ким", "kk"));
}

#[tokio::test]
async fn a_shared_phone_links_until_a_person_says_no() {
    let world = World::start().await;
    let operator = world.actor("anna", &[Role::Operator]).await;
    let one = world.customer("a", "Анна").await;
    let began = world.now();
    world.wait(SignedDuration::from_hours(24));
    let other = world.customer("b", "Аня").await;
    let phone = Phone::parse("8 701 123 45 67", Country::Kazakhstan).unwrap();
    let give = async |customer| {
        let mut change = world.store().begin().await.unwrap();
        let linked = customers::link_phone(&mut change, customer, &phone).await.unwrap();
        change.commit().await.unwrap();
        linked
    };
    assert_eq!(give(one).await, Linked::Added);
    assert_eq!(give(one).await, Linked::Same);
    assert_eq!(give(other).await, Linked::LinkedTo(one));
    assert_eq!(give(other).await, Linked::LinkedTo(one));
    assert_eq!(world.count("SELECT count(*) FROM customer_link").await, 1);

    for (reader, linked) in [(one, other), (other, one)] {
        let card = customers::card(world.store(), &operator, reader).await.unwrap();
        assert_eq!(card.links.iter().map(|link| link.customer_id).collect::<Vec<_>>(), [linked]);
        assert_eq!(card.phones[0].masked, "+7 701 •••-45-67");
        assert_eq!(card.name.as_deref(), Some(if reader == one { "Анна" } else { "Аня" }));
        assert_eq!(card.since, began, "the person is known since the first of both came");
    }
    let link = customers::card(world.store(), &operator, one).await.unwrap().links[0].id;
    customers::end_link(world.store(), &operator, one, link).await.unwrap();
    assert!(customers::card(world.store(), &operator, other).await.unwrap().links.is_empty());
    assert_eq!(give(other).await, Linked::KeptApart(one));

    let again = customers::link(world.store(), &operator, one, other, "сказала сама").await.unwrap();
    assert_ne!(again, link);
    assert_eq!(customers::link(world.store(), &operator, other, one, "ещё раз").await.unwrap(), again);
    assert_eq!(world.count("SELECT count(*) FROM customer_link WHERE ended_at IS NULL").await, 1);
}

#[tokio::test]
async fn a_number_of_a_whole_office_makes_a_card_that_ends() {
    let world = World::start().await;
    let operator = world.actor("anna", &[Role::Operator]).await;
    let hub = world.customer("hub", "Офис").await;
    let mut change = world.store().begin().await.unwrap();
    let known: Vec<KnownCustomer> = (0..400)
        .map(|n| KnownCustomer {
            key: site(&n.to_string()),
            phone: Some(Phone::from_e164("+77011234567").unwrap()),
            name: None,
            language: None,
            country: None,
            city: None,
            since: None,
        })
        .collect();
    customers::link_phone(&mut change, hub, &Phone::from_e164("+77011234567").unwrap()).await.unwrap();
    let colleagues = customers::put_customers(&mut change, &known).await.unwrap();
    change.commit().await.unwrap();
    for reader in [hub, colleagues[0]] {
        let links = customers::card(world.store(), &operator, reader).await.unwrap().links;
        assert_eq!(links.len(), 50);
    }
}

#[tokio::test]
async fn who_is_linked_directly_comes_first() {
    let world = World::start().await;
    let operator = world.actor("anna", &[Role::Operator]).await;
    let mut customers = Vec::new();
    for name in ["а", "б", "в", "г"] {
        world.wait(SignedDuration::from_secs(1));
        customers.push(world.customer(name, name).await);
    }
    let [a, b, c, d] = customers[..] else { panic!("four were made") };
    for (one, other) in [(a, c), (b, c), (c, d)] {
        customers::link(world.store(), &operator, one, other, "один человек").await.unwrap();
    }
    let links = customers::card(world.store(), &operator, a).await.unwrap().links;
    assert_eq!(links.iter().map(|link| link.customer_id).collect::<Vec<_>>(), [c, b, d]);
}
