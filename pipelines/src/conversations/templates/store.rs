//! The table of templates, and what a contact gives them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::taxonomy::{Language, Topic};
use sqlx::PgPool;
use uuid::Uuid;

use super::body::Body;
use super::{Template, TemplateId};
use crate::events::{ContactId, CustomerId};
use crate::platform::store::{Change, StoreError};

pub(super) async fn all(pool: &PgPool) -> Result<Vec<Template>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, shortcut, title, language, body, topics FROM template WHERE active ORDER BY shortcut, language",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::template).collect()
}

/// The templates in use that are meant for a topic.
pub(super) async fn meant_for(pool: &PgPool, language: Language, topic: Topic) -> Result<Vec<Template>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, shortcut, title, language, body, topics FROM template
         WHERE active AND language = $1 AND $2 = ANY(topics) ORDER BY shortcut",
        language.as_str(),
        topic.as_str(),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::template).collect()
}

pub(super) async fn one(pool: &PgPool, id: TemplateId) -> Result<Option<Template>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, shortcut, title, language, body, topics FROM template WHERE id = $1 AND active",
        id.0,
    )
    .fetch_optional(pool)
    .await?;
    row.map(Row::template).transpose()
}

struct Row {
    id: Uuid,
    shortcut: String,
    title: String,
    language: String,
    body: String,
    topics: Vec<String>,
}

impl Row {
    fn template(self) -> Result<Template, StoreError> {
        // A body that this version cannot read names no variables here and says why when it is filled.
        let variables = Body::parse(&self.body).map(|body| body.variables()).unwrap_or_default();
        Ok(Template {
            id: TemplateId(self.id),
            shortcut: self.shortcut,
            title: self.title,
            language: parsed(&self.language)?,
            body: self.body,
            variables,
            topics: self.topics.iter().map(|topic| parsed(topic)).collect::<Result<_, _>>()?,
        })
    }
}

fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, StoreError> {
    word.parse().map_err(|_| StoreError::Decode(serde::de::Error::custom("a word outside its closed list")))
}

fn topic_words(template: &Template) -> Vec<String> {
    template.topics.iter().map(|topic| topic.as_str().to_owned()).collect()
}

/// False where another template has the shortcut in the language.
pub(super) async fn insert(change: &mut Change, template: &Template) -> Result<bool, StoreError> {
    let at = change.at();
    let added = sqlx::query!(
        "INSERT INTO template (id, shortcut, language, title, body, topics, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (shortcut, language) WHERE active DO NOTHING",
        template.id.0,
        template.shortcut,
        template.language.as_str(),
        template.title,
        template.body,
        &topic_words(template),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(added.rows_affected() == 1)
}

pub(super) enum Updated {
    Done,
    NotThere,
    ShortcutTaken,
}

pub(super) async fn update(change: &mut Change, template: &Template) -> Result<Updated, StoreError> {
    let at = change.at();
    let updated = sqlx::query!(
        "UPDATE template SET shortcut = $2, language = $3, title = $4, body = $5, topics = $6, changed_at = $7
         WHERE id = $1 AND active",
        template.id.0,
        template.shortcut,
        template.language.as_str(),
        template.title,
        template.body,
        &topic_words(template),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await;
    match updated {
        Ok(done) if done.rows_affected() == 1 => Ok(Updated::Done),
        Ok(_) => Ok(Updated::NotThere),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(Updated::ShortcutTaken),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove(change: &mut Change, id: TemplateId) -> Result<bool, StoreError> {
    let at = change.at();
    let removed = sqlx::query!(
        "UPDATE template SET active = false, changed_at = $2 WHERE id = $1 AND active",
        id.0,
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(removed.rows_affected() == 1)
}

/// Whom a template speaks to, and about what.
pub(super) struct Subject {
    pub(super) customer: CustomerId,
    pub(super) customer_name: Option<String>,
    pub(super) waiting_since: Option<Timestamp>,
    pub(super) city: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) restaurant: Option<String>,
}

pub(super) async fn subject(pool: &PgPool, contact: ContactId) -> Result<Option<Subject>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT k.customer_id AS "customer: CustomerId", c.name,
                  k.waiting_since AS "waiting_since: jiff_sqlx::Timestamp",
                  city.name AS "city?", city.zone AS "zone?", r.name AS "restaurant?"
           FROM contact k
           JOIN customer c ON c.customer_id = k.customer_id
           LEFT JOIN city ON city.id = coalesce(k.city_id, c.city_id)
           LEFT JOIN restaurant r ON r.id = k.restaurant_id
           WHERE k.id = $1"#,
        contact.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Subject {
        customer: row.customer,
        customer_name: row.name,
        waiting_since: row.waiting_since.map(|at| at.to_jiff()),
        city: row.city,
        zone: row.zone,
        restaurant: row.restaurant,
    }))
}
