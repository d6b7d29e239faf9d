//! Alerts and the series that rose with them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::trends::Step;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{scope, topic_of};
use crate::conversations::store::parsed;
use crate::conversations::view::Person;
use crate::events::{AlertId, Channel, OperatorId};
use crate::orders::{CityId, RestaurantId};
use crate::platform::page::Cursor;
use crate::platform::store::StoreError;
use crate::trends::alerts::{Filter, TrendAlert, TrendCause};
use crate::trends::atlas::Place;
use crate::trends::{AlertKind, AlertState, AlertVerdict, Scope};

/// What explains an alert, as it is stored. Version 1 has no dishes.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::trends) struct Causes {
    pub(in crate::trends) v: u8,
    pub(in crate::trends) causes: Vec<TrendCause>,
}

/// What marks a theme, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::trends) struct ThemeMarks {
    pub(in crate::trends) v: u8,
    pub(in crate::trends) sentences: Vec<String>,
    pub(in crate::trends) words: Vec<String>,
}

/// Where alerts stand in the list, the latest first. `worth`: only those that go on and are worth a look at that time.
pub(in crate::trends) async fn page(
    pool: &PgPool,
    filter: Filter,
    worth: Option<Timestamp>,
    before: Option<Cursor>,
    rows: i64,
) -> Result<Vec<Cursor>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT began, id FROM trend_alert WHERE true");
    // written out, not bound: the partial index is for these very words
    match filter.state {
        Some(AlertState::Open) => drop(query.push(" AND ended IS NULL AND acknowledged_at IS NULL")),
        Some(AlertState::Acknowledged) => drop(query.push(" AND ended IS NULL AND acknowledged_at IS NOT NULL")),
        Some(AlertState::Ended) => drop(query.push(" AND ended IS NOT NULL")),
        None => {}
    }
    if let Some(now) = worth {
        query.push(
            " AND ended IS NULL AND verdict IS DISTINCT FROM 'noise' AND (muted_until IS NULL OR muted_until <= ",
        );
        query.push_bind(now.to_sqlx()).push(")");
    }
    if let Some(kind) = filter.kind {
        query.push(" AND kind = ").push_bind(kind.as_str());
    }
    if let Some(topic) = filter.topic {
        query.push(" AND topic = ").push_bind(topic.as_str());
    }
    if let Some(city) = filter.city {
        query.push(" AND city_id = ").push_bind(city.0);
    }
    if let Some(channel) = filter.channel {
        query.push(" AND channel = ").push_bind(channel.as_str());
    }
    if let Some(restaurant) = filter.restaurant {
        query.push(" AND restaurant_id = ").push_bind(restaurant.0);
    }
    if let Some(from) = filter.from {
        query.push(" AND (ended IS NULL OR ended > ").push_bind(from.to_sqlx()).push(")");
    }
    if let Some(to) = filter.to {
        query.push(" AND began < ").push_bind(to.to_sqlx());
    }
    if let Some(before) = before {
        query.push(" AND (began, id) < (").push_bind(before.at.to_sqlx()).push(", ");
        query.push_bind(before.id).push(")");
    }
    query.push(" ORDER BY began DESC, id DESC LIMIT ").push_bind(rows);
    let places: Vec<(jiff_sqlx::Timestamp, Uuid)> = query.build_query_as().fetch_all(pool).await?;
    Ok(places.into_iter().map(|(at, id)| Cursor { at: at.to_jiff(), id }).collect())
}

/// The alerts of these ids, in no order.
pub(in crate::trends) async fn of(pool: &PgPool, ids: &[AlertId]) -> Result<Vec<TrendAlert>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT a.id AS "id!: AlertId", a.seq AS "seq!", a.kind AS "kind!: AlertKind", a.step AS "step!",
                  a.topic AS "topic!", a.city_id, ci.name AS "city?", a.channel AS "channel: Channel", a.restaurant_id,
                  r.name AS "restaurant?", a.began AS "began!: jiff_sqlx::Timestamp",
                  a.peak_at AS "peak_at!: jiff_sqlx::Timestamp", a.ended AS "ended: jiff_sqlx::Timestamp", a.n AS "n!",
                  a.expected AS "expected!", a.lower AS "lower!", a.upper AS "upper!", a.p AS "p!", a.causes AS "causes!",
                  a.theme, a.acknowledged_by AS "acknowledged_by: OperatorId", o.name AS "acknowledged_name?",
                  a.acknowledged_at AS "acknowledged_at: jiff_sqlx::Timestamp",
                  a.muted_until AS "muted_until: jiff_sqlx::Timestamp", a.verdict AS "verdict: AlertVerdict",
                  a.comments AS "comments!"
           FROM trend_alert a
           LEFT JOIN city ci ON ci.id = a.city_id
           LEFT JOIN restaurant r ON r.id = a.restaurant_id
           LEFT JOIN operator o ON o.id = a.acknowledged_by
           WHERE a.id = ANY($1)"#,
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
    )
    .fetch_all(pool)
    .await?;
    let place = |(id, name): (Uuid, String)| Place { id, name };
    rows.into_iter()
        .map(|row| {
            let causes: Causes = serde_json::from_value(row.causes).map_err(StoreError::Decode)?;
            let theme: Option<ThemeMarks> =
                row.theme.map(serde_json::from_value).transpose().map_err(StoreError::Decode)?;
            Ok(TrendAlert {
                id: row.id,
                seq: row.seq,
                kind: row.kind,
                state: match (&row.ended, &row.acknowledged_at) {
                    (Some(_), _) => AlertState::Ended,
                    (None, Some(_)) => AlertState::Acknowledged,
                    (None, None) => AlertState::Open,
                },
                step: parsed(&row.step)?,
                topic: topic_of(&row.topic)?,
                city: row.city_id.zip(row.city).map(place),
                channel: row.channel,
                restaurant: row.restaurant_id.zip(row.restaurant).map(place),
                zone: String::new(),
                began: row.began.to_jiff(),
                peak_at: row.peak_at.to_jiff(),
                ended: row.ended.map(|at| at.to_jiff()),
                n: row.n.into(),
                expected: row.expected,
                // the columns hold no null: what stands there of a theme is no band
                lower: (row.kind != AlertKind::Theme).then_some(row.lower),
                upper: (row.kind != AlertKind::Theme).then_some(row.upper),
                p: row.p,
                causes: causes.causes,
                words: theme.map(|theme| theme.words).unwrap_or_default(),
                acknowledged_by: Person::of(row.acknowledged_by, row.acknowledged_name),
                acknowledged_at: row.acknowledged_at.map(|at| at.to_jiff()),
                muted_until: row.muted_until.map(|at| at.to_jiff()),
                verdict: row.verdict,
                comments: row.comments,
            })
        })
        .collect()
}

/// Alerts that go on, the latest first.
pub(in crate::trends) async fn open(pool: &PgPool) -> Result<Vec<(AlertId, AlertKind, Scope)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: AlertId", kind AS "kind: AlertKind", topic, city_id AS "city: CityId", channel AS "channel: Channel",
                  restaurant_id AS "restaurant: RestaurantId"
           FROM trend_alert WHERE ended IS NULL ORDER BY began DESC, id DESC"#
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.id, row.kind, scope(&row.topic, row.city, row.channel, row.restaurant)?)))
        .collect()
}

/// Alerts of a topic, or of all contacts, that went on between these times and may be about contacts of the scope, the
/// latest first.
pub(in crate::trends) async fn within(
    pool: &PgPool,
    scope: &Scope,
    (from, to): (Timestamp, Timestamp),
    rows: i64,
) -> Result<Vec<AlertId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: AlertId" FROM trend_alert
           WHERE topic = $1 AND ($2::uuid IS NULL OR city_id IS NULL OR city_id = $2)
             AND ($3::text IS NULL OR channel IS NULL OR channel = $3)
             AND ($4::uuid IS NULL OR restaurant_id IS NULL OR restaurant_id = $4)
             AND (ended IS NULL OR ended > $5) AND began < $6
           ORDER BY began DESC, id DESC LIMIT $7"#,
        scope.topic_key(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
        from.to_sqlx() as _,
        to.to_sqlx() as _,
        rows,
    );
    Ok(ids.fetch_all(pool).await?)
}

/// A series that rose with an alert. Its times are keys of steps.
pub(in crate::trends) struct Risen {
    pub(in crate::trends) step: Step,
    pub(in crate::trends) scope: Scope,
    pub(in crate::trends) began: Timestamp,
    pub(in crate::trends) peak_at: Timestamp,
    pub(in crate::trends) ended: Option<Timestamp>,
    pub(in crate::trends) n: i64,
    pub(in crate::trends) expected: f64,
    pub(in crate::trends) p: f64,
}

/// The series of an alert, the strangest first.
pub(in crate::trends) async fn series(pool: &PgPool, alert: AlertId) -> Result<Vec<Risen>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT s.step, s.topic, s.city_id AS "city: CityId", s.channel AS "channel: Channel",
                  s.restaurant_id AS "restaurant: RestaurantId", r.began AS "began: jiff_sqlx::Timestamp",
                  r.peak_at AS "peak_at: jiff_sqlx::Timestamp", r.ended AS "ended: jiff_sqlx::Timestamp", r.n, r.expected, r.p
           FROM trend_alert_series r JOIN trend_series s ON s.id = r.series_id
           WHERE r.alert_id = $1 ORDER BY r.p, r.series_id, r.began"#,
        alert.0,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Risen {
                step: parsed(&row.step)?,
                scope: scope(&row.topic, row.city, row.channel, row.restaurant)?,
                began: row.began.to_jiff(),
                peak_at: row.peak_at.to_jiff(),
                ended: row.ended.map(|at| at.to_jiff()),
                n: row.n.into(),
                expected: row.expected,
                p: row.p,
            })
        })
        .collect()
}

/// The sentences of a theme.
pub(in crate::trends) async fn sentences(pool: &PgPool, alert: AlertId) -> Result<Vec<String>, StoreError> {
    let theme =
        sqlx::query_scalar!("SELECT theme FROM trend_alert WHERE id = $1", alert.0).fetch_optional(pool).await?;
    let Some(theme) = theme.flatten() else { return Ok(Vec::new()) };
    let marks: ThemeMarks = serde_json::from_value(theme).map_err(StoreError::Decode)?;
    Ok(marks.sentences)
}

/// The next number of the stream; nobody else gets one until the change ends.
pub(in crate::trends) async fn next_seq(conn: &mut PgConnection) -> Result<i64, StoreError> {
    let next =
        sqlx::query_scalar!("UPDATE trend_stream SET last_seq = last_seq + 1 WHERE name = 'alerts' RETURNING last_seq");
    Ok(next.fetch_one(conn).await?)
}

/// The last number of the stream.
pub(in crate::trends) async fn last_seq(pool: &PgPool) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!("SELECT last_seq FROM trend_stream WHERE name = 'alerts'").fetch_one(pool).await?)
}

/// Alerts whose last change comes after `since`, in its order.
pub(in crate::trends) async fn since(pool: &PgPool, since: i64, rows: i64) -> Result<Vec<AlertId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: AlertId" FROM trend_alert WHERE seq > $1 ORDER BY seq LIMIT $2"#,
        since,
        rows,
    );
    Ok(ids.fetch_all(pool).await?)
}
