//! Series, how far they are judged, and what came of it.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::trends::Step;
use sqlx::{PgConnection, PgPool};

use super::scope;
use crate::conversations::store::parsed;
use crate::events::{AlertId, Channel};
use crate::orders::{CityId, RestaurantId};
use crate::platform::store::StoreError;
use crate::trends::Scope;
use crate::trends::engine::{Judged, Kept};
use crate::trends::incident::Peak;
use crate::trends::silence::Silence;

/// A series as it was stored.
pub(in crate::trends) struct Row {
    pub(in crate::trends) id: i64,
    pub(in crate::trends) step: Step,
    pub(in crate::trends) scope: Scope,
    pub(in crate::trends) state: Vec<u8>,
    pub(in crate::trends) steps: i64,
    pub(in crate::trends) weight: f32,
    pub(in crate::trends) muted_until: Option<Timestamp>,
    pub(in crate::trends) incident: Option<IncidentRow>,
}

/// An incident that a series is in.
pub(in crate::trends) struct IncidentRow {
    pub(in crate::trends) alert: AlertId,
    pub(in crate::trends) began: Timestamp,
    pub(in crate::trends) peak: Peak,
    pub(in crate::trends) calm: u8,
}

/// All series in the order in which they were begun.
pub(in crate::trends) async fn all(pool: &PgPool) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT s.id, s.step, s.topic, s.city_id AS "city: CityId", s.channel AS "channel: Channel",
                  s.restaurant_id AS "restaurant: RestaurantId", s.state, s.steps, s.weight,
                  s.muted_until AS "muted_until: jiff_sqlx::Timestamp", i.alert_id AS "alert?: AlertId",
                  i.began AS "began?: jiff_sqlx::Timestamp", i.peak_at AS "peak_at?: jiff_sqlx::Timestamp", i.calm AS "calm?",
                  i.n AS "n?", i.expected AS "expected?", i.lower AS "lower?", i.upper AS "upper?", i.p AS "p?"
           FROM trend_series s LEFT JOIN trend_alert_series i ON i.series_id = s.id AND i.ended IS NULL
           ORDER BY s.id"#
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let incident =
                match (row.alert, row.began, row.peak_at, row.calm, row.n, row.expected, row.lower, row.upper, row.p) {
                    (
                        Some(alert),
                        Some(began),
                        Some(at),
                        Some(calm),
                        Some(n),
                        Some(expected),
                        Some(lower),
                        Some(upper),
                        Some(p),
                    ) => {
                        let peak = Peak { at: at.to_jiff(), n, expected, lower, upper, p };
                        let calm = u8::try_from(calm).unwrap_or(u8::MAX);
                        Some(IncidentRow { alert, began: began.to_jiff(), peak, calm })
                    }
                    _ => None,
                };
            Ok(Row {
                id: row.id,
                step: parsed(&row.step)?,
                scope: scope(&row.topic, row.city, row.channel, row.restaurant)?,
                state: row.state,
                steps: row.steps,
                weight: row.weight,
                muted_until: row.muted_until.map(|at| at.to_jiff()),
                incident,
            })
        })
        .collect()
}

/// Up to where each step is judged.
pub(in crate::trends) async fn clock(pool: &PgPool) -> Result<HashMap<Step, Timestamp>, StoreError> {
    let rows = sqlx::query!(r#"SELECT step, upto AS "upto: jiff_sqlx::Timestamp" FROM trend_clock"#);
    let rows = rows.fetch_all(pool).await?.into_iter();
    rows.map(|row| Ok((parsed(&row.step)?, row.upto.to_jiff()))).collect()
}

/// Up to where a step is judged; none: not at all.
pub(in crate::trends) async fn judged_until(pool: &PgPool, step: Step) -> Result<Option<Timestamp>, StoreError> {
    Ok(clock(pool).await?.remove(&step))
}

/// Who last wrote up to where each step is judged, by step.
pub(in crate::trends) type Marks = Vec<(String, String)>;

/// The marks of all steps. The times alone do not tell that somebody has judged: whoever judges all anew comes as far
/// as others were, with other series and alerts.
pub(in crate::trends) async fn marks(pool: &PgPool) -> Result<Marks, StoreError> {
    let rows = sqlx::query!(r#"SELECT step, xmin::text AS "mark!" FROM trend_clock ORDER BY step"#);
    Ok(rows.fetch_all(pool).await?.into_iter().map(|row| (row.step, row.mark)).collect())
}

/// Notes up to where a step is judged; refuses where that was not so far as `before` says (none: not at all), for then
/// somebody else has judged it meanwhile.
pub(in crate::trends) async fn move_clock(
    conn: &mut PgConnection,
    step: Step,
    before: Option<Timestamp>,
    upto: Timestamp,
) -> Result<(), StoreError> {
    let (step, upto) = (step.as_str(), upto.to_sqlx());
    let moved = match before {
        Some(before) => sqlx::query!(
            "UPDATE trend_clock SET upto = $3 WHERE step = $1 AND upto = $2",
            step,
            before.to_sqlx() as _,
            upto as _,
        ),
        None => sqlx::query!(
            "INSERT INTO trend_clock (step, upto) VALUES ($1, $2) ON CONFLICT (step) DO NOTHING",
            step,
            upto as _,
        ),
    };
    let moved = moved.execute(conn).await?;
    if moved.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Database(sqlx::Error::RowNotFound)) }
}

/// Stores the states of all series of a step; new ones get their ids.
pub(in crate::trends) async fn put(conn: &mut PgConnection, step: Step, all: &mut [Kept]) -> Result<(), StoreError> {
    let (known, fresh): (Vec<&mut Kept>, Vec<&mut Kept>) = all.iter_mut().partition(|kept| kept.id.is_some());
    sqlx::query!(
        "UPDATE trend_series s SET state = new.state, steps = new.steps
         FROM unnest($1::bigint[], $2::bytea[], $3::bigint[]) AS new (id, state, steps) WHERE s.id = new.id",
        &known.iter().filter_map(|kept| kept.id).collect::<Vec<_>>(),
        &known.iter().map(|kept| kept.model.pack()).collect::<Vec<_>>(),
        &known.iter().map(|kept| kept.steps).collect::<Vec<_>>(),
    )
    .execute(&mut *conn)
    .await?;
    if fresh.is_empty() {
        return Ok(());
    }
    let ids = sqlx::query_scalar!(
        "INSERT INTO trend_series (step, topic, city_id, channel, restaurant_id, state, steps)
         SELECT $1, new.topic, new.city_id, new.channel, new.restaurant_id, new.state, new.steps
         FROM unnest($2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::bytea[], $7::bigint[])
           WITH ORDINALITY AS new (topic, city_id, channel, restaurant_id, state, steps, n)
         ORDER BY new.n RETURNING id",
        step.as_str(),
        &fresh.iter().map(|kept| kept.scope.topic_key().to_owned()).collect::<Vec<_>>(),
        &fresh.iter().map(|kept| kept.scope.city.map(|city| city.0)).collect::<Vec<_>>() as _,
        &fresh.iter().map(|kept| kept.scope.channel.map(|it| it.as_str().to_owned())).collect::<Vec<_>>() as _,
        &fresh.iter().map(|kept| kept.scope.restaurant.map(|it| it.0)).collect::<Vec<_>>() as _,
        &fresh.iter().map(|kept| kept.model.pack()).collect::<Vec<_>>(),
        &fresh.iter().map(|kept| kept.steps).collect::<Vec<_>>(),
    )
    .fetch_all(conn)
    .await?;
    for (kept, id) in fresh.into_iter().zip(ids) {
        kept.id = Some(id);
    }
    Ok(())
}

/// Stores judged steps.
pub(in crate::trends) async fn put_points(
    conn: &mut PgConnection,
    series: &[Kept],
    points: &[Judged],
) -> Result<(), StoreError> {
    let points: Vec<(i64, &Judged)> =
        points.iter().filter_map(|point| Some((series.get(point.series)?.id?, point))).collect();
    let figure = |of: fn(&models::trends::Verdict) -> f64| {
        points.iter().map(|(_, point)| point.verdict.as_ref().map(|verdict| of(verdict) as f32)).collect::<Vec<_>>()
    };
    sqlx::query!(
        "INSERT INTO trend_point (series_id, at, n, expected, lower, upper, p, alert, gap)
         SELECT series_id, at, n, expected, lower, upper, p, alert, gap
         FROM unnest($1::bigint[], $2::timestamptz[], $3::integer[], $4::real[], $5::real[], $6::real[],
                     $7::double precision[], $8::boolean[], $9::boolean[])
           AS new (series_id, at, n, expected, lower, upper, p, alert, gap)",
        &points.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        &points.iter().map(|(_, point)| point.at.to_sqlx()).collect::<Vec<_>>() as _,
        &points.iter().map(|(_, point)| i32::try_from(point.n).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
        &figure(|verdict| verdict.expected) as _,
        &figure(|verdict| verdict.lower) as _,
        &figure(|verdict| verdict.upper) as _,
        &points.iter().map(|(_, point)| point.verdict.map(|verdict| verdict.p)).collect::<Vec<_>>() as _,
        &points.iter().map(|(_, point)| point.alert).collect::<Vec<_>>(),
        &points.iter().map(|(_, point)| point.gap).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets points of short steps that no chart reaches back to; those of days and weeks are kept.
pub(in crate::trends) async fn forget_points(pool: &PgPool, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM trend_point p USING trend_series s
         WHERE p.at < $1::timestamptz - interval '8 days' AND s.id = p.series_id
           AND p.at < $1::timestamptz - CASE s.step WHEN '5m' THEN interval '8 days' WHEN '15m' THEN interval '35 days'
                                                    WHEN '1h' THEN interval '120 days' ELSE interval '100 years' END",
        now.to_sqlx() as _,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// An alert that goes on.
pub(in crate::trends) struct OpenRow {
    pub(in crate::trends) step: Step,
    pub(in crate::trends) scope: Scope,
    pub(in crate::trends) began: Timestamp,
    pub(in crate::trends) peak: Peak,
    pub(in crate::trends) ended: Option<Timestamp>,
    pub(in crate::trends) rising: usize,
}

/// Alerts of counts that go on or ended after `since`, with how many series are in them now.
pub(in crate::trends) async fn open(pool: &PgPool, since: Timestamp) -> Result<Vec<(AlertId, OpenRow)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT a.id AS "id: AlertId", a.step, a.topic, a.city_id AS "city: CityId", a.channel AS "channel: Channel",
                  a.restaurant_id AS "restaurant: RestaurantId", a.began AS "began: jiff_sqlx::Timestamp",
                  a.peak_at AS "peak_at: jiff_sqlx::Timestamp", a.ended AS "ended: jiff_sqlx::Timestamp",
                  a.n, a.expected, a.lower, a.upper, a.p,
                  (SELECT count(*) FROM trend_alert_series i WHERE i.alert_id = a.id AND i.ended IS NULL) AS "rising!"
           FROM trend_alert a WHERE (a.ended IS NULL OR a.ended > $1) AND a.kind = 'count' ORDER BY a.began, a.id"#,
        since.to_sqlx() as _,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (n, expected, lower, upper, p) = (row.n, row.expected, row.lower, row.upper, row.p);
            let open = OpenRow {
                step: parsed(&row.step)?,
                scope: scope(&row.topic, row.city, row.channel, row.restaurant)?,
                began: row.began.to_jiff(),
                peak: Peak { at: row.peak_at.to_jiff(), n, expected, lower, upper, p },
                ended: row.ended.map(|at| at.to_jiff()),
                rising: usize::try_from(row.rising).unwrap_or(0),
            };
            Ok((row.id, open))
        })
        .collect()
}

/// A series that is or was in an alert; its times are keys of steps.
pub(in crate::trends) struct RisenRow {
    pub(in crate::trends) alert: AlertId,
    pub(in crate::trends) step: Step,
    pub(in crate::trends) scope: Scope,
    pub(in crate::trends) peak_at: Timestamp,
    pub(in crate::trends) ended: Option<Timestamp>,
}

/// All series that are or were in these alerts.
pub(in crate::trends) async fn risen(pool: &PgPool, alerts: &[AlertId]) -> Result<Vec<RisenRow>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT i.alert_id AS "alert: AlertId", s.step, s.topic, s.city_id AS "city: CityId",
                  s.channel AS "channel: Channel", s.restaurant_id AS "restaurant: RestaurantId",
                  i.peak_at AS "peak_at: jiff_sqlx::Timestamp", i.ended AS "ended: jiff_sqlx::Timestamp"
           FROM trend_alert_series i JOIN trend_series s ON s.id = i.series_id
           WHERE i.alert_id = ANY($1) ORDER BY i.alert_id, i.series_id, i.began"#,
        &alerts.iter().map(|id| id.0).collect::<Vec<_>>(),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RisenRow {
                alert: row.alert,
                step: parsed(&row.step)?,
                scope: scope(&row.topic, row.city, row.channel, row.restaurant)?,
                peak_at: row.peak_at.to_jiff(),
                ended: row.ended.map(|at| at.to_jiff()),
            })
        })
        .collect()
}

/// Feeds that stand still, did so since `since`, or have said nothing since they were taken for closed.
pub(in crate::trends) async fn silences(pool: &PgPool, since: Timestamp) -> Result<Vec<Silence>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id AS "alert: AlertId", city_id AS "city: CityId", channel AS "channel: Channel",
                  restaurant_id AS "restaurant: RestaurantId", began AS "began: jiff_sqlx::Timestamp",
                  peak_at AS "peak_at: jiff_sqlx::Timestamp", ended AS "ended: jiff_sqlx::Timestamp",
                  heard AS "heard: jiff_sqlx::Timestamp", n, expected, lower, upper, p
           FROM trend_alert
           WHERE kind = 'silence'
             AND (ended IS NULL OR ended > $1 OR coalesce(heard > $1, ended >= began + interval '336 hours'))
           ORDER BY began, id"#,
        since.to_sqlx() as _,
    )
    .fetch_all(pool)
    .await?;
    let silences = rows.into_iter().map(|row| {
        let (at, n, expected, lower, upper, p) =
            (row.peak_at.to_jiff(), row.n, row.expected, row.lower, row.upper, row.p);
        let silence = Silence {
            alert: row.alert,
            scope: Scope { topic: None, city: row.city, channel: row.channel, restaurant: row.restaurant },
            began: row.began.to_jiff(),
            peak: Peak { at, n, expected, lower, upper, p },
            ended: row.ended.map(|at| at.to_jiff()),
            heard: row.heard.map(|at| at.to_jiff()),
        };
        silence.stored()
    });
    Ok(silences.collect())
}

/// Keeps everybody else from changing these alerts; people who act lock alerts first as well.
pub(in crate::trends) async fn hold(conn: &mut PgConnection, alerts: &BTreeSet<AlertId>) -> Result<(), StoreError> {
    sqlx::query!(
        "SELECT FROM trend_alert WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        &alerts.iter().map(|id| id.0).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
