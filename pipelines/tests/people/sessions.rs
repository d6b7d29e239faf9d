//! Sessions: how they open, how long they last, what ends them.

use jiff::SignedDuration;
use pipelines::workforce::{
    self, IDLE, LONGEST, OperatorChange, PresenceState, Role, SignInError, Token, actor_of, sign_in,
};
use secrecy::SecretString;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn a_token_is_kept_as_its_hash_only() {
    let world = World::start().await;
    let anna = world.operator("anna", &[Role::Operator]).await;
    let (token, me) = sign_in(world.store(), " Anna ", &SecretString::from(PASSWORD)).await.unwrap();
    assert_eq!(me.operator, anna);
    assert_eq!((me.presence.state, me.open_contacts), (PresenceState::Offline, 0));
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT token_sha256 FROM session").fetch_one(world.store().pool()).await.unwrap();
    let hex: String = stored.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((stored.len(), token.expose().len()), (32, 64));
    assert_ne!(hex, token.expose());
    let copy = Token::parse(token.expose()).unwrap();
    assert_eq!(actor_of(world.store(), &copy).await.unwrap().unwrap().id, anna.id);
    assert!(actor_of(world.store(), &Token::parse(&hex).unwrap()).await.unwrap().is_none());
    assert!(Token::parse("'; DROP TABLE session").is_none());
}

#[tokio::test]
async fn wrong_passwords_and_unknown_logins_look_the_same() {
    let world = World::start().await;
    world.operator("anna", &[Role::Operator]).await;
    let mut answers = Vec::new();
    for (login, password) in [("anna", "не тот пароль"), ("nobody", PASSWORD), ("мой пароль: тайна", PASSWORD)]
    {
        let refused = sign_in(world.store(), login, &SecretString::from(password)).await.unwrap_err();
        assert!(matches!(refused, SignInError::Refused));
        answers.push(refused.to_string());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    let logins: Vec<Option<String>> =
        sqlx::query_scalar("SELECT object_id FROM audit WHERE action = 'session.refused' ORDER BY at, id")
            .fetch_all(world.store().pool())
            .await
            .unwrap();
    let mut logins: Vec<_> = logins.iter().map(Option::as_deref).collect();
    logins.sort_unstable();
    assert_eq!(logins, [None, Some("anna"), Some("nobody")]);
    assert_eq!(world.count("SELECT count(*) FROM session").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE detail::text LIKE '%парол%'").await, 0);
}

#[tokio::test]
async fn requests_keep_a_session_alive_for_seven_days_and_no_longer() {
    let world = World::start().await;
    world.operator("anna", &[Role::Operator]).await;
    let token = world.sign_in("anna").await;
    let step = SignedDuration::from_hours(11);
    let mut lived = SignedDuration::ZERO;
    while lived + step < LONGEST {
        world.wait(step);
        lived += step;
        assert!(actor_of(world.store(), &token).await.unwrap().is_some(), "after {lived}");
    }
    world.wait(LONGEST - lived);
    assert!(actor_of(world.store(), &token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_without_requests_ends_after_twelve_hours() {
    let world = World::start().await;
    world.operator("anna", &[Role::Operator]).await;
    let token = world.sign_in("anna").await;
    world.wait(IDLE - SignedDuration::from_secs(1));
    assert!(actor_of(world.store(), &token).await.unwrap().is_some());
    world.wait(IDLE);
    assert!(actor_of(world.store(), &token).await.unwrap().is_none());
    assert_eq!(workforce::sweep(world.store()).await.unwrap(), 1);
    assert_eq!(world.count("SELECT count(*) FROM session").await, 0);
}

#[tokio::test]
async fn a_deactivated_operator_loses_every_session() {
    let world = World::start().await;
    let admin = world.actor("boss", &[Role::Admin]).await;
    let anna = world.operator("anna", &[Role::Operator]).await;
    let tokens = [world.sign_in("anna").await, world.sign_in("anna").await];
    let off = OperatorChange { active: Some(false), ..OperatorChange::default() };
    workforce::change_operator(world.store(), &admin, anna.id, off).await.unwrap();
    for token in &tokens {
        assert!(actor_of(world.store(), token).await.unwrap().is_none());
    }
    let on = OperatorChange { active: Some(true), ..OperatorChange::default() };
    workforce::change_operator(world.store(), &admin, anna.id, on).await.unwrap();
    for token in &tokens {
        assert!(actor_of(world.store(), token).await.unwrap().is_none(), "an ended session does not come back");
    }
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_refuses_the_old_one() {
    let world = World::start().await;
    let admin = world.actor("boss", &[Role::Admin]).await;
    let anna = world.operator("anna", &[Role::Operator]).await;
    let token = world.sign_in("anna").await;
    let changed = OperatorChange { password: Some("новый пароль 8".into()), ..OperatorChange::default() };
    workforce::change_operator(world.store(), &admin, anna.id, changed).await.unwrap();
    assert!(actor_of(world.store(), &token).await.unwrap().is_none());
    assert!(sign_in(world.store(), "anna", &SecretString::from(PASSWORD)).await.is_err());
    assert!(sign_in(world.store(), "anna", &SecretString::from("новый пароль 8")).await.is_ok());
}

#[tokio::test]
async fn signing_out_of_the_last_session_means_offline() {
    let world = World::start().await;
    world.operator("anna", &[Role::Operator]).await;
    let (one, other) = (world.sign_in("anna").await, world.sign_in("anna").await);
    let actor = actor_of(world.store(), &one).await.unwrap().unwrap();
    workforce::set_presence(world.store(), &actor, PresenceState::Ready).await.unwrap();
    let state = async || workforce::me(world.store(), &actor).await.unwrap().unwrap().presence.state;
    workforce::sign_out(world.store(), &one).await.unwrap();
    assert_eq!(state().await, PresenceState::Ready);
    workforce::sign_out(world.store(), &other).await.unwrap();
    assert_eq!(state().await, PresenceState::Offline);
    assert!(actor_of(world.store(), &other).await.unwrap().is_none());
}
