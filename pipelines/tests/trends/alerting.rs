//! What stands out is one alert with a beginning, a peak and an end; what people do with it counts.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, ToSpan};
use models::trends::Step;
use pipelines::events::{AlertChange, AlertId, Channel, EventBody};
use pipelines::platform::log::Tail;
use pipelines::platform::page::Limit;
use pipelines::trends::acts::{Act, act};
use pipelines::trends::alerts::{self, Filter, TrendAlert};
use pipelines::trends::{AlertAct, AlertKind, AlertState, AlertVerdict, Ticks, TrendError, judge_anew, stream, tick};
use pipelines::workforce::Role;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::judging::{BEGIN, come, world};
use crate::world::World;

/// Three weeks of the same, and for some hours of the last day far more about one topic in one channel.
async fn incident(world: &World) -> Timestamp {
    incidents(world, &[20 * 24 + 12]).await
}

/// Contacts of three weeks of the same: five minutes, topic, channel, how many.
fn quiet() -> Vec<(Timestamp, &'static str, &'static str, i32)> {
    let begin: Timestamp = BEGIN.parse().unwrap();
    let mut dice = StdRng::seed_from_u64(5);
    let mut contacts = Vec::new();
    for hour in 0..21 * 24 {
        let at = begin.checked_add(hour.hours()).unwrap();
        for (topic, channel, a_hour) in
            [("consultation.menu", "site", 8), ("complaint.payment", "app", 4), ("complaint.payment", "site", 2)]
        {
            // by themselves: each of sixty minutes brings one with the same chance
            contacts.extend(
                (0..60)
                    .filter(|_| dice.random_range(0..60) < a_hour)
                    .map(|minute| (at.checked_add((minute / 5 * 5).minutes()).unwrap(), topic, channel, 1)),
            );
        }
    }
    contacts
}

/// The same with such hours after each of these; gives when the last begin.
async fn incidents(world: &World, hours: &[i64]) -> Timestamp {
    let begin: Timestamp = BEGIN.parse().unwrap();
    let mut contacts = quiet();
    for (hour, n) in hours.iter().flat_map(|hour| [(*hour, 4), (hour + 1, 6), (hour + 2, 4)]) {
        let at = begin.checked_add(hour.hours()).unwrap();
        contacts
            .extend((0..12).map(|five| (at.checked_add((five * 5).minutes()).unwrap(), "complaint.payment", "app", n)));
    }
    come(world, &contacts).await;
    begin.checked_add(hours.last().copied().unwrap().hours()).unwrap()
}

async fn all(world: &World) -> Vec<TrendAlert> {
    let analyst = alert_reader(world).await;
    alerts::list(world.store(), &analyst, Filter::default(), None, Limit::default()).await.unwrap().items
}

async fn alert_reader(world: &World) -> pipelines::workforce::Actor {
    let login = format!("a{}", world.store().clock().id().simple());
    world.person(&login, 0, &[Role::Analyst]).await
}

#[tokio::test]
async fn a_surge_is_one_alert_that_names_its_cause_and_ends() {
    let world = world().await;
    let surge = incident(&world).await;
    let mut tail = Tail::from_end(world.store()).await.unwrap();
    world.store().clock().advance(SignedDuration::from_hours(20 * 24 + 12));
    tick(world.store()).await.unwrap();
    let before = all(&world).await.len();
    assert!(before <= 4, "{before} alarms in three quiet weeks");
    world.store().clock().advance(SignedDuration::from_mins(62));
    tick(world.store()).await.unwrap();
    let open: Vec<_> = all(&world).await.into_iter().filter(|alert| alert.ended.is_none()).collect();
    assert_eq!(open.len(), 1, "{open:#?}");
    let alert = &open[0];
    assert_eq!((alert.kind, alert.state), (AlertKind::Count, AlertState::Open));
    assert_eq!(alert.topic.unwrap().as_str(), "complaint.payment");
    assert!(alert.began >= surge && alert.began < surge.checked_add(1.hours()).unwrap(), "{}", alert.began);
    assert!(alert.n as f64 > alert.upper.unwrap() && alert.p < 1e-4, "{alert:?}");
    assert_eq!(alert.causes.len(), 1, "{:?}", alert.causes);
    assert_eq!((alert.causes[0].channel, alert.causes[0].topic), (Some(Channel::App), None));
    assert!(alert.causes[0].share > 0.8);
    world.store().clock().advance(SignedDuration::from_hours(12));
    tick(world.store()).await.unwrap();
    let ended = all(&world).await.into_iter().find(|other| other.id == alert.id).unwrap();
    assert_eq!(ended.state, AlertState::Ended);
    assert!(ended.ended.unwrap() > surge.checked_add(2.hours()).unwrap());
    assert!(ended.p <= alert.p);
    assert!(all(&world).await.len() <= before + 1, "one incident is one alert");

    let reader = alert_reader(&world).await;
    let detail = alerts::detail(world.store(), &reader, alert.id).await.unwrap();
    assert!(detail.series.len() >= 3, "totals and channels rose with it: {:#?}", detail.series);
    assert!(detail.series.iter().all(|series| series.ended.is_some()));

    let (mut seqs, mut changes) = (Vec::new(), Vec::new());
    let last = world.number("SELECT last_seq FROM trend_stream").await;
    while seqs.last() != Some(&last) {
        for entry in tail.next().await.unwrap() {
            if let EventBody::AlertChanged { alert_id, seq, change } = entry.event.body {
                seqs.push(seq);
                if alert_id == alert.id {
                    changes.push(change);
                }
            }
        }
    }
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>(), "the stream has no gap");
    assert_eq!((changes.first(), changes.last()), (Some(&AlertChange::Began), Some(&AlertChange::Ended)));
    let (end, changed) = stream::since(world.store(), 0).await.unwrap();
    assert_eq!(end, last);
    assert!(changed.windows(2).all(|pair| pair[0].seq < pair[1].seq));
}

/// The changes of an alert from where the tail is, up to the last of the stream.
async fn changes(world: &World, tail: &mut Tail, alert: AlertId) -> Vec<AlertChange> {
    let (mut changes, mut seen) = (Vec::new(), 0);
    let last = world.number("SELECT last_seq FROM trend_stream").await;
    while seen < last {
        for entry in tail.next().await.unwrap() {
            if let EventBody::AlertChanged { alert_id, seq, change } = entry.event.body {
                seen = seq;
                changes.extend((alert_id == alert).then_some(change));
            }
        }
    }
    changes
}

#[tokio::test]
async fn a_total_that_rises_before_its_topic_is_one_alert_with_it() {
    let world = world().await;
    let surge = BEGIN.parse::<Timestamp>().unwrap().checked_add((20 * 24 + 12).hours()).unwrap();
    let fives = (0..6).map(|five| (surge.checked_add((five * 5).minutes()).unwrap(), "complaint.payment", "app", 12));
    come(&world, &quiet().into_iter().chain(fives).collect::<Vec<_>>()).await;
    let open = async || {
        let mut open = all(&world).await;
        open.retain(|alert| alert.ended.is_none());
        assert_eq!(open.len(), 1, "{open:#?}");
        open.remove(0)
    };
    world.store().clock().advance(SignedDuration::from_mins((20 * 24 + 12) * 60 + 6));
    tick(world.store()).await.unwrap();
    let total = open().await;
    assert_eq!((total.topic, total.step, total.began), (None, Step::FiveMinutes, surge));
    let mut tail = Tail::from_end(world.store()).await.unwrap();
    world.store().clock().advance(SignedDuration::from_mins(10));
    tick(world.store()).await.unwrap();
    let topic = open().await;
    assert_eq!((topic.id, topic.began), (total.id, surge));
    assert_eq!((topic.topic.unwrap().as_str(), topic.step), ("complaint.payment", Step::QuarterHour));
    assert_eq!(topic.causes[0].channel, Some(Channel::App), "causes are sought within the topic");
    let told = changes(&world, &mut tail, total.id).await;
    assert!(!told.is_empty() && told.iter().all(|change| *change == AlertChange::Grew), "{told:?}");

    judge_anew(world.store(), |_, _| {}).await.unwrap();
    let anew = open().await;
    assert_eq!((anew.topic, anew.step, anew.n), (topic.topic, topic.step, topic.n));
}

#[tokio::test]
async fn the_peak_of_a_day_stays_where_it_was_in_the_citys_time() {
    let world = world().await;
    come(&world, &[(BEGIN.parse().unwrap(), "complaint.app", "app", 2)]).await;
    for statement in [
        "INSERT INTO city (id, country, slug, name, zone) VALUES (md5('k')::uuid, 'ru', 'k', 'K', 'Asia/Yekaterinburg')",
        "INSERT INTO trend_series (step, topic, city_id, state) VALUES ('1d', '', md5('k')::uuid, '')",
        r#"INSERT INTO trend_alert (id, seq, kind, step, topic, city_id, began, peak_at, n, expected, lower, upper, p, causes)
           VALUES (md5('a')::uuid, 0, 'count', '1d', '', md5('k')::uuid, '2026-10-30T19:00:00Z', '2026-10-30T19:00:00Z',
                   9, 2, 0, 5, 0.0001, '{"v": 2, "causes": []}')"#,
        "INSERT INTO trend_alert_series (alert_id, series_id, began, peak_at, calm, n, expected, lower, upper, p)
         SELECT md5('a')::uuid, id, '2026-10-31', '2026-10-31', 0, 9, 2, 0, 5, 0.0001 FROM trend_series",
    ] {
        sqlx::query(statement).execute(world.store().pool()).await.unwrap();
    }
    world.store().clock().advance(SignedDuration::from_hours(4 * 24));
    tick(world.store()).await.unwrap();
    let alert = all(&world).await.remove(0);
    assert_eq!(alert.state, AlertState::Ended);
    assert_eq!((alert.peak_at, alert.began), ("2026-10-30T19:00:00Z".parse().unwrap(), alert.peak_at));
}

#[tokio::test]
async fn a_restart_forgets_no_series_of_an_alert_that_had_ended_before() {
    let world = world().await;
    come(&world, &[(BEGIN.parse().unwrap(), "complaint.app", "app", 2)]).await;
    for statement in [
        "INSERT INTO city (id, country, slug, name, zone) VALUES (md5('k')::uuid, 'ru', 'k', 'K', 'Asia/Yekaterinburg')",
        "INSERT INTO trend_series (step, topic, city_id, state)
         VALUES ('1d', '', md5('k')::uuid, ''), ('1d', 'complaint.app', md5('k')::uuid, '')",
        r#"INSERT INTO trend_alert (id, seq, kind, step, topic, city_id, began, peak_at, n, expected, lower, upper, p, causes)
           VALUES (md5('a')::uuid, 0, 'count', '1d', '', md5('k')::uuid, '2026-10-30T19:00:00Z', '2026-10-30T19:00:00Z',
                   9, 2, 0, 5, 0.0001, '{"v": 2, "causes": []}')"#,
        "INSERT INTO trend_alert_series (alert_id, series_id, began, peak_at, ended, calm, n, expected, lower, upper, p)
         SELECT md5('a')::uuid, id, '2026-10-31', '2026-10-31',
                CASE WHEN topic <> '' THEN '2026-11-20'::timestamptz END, 0, 9, 2, 0, 5, 0.0001 FROM trend_series",
    ] {
        sqlx::query(statement).execute(world.store().pool()).await.unwrap();
    }
    world.store().clock().advance(SignedDuration::from_hours(4 * 24));
    tick(world.store()).await.unwrap();
    let alert = all(&world).await.remove(0);
    let last = "2026-11-19T19:00:00Z".parse().unwrap();
    assert_eq!(alert.ended, Some(last), "the last of its series ended at midnight in the city");
}

#[tokio::test]
async fn a_surge_of_long_ago_is_one_alert_when_all_is_judged_at_once() {
    let world = world().await;
    let surge = incident(&world).await;
    world.store().clock().advance(SignedDuration::from_hours(90 * 24));
    tick(world.store()).await.unwrap();
    let (from, to) = (surge.checked_sub(13.hours()).unwrap(), surge.checked_add(13.hours()).unwrap());
    let mut of_day = all(&world).await;
    of_day.retain(|alert| alert.began > from && alert.began < to);
    of_day.retain(|alert| alert.topic.is_some_and(|topic| topic.as_str() == "complaint.payment"));
    assert_eq!(of_day.len(), 1, "its hours and its day are one incident: {of_day:#?}");
    assert_eq!(of_day[0].step, Step::Hour);
}

#[tokio::test]
async fn judged_anew_what_went_on_ends_or_is_withdrawn_and_only_what_goes_on_is_told() {
    let world = world().await;
    incidents(&world, &[18 * 24 + 3, 20 * 24 + 12]).await;
    world.store().clock().advance(SignedDuration::from_hours(20 * 24 + 14));
    tick(world.store()).await.unwrap();
    let open = async || {
        let open = all(&world).await.into_iter().filter(|alert| alert.ended.is_none());
        open.map(|alert| alert.id).collect::<BTreeSet<_>>()
    };
    let over = async || all(&world).await.into_iter().filter(|alert| alert.ended.is_some()).count();
    let went_on = open().await;
    assert!(!went_on.is_empty() && over().await > 0);
    let anew = async || {
        let mut tail = Tail::from_end(world.store()).await.unwrap();
        judge_anew(world.store(), |_, _| {}).await.unwrap();
        let last = world.number("SELECT last_seq FROM trend_stream").await;
        let mut told = Vec::<(AlertId, i64, AlertChange)>::new();
        while told.last().is_none_or(|(_, seq, _)| *seq < last) {
            for entry in tail.next().await.unwrap() {
                if let EventBody::AlertChanged { alert_id, seq, change } = entry.event.body {
                    told.push((alert_id, seq, change));
                }
            }
        }
        let of = |what: AlertChange| {
            let of = told.iter().filter(|(.., change)| *change == what);
            of.map(|(id, ..)| *id).collect::<BTreeSet<_>>()
        };
        let all = (of(AlertChange::Ended), of(AlertChange::Withdrawn), of(AlertChange::Began));
        assert_eq!(told.len(), all.0.len() + all.1.len() + all.2.len(), "{told:?}");
        all
    };
    let (ended, withdrawn, began) = anew().await;
    assert!(over().await > 0);
    assert_eq!((ended, withdrawn), (BTreeSet::new(), went_on.clone()));
    assert_eq!(began, open().await);
    assert!(!began.is_empty() && began.is_disjoint(&went_on));

    let (worked_on, analyst) = (*began.first().unwrap(), alert_reader(&world).await);
    act(world.store(), &analyst, worked_on, Act::Comment("банк".into())).await.unwrap();
    let (ended, withdrawn, _) = anew().await;
    assert_eq!(ended, BTreeSet::from([worked_on]));
    assert_eq!(withdrawn, &began - &ended, "it is there still");
}

#[tokio::test]
async fn whoever_judged_before_all_was_judged_anew_goes_by_what_was_found_anew() {
    let world = world().await;
    incident(&world).await;
    world.store().clock().advance(SignedDuration::from_hours(20 * 24 + 14));
    let mut ticks = Ticks::new(world.store());
    ticks.tick().await.unwrap();
    let known = async || all(&world).await.into_iter().map(|alert| alert.id).collect::<BTreeSet<_>>();
    let before = known().await;
    judge_anew(world.store(), |_, _| {}).await.unwrap();
    let anew = known().await;
    assert!(!anew.is_empty() && anew.is_disjoint(&before));
    world.store().clock().advance(SignedDuration::from_hours(6));
    assert!(ticks.tick().await.unwrap() > 0);
    let after = known().await;
    assert!(after.is_superset(&anew) && after.is_disjoint(&before), "what was withdrawn comes back: {after:?}");
}

#[tokio::test]
async fn people_acknowledge_comment_mute_and_judge_and_their_verdict_weighs() {
    let world = world().await;
    incident(&world).await;
    world.store().clock().advance(SignedDuration::from_hours(20 * 24 + 14));
    tick(world.store()).await.unwrap();
    let (anna, store) = (alert_reader(&world).await, world.store());
    let alert = all(&world).await.into_iter().find(|alert| alert.ended.is_none()).unwrap();
    let does = async |what: Act| {
        store.clock().advance(SignedDuration::from_secs(1));
        act(store, &anna, alert.id, what).await.unwrap()
    };
    let weights =
        "SELECT round(1000 * min(weight))::bigint FROM trend_series s JOIN trend_alert_series a ON a.series_id = s.id";

    let one = does(Act::Acknowledge).await;
    assert_eq!((one.state, one.acknowledged_by.unwrap().id), (AlertState::Acknowledged, anna.id));
    let other = alert_reader(&world).await;
    let two = act(store, &other, alert.id, Act::Acknowledge).await.unwrap();
    assert_eq!((two.acknowledged_by.unwrap().id, two.seq), (anna.id, one.seq), "who was first stays");
    assert_eq!(does(Act::Comment("банк".into())).await.comments, 1);
    let until = store.clock().now().checked_add(1.hours()).unwrap();
    assert_eq!(does(Act::Mute(Some(until))).await.muted_until, Some(until));
    assert_eq!(does(Act::Judge(AlertVerdict::Noise)).await.verdict, Some(AlertVerdict::Noise));
    assert_eq!(world.number(weights).await, 500);
    does(Act::Judge(AlertVerdict::Noise)).await;
    assert_eq!(world.number(weights).await, 500, "the same word again changes nothing");

    let operator = world.operator("op", 1).await;
    let seen = alerts::list(store, &operator, Filter::default(), None, Limit::default()).await.unwrap().items;
    assert!(seen.iter().all(|seen| seen.id != alert.id), "muted and noise");
    assert!(stream::now(store, &operator).await.unwrap().1.iter().all(|seen| seen.id != alert.id));
    does(Act::Judge(AlertVerdict::Real)).await;
    assert_eq!(world.number(weights).await, 1_000);
    let last = does(Act::Mute(None)).await;
    let seen = alerts::list(store, &operator, Filter::default(), None, Limit::default()).await.unwrap().items;
    assert!(seen.contains(&last));
    let refused = act(store, &operator, alert.id, Act::Acknowledge).await;
    assert!(matches!(refused, Err(TrendError::Forbidden(_))));

    let history = alerts::detail(store, &anna, alert.id).await.unwrap().history;
    let acts: Vec<_> = history.iter().map(|record| record.act).collect();
    use AlertAct::{Acknowledged, Commented, Judged, Muted, Unmuted};
    assert_eq!(acts, [Unmuted, Judged, Judged, Muted, Commented, Acknowledged]);
    assert_eq!(history[4].text.as_deref(), Some("банк"));
    assert_eq!(world.number("SELECT count(*) FROM audit WHERE action LIKE 'alert.%'").await, 6);
    let (end, changed) = stream::since(store, 0).await.unwrap();
    assert_eq!(changed.last().map(|alert| alert.seq), Some(end));
    does(Act::Judge(AlertVerdict::Noise)).await;
    assert_eq!(world.number(weights).await, 500, "real had found the whole and added nothing that is to be taken back");
}
