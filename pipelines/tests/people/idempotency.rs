//! A repeated write is answered once.

use jiff::SignedDuration;
use pipelines::workforce::idempotency::{Answer, Begun, IdempotencyKey, begin};
use pipelines::workforce::{Actor, PresenceState, Role, set_presence, sweep};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_another_is_a_conflict() {
    let world = World::start().await;
    let (anna, bolat) = (world.actor("anna", &[Role::Operator]).await, world.actor("bolat", &[Role::Operator]).await);
    let key = || IdempotencyKey::parse("send-1").unwrap();
    let answer = Answer { status: 201, body: json!({"id": "m1"}) };
    let Begun::Run(write) = begin(world.store(), &anna, key(), [1; 32]).await.unwrap() else {
        panic!("a free key runs")
    };
    assert!(matches!(begin(world.store(), &anna, key(), [1; 32]).await.unwrap(), Begun::Running));
    assert!(matches!(begin(world.store(), &anna, key(), [2; 32]).await.unwrap(), Begun::OtherRequest));
    write.finish(world.store(), &answer).await.unwrap();
    for _ in 0..2 {
        let repeated = begin(world.store(), &anna, key(), [1; 32]).await.unwrap();
        assert!(matches!(repeated, Begun::Repeat(stored) if stored == answer));
    }
    assert!(matches!(begin(world.store(), &anna, key(), [2; 32]).await.unwrap(), Begun::OtherRequest));
    assert!(matches!(begin(world.store(), &bolat, key(), [2; 32]).await.unwrap(), Begun::Run(_)), "keys are one's own");
    world.wait(SignedDuration::from_hours(25));
    sweep(world.store()).await.unwrap();
    assert!(
        matches!(begin(world.store(), &anna, key(), [2; 32]).await.unwrap(), Begun::Run(_)),
        "forgotten after a day"
    );
}

#[tokio::test]
async fn a_failed_write_frees_its_key_and_a_broken_one_frees_itself() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let key = || IdempotencyKey::parse("send-2").unwrap();
    let Begun::Run(write) = begin(world.store(), &anna, key(), [1; 32]).await.unwrap() else {
        panic!("a free key runs")
    };
    write.abandon(world.store()).await.unwrap();
    let Begun::Run(lost) = begin(world.store(), &anna, key(), [1; 32]).await.unwrap() else {
        panic!("abandoned: free")
    };
    drop(lost);
    world.wait(SignedDuration::from_secs(59));
    assert!(matches!(begin(world.store(), &anna, key(), [1; 32]).await.unwrap(), Begun::Running));
    world.wait(SignedDuration::from_secs(2));
    assert!(matches!(begin(world.store(), &anna, key(), [2; 32]).await.unwrap(), Begun::OtherRequest));
    assert!(matches!(begin(world.store(), &anna, key(), [1; 32]).await.unwrap(), Begun::Run(_)));
}

#[tokio::test]
async fn what_was_committed_is_not_done_again_though_its_answer_was_lost() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let key = || IdempotencyKey::parse("send-4").unwrap();
    let Begun::Run(write) = begin(world.store(), &anna, key(), [1; 32]).await.unwrap() else {
        panic!("a free key runs")
    };
    let acting = Actor { write: Some(write.key().clone()), ..anna.clone() };
    set_presence(world.store(), &acting, PresenceState::Ready).await.unwrap();
    // the answer failed on our side, then the process died
    write.abandon(world.store()).await.unwrap();
    assert!(matches!(begin(world.store(), &anna, key(), [1; 32]).await.unwrap(), Begun::Running));
    world.wait(SignedDuration::from_secs(61));
    assert!(matches!(begin(world.store(), &anna, key(), [1; 32]).await.unwrap(), Begun::Done));
    assert!(matches!(begin(world.store(), &anna, key(), [2; 32]).await.unwrap(), Begun::OtherRequest));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_runs() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let asking: Vec<_> = (0..32)
        .map(|_| {
            let (store, anna) = (world.store().clone(), anna.clone());
            tokio::spawn(async move {
                let key = IdempotencyKey::parse("send-3").unwrap();
                matches!(begin(&store, &anna, key, [1; 32]).await.unwrap(), Begun::Run(_))
            })
        })
        .collect();
    let mut ran = 0;
    for one in asking {
        ran += usize::from(one.await.unwrap());
    }
    assert_eq!(ran, 1);
}
