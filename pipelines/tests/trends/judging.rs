//! Each step that is over is judged once, in order, whenever and by whom ticks come.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp, ToSpan};
use models::trends::Step;
use pipelines::events::Channel;
use pipelines::platform::clock::Clock;
use pipelines::platform::stage::Stage;
use pipelines::trends::alerts::{self, Filter};
use pipelines::trends::contacts::{self, Behind};
use pipelines::trends::points::{self, Period};
use pipelines::trends::{AlertKind, Count, Scope, judge_anew, tick};
use pipelines::workforce::Role;
use sqlx::Row;

use crate::counting::{TOPICS, reads, ready};
use crate::world::World;

pub(crate) const BEGIN: &str = "2026-11-01T00:00:00Z";

pub(crate) async fn world() -> World {
    World::at(Clock::fixed(BEGIN.parse().unwrap(), 3)).await
}

/// Contacts of nobody: five minutes, topic, channel, how many.
pub(crate) async fn come(world: &World, contacts: &[(Timestamp, &str, &str, i32)]) {
    sqlx::query(
        "INSERT INTO trend_count (at, topic, city_id, channel, restaurant_id, day, n)
         SELECT new.at, topic.word, none.id, new.channel, none.id, (new.at AT TIME ZONE 'UTC')::date, sum(new.n)
         FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::integer[]) AS new (at, topic, channel, n)
         CROSS JOIN LATERAL (VALUES (''), (new.topic)) AS topic (word)
         CROSS JOIN (VALUES ('00000000-0000-0000-0000-000000000000'::uuid)) AS none (id)
         GROUP BY new.at, topic.word, none.id, new.channel",
    )
    .bind(contacts.iter().map(|it| jiff_sqlx::ToSqlx::to_sqlx(it.0)).collect::<Vec<_>>())
    .bind(contacts.iter().map(|it| it.1.to_owned()).collect::<Vec<_>>())
    .bind(contacts.iter().map(|it| it.2.to_owned()).collect::<Vec<_>>())
    .bind(contacts.iter().map(|it| it.3).collect::<Vec<_>>())
    .execute(world.store().pool())
    .await
    .unwrap();
}

/// Some days of contacts that come and go by the hour; one topic comes up on the second day only.
async fn days(world: &World, days: i64) {
    let begin: Timestamp = BEGIN.parse().unwrap();
    let contacts: Vec<_> = (0..days * 24)
        .flat_map(|hour| {
            let at = begin.checked_add(hour.hours()).unwrap();
            let n = |part: i64| i32::try_from(part).unwrap();
            let late = if hour < 30 { "complaint.app" } else { "complaint.courier" };
            [(at, "consultation.menu", "site", 3 + n(hour * 7 % 5)), (at, late, "app", 1 + n(hour * 5 % 3))]
        })
        .collect();
    come(world, &contacts).await;
}

/// Every judged step with its verdict, to the last bit.
async fn judged(world: &World) -> Vec<String> {
    let rows = sqlx::query(
        "SELECT concat_ws(' ', s.step, s.topic, s.city_id, s.channel, p.at, p.n, p.expected, p.lower, p.upper, p.p, p.alert,
                          p.gap)
         FROM trend_point p JOIN trend_series s ON s.id = p.series_id
         ORDER BY s.step, s.topic, s.city_id NULLS FIRST, s.channel NULLS FIRST, p.at",
    );
    rows.fetch_all(world.store().pool()).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Shows the first row that differs, not thousands.
fn same(one: &[String], other: &[String]) {
    let differs = one.iter().zip(other).find(|(a, b)| a != b);
    assert_eq!((differs, one.len()), (None, other.len()));
}

#[tokio::test]
async fn ticks_that_come_rarely_judge_what_ticks_that_come_often_do() {
    let (often, rarely) = (world().await, world().await);
    for world in [&often, &rarely] {
        days(world, 4).await;
    }
    for _ in 0..4 * 24 * 2 {
        often.store().clock().advance(SignedDuration::from_mins(30));
        tick(often.store()).await.unwrap();
    }
    rarely.store().clock().advance(SignedDuration::from_hours(50));
    tick(rarely.store()).await.unwrap();
    rarely.store().clock().advance(SignedDuration::from_hours(46));
    tick(rarely.store()).await.unwrap();
    let of_both = (judged(&often).await, judged(&rarely).await);
    assert!(of_both.0.len() > 1_000, "{}", of_both.0.len());
    same(&of_both.0, &of_both.1);
    assert_eq!(tick(rarely.store()).await.unwrap(), 0, "each step once");
    let gaps =
        "SELECT count(*) FROM (SELECT p.at - lag(p.at) OVER (PARTITION BY series_id ORDER BY p.at) AS far, s.step
                FROM trend_point p JOIN trend_series s ON s.id = p.series_id) x
                WHERE far <> CASE step WHEN '5m' THEN interval '5 minutes' WHEN '15m' THEN interval '15 minutes'
                  WHEN '1h' THEN interval '1 hour' ELSE interval '1 day' END";
    assert_eq!(often.number(gaps).await, 0);

    judge_anew(rarely.store(), |done, all| assert!(done <= all)).await.unwrap();
    same(&judged(&rarely).await, &of_both.1);
}

#[tokio::test]
async fn what_is_over_and_not_judged_yet_is_shown_as_it_was_counted() {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    days(&world, 3).await;
    let shown = async || {
        let period = Period { from: Some(BEGIN.parse().unwrap()), to: None };
        let series = points::points(world.store(), &analyst, Step::Hour, period, Scope::default()).await.unwrap();
        let judged = series.points.iter().filter(|point| point.expected.is_some()).count();
        (series.points.len(), judged, series.n)
    };
    let counted = async |hours: &'static str| {
        let sum = format!(
            "SELECT sum(n) FROM trend_count WHERE topic = '' AND at < '{BEGIN}'::timestamptz + interval '{hours}'"
        );
        sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sum)).fetch_one(world.store().pool()).await.unwrap()
    };
    world.store().clock().advance(SignedDuration::from_hours(40));
    assert_eq!(shown().await, (40, 0, counted("40 hours").await));
    tick(world.store()).await.unwrap();
    assert_eq!(shown().await, (40, 39, counted("40 hours").await), "the last hour is given a minute");
    world.store().clock().advance(SignedDuration::from_hours(5));
    assert_eq!(shown().await, (45, 39, counted("45 hours").await));
    tick(world.store()).await.unwrap();
    assert_eq!(shown().await, (45, 44, counted("45 hours").await));
}

#[tokio::test]
async fn a_silence_is_the_same_to_ticks_that_come_late() {
    let (often, late) = (world().await, world().await);
    let begin: Timestamp = BEGIN.parse().unwrap();
    // few in a quarter of an hour: hours go by before a silence is no chance any longer
    let comes = |silent: Range<i64>, often: [i32; 8]| {
        let quarters = (0_i64..7 * 96).zip(often.into_iter().cycle());
        let spoken = quarters.filter(|(quarter, n)| *n > 0 && !silent.contains(&(*quarter - 5 * 96)));
        let at = |quarter: i64| begin.checked_add((quarter * 15 + 5).minutes()).unwrap();
        spoken.map(|(quarter, n)| (at(quarter), "consultation.menu", "site", n)).collect::<Vec<_>>()
    };
    for world in [&often, &late] {
        come(world, &comes(30..80, [1; 8])).await;
        for statement in [
            "INSERT INTO country (code, name, currency, calling_code, language) VALUES ('kz', 'K', 'KZT', '7', 'kk')",
            "INSERT INTO city (id, country, slug, name, zone) VALUES (md5('k')::uuid, 'kz', 'k', 'K', 'UTC')",
            "UPDATE trend_count SET city_id = md5('k')::uuid",
        ] {
            sqlx::query(statement).execute(world.store().pool()).await.unwrap();
        }
        // the city stops before all others do
        come(world, &comes(46..80, [1, 0, 1, 2, 0, 1, 0, 2])).await;
    }
    often.store().clock().advance(SignedDuration::from_hours(5 * 24 + 7));
    for _ in 0..15 * 6 {
        often.store().clock().advance(SignedDuration::from_mins(10));
        tick(often.store()).await.unwrap();
    }
    late.store().clock().advance(SignedDuration::from_hours(5 * 24 + 22));
    tick(late.store()).await.unwrap();
    let gaps = "SELECT count(*) FROM trend_point p JOIN trend_series s ON s.id = p.series_id WHERE gap AND step = '5m'";
    assert!((12..102).contains(&often.number(gaps).await), "{}", often.number(gaps).await);
    let silences = "SELECT count(*) FROM trend_alert WHERE kind = 'silence'";
    let of_city = "SELECT count(*) FROM trend_alert WHERE kind = 'silence' AND city_id IS NOT NULL";
    for world in [&often, &late] {
        assert_eq!((world.number(silences).await, world.number(of_city).await), (2, 1), "the city's, then that of all");
    }
    same(&judged(&often).await, &judged(&late).await);
}

#[tokio::test]
async fn a_step_waits_for_its_last_readings_and_a_day_for_every_city() {
    let world = world().await;
    come(&world, &[(BEGIN.parse().unwrap(), "complaint.app", "app", 2)]).await;
    let steps = async |step: &'static str| -> i64 {
        sqlx::query_scalar(
            "SELECT count(DISTINCT p.at) FROM trend_point p JOIN trend_series s ON s.id = p.series_id WHERE step = $1",
        )
        .bind(step)
        .fetch_one(world.store().pool())
        .await
        .unwrap()
    };
    world.store().clock().advance(SignedDuration::from_secs(5 * 60 + 59));
    tick(world.store()).await.unwrap();
    assert_eq!(steps("5m").await, 0);
    world.store().clock().advance(SignedDuration::from_secs(1));
    tick(world.store()).await.unwrap();
    assert_eq!(steps("5m").await, 1);
    sqlx::query("INSERT INTO city (id, country, slug, name, zone) VALUES (md5('k')::uuid, 'ru', 'k', 'K', 'Europe/Kaliningrad')")
        .execute(world.store().pool())
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO city (id, country, slug, name, zone) VALUES (md5('w')::uuid, 'ru', 'w', 'W', 'America/New_York')",
    )
    .execute(world.store().pool())
    .await
    .unwrap();
    world.store().clock().advance(SignedDuration::from_hours(28));
    tick(world.store()).await.unwrap();
    assert_eq!(steps("1d").await, 0, "in New York the day goes on");
    world.store().clock().advance(SignedDuration::from_hours(1));
    tick(world.store()).await.unwrap();
    assert_eq!(steps("1d").await, 1);
}

#[tokio::test]
async fn a_correction_moves_the_figure_of_a_step_that_is_judged_and_leaves_its_verdict() {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    let account = world.account(Channel::Site).await;
    let stage = Count::new(world.store().clone());
    let said = world.says(&account, "100", "1", "где заказ").await;
    reads(&world, &said, &[TOPICS[0], TOPICS[1]], false).await;
    stage.run(&ready(&world, &said)).await.unwrap();
    world.store().clock().advance(SignedDuration::from_hours(49));
    tick(world.store()).await.unwrap();
    let before = judged(&world).await;
    reads(&world, &said, &[TOPICS[1], TOPICS[2]], false).await;
    stage.run(&ready(&world, &said)).await.unwrap();
    let after = judged(&world).await;
    assert_eq!(before.len(), after.len(), "a series is begun by a tick");
    let n = async |step: Step, topic| {
        let scope = Scope { topic: Some(topic), ..Scope::default() };
        let from = Some(BEGIN.parse().unwrap());
        let period = Period { from, to: None };
        let series = points::points(world.store(), &analyst, step, period, scope).await.unwrap();
        (series.n, series.points.iter().map(|point| point.n).collect::<Vec<_>>())
    };
    for step in [Step::QuarterHour, Step::Hour, Step::Day] {
        assert_eq!((n(step, TOPICS[0]).await.0, n(step, TOPICS[1]).await.0), (0, 1), "{step}");
    }
    assert_eq!(n(Step::Day, TOPICS[1]).await.1, [1, 0]);
    let scope = Scope { topic: Some(TOPICS[1]), ..Scope::default() };
    let behind = Behind::Point(BEGIN.parse().unwrap());
    let page = contacts::contacts(world.store(), &analyst, (Step::Day, behind), scope, None, Default::default())
        .await
        .unwrap();
    assert_eq!(page.items.iter().map(|it| (it.contact_id, it.opens)).collect::<Vec<_>>(), [(said.contact_id, false)]);
    let other = Scope { topic: Some(TOPICS[0]), ..Scope::default() };
    let page = contacts::contacts(world.store(), &analyst, (Step::Day, behind), other, None, Default::default())
        .await
        .unwrap();
    assert_eq!(page.items.len(), 0);
}

#[tokio::test]
async fn a_feed_that_stops_is_one_alert_and_no_zeros() {
    let world = world().await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    let begin: Timestamp = BEGIN.parse().unwrap();
    let contacts: Vec<_> = (0..6 * 288)
        .filter(|five| !(4 * 288 + 60..4 * 288 + 96).contains(five))
        .map(|five| (begin.checked_add((five * 5).minutes()).unwrap(), "consultation.menu", "site", 3))
        .collect();
    come(&world, &contacts).await;
    world.store().clock().advance(SignedDuration::from_hours(4 * 24 + 6));
    tick(world.store()).await.unwrap();
    let silent = Filter { kind: Some(AlertKind::Silence), ..Filter::default() };
    let all = async || alerts::list(world.store(), &analyst, silent, None, Default::default()).await.unwrap().items;
    let began = all().await;
    assert_eq!(began.len(), 1, "not one for each channel: {began:#?}");
    let stopped = begin.checked_add(((4 * 288 + 60) * 5).minutes()).unwrap();
    assert_eq!((began[0].began, began[0].n, began[0].ended), (stopped, 0, None));
    assert!(began[0].expected >= 15.0);
    world.store().clock().advance(SignedDuration::from_hours(6));
    tick(world.store()).await.unwrap();
    let ended = all().await;
    assert_eq!((ended.len(), ended[0].ended), (1, Some(stopped.checked_add(3.hours()).unwrap())));
    let period = Period { from: Some(stopped), to: ended[0].ended };
    let quarters = points::points(world.store(), &analyst, Step::QuarterHour, period, Scope::default()).await.unwrap();
    let gaps = quarters.points.iter().filter(|point| point.gap && point.expected.is_none()).count();
    assert!(gaps >= 8, "{gaps} of twelve");
    let hours = points::points(world.store(), &analyst, Step::Hour, period, Scope::default()).await.unwrap();
    assert!(hours.points.iter().all(|point| point.gap), "{:#?}", hours.points);
}
