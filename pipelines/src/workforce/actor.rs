//! Who acts, and what they may do.

use models::taxonomy::Language;
use serde::{Deserialize, Serialize};

use super::idempotency::IdempotencyKey;
use super::store;
use crate::events::{OperatorId, UnknownWord, words};
use crate::platform::store::{Change, StoreError};

/// A signed-in person. Made only by [`super::actor_of`] and [`super::sign_in`], so having one means being signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    pub id: OperatorId,
    pub roles: Roles,
    pub name: String,
    pub languages: Vec<Language>,
    /// Contacts held at once, at most.
    pub capacity: u16,
    /// The request in which they act, for the audit.
    pub request_id: Option<String>,
    /// The client's name for the write in which they act.
    pub write: Option<IdempotencyKey>,
}

impl Actor {
    /// Commits a change and, with it, that the write in which the actor makes it is done: should this process die
    /// before it answers, the write is not done again for whoever repeats it.
    pub(crate) async fn commit(&self, mut change: Change) -> Result<(), StoreError> {
        if let Some(key) = &self.write {
            store::idempotency::done(change.conn(), self.id, key).await?;
        }
        change.commit().await
    }

    pub fn can(&self, right: Right) -> bool {
        self.roles.all().any(|role| right.belongs_to(role))
    }

    /// As [`Actor::can`], for `?`.
    pub fn require(&self, right: Right) -> Result<(), Forbidden> {
        if self.can(right) { Ok(()) } else { Err(Forbidden) }
    }
}

/// What a role may do. Whether somebody may do it to one contact is the contact's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Take contacts, write to customers, hold, transfer, close.
    Serve,
    /// See every contact, whoever owns it.
    SeeTeam,
    /// Say that a model was right or wrong.
    Judge,
    /// Open a customer's card and search customers; each reading is audited.
    ReadCards,
    /// See a whole telephone number.
    RevealPhones,
    /// Link customers who are one person, end such links, record consents.
    ChangeCustomers,
    /// See figures over all contacts.
    Analyse,
    /// Operators, templates, channel accounts.
    Administer,
    /// Read what was done by whom.
    ReadAudit,
}

impl Right {
    fn belongs_to(self, role: Role) -> bool {
        match self {
            Self::Serve | Self::RevealPhones | Self::ChangeCustomers => matches!(role, Role::Operator | Role::Admin),
            Self::SeeTeam => matches!(role, Role::Quality | Role::Admin),
            Self::Judge | Self::ReadCards => matches!(role, Role::Operator | Role::Quality | Role::Admin),
            Self::Analyse => matches!(role, Role::Analyst | Role::Quality | Role::Admin),
            Self::Administer | Self::ReadAudit => matches!(role, Role::Admin),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("your roles do not allow this; ask an administrator")]
pub struct Forbidden;

words!(
    /// What somebody does in the contact centre.
    Role { Operator = "operator", Quality = "quality", Analyst = "analyst", Admin = "admin" }
);

/// One role at least, each once, in the order of [`Role::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "Vec<Role>", into = "Vec<Role>")]
#[schema(value_type = Vec<Role>)]
pub struct Roles(u8);

impl Roles {
    pub fn new(roles: &[Role]) -> Result<Self, NoRole> {
        let bits = roles.iter().fold(0, |bits, role| bits | bit(*role));
        if bits == 0 { Err(NoRole) } else { Ok(Self(bits)) }
    }

    pub fn has(self, role: Role) -> bool {
        self.0 & bit(role) != 0
    }

    pub fn all(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.has(*role))
    }
}

fn bit(role: Role) -> u8 {
    1 << role as u8
}

impl TryFrom<Vec<Role>> for Roles {
    type Error = NoRole;

    fn try_from(roles: Vec<Role>) -> Result<Self, NoRole> {
        Self::new(&roles)
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.all().collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give at least one role")]
pub struct NoRole;

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(roles: &[Role]) -> Actor {
        Actor {
            id: OperatorId(uuid::Uuid::nil()),
            roles: Roles::new(roles).unwrap(),
            name: "Анна".into(),
            languages: vec![Language::Ru],
            capacity: 3,
            request_id: None,
            write: None,
        }
    }

    #[test]
    fn an_analyst_sees_figures_and_no_customer() {
        let analyst = actor(&[Role::Analyst]);
        assert!(analyst.can(Right::Analyse));
        for right in
            [Right::Serve, Right::SeeTeam, Right::Judge, Right::ReadCards, Right::RevealPhones, Right::Administer]
        {
            assert_eq!(analyst.require(right), Err(Forbidden), "{right:?}");
        }
    }

    #[test]
    fn an_operator_serves_and_administers_nothing() {
        let operator = actor(&[Role::Operator]);
        assert!(operator.can(Right::Serve) && operator.can(Right::ReadCards));
        assert!(!operator.can(Right::SeeTeam) && !operator.can(Right::Administer) && !operator.can(Right::ReadAudit));
    }

    #[test]
    fn roles_are_a_set_in_json() {
        let roles: Roles = serde_json::from_str(r#"["admin","operator","admin"]"#).unwrap();
        assert_eq!(serde_json::to_string(&roles).unwrap(), r#"["operator","admin"]"#);
        assert!(serde_json::from_str::<Roles>("[]").is_err());
        assert!(serde_json::from_str::<Roles>(r#"["root"]"#).is_err());
    }
}
