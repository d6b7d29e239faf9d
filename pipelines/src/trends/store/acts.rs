//! What people did with alerts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use crate::conversations::view::Person;
use crate::events::{AlertId, OperatorId};
use crate::platform::store::StoreError;
use crate::trends::acts::Act;
use crate::trends::alerts::AlertRecord;
use crate::trends::{ActId, AlertAct, AlertVerdict};

/// An alert that nobody else changes until the change ends.
pub(in crate::trends) struct Held {
    pub(in crate::trends) acknowledged: bool,
    pub(in crate::trends) verdict: Option<AlertVerdict>,
}

pub(in crate::trends) async fn hold(conn: &mut PgConnection, id: AlertId) -> Result<Option<Held>, StoreError> {
    let held = sqlx::query_as!(
        Held,
        r#"SELECT acknowledged_at IS NOT NULL AS "acknowledged!", verdict AS "verdict: AlertVerdict"
           FROM trend_alert WHERE id = $1 FOR UPDATE"#,
        id.0,
    );
    Ok(held.fetch_optional(conn).await?)
}

pub(in crate::trends) async fn acknowledge(
    conn: &mut PgConnection,
    id: AlertId,
    by: OperatorId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE trend_alert SET acknowledged_by = $2, acknowledged_at = $3 WHERE id = $1",
        id.0,
        by.0,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::trends) async fn comment(conn: &mut PgConnection, id: AlertId) -> Result<(), StoreError> {
    sqlx::query!("UPDATE trend_alert SET comments = comments + 1 WHERE id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// Mutes the alert and all series that rose with it.
pub(in crate::trends) async fn mute(
    conn: &mut PgConnection,
    id: AlertId,
    until: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH muted AS (UPDATE trend_alert SET muted_until = $2 WHERE id = $1)
         UPDATE trend_series SET muted_until = $2
         WHERE id IN (SELECT series_id FROM trend_alert_series WHERE alert_id = $1)",
        id.0,
        until.map(|until| until.to_sqlx()) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::trends) async fn judge(
    conn: &mut PgConnection,
    id: AlertId,
    verdict: AlertVerdict,
) -> Result<(), StoreError> {
    sqlx::query!("UPDATE trend_alert SET verdict = $2 WHERE id = $1", id.0, verdict.as_str()).execute(conn).await?;
    Ok(())
}

/// The verdicts on all alerts that the series of this one were in, by series and in the order in which the alerts began.
/// Nobody else weighs these series until the change ends.
pub(in crate::trends) async fn verdicts(
    conn: &mut PgConnection,
    id: AlertId,
) -> Result<Vec<(i64, AlertVerdict)>, StoreError> {
    let series = sqlx::query_scalar!(
        "SELECT id FROM trend_series WHERE id IN (SELECT series_id FROM trend_alert_series WHERE alert_id = $1)
         ORDER BY id FOR NO KEY UPDATE",
        id.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"SELECT i.series_id, a.verdict AS "verdict!: AlertVerdict"
           FROM trend_alert_series i JOIN trend_alert a ON a.id = i.alert_id
           WHERE i.series_id = ANY($1) AND a.verdict IS NOT NULL
           GROUP BY i.series_id, a.id ORDER BY i.series_id, a.began, a.id"#,
        &series,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.series_id, row.verdict)).collect())
}

/// Gives series their weights.
pub(in crate::trends) async fn weigh(conn: &mut PgConnection, weights: &BTreeMap<i64, f32>) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE trend_series s SET weight = new.weight
         FROM unnest($1::bigint[], $2::real[]) AS new (id, weight) WHERE s.id = new.id",
        &weights.keys().copied().collect::<Vec<_>>(),
        &weights.values().copied().collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::trends) async fn put(
    conn: &mut PgConnection,
    (id, alert): (ActId, AlertId),
    by: OperatorId,
    at: Timestamp,
    act: &Act,
) -> Result<(), StoreError> {
    let (text, until, verdict) = match act {
        Act::Acknowledge => (None, None, None),
        Act::Comment(text) => (Some(text.as_str()), None, None),
        Act::Mute(until) => (None, *until, None),
        Act::Judge(verdict) => (None, None, Some(*verdict)),
    };
    sqlx::query!(
        "INSERT INTO trend_act (id, alert_id, at, operator_id, act, text, until, verdict)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        alert.0,
        at.to_sqlx() as _,
        by.0,
        act.word().as_str(),
        text,
        until.map(|until| until.to_sqlx()) as _,
        verdict.map(AlertVerdict::as_str),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a changed alert its new place in the stream.
pub(in crate::trends) async fn renumber(conn: &mut PgConnection, id: AlertId, seq: i64) -> Result<(), StoreError> {
    sqlx::query!("UPDATE trend_alert SET seq = $2 WHERE id = $1", id.0, seq).execute(conn).await?;
    Ok(())
}

/// What was done with an alert, latest first.
pub(in crate::trends) async fn of(pool: &PgPool, alert: AlertId) -> Result<Vec<AlertRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT a.id AS "id: ActId", a.at AS "at: jiff_sqlx::Timestamp", a.operator_id AS "operator_id: OperatorId", o.name,
                  a.act AS "act: AlertAct", a.text, a.until AS "until: jiff_sqlx::Timestamp",
                  a.verdict AS "verdict: AlertVerdict"
           FROM trend_act a JOIN operator o ON o.id = a.operator_id
           WHERE a.alert_id = $1 ORDER BY a.id DESC LIMIT 200"#,
        alert.0,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AlertRecord {
            id: row.id,
            at: row.at.to_jiff(),
            by: Person { id: row.operator_id, name: row.name },
            act: row.act,
            text: row.text,
            until: row.until.map(|at| at.to_jiff()),
            verdict: row.verdict,
        })
        .collect())
}
