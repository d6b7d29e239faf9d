//! Feeds that fall silent: cities as well, closed ones no longer, and as people want it.

use jiff::{SignedDuration, Timestamp, ToSpan};
use models::trends::Step;
use pipelines::orders::CityId;
use pipelines::platform::page::Limit;
use pipelines::trends::acts::{Act, act};
use pipelines::trends::alerts::{self, Filter, TrendAlert};
use pipelines::trends::points::{self, Period};
use pipelines::trends::{AlertKind, AlertVerdict, Scope, theme_rate, tick};
use pipelines::workforce::{Actor, Role};
use uuid::Uuid;

use crate::judging::{BEGIN, come, world};
use crate::world::World;

async fn silences(world: &World, analyst: &Actor) -> Vec<TrendAlert> {
    let silent = Filter { kind: Some(AlertKind::Silence), ..Filter::default() };
    alerts::list(world.store(), analyst, silent, None, Limit::default()).await.unwrap().items
}

/// Contacts of two cities with a kitchen each over the same channel: two in five minutes, but for the first city in these.
async fn cities(world: &World, days: i64, silent: std::ops::Range<i64>) {
    let begin: Timestamp = BEGIN.parse().unwrap();
    for statement in [
        "INSERT INTO city (id, country, slug, name, zone)
         SELECT lpad(n::text, 32, '0')::uuid, 'ru', n::text, n::text, 'UTC' FROM generate_series(1, 2) n",
        "INSERT INTO restaurant (id, brand_id, city_id, name, address)
         SELECT city.id, brand.id, city.id, 'k', 'a' FROM city, brand",
    ] {
        sqlx::query(statement).execute(world.store().pool()).await.unwrap();
    }
    for n in [1, 2] {
        let at = (0..days * 288).filter(|five| n == 2 || !silent.contains(five));
        let at: Vec<_> = at.map(|five| begin.checked_add((five * 5).minutes()).unwrap()).collect();
        sqlx::query(
            "INSERT INTO trend_count (at, topic, city_id, channel, restaurant_id, day, n)
             SELECT at, topic, $2, 'site', $2, (at AT TIME ZONE 'UTC')::date, 2
             FROM unnest($1::timestamptz[]) at, unnest(ARRAY['', 'consultation.menu']) topic",
        )
        .bind(at.into_iter().map(jiff_sqlx::ToSqlx::to_sqlx).collect::<Vec<_>>())
        .bind(Uuid::from_u128(n))
        .execute(world.store().pool())
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_city_that_stops_is_one_alert_and_its_topics_take_no_zeros() {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    cities(&world, 6, 4 * 288 + 60..4 * 288 + 132).await;
    let stopped = BEGIN.parse::<Timestamp>().unwrap().checked_add((4 * 24 + 5).hours()).unwrap();
    world.store().clock().advance(SignedDuration::from_hours(4 * 24 + 9));
    tick(world.store()).await.unwrap();
    let began = silences(&world, &analyst).await;
    assert_eq!(began.len(), 1, "neither its kitchen nor the channel: {began:#?}");
    let alert = &began[0];
    assert_eq!(alert.city.as_ref().map(|city| city.name.as_str()), Some("1"));
    assert_eq!((alert.channel, alert.restaurant.as_ref(), alert.step), (None, None, Step::Hour));
    assert_eq!((alert.began, alert.n, alert.ended), (stopped, 0, None));
    world.store().clock().advance(SignedDuration::from_hours(4));
    tick(world.store()).await.unwrap();
    let heard = stopped.checked_add(6.hours()).unwrap();
    let ended = silences(&world, &analyst).await;
    assert_eq!((ended.len(), ended[0].ended), (1, Some(heard)));
    let menu =
        Scope { topic: "consultation.menu".parse().ok(), city: Some(CityId(Uuid::from_u128(1))), ..Scope::default() };
    let period = Period { from: Some(stopped), to: Some(heard) };
    let hours = points::points(world.store(), &analyst, Step::Hour, period, menu).await.unwrap().points;
    let gaps: Vec<bool> = hours.iter().map(|point| point.gap && point.expected.is_none()).collect();
    assert_eq!(gaps, [false, false, true, true, true, true], "known after two hours");
}

#[tokio::test]
async fn a_channel_that_is_silent_for_a_fortnight_is_closed_whoever_judges_next() {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    let begin: Timestamp = BEGIN.parse().unwrap();
    let at = |five: i64| begin.checked_add((five * 5).minutes()).unwrap();
    let site = (0..40 * 288).map(|five| (at(five), "consultation.menu", "site", 1));
    let app = (0..4 * 288 + 102).chain(35 * 288..40 * 288).map(|five| (at(five), "consultation.menu", "app", 2));
    come(&world, &site.chain(app).collect::<Vec<_>>()).await;
    let mut told = Vec::new();
    for days in [6, 11, 6, 11, 5] {
        world.store().clock().advance(SignedDuration::from_hours(days * 24));
        tick(world.store()).await.unwrap();
        let all = silences(&world, &analyst).await;
        assert!(all.len() <= 1, "{all:#?}");
        told.push(all.first().map(|alert| (alert.began, alert.ended)));
    }
    let (stopped, closed) = (at(4 * 288 + 102), at(18 * 288 + 102));
    let over = Some((stopped, Some(closed)));
    assert_eq!(told, [Some((stopped, None)), Some((stopped, None)), over, over, over]);
    let heard = world.number("SELECT extract(epoch FROM heard)::bigint FROM trend_alert WHERE kind = 'silence'").await;
    assert_eq!(heard, at(35 * 288).as_second());
    let gaps = "SELECT count(*) FROM trend_point p JOIN trend_series s ON s.id = p.series_id
                WHERE gap AND step = '1d' AND channel = 'app' AND topic = ''";
    assert_eq!(world.number(gaps).await, 30, "from the day after it fell silent to the day before it spoke");
}

/// How many quarters of an hour go by before a silence is told, where those before had this verdict or were muted.
async fn known_after(verdict: Option<&str>, muted: bool) -> Option<i64> {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    for n in 1..=4 {
        sqlx::query(
            r#"INSERT INTO trend_alert (id, seq, kind, step, topic, began, peak_at, ended, n, expected, lower, upper, p, causes,
                                       verdict)
               VALUES ($1, $2, 'silence', '15m', '', '2026-10-01', '2026-10-01', '2026-10-02', 0, 9, 2, 15, 1e-7,
                       '{"v": 1, "causes": []}', $3)"#,
        )
        .bind(Uuid::from_u128(n))
        .bind(-i64::try_from(n).unwrap())
        .bind(verdict)
        .execute(world.store().pool())
        .await
        .unwrap();
    }
    if muted {
        let until = world.store().clock().now().checked_add(9_999.hours()).unwrap();
        let one_of_them = silences(&world, &analyst).await[0].id;
        act(world.store(), &analyst, one_of_them, Act::Mute(Some(until))).await.unwrap();
    }
    let begin: Timestamp = BEGIN.parse().unwrap();
    let contacts: Vec<_> = (0..5 * 96)
        .zip([1, 0, 1, 2, 0, 1, 0, 2].into_iter().cycle())
        .filter(|(_, n)| *n > 0)
        .map(|(quarter, n)| (begin.checked_add((quarter * 15).minutes()).unwrap(), "consultation.menu", "site", n))
        .collect();
    come(&world, &contacts).await;
    world.store().clock().advance(SignedDuration::from_hours(6 * 24));
    tick(world.store()).await.unwrap();
    let mut open = silences(&world, &analyst).await;
    open.retain(|alert| alert.ended.is_none());
    assert!(open.len() <= 1, "{open:#?}");
    open.first().map(|alert| alert.peak_at.duration_since(alert.began).as_mins() / 15)
}

#[tokio::test]
async fn a_verdict_on_a_silence_weighs_the_next_of_its_feed_and_a_mute_holds_for_it() {
    let plain = known_after(None, false).await.unwrap();
    assert_eq!(known_after(Some("real"), false).await, Some(plain), "more than the whole there is not");
    let noise = known_after(Some("noise"), false).await.unwrap();
    assert!(plain < noise && noise < 2 * plain, "{plain} {noise}");
    assert_eq!(known_after(None, true).await, None, "nor is its only channel told");
}

#[tokio::test]
async fn themes_that_were_called_noise_make_all_themes_rarer() {
    let world = world().await;
    let whole = theme_rate(world.store()).await.unwrap();
    for (n, verdict) in [(1, AlertVerdict::Noise), (2, AlertVerdict::Noise), (3, AlertVerdict::Real)] {
        sqlx::query(
            r#"INSERT INTO trend_alert (id, seq, kind, step, topic, began, peak_at, n, expected, lower, upper, p, causes, theme,
                                       verdict)
               VALUES ($1, $2, 'theme', '15m', '', $3, $3, 9, 2, 0, 2, 1e-4, '{"v": 1, "causes": []}',
                       '{"v": 1, "sentences": [], "words": []}', $4)"#,
        )
        .bind(Uuid::from_u128(n))
        .bind(i64::try_from(n).unwrap())
        .bind(jiff_sqlx::ToSqlx::to_sqlx(world.store().clock().now()))
        .bind(verdict.as_str())
        .execute(world.store().pool())
        .await
        .unwrap();
    }
    let left = theme_rate(world.store()).await.unwrap();
    assert!((left - whole / 2.0).abs() < 1e-12, "{left} of {whole}");
}
