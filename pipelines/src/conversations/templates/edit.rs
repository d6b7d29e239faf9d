//! Templates are made and changed by administrators, and checked before anybody can use them.

use models::taxonomy::{Language, Topic};
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::{Template, TemplateError, TemplateId, store};
use crate::platform::store::{Change, Store};
use crate::workforce::{Actor, Right, audit};

/// A template as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TemplateInput {
    /// 1 to 32 letters, digits, hyphens or underscores.
    pub shortcut: String,
    pub title: String,
    pub language: Language,
    /// Text with values in double braces.
    pub body: String,
    #[serde(default)]
    pub topics: Vec<Topic>,
}

/// Adds a template. `by` none stands for whoever owns the machine and works on its command line.
pub async fn create_template(
    store: &Store,
    by: Option<&Actor>,
    input: TemplateInput,
) -> Result<Template, TemplateError> {
    if let Some(actor) = by {
        actor.require(Right::Administer)?;
    }
    let mut change = store.begin().await?;
    let template = checked(TemplateId::new(change.clock()), input)?;
    if !store::insert(&mut change, &template).await? {
        return Err(TemplateError::ShortcutTaken);
    }
    noted(change, by, audit::Action::TemplateCreated, template.id).await?;
    Ok(template)
}

/// Replaces a template.
pub async fn change_template(
    store: &Store,
    actor: &Actor,
    id: TemplateId,
    input: TemplateInput,
) -> Result<Template, TemplateError> {
    actor.require(Right::Administer)?;
    let template = checked(id, input)?;
    let mut change = store.begin().await?;
    match store::update(&mut change, &template).await? {
        store::Updated::Done => {}
        store::Updated::NotThere => return Err(TemplateError::NotFound),
        store::Updated::ShortcutTaken => return Err(TemplateError::ShortcutTaken),
    }
    noted(change, Some(actor), audit::Action::TemplateChanged, id).await?;
    Ok(template)
}

/// Takes a template out of use. Messages that were written with it keep pointing at it; its shortcut becomes free.
pub async fn remove_template(store: &Store, actor: &Actor, id: TemplateId) -> Result<(), TemplateError> {
    actor.require(Right::Administer)?;
    let mut change = store.begin().await?;
    if !store::remove(&mut change, id).await? {
        return Err(TemplateError::NotFound);
    }
    noted(change, Some(actor), audit::Action::TemplateRemoved, id).await
}

async fn noted(
    mut change: Change,
    by: Option<&Actor>,
    action: audit::Action,
    id: TemplateId,
) -> Result<(), TemplateError> {
    let entry = by.map_or_else(|| audit::Entry::by_nobody(action), |actor| audit::Entry::by(actor, action));
    audit::write(&mut change, entry.of(audit::ObjectKind::Template, id.0)).await?;
    Ok(change.commit().await?)
}

fn checked(id: TemplateId, input: TemplateInput) -> Result<Template, TemplateError> {
    let (shortcut, title) = (input.shortcut.trim().to_lowercase(), input.title.trim().to_owned());
    let letter = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if !(1..=32).contains(&shortcut.chars().count()) || !shortcut.chars().all(letter) {
        return Err(TemplateError::Invalid("a shortcut has 1 to 32 letters, digits, hyphens or underscores"));
    }
    if !(1..=100).contains(&title.chars().count()) || title.chars().any(char::is_control) {
        return Err(TemplateError::Invalid("a title has 1 to 100 characters"));
    }
    let mut topics = input.topics;
    topics.sort_by_key(|topic| Topic::ALL.iter().position(|known| known == topic));
    topics.dedup();
    let variables = Body::parse(&input.body)?.variables();
    let body = input.body.trim().to_owned();
    Ok(Template { id, shortcut, title, language: input.language, body, variables, topics })
}
