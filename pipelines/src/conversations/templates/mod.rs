//! Ready texts for replies. A template holds words and the names of values; what a value is comes from the customer's
//! own data, and a value that is not there is asked for, never left out.

mod body;
mod edit;
mod fitting;
mod render;
mod store;
mod values;
mod variable;
mod wording;

pub use body::BodyError;
pub use edit::{TemplateInput, change_template, create_template, remove_template};
pub(crate) use fitting::fitting;
pub use render::{MissingValue, Rendered, RenderedSegment, Values, render};
pub use variable::Variable;

use models::taxonomy::{Language, Topic};
use serde::{Deserialize, Serialize};

use crate::platform::store::{Store, StoreError};
use crate::workforce::{Actor, Forbidden, Right};

crate::id!(
    /// A ready text for replies.
    TemplateId
);

/// A template as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Template {
    pub id: TemplateId,
    /// What is typed after `/`.
    pub shortcut: String,
    pub title: String,
    pub language: Language,
    pub body: String,
    pub variables: Vec<Variable>,
    /// What a contact is about where the template fits.
    pub topics: Vec<Topic>,
}

/// The templates in use, by shortcut and language.
pub async fn templates(store: &Store, actor: &Actor) -> Result<Vec<Template>, TemplateError> {
    if !actor.can(Right::Administer) {
        actor.require(Right::Judge)?;
    }
    Ok(store::all(store.pool()).await?)
}

/// What can go wrong with templates.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("there is no such template or contact")]
    NotFound,
    #[error("another template has this shortcut in this language; choose another")]
    ShortcutTaken,
    #[error("{0}")]
    Invalid(&'static str),
}
