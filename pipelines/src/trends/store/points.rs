//! Points of series, and the contacts that count in them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use models::taxonomy::Topic;
use models::trends::Step;
use sqlx::PgPool;
use uuid::Uuid;

use super::topic_of;
use crate::conversations::store::parsed;
use crate::events::{Channel, ContactId};
use crate::orders::{CityId, RestaurantId};
use crate::platform::page::Cursor;
use crate::platform::store::StoreError;
use crate::trends::Scope;
use crate::trends::atlas::after;
use crate::trends::scope::named;

/// A step of a series.
pub(in crate::trends) struct Row {
    pub(in crate::trends) at: Timestamp,
    pub(in crate::trends) n: i64,
    pub(in crate::trends) expected: Option<f32>,
    pub(in crate::trends) lower: Option<f32>,
    pub(in crate::trends) upper: Option<f32>,
    pub(in crate::trends) p: Option<f64>,
    pub(in crate::trends) alert: bool,
    pub(in crate::trends) gap: bool,
}

/// The judged steps of series that differ in their topic, by topic and time.
pub(in crate::trends) async fn judged(
    pool: &PgPool,
    step: Step,
    scope: &Scope,
    topics: &[&str],
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<(Option<Topic>, Row)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT s.topic, p.at AS "at: jiff_sqlx::Timestamp", p.n, p.expected, p.lower, p.upper, p.p, p.alert, p.gap
           FROM trend_series s JOIN trend_point p ON p.series_id = s.id
           WHERE s.step = $1 AND s.topic = ANY($2) AND s.city_id IS NOT DISTINCT FROM $3
             AND s.channel IS NOT DISTINCT FROM $4 AND s.restaurant_id IS NOT DISTINCT FROM $5
             AND p.at >= $6 AND p.at < $7
           ORDER BY s.topic, p.at"#,
        step.as_str(),
        &topics.iter().map(|topic| (*topic).to_owned()).collect::<Vec<_>>(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
        from.to_sqlx() as _,
        to.to_sqlx() as _,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (n, at) = (row.n.into(), row.at.to_jiff());
            let (expected, lower, upper) = (row.expected, row.lower, row.upper);
            let (p, alert, gap) = (row.p, row.alert, row.gap);
            Ok((topic_of(&row.topic)?, Row { at, n, expected, lower, upper, p, alert, gap }))
        })
        .collect()
}

/// The steps of scopes that nobody judges or has judged yet, counted from the five minutes; steps without a contact
/// are 0.
pub(in crate::trends) async fn counted(
    pool: &PgPool,
    step: Step,
    scope: &Scope,
    topics: &[&str],
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<(Option<Topic>, Row)>, StoreError> {
    let span = Span::of(step, from, to);
    let rows = sqlx::query!(
        r#"WITH counted AS (
             SELECT topic, sum(n)::bigint AS n,
                    CASE $1 WHEN '5m' THEN at
                            WHEN '15m' THEN date_bin('15 minutes', at, 'epoch')
                            WHEN '1h' THEN date_bin('1 hour', at, 'epoch')
                            WHEN '1d' THEN day::timestamp AT TIME ZONE 'UTC'
                            ELSE date_trunc('week', day::timestamp) AT TIME ZONE 'UTC' END AS at
             FROM trend_count
             WHERE at >= $6 AND at < $7 AND topic = ANY($2) AND ($3::uuid IS NULL OR city_id = $3)
               AND ($4::text IS NULL OR channel = $4) AND ($5::uuid IS NULL OR restaurant_id = $5)
               AND ($8::date IS NULL OR day >= $8) AND ($9::date IS NULL OR day < $9)
             GROUP BY 1, 3
           )
           SELECT t.topic AS "topic!", s.at AS "at!: jiff_sqlx::Timestamp", coalesce(c.n, 0) AS "n!"
           FROM unnest($2::text[]) AS t (topic)
           CROSS JOIN generate_series($10::timestamptz, $11::timestamptz - interval '1 second',
                                      make_interval(secs => $12::double precision)) AS s (at)
           LEFT JOIN counted c USING (topic, at)
           ORDER BY t.topic, s.at"#,
        step.as_str(),
        &topics.iter().map(|topic| (*topic).to_owned()).collect::<Vec<_>>(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
        span.from.to_sqlx() as _,
        span.to.to_sqlx() as _,
        span.days.map(|(from, _)| from.to_sqlx()) as _,
        span.days.map(|(_, to)| to.to_sqlx()) as _,
        from.to_sqlx() as _,
        to.to_sqlx() as _,
        step.seconds() as f64,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (n, at) = (row.n, row.at.to_jiff());
            let row_of = Row { at, n, expected: None, lower: None, upper: None, p: None, alert: false, gap: false };
            Ok((topic_of(&row.topic)?, row_of))
        })
        .collect()
}

/// How many steps the model of a series has seen, and the weight of the series.
pub(in crate::trends) async fn model(
    pool: &PgPool,
    step: Step,
    scope: &Scope,
) -> Result<Option<(i64, f32)>, StoreError> {
    let row = sqlx::query!(
        "SELECT steps, weight FROM trend_series
         WHERE step = $1 AND topic = $2 AND city_id IS NOT DISTINCT FROM $3 AND channel IS NOT DISTINCT FROM $4
           AND restaurant_id IS NOT DISTINCT FROM $5",
        step.as_str(),
        scope.topic_key(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.steps, row.weight)))
}

/// Five minutes from one up to another, and for whole days the local dates within.
#[derive(Clone, Copy, Debug)]
pub(in crate::trends) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) days: Option<(Date, Date)>,
}

impl Span {
    /// What the steps from one key up to another hold. A local date lies within a day of the same date in UTC.
    pub(in crate::trends) fn of(step: Step, from: Timestamp, to: Timestamp) -> Self {
        if step < Step::Day {
            return Self { from, to, days: None };
        }
        let date = |key: Timestamp| key.to_zoned(TimeZone::UTC).date();
        Self {
            from: from.saturating_sub(24.hours()).unwrap_or(from),
            to: to.saturating_add(24.hours()).unwrap_or(to),
            days: Some((date(from), date(to))),
        }
    }

    pub(in crate::trends) fn of_step(step: Step, key: Timestamp) -> Self {
        Self::of(step, key, after(step, key))
    }
}

/// A contact and what it counts as.
pub(in crate::trends) struct Counted {
    pub(in crate::trends) contact: ContactId,
    pub(in crate::trends) at: Timestamp,
    pub(in crate::trends) topics: Vec<Topic>,
    pub(in crate::trends) channel: Channel,
    pub(in crate::trends) city: Option<CityId>,
    pub(in crate::trends) restaurant: Option<RestaurantId>,
}

/// The same as its row has it.
struct CountedRow {
    contact: ContactId,
    at: jiff_sqlx::Timestamp,
    topics: Vec<String>,
    channel: Channel,
    city_id: Uuid,
    restaurant_id: Uuid,
}

impl CountedRow {
    fn counted(self) -> Result<Counted, StoreError> {
        Ok(Counted {
            contact: self.contact,
            at: self.at.to_jiff(),
            topics: self.topics.iter().map(|word| parsed(word)).collect::<Result<_, _>>()?,
            channel: self.channel,
            city: named(self.city_id),
            restaurant: named(self.restaurant_id),
        })
    }
}

/// The contacts of a scope within a span, latest first; of a dish by its folded name: those that complain of it.
pub(in crate::trends) async fn contacts(
    pool: &PgPool,
    span: Span,
    (scope, dish): (&Scope, Option<&str>),
    before: Option<Cursor>,
    rows: i64,
) -> Result<Vec<Counted>, StoreError> {
    let rows = sqlx::query_as!(
        CountedRow,
        r#"SELECT contact_id AS "contact: ContactId", at AS "at: jiff_sqlx::Timestamp", topics, channel AS "channel: Channel",
                  city_id, restaurant_id
           FROM trend_contact
           WHERE at >= $1 AND at < $2 AND ($3::date IS NULL OR day >= $3) AND ($4::date IS NULL OR day < $4)
             AND ($5 = '' OR $5 = ANY(topics)) AND ($6::uuid IS NULL OR city_id = $6)
             AND ($7::text IS NULL OR channel = $7) AND ($8::uuid IS NULL OR restaurant_id = $8)
             AND ($9::timestamptz IS NULL OR (at, contact_id) < ($9, $10)) AND ($12::text IS NULL OR dish = $12)
           ORDER BY at DESC, contact_id DESC LIMIT $11"#,
        span.from.to_sqlx() as _,
        span.to.to_sqlx() as _,
        span.days.map(|(from, _)| from.to_sqlx()) as _,
        span.days.map(|(_, to)| to.to_sqlx()) as _,
        scope.topic_key(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
        before.map(|before| before.at.to_sqlx()) as _,
        before.map(|before| before.id),
        rows,
        dish,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(CountedRow::counted).collect()
}

/// The contacts of a theme, latest first.
pub(in crate::trends) async fn contacts_of_theme(
    pool: &PgPool,
    alert: Uuid,
    before: Option<Cursor>,
    rows: i64,
) -> Result<Vec<Counted>, StoreError> {
    let rows = sqlx::query_as!(
        CountedRow,
        r#"SELECT t.contact_id AS "contact: ContactId", t.at AS "at: jiff_sqlx::Timestamp", t.topics,
                  t.channel AS "channel: Channel", t.city_id, t.restaurant_id
           FROM trend_theme_contact m JOIN trend_contact t USING (customer_id, contact_id)
           WHERE m.alert_id = $1 AND ($2::timestamptz IS NULL OR (t.at, t.contact_id) < ($2, $3))
           ORDER BY t.at DESC, t.contact_id DESC LIMIT $4"#,
        alert,
        before.map(|before| before.at.to_sqlx()) as _,
        before.map(|before| before.id),
        rows,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(CountedRow::counted).collect()
}
