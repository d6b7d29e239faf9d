//! Days that people add and days that they take out of the calendar, in the judging of what comes after.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use models::country::Country;
use models::trends::{Holidays, Step};
use pipelines::platform::clock::Clock;
use pipelines::trends::holidays::{HolidayError, NewHoliday, say, undo};
use pipelines::trends::points::{Period, TrendPoint, points};
use pipelines::trends::{Scope, judge_anew, tick};
use pipelines::workforce::{Actor, Role};

use crate::judging::come;
use crate::world::World;

const FIRST: Date = date(2025, 12, 20);
/// The first day that is not over.
const TODAY: Date = date(2026, 6, 9);
const ADDED: Date = date(2026, 6, 10);
const RUSSIA_DAY: Date = date(2026, 6, 12);

fn noon(day: Date) -> Timestamp {
    day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp()
}

/// Half a year in Moscow: twenty contacts a day, and three times as many on holidays; then a week of twenties.
async fn world() -> (World, Actor) {
    let world = World::at(Clock::fixed(noon(TODAY), 3)).await;
    sqlx::query(
        "INSERT INTO city (id, country, slug, name, zone) VALUES (md5('m')::uuid, 'ru', 'm', 'M', 'Europe/Moscow')",
    )
    .execute(world.store().pool())
    .await
    .unwrap();
    let calendar = Holidays::of(Country::Russia);
    let days = std::iter::successors(Some(FIRST), |day| day.tomorrow().ok()).take(185);
    let many = |day: Date| if day < TODAY && calendar.holds(day) { 60 } else { 20 };
    let contacts: Vec<_> = days.map(|day| (noon(day), "consultation.menu", "site", many(day))).collect();
    come(&world, &contacts).await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    (world, analyst)
}

/// The point of a day.
async fn point(world: &World, analyst: &Actor, day: Date) -> TrendPoint {
    let period = Period { from: Some(noon(day)), to: Some(noon(day).checked_add(1.hour()).unwrap()) };
    let series = points(world.store(), analyst, Step::Day, period, Scope::default()).await.unwrap();
    assert_eq!((series.points.len(), series.points[0].local.date()), (1, day));
    series.points[0].clone()
}

async fn expected(world: &World, analyst: &Actor, day: Date) -> f32 {
    point(world, analyst, day).await.expected.unwrap()
}

fn holiday(date: Date) -> NewHoliday {
    NewHoliday { country: None, date, name: Some("День города".into()) }
}

fn none(date: Date) -> NewHoliday {
    NewHoliday { country: Some(Country::Russia), date, name: None }
}

#[tokio::test]
async fn a_day_that_somebody_adds_is_expected_as_a_holiday_and_one_that_is_taken_out_is_not() {
    let (world, analyst) = world().await;
    let store = world.store();
    tick(store).await.unwrap();
    say(store, &analyst, holiday(ADDED)).await.unwrap();
    let out = say(store, &analyst, none(RUSSIA_DAY)).await.unwrap();
    store.clock().advance(jiff::SignedDuration::from_hours(24 * 5));
    tick(store).await.unwrap();
    let (ordinary, victory) =
        (expected(&world, &analyst, date(2026, 6, 3)).await, expected(&world, &analyst, date(2026, 5, 9)).await);
    assert!(ordinary < 30.0 && victory > 40.0, "{ordinary} {victory}");
    let (added, removed) = (expected(&world, &analyst, ADDED).await, expected(&world, &analyst, RUSSIA_DAY).await);
    assert!(added > 40.0 && removed < 30.0, "{added} {removed}");

    assert!(point(&world, &analyst, ADDED).await.holiday && !point(&world, &analyst, RUSSIA_DAY).await.holiday);

    // what is said of the past changes no verdict that was given, until all are given anew
    undo(store, &analyst, out.id).await.unwrap();
    tick(store).await.unwrap();
    assert_eq!(expected(&world, &analyst, RUSSIA_DAY).await, removed);
    judge_anew(store, |_, _| {}).await.unwrap();
    let (added, back) = (expected(&world, &analyst, ADDED).await, expected(&world, &analyst, RUSSIA_DAY).await);
    assert!(added > 40.0 && back > 40.0, "{added} {back}");
    assert_eq!(world.number("SELECT count(*) FROM audit WHERE action LIKE 'holiday.%'").await, 3);
}

#[tokio::test]
async fn what_two_people_say_of_a_day_at_once_is_taken_from_one_of_them() {
    let world = World::at(Clock::fixed(noon(TODAY), 3)).await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    let store = world.store();
    let (one, other) = tokio::join!(say(store, &analyst, holiday(ADDED)), say(store, &analyst, holiday(ADDED)));
    let taken = [one, other];
    assert_eq!(taken.iter().filter(|it| it.is_ok()).count(), 1);
    assert_eq!(taken.iter().filter(|it| matches!(it, Err(HolidayError::Said))).count(), 1);
    let far = say(store, &analyst, holiday(date(2031, 6, 10))).await;
    assert!(matches!(far, Err(HolidayError::Far)));
    say(store, &analyst, holiday(date(2031, 6, 9))).await.unwrap();
}
