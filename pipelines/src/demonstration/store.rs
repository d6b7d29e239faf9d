//! The demonstration's rows that no import brings: templates, consents and talks.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use models::entities::Entity;
use models::reading::{Reading, Scored};
use models::taxonomy::{Language, Sentiment, Topic, Urgency};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::talks::Talk;
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

/// Talks that are over, with what a model would have read in them. No event tells of them.
pub(super) async fn talks(change: &mut Change, talks: &[Talk]) -> Result<(), StoreError> {
    for talk in talks {
        let closed = talk.at + SignedDuration::from_mins(9);
        contact(change, talk, closed).await?;
        for (seq, (author, (id, text), at)) in (2..).zip([
            ("customer", (talk.said.0, talk.said.1.as_str()), talk.at),
            ("operator", talk.answered, talk.at + SignedDuration::from_mins(4)),
        ]) {
            sqlx::query!(
                "INSERT INTO message (customer_id, id, contact_id, seq, author, kind, text, at, received_at, changed_seq)
                 VALUES ($1, $2, $3, $4, $5, 'text', $6, $7, $7, $4)",
                talk.customer.0,
                id.0,
                talk.contact.0,
                seq,
                author,
                text,
                at.to_sqlx() as _,
            )
            .execute(change.conn())
            .await?;
        }
        for (message, entities) in [(Some(talk.said.0.0), vec![talk.dish.clone()]), (None, Vec::new())] {
            insight(change, talk, message, entities).await?;
        }
    }
    Ok(())
}

/// The contact and the two steps of its life that are known.
async fn contact(change: &mut Change, talk: &Talk, closed: Timestamp) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, city_id, restaurant_id, thread, state, state_since,
                              last_seq, opened_at, queued_at, closed_at, last_message_at, language, topic, urgency,
                              sentiment, read_as_of, outcome)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'closed', $10, 4, $9, $9, $10, $9, 'ru', $11, 'normal', 'negative', 2,
                 'promised')",
        talk.customer.0,
        talk.contact.0,
        talk.channel.as_str(),
        talk.account.0,
        talk.brand.0,
        talk.city.0,
        talk.restaurant.0,
        talk.thread,
        talk.at.to_sqlx() as _,
        closed.to_sqlx() as _,
        Topic::FoodQuality.as_str(),
    )
    .execute(change.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO contact_step (customer_id, contact_id, seq, step, state, at)
         VALUES ($1, $2, 1, 'opened', 'queued', $3), ($1, $2, 4, 'closed', 'closed', $4)",
        talk.customer.0,
        talk.contact.0,
        talk.at.to_sqlx() as _,
        closed.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

async fn insight(
    change: &mut Change,
    talk: &Talk,
    message: Option<Uuid>,
    entities: Vec<Entity>,
) -> Result<(), StoreError> {
    let reading = Reading {
        language: Scored { value: Language::Ru, score: 0.99 },
        mixed: false,
        topics: vec![Scored { value: Topic::FoodQuality, score: 0.96 }],
        abstained: false,
        sentiment: Scored { value: Sentiment::Negative, score: 0.94 },
        urgency: Scored { value: Urgency::Normal, score: 0.9 },
        entities,
    };
    let mut result = serde_json::to_value(&reading).map_err(StoreError::Encode)?;
    result["v"] = json!(1);
    sqlx::query!(
        "INSERT INTO insight (customer_id, id, contact_id, message_id, as_of_seq, model, version, topic, class, abstained,
                              sentiment, urgency, language, result, latency_us, made_at)
         VALUES ($1, $2, $3, $4, 2, 'demonstration', '1', $5, 'complaint', false, 'negative', 'normal', 'ru', $6, 0, $7)",
        talk.customer.0,
        change.clock().id(),
        talk.contact.0,
        message,
        Topic::FoodQuality.as_str(),
        result,
        talk.at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}
