//! The demonstration's rows that no import brings: templates and consents.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use super::{Person, TemplatePlan};
use crate::events::CustomerId;
use crate::platform::store::{Change, StoreError};

pub(super) async fn holds_brands(pool: &PgPool) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM brand) AS "exists!""#).fetch_one(pool).await?)
}

pub(super) async fn templates(change: &mut Change, templates: &[TemplatePlan]) -> Result<(), StoreError> {
    let at = change.at();
    for template in templates {
        let topics: Vec<String> = template.topics.iter().map(|topic| topic.as_str().to_owned()).collect();
        sqlx::query!(
            "INSERT INTO template (id, shortcut, language, title, body, topics, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            change.clock().id(),
            template.shortcut,
            template.language.as_str(),
            template.title,
            template.body,
            &topics,
            at.to_sqlx() as _,
        )
        .execute(change.conn())
        .await?;
    }
    Ok(())
}

/// Everybody agreed to be served; who was asked about advertising said yes, and of those who regret it a day later
/// the withdrawal stands too.
pub(super) async fn consents(change: &mut Change, people: &[Person], ids: &[CustomerId]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (person, id) in people.iter().zip(ids) {
        rows.push((*id, person.since, "service", None));
        if let Some(takes) = person.marketing {
            let regretted = person.since + SignedDuration::from_hours(20);
            rows.push((*id, person.since, "marketing", (!takes).then_some(regretted)));
        }
    }
    sqlx::query!(
        "INSERT INTO consent (customer_id, id, purpose, source, given_at, withdrawn_at)
         SELECT customer_id, id, purpose, 'site', given_at, withdrawn_at
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
           AS asked (customer_id, id, purpose, given_at, withdrawn_at)",
        &rows.iter().map(|row| row.0.0).collect::<Vec<_>>(),
        &rows.iter().map(|_| change.clock().id()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.2.to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.1.to_sqlx()).collect::<Vec<_>>() as _,
        &rows.iter().map(|row| row.3.map(|at| at.to_sqlx())).collect::<Vec<_>>() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}
