//! Which alerts stand beside a series.

use jiff::{SignedDuration, Timestamp};
use models::trends::Step;
use pipelines::events::AlertId;
use pipelines::trends::Scope;
use pipelines::trends::points::{self, Period};
use pipelines::workforce::Role;
use uuid::Uuid;

use crate::judging::{BEGIN, world};
use crate::world::World;

/// An alert of a whole topic ('': all contacts) that began so many minutes after the beginning and goes on.
async fn stands(world: &World, n: u128, kind: &str, topic: &str, minutes: i64) -> AlertId {
    let began: Timestamp = BEGIN.parse().unwrap();
    sqlx::query(
        r#"INSERT INTO trend_alert (id, seq, kind, step, topic, began, peak_at, n, expected, lower, upper, p, causes, theme)
           VALUES ($1, $2, $3, '1h', $4, $5, $5, 9, 2, 0, 5, 0.0001, '{"v": 2, "causes": []}',
                  CASE $3 WHEN 'theme' THEN '{"v": 1, "sentences": [], "words": []}'::jsonb END)"#,
    )
    .bind(Uuid::from_u128(n))
    .bind(i64::try_from(n).unwrap())
    .bind(kind)
    .bind(topic)
    .bind(jiff_sqlx::ToSqlx::to_sqlx(began.checked_add(SignedDuration::from_mins(minutes)).unwrap()))
    .execute(world.store().pool())
    .await
    .unwrap();
    AlertId(Uuid::from_u128(n))
}

#[tokio::test]
async fn the_card_of_all_contacts_bears_no_mark_of_a_theme_or_a_silence() {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    world.store().clock().advance(SignedDuration::from_hours(3));
    let mark = async || {
        let period = Period::default();
        let overview = points::overview(world.store(), &analyst, Step::Hour, period, Scope::default()).await.unwrap();
        assert_eq!(overview.items[0].topic, None);
        overview.items[0].alert_id
    };
    stands(&world, 1, "theme", "", 40).await;
    stands(&world, 2, "silence", "", 50).await;
    assert_eq!(mark().await, None);
    let rose = stands(&world, 3, "count", "", 30).await;
    assert_eq!(mark().await, Some(rose), "though it is not the latest");
}

#[tokio::test]
async fn alerts_of_topics_take_no_place_from_those_of_all_contacts() {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    world.store().clock().advance(SignedDuration::from_hours(12));
    let rose = stands(&world, 1, "count", "", 10).await;
    for n in 2..104 {
        stands(&world, n, "count", "complaint.payment", 60).await;
    }
    let period = Period::default();
    let all = points::points(world.store(), &analyst, Step::Hour, period, Scope::default()).await.unwrap();
    assert_eq!(all.alerts.iter().map(|alert| alert.id).collect::<Vec<_>>(), [rose]);
}
