//! What the judging makes of alerts.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::trends::Step;
use sqlx::PgConnection;

use super::alerts::{Causes, next_seq};
use crate::events::{AlertChange, AlertId, Channel, EventBody};
use crate::platform::store::{Change, StoreError};
use crate::trends::alerts::TrendCause;
use crate::trends::engine::{Engine, Kept, Outcome};
use crate::trends::incident::Incident;
use crate::trends::raise::Open;
use crate::trends::silence::{Silence, watched};

/// Steps of one kind that were judged together.
#[derive(Clone, Copy, Debug)]
pub(in crate::trends) struct Batch {
    pub(in crate::trends) step: Step,
    /// Whether others are told what came of them.
    pub(in crate::trends) tells: bool,
}

/// Stores alerts that began, grew or ended, with the series in them, and appends their events where others are told.
pub(in crate::trends) async fn put(
    change: &mut Change,
    engine: &Engine,
    Batch { step, tells }: Batch,
    outcome: &Outcome,
    explained: &[(AlertId, Vec<TrendCause>)],
) -> Result<(), StoreError> {
    let mut order: Vec<(AlertId, AlertChange)> = Vec::new();
    for (id, what) in &outcome.changes {
        // of one batch an alert's growing is told once, after its beginning
        if *what != AlertChange::Grew || !order.iter().any(|(other, _)| other == id) {
            order.push((*id, *what));
        }
    }
    for (id, what) in order {
        let Some(open) = engine.alerts.get(&id) else { continue };
        let causes = explained.iter().find(|(other, _)| *other == id).map(|(_, causes)| causes.as_slice());
        let seq = next_seq(change.conn()).await?;
        put_alert(change.conn(), (id, seq), open, engine, causes.unwrap_or_default()).await?;
        if tells {
            change.append_to_nobody(None, EventBody::AlertChanged { alert_id: id, seq, change: what });
        }
    }
    for (silence, what) in &outcome.silences {
        let Some(what) = what else {
            put_heard(change.conn(), silence).await?;
            continue;
        };
        let seq = next_seq(change.conn()).await?;
        put_silence(change.conn(), seq, silence).await?;
        if tells {
            change.append_to_nobody(None, EventBody::AlertChanged { alert_id: silence.alert, seq, change: *what });
        }
    }
    for (place, incident) in latest(&outcome.incidents) {
        put_incident(change.conn(), &engine.series(step)[place], incident).await?;
    }
    Ok(())
}

/// The last state of each incident, those that ended first: a series is in one at a time.
fn latest(all: &[(usize, Incident)]) -> Vec<(usize, &Incident)> {
    let mut last: Vec<(usize, &Incident)> = Vec::new();
    for (place, incident) in all {
        match last.iter_mut().find(|(other, known)| other == place && known.began == incident.began) {
            Some(known) => known.1 = incident,
            None => last.push((*place, incident)),
        }
    }
    last.sort_by_key(|(_, incident)| incident.ended.is_none());
    last
}

async fn put_alert(
    conn: &mut PgConnection,
    (id, seq): (AlertId, i64),
    open: &Open,
    engine: &Engine,
    causes: &[TrendCause],
) -> Result<(), StoreError> {
    let causes = serde_json::to_value(Causes { v: 2, causes: causes.to_vec() }).map_err(StoreError::Encode)?;
    let peak_at = engine.atlas.instant(&open.scope, open.step, open.peak.at);
    let ended: Option<Timestamp> = open.ended.filter(|_| open.rising == 0);
    sqlx::query!(
        "INSERT INTO trend_alert AS a (id, seq, kind, step, topic, city_id, channel, restaurant_id, began, peak_at, ended,
                                       n, expected, lower, upper, p, causes)
         VALUES ($1, $2, 'count', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (id) DO UPDATE SET
           seq = excluded.seq, step = excluded.step, topic = excluded.topic, city_id = excluded.city_id,
           channel = excluded.channel, restaurant_id = excluded.restaurant_id, peak_at = excluded.peak_at,
           ended = excluded.ended, n = excluded.n, expected = excluded.expected, lower = excluded.lower, upper = excluded.upper, p = excluded.p,
           causes = excluded.causes",
        id.0,
        seq,
        open.step.as_str(),
        open.scope.topic_key(),
        open.scope.city.map(|city| city.0),
        open.scope.channel.map(Channel::as_str),
        open.scope.restaurant.map(|restaurant| restaurant.0),
        open.began.to_sqlx() as _,
        peak_at.to_sqlx() as _,
        ended.map(|ended| ended.to_sqlx()) as _,
        open.peak.n,
        open.peak.expected,
        open.peak.lower,
        open.peak.upper,
        open.peak.p,
        causes,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn put_silence(conn: &mut PgConnection, seq: i64, silence: &Silence) -> Result<(), StoreError> {
    let Some(step) = watched(&silence.scope) else { return Ok(()) };
    sqlx::query!(
        r#"INSERT INTO trend_alert (id, seq, kind, step, topic, city_id, channel, restaurant_id, began, peak_at, ended, heard,
                                   n, expected, lower, upper, p, causes)
           VALUES ($1, $2, 'silence', $3, '', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                   '{"v": 1, "causes": []}')
           ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, ended = excluded.ended, heard = excluded.heard"#,
        silence.alert.0,
        seq,
        step.as_str(),
        silence.scope.city.map(|city| city.0),
        silence.scope.channel.map(Channel::as_str),
        silence.scope.restaurant.map(|restaurant| restaurant.0),
        silence.began.to_sqlx() as _,
        silence.peak.at.to_sqlx() as _,
        silence.ended.map(|ended| ended.to_sqlx()) as _,
        silence.heard.map(|heard| heard.to_sqlx()) as _,
        silence.peak.n,
        silence.peak.expected,
        silence.peak.lower,
        silence.peak.upper,
        silence.peak.p,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a feed speaks again whose alert had ended before.
async fn put_heard(conn: &mut PgConnection, silence: &Silence) -> Result<(), StoreError> {
    let heard = silence.heard.map(|heard| heard.to_sqlx());
    sqlx::query!("UPDATE trend_alert SET heard = $2 WHERE id = $1", silence.alert.0, heard as _).execute(conn).await?;
    Ok(())
}

async fn put_incident(conn: &mut PgConnection, kept: &Kept, incident: &Incident) -> Result<(), StoreError> {
    let Some(series) = kept.id else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO trend_alert_series (alert_id, series_id, began, peak_at, ended, calm, n, expected, lower, upper, p)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (alert_id, series_id, began) DO UPDATE SET
           peak_at = excluded.peak_at, ended = excluded.ended, calm = excluded.calm, n = excluded.n,
           expected = excluded.expected, lower = excluded.lower, upper = excluded.upper, p = excluded.p",
        incident.alert.0,
        series,
        incident.began.to_sqlx() as _,
        incident.peak.at.to_sqlx() as _,
        incident.ended.map(|ended| ended.to_sqlx()) as _,
        i16::from(incident.calm),
        incident.peak.n,
        incident.peak.expected,
        incident.peak.lower,
        incident.peak.upper,
        incident.peak.p,
    )
    .execute(conn)
    .await?;
    Ok(())
}
