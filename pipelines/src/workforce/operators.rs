//! Who works here.

use models::taxonomy::Language;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{Actor, Right, Roles, WorkforceError, audit, passwords, store};
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
