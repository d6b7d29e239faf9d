//! What an alert's time holds beside the same hours of the weeks before.

use jiff_sqlx::ToSqlx;
use models::taxonomy::Topic;
use sqlx::PgPool;

use super::points::Span;
use super::topic_of;
use crate::events::Channel;
use crate::orders::{CityId, RestaurantId};
use crate::platform::store::StoreError;
use crate::trends::Scope;
use crate::trends::scope::named;

/// A leaf of a cube: what it holds, and what it held on average in the same hours of weeks before.
pub(in crate::trends) struct Compared {
    pub(in crate::trends) topic: Option<Topic>,
    pub(in crate::trends) city: Option<CityId>,
    pub(in crate::trends) channel: Channel,
    pub(in crate::trends) restaurant: Option<RestaurantId>,
    /// Folded; empty: contacts that complain of no dish by name.
    pub(in crate::trends) dish: String,
    pub(in crate::trends) actual: f64,
    pub(in crate::trends) expected: f64,
}

/// Weeks that a cube is compared with.
pub(in crate::trends) const WEEKS: i32 = 8;

/// Every leaf of a scope in a span, and its mean over the same span of each of the eight weeks before, of as many as
/// reach back to the first count; empty where none does. A scope without a topic gives the leaves of all topics. Counts
/// know of no dish: the contacts that name one are taken out of them and stand beside.
pub(in crate::trends) async fn leaves(pool: &PgPool, span: Span, scope: &Scope) -> Result<Vec<Compared>, StoreError> {
    let rows = sqlx::query!(
        r#"WITH weeks AS (
             SELECT back, make_interval(weeks => back) AS shift FROM generate_series(0, $1::integer) AS back
             WHERE $2::timestamptz - make_interval(weeks => back) >= (SELECT min(at) FROM trend_count)
           ), counted AS (
             SELECT w.back, k.topic, k.city_id, k.channel, k.restaurant_id, sum(k.n)::double precision AS n
             FROM weeks w
             JOIN trend_count k ON k.at >= $2::timestamptz - w.shift AND k.at < $3::timestamptz - w.shift
             WHERE ($4::date IS NULL OR k.day >= $4::date - w.back * 7) AND ($5::date IS NULL OR k.day < $5::date - w.back * 7)
               AND CASE $6 WHEN '' THEN k.topic <> '' ELSE k.topic = $6 END AND ($7::uuid IS NULL OR k.city_id = $7)
               AND ($8::text IS NULL OR k.channel = $8) AND ($9::uuid IS NULL OR k.restaurant_id = $9)
             GROUP BY w.back, k.topic, k.city_id, k.channel, k.restaurant_id
           ), named AS (
             SELECT w.back, t.topic, k.city_id, k.channel, k.restaurant_id, k.dish, count(*)::double precision AS n
             FROM weeks w
             JOIN trend_contact k ON k.dish <> '' AND k.at >= $2::timestamptz - w.shift AND k.at < $3::timestamptz - w.shift
             CROSS JOIN LATERAL unnest(k.topics) AS t (topic)
             WHERE ($4::date IS NULL OR k.day >= $4::date - w.back * 7) AND ($5::date IS NULL OR k.day < $5::date - w.back * 7)
               AND t.topic LIKE 'complaint.%' AND $6 IN ('', t.topic) AND ($7::uuid IS NULL OR k.city_id = $7)
               AND ($8::text IS NULL OR k.channel = $8) AND ($9::uuid IS NULL OR k.restaurant_id = $9)
             GROUP BY w.back, t.topic, k.city_id, k.channel, k.restaurant_id, k.dish
           ), leaf AS (
             SELECT back, topic, city_id, channel, restaurant_id, '' AS dish, n FROM counted
             UNION ALL
             SELECT back, topic, city_id, channel, restaurant_id, '', -n FROM named
             UNION ALL
             SELECT back, topic, city_id, channel, restaurant_id, dish, n FROM named
           )
           SELECT topic AS "topic!", city_id AS "city_id!", channel AS "channel!: Channel", restaurant_id AS "restaurant_id!",
                  dish AS "dish!", greatest(sum(n) FILTER (WHERE back = 0), 0) AS "actual!",
                  greatest(sum(n) FILTER (WHERE back > 0), 0) / (SELECT count(*) FROM weeks WHERE back > 0) AS "expected!"
           FROM leaf
           WHERE EXISTS (SELECT FROM weeks WHERE back > 0)
           GROUP BY topic, city_id, channel, restaurant_id, dish
           ORDER BY topic, city_id, channel, restaurant_id, dish"#,
        WEEKS,
        span.from.to_sqlx() as _,
        span.to.to_sqlx() as _,
        span.days.map(|(from, _)| from.to_sqlx()) as _,
        span.days.map(|(_, to)| to.to_sqlx()) as _,
        scope.topic_key(),
        scope.city.map(|city| city.0),
        scope.channel.map(Channel::as_str),
        scope.restaurant.map(|restaurant| restaurant.0),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Compared {
                topic: topic_of(&row.topic)?,
                city: named(row.city_id),
                channel: row.channel,
                restaurant: named(row.restaurant_id),
                dish: row.dish,
                actual: row.actual,
                expected: row.expected,
            })
        })
        .collect()
}
