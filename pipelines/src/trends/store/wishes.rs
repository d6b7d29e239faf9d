//! What people wish of series, feeds and alerts, as their acts and verdicts stand.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use crate::events::{AlertId, Channel};
use crate::orders::{CityId, RestaurantId};
use crate::platform::store::StoreError;
use crate::trends::acts::share_after;
use crate::trends::engine::Wished;
use crate::trends::silence::{Wish, Wishes};
use crate::trends::{AlertVerdict, Scope};

/// All of it; what is muted is so at `now` or later.
pub(in crate::trends) async fn all(pool: &PgPool, now: Timestamp) -> Result<Wished, StoreError> {
    Ok(Wished { series: series(pool).await?, feeds: feeds(pool).await?, dismissed: dismissed(pool, now).await? })
}

async fn series(pool: &PgPool) -> Result<HashMap<i64, (f32, Option<Timestamp>)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, weight, muted_until AS "muted_until: jiff_sqlx::Timestamp" FROM trend_series
           WHERE weight < 1 OR muted_until IS NOT NULL"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.weight, row.muted_until.map(|at| at.to_jiff())))).collect())
}

/// A verdict on a silence weighs its feed, as that on a count weighs its series. The last word on muting counts, of
/// whichever silence of the feed it was said.
async fn feeds(pool: &PgPool) -> Result<Wishes, StoreError> {
    let mut wishes = Wishes::new();
    let verdicts = sqlx::query!(
        r#"SELECT city_id AS "city: CityId", channel AS "channel: Channel", restaurant_id AS "restaurant: RestaurantId",
                  verdict AS "verdict!: AlertVerdict"
           FROM trend_alert WHERE kind = 'silence' AND verdict IS NOT NULL ORDER BY began, id"#
    );
    for row in verdicts.fetch_all(pool).await? {
        let feed = Scope { topic: None, city: row.city, channel: row.channel, restaurant: row.restaurant };
        let wish = wishes.entry(feed).or_insert(Wish::NONE);
        wish.share = share_after(wish.share, row.verdict);
    }
    let mutes = sqlx::query!(
        r#"SELECT DISTINCT ON (a.city_id, a.channel, a.restaurant_id)
                  a.city_id AS "city: CityId", a.channel AS "channel: Channel", a.restaurant_id AS "restaurant: RestaurantId",
                  t.until AS "until: jiff_sqlx::Timestamp"
           FROM trend_alert a JOIN trend_act t ON t.alert_id = a.id
           WHERE a.kind = 'silence' AND t.act IN ('muted', 'unmuted')
           ORDER BY a.city_id, a.channel, a.restaurant_id, t.id DESC"#
    );
    for row in mutes.fetch_all(pool).await? {
        let feed = Scope { topic: None, city: row.city, channel: row.channel, restaurant: row.restaurant };
        wishes.entry(feed).or_insert(Wish::NONE).muted_until = row.until.map(|at| at.to_jiff());
    }
    Ok(wishes)
}

/// Alerts of totals that people called noise or have muted.
async fn dismissed(pool: &PgPool, now: Timestamp) -> Result<HashSet<AlertId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: AlertId" FROM trend_alert
           WHERE kind = 'count' AND topic = '' AND (verdict = 'noise' OR muted_until > $1)"#,
        now.to_sqlx() as _,
    );
    Ok(ids.fetch_all(pool).await?.into_iter().collect())
}

/// The share of the rate of false themes that verdicts on themes leave to all of them.
pub(in crate::trends) async fn themes(pool: &PgPool) -> Result<f32, StoreError> {
    let verdicts = sqlx::query_scalar!(
        r#"SELECT verdict AS "verdict!: AlertVerdict" FROM trend_alert
           WHERE kind = 'theme' AND verdict IS NOT NULL ORDER BY began, id"#
    );
    Ok(verdicts.fetch_all(pool).await?.into_iter().fold(1.0, share_after))
}
