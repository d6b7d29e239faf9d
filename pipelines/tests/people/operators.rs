//! Operators: who may change them, where they are, what is written about it.

use jiff::SignedDuration;
use models::taxonomy::Language;
use pipelines::platform::page::Limit;
use pipelines::workforce::{
    self, Login, NewOperator, OperatorChange, Preferences, PresenceState, Role, Roles, Theme, WorkforceError, audit,
    set_presence,
};

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn only_administrators_change_operators() {
    let world = World::start().await;
    let (admin, anna) = (world.actor("boss", &[Role::Admin]).await, world.actor("anna", &[Role::Operator]).await);
    let new = |login: &str| NewOperator {
        login: Login::parse(login).unwrap(),
        name: "Болат".into(),
        password: PASSWORD.into(),
        roles: Roles::new(&[Role::Operator]).unwrap(),
        languages: vec![Language::Kk],
        capacity: 5,
    };
    let refused = workforce::create_operator(world.store(), Some(&anna), new("bolat")).await;
    assert!(matches!(refused, Err(WorkforceError::Forbidden(_))));
    let refused = workforce::change_operator(world.store(), &anna, anna.id, OperatorChange::default()).await;
    assert!(matches!(refused, Err(WorkforceError::Forbidden(_))));
    assert!(matches!(workforce::operators(world.store(), &anna).await, Err(WorkforceError::Forbidden(_))));

    let bolat = workforce::create_operator(world.store(), Some(&admin), new("bolat")).await.unwrap();
    world.wait(SignedDuration::from_secs(1));
    let taken = workforce::create_operator(world.store(), Some(&admin), new("BOLAT")).await;
    assert!(matches!(taken, Err(WorkforceError::LoginTaken)));
    let lowered = OperatorChange { roles: Some(Roles::new(&[Role::Analyst]).unwrap()), ..OperatorChange::default() };
    let own = workforce::change_operator(world.store(), &admin, admin.id, lowered.clone()).await;
    assert!(matches!(own, Err(WorkforceError::Invalid(_))));
    let changed = workforce::change_operator(world.store(), &admin, bolat.id, lowered).await.unwrap();
    assert!(changed.roles.has(Role::Analyst) && !changed.roles.has(Role::Operator));

    let found =
        audit::Filter { object: Some((audit::ObjectKind::Operator, bolat.id.to_string())), ..Default::default() };
    let page = audit::records(world.store(), &admin, found, None, Limit::new(1)).await.unwrap();
    assert_eq!(page.items[0].action, "operator.changed");
    assert_eq!(page.items[0].detail, serde_json::json!({"v": 1, "changed": ["roles"]}));
    let before = page.next.unwrap().parse().unwrap();
    let page =
        audit::records(world.store(), &admin, audit::Filter::default(), Some(before), Limit::default()).await.unwrap();
    assert!(page.items.iter().all(|record| record.action != "operator.changed"));
    assert!(audit::records(world.store(), &anna, audit::Filter::default(), None, Limit::default()).await.is_err());
}

#[tokio::test]
async fn presence_and_its_events_are_one() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let states = async || -> Vec<String> {
        sqlx::query_scalar("SELECT state FROM presence_event ORDER BY at, id")
            .fetch_all(world.store().pool())
            .await
            .unwrap()
    };
    world.wait(SignedDuration::from_secs(1));
    let ready = set_presence(world.store(), &anna, PresenceState::Ready).await.unwrap();
    world.wait(SignedDuration::from_secs(9));
    assert_eq!(set_presence(world.store(), &anna, PresenceState::Ready).await.unwrap(), ready, "nothing changed");
    let paused = set_presence(world.store(), &anna, PresenceState::Break).await.unwrap();
    assert_eq!((paused.state, paused.since), (PresenceState::Break, world.now()));
    assert_eq!(states().await, ["offline", "ready", "break"]);
}

#[tokio::test]
async fn a_changed_capacity_is_an_event_too() {
    let world = World::start().await;
    let (admin, anna) = (world.actor("boss", &[Role::Admin]).await, world.operator("anna", &[Role::Operator]).await);
    let more = OperatorChange { capacity: Some(7), ..OperatorChange::default() };
    workforce::change_operator(world.store(), &admin, anna.id, more).await.unwrap();
    let capacity: Vec<i32> =
        sqlx::query_scalar("SELECT capacity FROM presence_event WHERE operator_id = $1 ORDER BY at, id")
            .bind(anna.id.0)
            .fetch_all(world.store().pool())
            .await
            .unwrap();
    assert_eq!(
        {
            let mut sorted = capacity;
            sorted.sort_unstable();
            sorted
        },
        [3, 7]
    );
}

#[tokio::test]
async fn colleagues_come_with_their_load() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let bolat = world.actor("bolat", &[Role::Operator]).await;
    world.operator("figures", &[Role::Analyst]).await;
    set_presence(world.store(), &bolat, PresenceState::Ready).await.unwrap();
    sqlx::query("UPDATE presence SET open = 2 WHERE operator_id = $1")
        .bind(bolat.id.0)
        .execute(world.store().pool())
        .await
        .unwrap();
    let seen = workforce::colleagues(world.store(), &anna).await.unwrap();
    let seen: Vec<_> = seen.iter().map(|one| (one.id, one.load, one.capacity, one.presence)).collect();
    assert_eq!(seen, [(bolat.id, 2, 3, PresenceState::Ready), (anna.id, 0, 3, PresenceState::Offline)]);
}

#[tokio::test]
async fn preferences_follow_the_operator() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let wanted =
        Preferences { theme: Theme::Contrast, text_percent: 200.try_into().unwrap(), ..Preferences::default() };
    workforce::set_preferences(world.store(), &anna, wanted.clone()).await.unwrap();
    let me = workforce::me(world.store(), &anna).await.unwrap().unwrap();
    assert_eq!(me.preferences, wanted);
    assert_eq!(world.count("SELECT count(*) FROM operator WHERE preferences ->> 'v' = '1'").await, 1);
}
