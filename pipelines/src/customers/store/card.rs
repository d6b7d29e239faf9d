//! What a card shows, each part by one statement over all customers who are the person.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::taxonomy::Language;
use sqlx::PgPool;

use super::{ids, language, parsed};
use crate::customers::{CardAccount, CardContact, CardPhone, IdentityId, IdentityKind, Phone};
use crate::events::{Channel, ContactId, ContactState, CustomerId};
use crate::platform::store::StoreError;

pub(crate) struct Who {
    pub(crate) name: Option<String>,
    pub(crate) language: Option<Language>,
    pub(crate) since: Timestamp,
    pub(crate) city: Option<String>,
}

/// What is known of a customer, and where it is not, of whoever they are linked with; `since` is of the first of them.
pub(crate) async fn who(pool: &PgPool, customer: CustomerId, person: &[CustomerId]) -> Result<Option<Who>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT (array_agg(c.name ORDER BY c.customer_id <> $1, c.created_at) FILTER (WHERE c.name IS NOT NULL))[1] AS name,
                  (array_agg(c.language ORDER BY c.customer_id <> $1, c.created_at) FILTER (WHERE c.language IS NOT NULL))[1]
                    AS language,
                  (array_agg(city.name ORDER BY c.customer_id <> $1, c.created_at) FILTER (WHERE city.name IS NOT NULL))[1]
                    AS city,
                  min(c.created_at) AS "since!: jiff_sqlx::Timestamp"
           FROM customer c LEFT JOIN city ON city.id = c.city_id WHERE c.customer_id = ANY($2)
           HAVING bool_or(c.customer_id = $1)"#,
        customer.0,
        &ids(person),
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Who { name: row.name, language: language(row.language)?, since: row.since.to_jiff(), city: row.city }))
}

/// Phones masked, other keys shortened.
pub(crate) async fn identities(
    pool: &PgPool,
    person: &[CustomerId],
) -> Result<(Vec<CardPhone>, Vec<CardAccount>), StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: IdentityId", kind AS "kind: IdentityKind", value FROM identity
           WHERE customer_id = ANY($1) ORDER BY added_at, id LIMIT 200"#,
        &ids(person),
    )
    .fetch_all(pool)
    .await?;
    let (mut phones, mut accounts) = (Vec::new(), Vec::new());
    for row in rows {
        match (row.kind, Phone::from_e164(&row.value)) {
            (IdentityKind::Phone, Ok(phone)) => phones.push(CardPhone { id: row.id, masked: phone.masked() }),
            (IdentityKind::Phone, Err(_)) => phones.push(CardPhone { id: row.id, masked: "•••".to_owned() }),
            (kind, _) => accounts.push(CardAccount { id: row.id, kind, label: shortened(&row.value) }),
        }
    }
    Ok((phones, accounts))
}

/// The last four characters of a key, and of a short one none.
fn shortened(value: &str) -> String {
    let characters = value.chars().count();
    let shown: String = value.chars().skip(characters.saturating_sub(4)).collect();
    if characters < 8 { "•••".to_owned() } else { format!("•••{shown}") }
}

pub(crate) async fn phone(
    pool: &PgPool,
    person: &[CustomerId],
    phone: IdentityId,
) -> Result<Option<Phone>, StoreError> {
    let value = sqlx::query_scalar!(
        "SELECT value FROM identity WHERE customer_id = ANY($1) AND id = $2 AND kind = 'phone'",
        &ids(person),
        phone.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(value.and_then(|value| Phone::from_e164(&value).ok()))
}

pub(crate) async fn contacts(pool: &PgPool, person: &[CustomerId], rows: i64) -> Result<Vec<CardContact>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT k.id AS "id!: ContactId", k.channel AS "channel!: Channel", k.state AS "state!: ContactState",
                  k.opened_at AS "opened_at!: jiff_sqlx::Timestamp", k.closed_at AS "closed_at: jiff_sqlx::Timestamp",
                  k.topic, k.outcome
           FROM unnest($1::uuid[]) AS whose (customer_id)
           CROSS JOIN LATERAL (
             SELECT * FROM contact k WHERE k.customer_id = whose.customer_id ORDER BY k.opened_at DESC LIMIT $2
           ) k
           ORDER BY k.opened_at DESC, k.id DESC LIMIT $2"#,
        &ids(person),
        rows,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(CardContact {
                id: row.id,
                channel: row.channel,
                opened_at: row.opened_at.to_jiff(),
                closed_at: row.closed_at.map(|at| at.to_jiff()),
                state: row.state,
                topic: row.topic.as_deref().map(parsed).transpose()?,
                outcome: row.outcome.as_deref().map(parsed).transpose()?,
            })
        })
        .collect()
}

pub(crate) async fn contacts_since(pool: &PgPool, person: &[CustomerId], since: Timestamp) -> Result<u32, StoreError> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM contact WHERE customer_id = ANY($1) AND opened_at >= $2"#,
        &ids(person),
        since.to_sqlx() as _,
    )
    .fetch_one(pool)
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
