//! The demonstration's rows that no import brings: doors and their secrets, templates, consents.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::{AccountPlan, Person, Secret, TemplatePlan};
use crate::events::CustomerId;
use crate::platform::store::{Change, StoreError};

pub(super) async fn holds_brands(pool: &PgPool) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM brand) AS "exists!""#).fetch_one(pool).await?)
}

pub(super) async fn accounts(change: &mut Change, accounts: &[AccountPlan]) -> Result<(), StoreError> {
    for account in accounts {
        sqlx::query!(
            "INSERT INTO channel_account (id, channel, slug, name, brand_id, language) VALUES ($1, $2, $3, $4, $5, $6)",
            account.id,
            account.channel.as_str(),
            account.slug,
            account.name,
            account.brand.0,
            account.language.as_str(),
        )
        .execute(change.conn())
        .await?;
        for secret in &account.secrets {
            let (kind, value) = stored(secret);
            sqlx::query!(
                "INSERT INTO channel_secret (account_id, kind, value) VALUES ($1, $2, $3)",
                account.id,
                kind,
                value,
            )
            .execute(change.conn())
            .await?;
        }
    }
    Ok(())
}

/// What is only compared is kept as its hash.
fn stored(secret: &Secret) -> (&'static str, Vec<u8>) {
    match secret {
        Secret::Webhook(text) => ("webhook_sha256", Sha256::digest(text).to_vec()),
        Secret::Source(text) => ("source_sha256", Sha256::digest(text).to_vec()),
        Secret::BotToken(text) => ("bot_token", text.clone().into_bytes()),
        Secret::AppKey(text) => ("app_key", text.clone().into_bytes()),
    }
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
