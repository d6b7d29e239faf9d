//! Who works here.

use models::taxonomy::Language;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{Actor, PresenceState, Right, Role, Roles, WorkforceError, audit, passwords, store};
use crate::events::OperatorId;
use crate::platform::store::Store;

/// A person with a login.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Operator {
    pub id: OperatorId,
    pub login: String,
    pub name: String,
    pub roles: Roles,
    pub languages: Vec<Language>,
    /// Contacts held at once, at most.
    pub capacity: u16,
    pub active: bool,
}

/// Most contacts that anybody may hold at once.
pub const MOST_CAPACITY: u16 = 50;

/// Somebody who begins to work here.
#[derive(Clone, Debug)]
pub struct NewOperator {
    pub login: Login,
    pub name: String,
    pub password: SecretString,
    pub roles: Roles,
    pub languages: Vec<Language>,
    /// At most [`MOST_CAPACITY`].
    pub capacity: u16,
}

/// Adds an operator. `by` is an administrator; none stands for whoever owns the machine and works on its command line.
pub async fn create_operator(store: &Store, by: Option<&Actor>, new: NewOperator) -> Result<Operator, WorkforceError> {
    if let Some(actor) = by {
        actor.require(Right::Administer)?;
    }
    let name = checked_name(&new.name)?;
    check_capacity(new.capacity)?;
    let password_hash = passwords::hash(store.clock(), &new.password).await?;
    let mut change = store.begin().await?;
    let operator = Operator {
        id: OperatorId::new(change.clock()),
        login: new.login.as_str().to_owned(),
        name,
        roles: new.roles,
        languages: new.languages,
        capacity: new.capacity,
        active: true,
    };
    if !store::operators::insert(&mut change, &operator, &password_hash).await? {
        return Err(WorkforceError::LoginTaken);
    }
    let action = audit::Action::OperatorCreated;
    let entry = by.map_or_else(|| audit::Entry::by_nobody(action), |actor| audit::Entry::by(actor, action));
    audit::write(&mut change, entry.of(audit::ObjectKind::Operator, operator.id.0)).await?;
    change.commit().await?;
    Ok(operator)
}

/// What an administrator changes about an operator; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct OperatorChange {
    pub name: Option<String>,
    pub password: Option<SecretString>,
    pub roles: Option<Roles>,
    pub languages: Option<Vec<Language>>,
    pub capacity: Option<u16>,
    /// Whoever is made inactive loses all sessions at once and keeps their contacts until these are transferred.
    pub active: Option<bool>,
}

/// Changes an operator. A new password or inactivity ends their sessions. Nobody can take the administration from
/// themselves, so that there is always somebody who has it.
pub async fn change_operator(
    store: &Store,
    actor: &Actor,
    id: OperatorId,
    wanted: OperatorChange,
) -> Result<Operator, WorkforceError> {
    actor.require(Right::Administer)?;
    let loses = wanted.active == Some(false) || wanted.roles.is_some_and(|roles| !roles.has(Role::Admin));
    if id == actor.id && loses {
        return Err(WorkforceError::Invalid("you cannot take the administration from yourself; ask a colleague"));
    }
    let name = wanted.name.as_deref().map(checked_name).transpose()?;
    wanted.capacity.map(check_capacity).transpose()?;
    let password_hash = match &wanted.password {
        Some(password) => Some(passwords::hash(store.clock(), password).await?),
        None => None,
    };
    let mut change = store.begin().await?;
    let before = store::operators::lock(&mut change, id).await?.ok_or(WorkforceError::NotFound)?;
    let after = Operator {
        name: name.unwrap_or_else(|| before.name.clone()),
        roles: wanted.roles.unwrap_or(before.roles),
        languages: wanted.languages.unwrap_or_else(|| before.languages.clone()),
        capacity: wanted.capacity.unwrap_or(before.capacity),
        active: wanted.active.unwrap_or(before.active),
        ..before.clone()
    };
    store::operators::update(&mut change, &after, password_hash.as_deref()).await?;
    if !after.active || password_hash.is_some() {
        store::sessions::close_all(&mut change, id).await?;
    }
    if before.active && !after.active {
        store::presence::set(&mut change, id, PresenceState::Offline, Some(actor.id)).await?;
    }
    if before.capacity != after.capacity {
        store::presence::note_capacity(&mut change, id, actor.id).await?;
    }
    let entry = audit::Entry::by(actor, audit::Action::OperatorChanged)
        .of(audit::ObjectKind::Operator, id.0)
        .with("changed", changed(&before, &after, password_hash.is_some()));
    audit::write(&mut change, entry).await?;
    actor.commit(change).await?;
    Ok(after)
}

/// The names of the fields that changed, for the audit.
fn changed(before: &Operator, after: &Operator, password: bool) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("roles", before.roles != after.roles),
        ("languages", before.languages != after.languages),
        ("capacity", before.capacity != after.capacity),
        ("active", before.active != after.active),
        ("password", password),
    ];
    fields.into_iter().filter_map(|(field, changed)| changed.then_some(field)).collect()
}

/// All operators by login, for the administration.
pub async fn operators(store: &Store, actor: &Actor) -> Result<Vec<Operator>, WorkforceError> {
    actor.require(Right::Administer)?;
    Ok(store::operators::all(store.pool()).await?)
}

/// Somebody to whom a contact can be given, with what they have to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Colleague {
    pub id: OperatorId,
    pub name: String,
    pub presence: PresenceState,
    pub languages: Vec<Language>,
    /// Contacts that they hold.
    pub load: u16,
    pub capacity: u16,
}

/// Active operators who serve customers: those who are ready first, then by free places and name.
pub async fn colleagues(store: &Store, actor: &Actor) -> Result<Vec<Colleague>, WorkforceError> {
    if !actor.can(Right::Serve) {
        actor.require(Right::SeeTeam)?;
    }
    Ok(store::operators::colleagues(store.pool()).await?)
}

fn checked_name(name: &str) -> Result<String, WorkforceError> {
    let name = name.trim();
    let fits = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
        .ok_or(WorkforceError::Invalid("a name has 1 to 100 characters, none of them control characters"))
}

fn check_capacity(capacity: u16) -> Result<(), WorkforceError> {
    let fits = capacity <= MOST_CAPACITY;
    fits.then_some(()).ok_or(WorkforceError::Invalid("the capacity is 0 to 50 contacts at once"))
}

/// A login: 1 to 64 of a-z, 0-9, dot, underscore, hyphen. Capitals are taken as small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

impl Login {
    pub fn parse(text: &str) -> Result<Self, LoginError> {
        let login = text.trim().to_ascii_lowercase();
        let fits = (1..=64).contains(&login.len())
            && login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
        fits.then_some(Self(login)).ok_or(LoginError)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a login has 1 to 64 of the letters a-z, digits, dot, underscore and hyphen")]
pub struct LoginError;
