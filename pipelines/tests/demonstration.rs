//! The demonstration loads into an empty database, once, whole.

use pipelines::conversations::templates::templates;
use pipelines::demonstration::{PASSWORD, World, is_loaded, load};
use pipelines::orders::menu_words;
use pipelines::platform::clock::Clock;
use pipelines::platform::trial::Trial;
use pipelines::workforce::{actor_of, sign_in};

#[tokio::test]
async fn a_world_loads_and_its_people_can_sign_in() {
    let trial = Trial::start().await;
    assert!(!is_loaded(&trial.store).await.unwrap());
    let world = World::draw(2026, Clock::system().now()).unwrap();
    load(&trial.store, &world, |_| {}).await.unwrap();
    assert!(is_loaded(&trial.store).await.unwrap());
    for plan in World::staff() {
        let signed_in = sign_in(&trial.store, plan.login, &PASSWORD.into()).await;
        assert_eq!(signed_in.unwrap().1.operator.name, plan.name);
    }
    let marina = sign_in(&trial.store, "marina", &PASSWORD.into()).await.unwrap().0;
    let actor = actor_of(&trial.store, &marina).await.unwrap().unwrap();
    let templates = templates(&trial.store, &actor).await.unwrap();
    assert_eq!(templates.len(), 4 * 15);
    for template in &templates {
        // one that cannot be read names no values, though its body shows braces
        assert_eq!(template.variables.is_empty(), !template.body.contains("{{"), "{}", template.shortcut);
    }
    // behind each surge stand talks that are over, and behind these hours some of other topics; each counts once
    let talks: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT t.topics[1], count(*), count(m.id) FROM trend_contact t
         JOIN contact c ON c.customer_id = t.customer_id AND c.id = t.contact_id AND c.state = 'closed'
         LEFT JOIN message m ON m.customer_id = c.customer_id AND m.contact_id = c.id AND m.author = 'customer'
         WHERE t.restaurant_id = c.restaurant_id AND t.topics = ARRAY[c.topic]
         GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(trial.store.pool())
    .await
    .unwrap();
    let surges = ["complaint.food_quality", "complaint.food_safety", "complaint.late_delivery", "complaint.payment"];
    for surge in surges {
        assert!(talks.iter().any(|(topic, talks, _)| topic == surge && *talks >= 30), "{surge}: {talks:?}");
    }
    assert!(talks.iter().all(|(_, talks, said)| talks == said), "{talks:?}");
    let all: i64 = talks.iter().map(|(_, talks, _)| talks).sum();
    assert_eq!(all, world.talks().len() as i64);
    let asked = "SELECT count(DISTINCT contact_id) FROM event WHERE type = 'summary_asked'";
    assert_eq!(sqlx::query_scalar::<_, i64>(asked).fetch_one(trial.store.pool()).await.unwrap(), all);
    let sums =
        "SELECT (SELECT sum(n) FROM trend_count WHERE topic = '') = (SELECT sum(n) FROM trend_count WHERE topic <> '')";
    assert!(sqlx::query_scalar::<_, bool>(sums).fetch_one(trial.store.pool()).await.unwrap());
    let words = menu_words(&trial.store).await.unwrap();
    assert!(words.dishes.contains(&"Борщ со сметаной".to_owned()));
}

/// What a killed load leaves behind: the operators, who come before the one transaction of the rest.
#[tokio::test]
async fn a_load_that_was_broken_off_is_done_again() {
    let trial = Trial::start().await;
    let mut world = World::draw(2026, Clock::system().now()).unwrap();
    world.brands.clear();
    load(&trial.store, &world, |_| {}).await.unwrap_err();
    assert!(!is_loaded(&trial.store).await.unwrap());
    load(&trial.store, &World::draw(2026, Clock::system().now()).unwrap(), |_| {}).await.unwrap();
    assert!(is_loaded(&trial.store).await.unwrap());
}
