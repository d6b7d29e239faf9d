//! What was given and promised, from the facts of summaries.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::taxonomy::{FactType, Topic};
use serde_json::Value;
use sqlx::PgPool;

use super::points::Span;
use crate::conversations::store::{parsed, parsed_some};
use crate::events::{Channel, ContactId};
use crate::orders::{CityId, Currency, Money};
use crate::platform::page::Cursor;
use crate::platform::store::StoreError;
use crate::trends::Scope;
use crate::trends::given::{Cell, Given, GivenFact, GivenLack, PromiseState};

/// Compensation of the whole days of a span, so many cells at most; `home` is the zone of what has no city.
pub(in crate::trends) async fn compensation(
    pool: &PgPool,
    span: &Span,
    scope: &Scope,
    home: &str,
    most: i64,
) -> Result<Vec<Cell<Given>>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT (said_at AT TIME ZONE coalesce(zone, $1))::date AS "day!: jiff_sqlx::Date", topic,
                  city_id AS "city: CityId", channel AS "channel!: Channel", type AS "what!", done AS "done!",
                  currency AS "currency: Currency", count(*) AS "n!", sum(amount_minor)::bigint AS sum
           FROM summary_given
           WHERE said_at >= $2 AND said_at < $3
             AND ($4::date IS NULL OR (said_at AT TIME ZONE coalesce(zone, $1))::date >= $4)
             AND ($5::date IS NULL OR (said_at AT TIME ZONE coalesce(zone, $1))::date < $5)
             AND ($6 = '' OR topic = $6) AND ($7::uuid IS NULL OR city_id = $7)
             AND ($8::text IS NULL OR channel = $8) AND ($9::uuid IS NULL OR restaurant_id = $9)
           GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7 LIMIT $10"#,
        home,
        span.from.to_sqlx() as _,
        span.to.to_sqlx() as _,
        span.days.map(|(from, _)| from.to_sqlx()) as _,
        span.days.map(|(_, to)| to.to_sqlx()) as _,
        scope.topic_key(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
        most,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Cell {
                day: row.day.to_jiff(),
                topic: parsed_some(row.topic.as_deref())?,
                city: row.city,
                channel: row.channel,
                what: parsed(&row.what)?,
                n: row.n,
                measure: Given {
                    done: row.done,
                    sum: row.sum.zip(row.currency).map(|(minor, currency)| Money { minor, currency }),
                },
            })
        })
        .collect()
}

/// Promises of the whole days of a span, by what has become of them at `now`, so many cells at most.
pub(in crate::trends) async fn promises(
    pool: &PgPool,
    span: &Span,
    scope: &Scope,
    home: &str,
    now: Timestamp,
    most: i64,
) -> Result<Vec<Cell<PromiseState>>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT (said_at AT TIME ZONE coalesce(zone, $1))::date AS "day!: jiff_sqlx::Date", topic,
                  city_id AS "city: CityId", channel AS "channel!: Channel", type AS "what!",
                  promise_state(due_at, returned_at, $10) AS "state!: PromiseState",
                  count(*) AS "n!"
           FROM summary_promise
           WHERE said_at >= $2 AND said_at < $3
             AND ($4::date IS NULL OR (said_at AT TIME ZONE coalesce(zone, $1))::date >= $4)
             AND ($5::date IS NULL OR (said_at AT TIME ZONE coalesce(zone, $1))::date < $5)
             AND ($6 = '' OR topic = $6) AND ($7::uuid IS NULL OR city_id = $7)
             AND ($8::text IS NULL OR channel = $8) AND ($9::uuid IS NULL OR restaurant_id = $9)
           GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6 LIMIT $11"#,
        home,
        span.from.to_sqlx() as _,
        span.to.to_sqlx() as _,
        span.days.map(|(from, _)| from.to_sqlx()) as _,
        span.days.map(|(_, to)| to.to_sqlx()) as _,
        scope.topic_key(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
        now.to_sqlx() as _,
        most,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Cell {
                day: row.day.to_jiff(),
                topic: parsed_some(row.topic.as_deref())?,
                city: row.city,
                channel: row.channel,
                what: parsed(&row.what)?,
                n: row.n,
                measure: row.state,
            })
        })
        .collect()
}

/// Whose contacts are listed.
pub(in crate::trends) struct Within<'a> {
    pub(in crate::trends) span: &'a Span,
    pub(in crate::trends) scope: &'a Scope,
    pub(in crate::trends) home: &'a str,
    pub(in crate::trends) what: Option<FactType>,
    pub(in crate::trends) without: Option<GivenLack>,
}

/// A contact and what was given or promised in it.
pub(in crate::trends) struct Found {
    pub(in crate::trends) contact: ContactId,
    pub(in crate::trends) at: Timestamp,
    pub(in crate::trends) topic: Option<Topic>,
    pub(in crate::trends) channel: Channel,
    pub(in crate::trends) city: Option<CityId>,
    pub(in crate::trends) facts: Vec<GivenFact>,
}

/// The same as its row has it.
struct FoundRow {
    contact: ContactId,
    at: jiff_sqlx::Timestamp,
    topic: Option<String>,
    channel: Channel,
    city: Option<CityId>,
    facts: Value,
}

impl FoundRow {
    fn found(self) -> Result<Found, StoreError> {
        Ok(Found {
            contact: self.contact,
            at: self.at.to_jiff(),
            topic: parsed_some(self.topic.as_deref())?,
            channel: self.channel,
            city: self.city,
            facts: serde_json::from_value(self.facts).map_err(StoreError::Decode)?,
        })
    }
}

/// The contacts in which something was given, latest first.
pub(in crate::trends) async fn contacts_given(
    pool: &PgPool,
    within: &Within<'_>,
    done: Option<bool>,
    summed: Option<bool>,
    (before, rows): (Option<Cursor>, i64),
) -> Result<Vec<Found>, StoreError> {
    let found = sqlx::query_as!(
        FoundRow,
        r#"SELECT contact_id AS "contact!: ContactId", max(said_at) AS "at!: jiff_sqlx::Timestamp", topic,
                  channel AS "channel!: Channel", city_id AS "city: CityId",
                  json_agg(json_build_object('kind', kind, 'type', type, 'amount', amount, 'amount_minor', amount_minor,
                                             'currency', currency) ORDER BY n) AS "facts!"
           FROM summary_given
           WHERE said_at >= $2 AND said_at < $3
             AND ($4::date IS NULL OR (said_at AT TIME ZONE coalesce(zone, $1))::date >= $4)
             AND ($5::date IS NULL OR (said_at AT TIME ZONE coalesce(zone, $1))::date < $5)
             AND ($6 = '' OR topic = $6) AND ($7::uuid IS NULL OR city_id = $7)
             AND ($8::text IS NULL OR channel = $8) AND ($9::uuid IS NULL OR restaurant_id = $9)
             AND ($10::text IS NULL OR type = $10) AND ($11::boolean IS NULL OR done = $11)
             AND ($12::boolean IS NULL OR (amount_minor IS NOT NULL) = $12)
             AND ($16::text IS NULL OR CASE $16 WHEN 'topic' THEN topic IS NULL ELSE city_id IS NULL END)
           GROUP BY customer_id, contact_id, topic, channel, city_id
           HAVING $13::timestamptz IS NULL OR (max(said_at), contact_id) < ($13, $14)
           ORDER BY max(said_at) DESC, contact_id DESC LIMIT $15"#,
        within.home,
        within.span.from.to_sqlx() as _,
        within.span.to.to_sqlx() as _,
        within.span.days.map(|(from, _)| from.to_sqlx()) as _,
        within.span.days.map(|(_, to)| to.to_sqlx()) as _,
        within.scope.topic_key(),
        within.scope.city.map(|city| city.0),
        within.scope.channel.map(Channel::as_str),
        within.scope.restaurant.map(|restaurant| restaurant.0),
        within.what.map(FactType::as_str),
        done,
        summed,
        before.map(|before| before.at.to_sqlx()) as _,
        before.map(|before| before.id),
        rows,
        within.without.map(GivenLack::as_str),
    )
    .fetch_all(pool)
    .await?;
    found.into_iter().map(FoundRow::found).collect()
}

/// The contacts in which something was promised, latest first, by what has become of it at `now`.
pub(in crate::trends) async fn contacts_promised(
    pool: &PgPool,
    within: &Within<'_>,
    state: Option<PromiseState>,
    now: Timestamp,
    (before, rows): (Option<Cursor>, i64),
) -> Result<Vec<Found>, StoreError> {
    let found = sqlx::query_as!(
        FoundRow,
        r#"SELECT p.contact_id AS "contact!: ContactId", max(p.said_at) AS "at!: jiff_sqlx::Timestamp", p.topic,
                  p.channel AS "channel!: Channel", p.city_id AS "city: CityId",
                  json_agg(json_build_object('kind', p.kind, 'type', p.type, 'amount', p.amount,
                                             'amount_minor', p.amount_minor, 'currency', p.currency, 'due', p.due,
                                             'due_at', p.due_at, 'returned_at', p.returned_at, 'state', s.state)
                           ORDER BY p.n) AS "facts!"
           FROM summary_promise p
           CROSS JOIN LATERAL (SELECT promise_state(p.due_at, p.returned_at, $11) AS state) s
           WHERE p.said_at >= $2 AND p.said_at < $3
             AND ($4::date IS NULL OR (p.said_at AT TIME ZONE coalesce(p.zone, $1))::date >= $4)
             AND ($5::date IS NULL OR (p.said_at AT TIME ZONE coalesce(p.zone, $1))::date < $5)
             AND ($6 = '' OR p.topic = $6) AND ($7::uuid IS NULL OR p.city_id = $7)
             AND ($8::text IS NULL OR p.channel = $8) AND ($9::uuid IS NULL OR p.restaurant_id = $9)
             AND ($10::text IS NULL OR p.type = $10) AND ($12::text IS NULL OR s.state = $12)
             AND ($16::text IS NULL OR CASE $16 WHEN 'topic' THEN p.topic IS NULL ELSE p.city_id IS NULL END)
           GROUP BY p.customer_id, p.contact_id, p.topic, p.channel, p.city_id
           HAVING $13::timestamptz IS NULL OR (max(p.said_at), p.contact_id) < ($13, $14)
           ORDER BY max(p.said_at) DESC, p.contact_id DESC LIMIT $15"#,
        within.home,
        within.span.from.to_sqlx() as _,
        within.span.to.to_sqlx() as _,
        within.span.days.map(|(from, _)| from.to_sqlx()) as _,
        within.span.days.map(|(_, to)| to.to_sqlx()) as _,
        within.scope.topic_key(),
        within.scope.city.map(|city| city.0),
        within.scope.channel.map(Channel::as_str),
        within.scope.restaurant.map(|restaurant| restaurant.0),
        within.what.map(FactType::as_str),
        now.to_sqlx() as _,
        state.map(PromiseState::as_str),
        before.map(|before| before.at.to_sqlx()) as _,
        before.map(|before| before.id),
        rows,
        within.without.map(GivenLack::as_str),
    )
    .fetch_all(pool)
    .await?;
    found.into_iter().map(FoundRow::found).collect()
}
