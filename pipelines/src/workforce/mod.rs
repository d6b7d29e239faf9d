//! The people of the contact centre: who they are, whether they are there, what they may do and what they did.

mod actor;
pub mod audit;
mod housekeeping;
pub mod idempotency;
mod operators;
mod passwords;
mod preferences;
mod presence;
mod sessions;
mod store;

pub use actor::{Actor, Forbidden, NoRole, Right, Role, Roles};
pub use housekeeping::sweep;
pub use operators::{
    Colleague, Login, LoginError, MOST_CAPACITY, NewOperator, Operator, OperatorChange, change_operator, colleagues,
    create_operator, operators,
};
pub use passwords::PasswordError;
pub use preferences::{Density, Preferences, TextPercent, TextPercentError, Theme, set_preferences};
pub use presence::{Presence, PresenceState, set_presence};
pub use sessions::{IDLE, LONGEST, Me, SignInError, Token, actor_of, me, sign_in, sign_out};

use crate::platform::store::StoreError;

/// What can go wrong in the workforce.
#[derive(Debug, thiserror::Error)]
pub enum WorkforceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("there is no such operator")]
    NotFound,
    #[error("this login is taken; choose another")]
    LoginTaken,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("{0}")]
    Invalid(&'static str),
}

impl From<sqlx::Error> for WorkforceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
