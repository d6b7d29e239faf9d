//! The demonstration's rows that no import brings: templates, consents, and talks that are over.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use models::entities::Entity;
use models::reading::{Reading, Scored};
use models::taxonomy::{Language, Sentiment, Topic, Urgency};
use serde_json::json;
use sqlx::PgPool;

use super::{PastTalk, Person, TemplatePlan};
use crate::events::{Channel, ContactId, CustomerId};
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

/// Talks that are over: opened, taken, answered, finished and closed with their topic named; `people` are the customers'
/// ids in the order of the people. Gives the contacts. No events tell how they went: the log does not reach back so far.
pub(super) async fn talks(
    change: &mut Change,
    talks: &[PastTalk],
    people: &[CustomerId],
) -> Result<Vec<(CustomerId, ContactId)>, StoreError> {
    let contacts: Vec<_> = talks.iter().filter_map(|talk| Some((*people.get(talk.person)?, talk.id))).collect();
    let time = |of: fn(&PastTalk) -> jiff::Timestamp| talks.iter().map(|talk| of(talk).to_sqlx()).collect::<Vec<_>>();
    sqlx::query!(
        r#"WITH told AS (
             SELECT t.*, o.id AS operator_id
             FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
                         $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
                         $15::timestamptz[], $16::timestamptz[], $17::uuid[], $18::text[], $19::uuid[], $20::text[])
               AS t (customer_id, id, channel, account_id, brand_id, city_id, restaurant_id, login, language, topic, outcome,
                     opened, taken, answered, finished, closed, said_id, said, answer_id, answer)
             JOIN operator o ON o.login = t.login
           ), contacts AS (
             INSERT INTO contact (customer_id, id, channel, account_id, brand_id, city_id, restaurant_id, thread, state,
                                  state_since, operator_id, last_seq, opened_at, queued_at, closed_at, last_message_at,
                                  read_seq, language, topic, outcome)
             SELECT customer_id, id, channel, account_id, brand_id, city_id, restaurant_id, 'past-' || id, 'closed', closed,
                    operator_id, 6, opened, opened, closed, answered, 6, language, topic, outcome
             FROM told
           ), steps AS (
             INSERT INTO contact_step (customer_id, contact_id, seq, step, state, operator_id, actor_id, at)
             SELECT customer_id, id, s.seq, s.step, s.state, s.owner, s.owner, s.at
             FROM told CROSS JOIN LATERAL (VALUES
               (1, 'opened', 'queued', NULL, opened), (3, 'taken', 'active', operator_id, taken),
               (5, 'finished', 'wrap_up', operator_id, finished), (6, 'closed', 'closed', operator_id, closed)
             ) AS s (seq, step, state, owner, at)
           )
           INSERT INTO message (customer_id, id, contact_id, seq, author, operator_id, kind, text, at, received_at,
                                changed_seq, delivery, segment)
           SELECT customer_id, m.id, told.id, m.seq, m.author, m.operator_id, m.kind, m.text, m.at, m.at, m.seq, m.delivery,
                  CASE m.kind WHEN 'segment' THEN jsonb_build_object('v', 1, 'speaker', m.author, 'start_ms', m.start_ms,
                                                                     'end_ms', m.start_ms + 60 * length(m.text)) END
           FROM told CROSS JOIN LATERAL (VALUES
             (said_id, 2, 'customer', NULL, CASE channel WHEN 'call' THEN 'segment' ELSE 'text' END, said, opened, 'none', 0),
             (answer_id, 4, 'operator', operator_id, CASE channel WHEN 'call' THEN 'segment' ELSE 'text' END, answer, answered,
              CASE channel WHEN 'call' THEN 'none' ELSE 'sent' END, 60 * length(said) + 500)
           ) AS m (id, seq, author, operator_id, kind, text, at, delivery, start_ms)"#,
        &contacts.iter().map(|(customer, _)| customer.0).collect::<Vec<_>>(),
        &contacts.iter().map(|(_, contact)| contact.0).collect::<Vec<_>>(),
        &talks.iter().map(|talk| Channel::as_str(talk.past.channel).to_owned()).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.account.0).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.brand.0).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.past.city.map(|city| city.0)).collect::<Vec<_>>() as _,
        &talks.iter().map(|talk| talk.past.restaurant.map(|kitchen| kitchen.0)).collect::<Vec<_>>() as _,
        &talks.iter().map(|talk| talk.operator.to_owned()).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.language.as_str().to_owned()).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.past.topic.as_str().to_owned()).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.outcome.as_str().to_owned()).collect::<Vec<_>>(),
        &time(|talk| talk.past.at) as _,
        &time(|talk| talk.steps[0]) as _,
        &time(|talk| talk.steps[1]) as _,
        &time(|talk| talk.steps[2]) as _,
        &time(|talk| talk.steps[3]) as _,
        &talks.iter().map(|talk| talk.said.0).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.words.clone()).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.answered.0).collect::<Vec<_>>(),
        &talks.iter().map(|talk| talk.answer.to_owned()).collect::<Vec<_>>(),
    )
    .execute(change.conn())
    .await?;
    Ok(contacts)
}

/// What a model would have read in the talks in which a dish stood out, and in their messages: `people` as of [`talks`].
pub(super) async fn read(change: &mut Change, talks: &[PastTalk], people: &[CustomerId]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for talk in talks {
        let (Some(dish), Some(customer)) = (&talk.dish, people.get(talk.person)) else { continue };
        rows.push((*customer, talk, Some(talk.said.0), reading(vec![dish.clone()])?));
        rows.push((*customer, talk, None, reading(Vec::new())?));
    }
    sqlx::query!(
        "INSERT INTO insight (customer_id, id, contact_id, message_id, as_of_seq, model, version, topic, class, abstained,
                              sentiment, urgency, language, result, latency_us, made_at)
         SELECT customer_id, id, contact_id, message_id, 2, 'demonstration', '1', $5::text, 'complaint', false, 'negative', 'normal',
                'ru', result, 0, made_at
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $6::jsonb[], $7::timestamptz[])
           AS read (customer_id, id, contact_id, message_id, result, made_at)",
        &rows.iter().map(|row| row.0.0).collect::<Vec<_>>(),
        &rows.iter().map(|_| change.clock().id()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.1.id.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.2).collect::<Vec<_>>() as _,
        Topic::FoodQuality.as_str(),
        &rows.iter().map(|row| row.3.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.1.past.at.to_sqlx()).collect::<Vec<_>>() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

fn reading(entities: Vec<Entity>) -> Result<serde_json::Value, StoreError> {
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
    Ok(result)
}
