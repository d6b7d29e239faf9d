//! Contacts in lists, and who may see them.

use jiff_sqlx::ToSqlx;
use models::reading::Scored;
use models::taxonomy::Topic;
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{parsed, parsed_some};
use crate::conversations::desk::{Filter, Scope};
use crate::conversations::view::{ContactSummary, Person, Preview, Seen};
use crate::conversations::{AccountId, Thread};
use crate::events::{Author, Channel, ContactId, ContactState, CustomerId, MessageKind, OperatorId};
use crate::platform::page::Cursor;
use crate::platform::store::StoreError;
use crate::workforce::{Actor, Right};

/// See [`crate::conversations::view::seen`]: the rule stands here and, for summaries in memory, in `desk::is_on_desk`.
pub(crate) async fn seen(pool: &PgPool, actor: &Actor, contact: ContactId) -> Result<Option<Seen>, StoreError> {
    let mut conn = pool.acquire().await?;
    find(&mut conn, actor, contact).await
}

/// Whether the actor may see the contact, as the change sees it.
pub(crate) async fn sees(conn: &mut PgConnection, actor: &Actor, contact: ContactId) -> Result<bool, StoreError> {
    Ok(find(conn, actor, contact).await?.is_some())
}

async fn find(conn: &mut PgConnection, actor: &Actor, contact: ContactId) -> Result<Option<Seen>, StoreError> {
    let languages: Vec<String> = actor.languages.iter().map(|language| language.as_str().to_owned()).collect();
    let row = sqlx::query!(
        r#"SELECT c.customer_id AS "customer_id: CustomerId", c.opened_at AS "opened_at: jiff_sqlx::Timestamp"
           FROM contact c
           WHERE c.id = $1 AND ($2 OR ($3 AND (
             c.operator_id = $4
             OR (c.state = 'queued' AND (c.language IS NULL OR c.language = ANY($5)))
             OR EXISTS (SELECT FROM contact mine WHERE mine.customer_id = c.customer_id AND mine.operator_id = $4
                          AND mine.state IN ('offered', 'active', 'held', 'wrap_up')))))"#,
        contact.0,
        actor.can(Right::SeeTeam),
        actor.can(Right::Serve),
        actor.id.0,
        &languages,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Seen { id: contact, customer_id: row.customer_id, opened_at: row.opened_at.to_jiff() }))
}

/// The operator's own contacts, oldest first, and the head of the queue that they may serve.
pub(crate) async fn desk(
    pool: &PgPool,
    actor: &Actor,
    most: i64,
) -> Result<(Vec<ContactId>, Vec<ContactId>), StoreError> {
    let mine = sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contact
           WHERE operator_id = $1 AND state IN ('offered', 'active', 'held', 'wrap_up') ORDER BY queued_at, id"#,
        actor.id.0,
    )
    .fetch_all(pool)
    .await?;
    let languages: Vec<String> = actor.languages.iter().map(|language| language.as_str().to_owned()).collect();
    let queue = sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contact
           WHERE state = 'queued' AND (language IS NULL OR language = ANY($1)) ORDER BY rank, queued_at, id LIMIT $2"#,
        &languages,
        most,
    )
    .fetch_all(pool)
    .await?;
    Ok((mine, queue))
}

/// Where the contacts of a page stand in their list.
pub(crate) async fn page(
    pool: &PgPool,
    actor: &Actor,
    scope: Scope,
    filter: Filter,
    after: Option<Cursor>,
    rows: i64,
) -> Result<Vec<Cursor>, StoreError> {
    let order = match scope {
        Scope::Mine | Scope::Team => "opened_at",
        Scope::Queue => "queued_at",
        Scope::Closed => "closed_at",
    };
    let mut query = QueryBuilder::<Postgres>::new("SELECT ");
    query.push(order).push(", id FROM contact WHERE ");
    match scope {
        Scope::Mine => {
            query.push("state IN ('offered', 'active', 'held', 'wrap_up') AND operator_id = ").push_bind(actor.id.0);
        }
        Scope::Queue => {
            let languages: Vec<&str> = actor.languages.iter().map(|language| language.as_str()).collect();
            query.push("state = 'queued' AND (language IS NULL OR language = ANY(").push_bind(languages).push("))");
        }
        Scope::Team => drop(query.push("state NOT IN ('closed', 'abandoned')")),
        Scope::Closed => {
            query.push("state IN ('closed', 'abandoned')");
            if !actor.can(Right::SeeTeam) {
                query.push(" AND operator_id = ").push_bind(actor.id.0);
            }
        }
    }
    if let Some(channel) = filter.channel {
        query.push(" AND channel = ").push_bind(channel.as_str());
    }
    if let Some(topic) = filter.topic {
        query.push(" AND topic = ").push_bind(topic.as_str());
    }
    if let Some(urgency) = filter.urgency {
        query.push(" AND urgency = ").push_bind(urgency.as_str());
    }
    match (scope, after) {
        (Scope::Queue, Some(after)) => {
            query.push(" AND (rank, queued_at, id) > (SELECT rank, queued_at, id FROM contact WHERE id = ");
            query.push_bind(after.id).push(")");
        }
        (_, Some(after)) => {
            query.push(" AND (").push(order).push(", id) < (").push_bind(after.at.to_sqlx()).push(", ");
            query.push_bind(after.id).push(")");
        }
        (_, None) => {}
    }
    match scope {
        Scope::Queue => query.push(" ORDER BY rank, queued_at, id"),
        _ => query.push(" ORDER BY ").push(order).push(" DESC, id DESC"),
    };
    query.push(" LIMIT ").push_bind(rows);
    let places: Vec<(jiff_sqlx::Timestamp, Uuid)> = query.build_query_as().fetch_all(pool).await?;
    Ok(places.into_iter().map(|(at, id)| Cursor { at: at.to_jiff(), id }).collect())
}

/// How contacts stand, in no order.
pub(crate) async fn summaries(pool: &PgPool, ids: &[ContactId]) -> Result<Vec<ContactSummary>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT c.id AS "id: ContactId", c.customer_id AS "customer_id: CustomerId", cu.name AS customer_name,
                  c.channel AS "channel: Channel", a.name AS account_name, b.name AS brand, ci.name AS "city?", ci.zone AS "zone?",
                  c.state AS "state: ContactState", c.operator_id AS "operator_id: OperatorId", o.name AS "operator_name?",
                  c.last_seq, c.opened_at AS "opened_at: jiff_sqlx::Timestamp",
                  c.queued_at AS "queued_at: jiff_sqlx::Timestamp", c.state_since AS "state_since: jiff_sqlx::Timestamp",
                  c.closed_at AS "closed_at: jiff_sqlx::Timestamp", c.waiting_since AS "waiting_since: jiff_sqlx::Timestamp",
                  c.language, c.topic, c.topic_score, c.urgency, c.urgency_score, c.sentiment, c.sentiment_score,
                  l.author AS "last_author?: Author", l.kind AS "last_kind?: MessageKind", left(l.text, 160) AS last_text,
                  l.received_at AS "last_at?: jiff_sqlx::Timestamp",
                  (SELECT count(*) FROM message m WHERE m.customer_id = c.customer_id AND m.contact_id = c.id
                     AND m.seq > c.read_seq AND m.author = 'customer') AS "unread!"
           FROM unnest((SELECT $1::uuid[])) AS k(id)
           JOIN contact c ON c.id = k.id
           JOIN customer cu ON cu.customer_id = c.customer_id
           JOIN channel_account a ON a.id = c.account_id
           JOIN brand b ON b.id = c.brand_id
           LEFT JOIN city ci ON ci.id = c.city_id
           LEFT JOIN operator o ON o.id = c.operator_id
           LEFT JOIN LATERAL (SELECT m.author, m.kind, m.text, m.received_at FROM message m
                              WHERE m.customer_id = c.customer_id AND m.contact_id = c.id
                              ORDER BY m.seq DESC LIMIT 1) l ON true"#,
        &ids,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let topic: Option<Topic> = parsed_some(row.topic.as_deref())?;
            Ok(ContactSummary {
                id: row.id,
                customer_id: row.customer_id,
                customer_name: row.customer_name,
                channel: row.channel,
                account_name: row.account_name,
                brand: row.brand,
                city: row.city,
                time_zone: row.zone,
                state: row.state,
                operator: Person::of(row.operator_id, row.operator_name),
                seq: row.last_seq,
                opened_at: row.opened_at.to_jiff(),
                queued_at: row.queued_at.to_jiff(),
                state_since: row.state_since.to_jiff(),
                closed_at: row.closed_at.map(|at| at.to_jiff()),
                waiting_since: row.waiting_since.map(|at| at.to_jiff()),
                last_message: match (row.last_author, row.last_kind, row.last_at) {
                    (Some(author), Some(kind), Some(at)) => {
                        Some(Preview { author, kind, text: row.last_text, at: at.to_jiff() })
                    }
                    _ => None,
                },
                unread: row.unread,
                language: parsed_some(row.language.as_deref())?,
                class: topic.map(Topic::class),
                topic: scored(topic, row.topic_score),
                urgency: scored(row.urgency.as_deref().map(parsed).transpose()?, row.urgency_score),
                sentiment: scored(row.sentiment.as_deref().map(parsed).transpose()?, row.sentiment_score),
            })
        })
        .collect()
}

/// A label that a person gave has no score in the database: they are sure.
fn scored<T>(value: Option<T>, score: Option<f32>) -> Option<Scored<T>> {
    value.map(|value| Scored { value, score: score.unwrap_or(1.0) })
}

pub(crate) async fn of_customer(
    pool: &PgPool,
    customer: CustomerId,
    contact: ContactId,
) -> Result<Option<Seen>, StoreError> {
    let opened_at = sqlx::query_scalar!(
        r#"SELECT opened_at AS "opened_at: jiff_sqlx::Timestamp" FROM contact WHERE customer_id = $1 AND id = $2"#,
        customer.0,
        contact.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(opened_at.map(|at| Seen { id: contact, customer_id: customer, opened_at: at.to_jiff() }))
}

/// The open contact of a talk, else the one that ended last.
pub(crate) async fn of_thread(pool: &PgPool, account: AccountId, thread: &Thread) -> Result<Option<Seen>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT id AS "id: ContactId", customer_id AS "customer_id: CustomerId",
                  opened_at AS "opened_at: jiff_sqlx::Timestamp"
           FROM contact WHERE account_id = $1 AND thread = $2 ORDER BY closed_at DESC NULLS FIRST LIMIT 1"#,
        account.0,
        thread.as_str(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Seen { id: row.id, customer_id: row.customer_id, opened_at: row.opened_at.to_jiff() }))
}
