//! Recounts: how far they are, whom they count, and what they begin anew.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use crate::events::{AlertId, ContactId, CustomerId};
use crate::platform::store::StoreError;

/// Up to where a recount of these days has come; none: it was never begun.
pub(in crate::trends) async fn done(pool: &PgPool, days: (Date, Date)) -> Result<Option<Timestamp>, StoreError> {
    let done = sqlx::query_scalar!(
        r#"SELECT done AS "done: jiff_sqlx::Timestamp" FROM trend_rebuild WHERE since = $1 AND until = $2"#,
        days.0.to_sqlx() as _,
        days.1.to_sqlx() as _,
    )
    .fetch_optional(pool)
    .await?;
    Ok(done.map(|done| done.to_jiff()))
}

pub(in crate::trends) async fn note(
    conn: &mut PgConnection,
    days: (Date, Date),
    done: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO trend_rebuild (since, until, done) VALUES ($1, $2, $3)
         ON CONFLICT (since, until) DO UPDATE SET done = excluded.done",
        days.0.to_sqlx() as _,
        days.1.to_sqlx() as _,
        done.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::trends) async fn end(conn: &mut PgConnection, days: (Date, Date)) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM trend_rebuild WHERE since = $1 AND until = $2",
        days.0.to_sqlx() as _,
        days.1.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The contacts whose first customer message came in this time. A contact is opened by it, or by a call a moment before.
pub(in crate::trends) async fn contacts(
    conn: &mut PgConnection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(CustomerId, ContactId)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT c.customer_id AS "customer: CustomerId", c.id AS "id: ContactId"
           FROM contact c
           CROSS JOIN LATERAL (
             SELECT m.received_at FROM message m
             WHERE m.customer_id = c.customer_id AND m.contact_id = c.id AND m.author = 'customer' ORDER BY m.seq LIMIT 1
           ) first
           WHERE c.opened_at >= $1::timestamptz - interval '1 day' AND c.opened_at < $2
             AND first.received_at >= $1 AND first.received_at < $2
           ORDER BY c.customer_id, c.id"#,
        from.to_sqlx() as _,
        to.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.customer, row.id)).collect())
}

/// Takes back all that was counted in this time but what has no contact behind it: nobody can count that again.
pub(in crate::trends) async fn forget(
    conn: &mut PgConnection,
    from: Timestamp,
    to: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH counted AS (DELETE FROM trend_contact WHERE at >= $1 AND at < $2),
              gone AS (DELETE FROM trend_count WHERE at >= $1 AND at < $2 AND past = 0)
         UPDATE trend_count SET n = past WHERE at >= $1 AND at < $2 AND past > 0 AND n <> past",
        from.to_sqlx() as _,
        to.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Corrects what judged steps hold; only what differs is written.
pub(in crate::trends) async fn correct(
    conn: &mut PgConnection,
    figures: &[(i64, Timestamp, i32)],
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE trend_point p SET n = new.n
         FROM unnest($1::bigint[], $2::timestamptz[], $3::integer[]) AS new (series_id, at, n)
         WHERE p.series_id = new.series_id AND p.at = new.at AND p.n <> new.n",
        &figures.iter().map(|(id, ..)| *id).collect::<Vec<_>>(),
        &figures.iter().map(|(_, at, _)| at.to_sqlx()).collect::<Vec<_>>() as _,
        &figures.iter().map(|(.., n)| *n).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Alerts that judging made and that go on, those that began first first; nobody else changes them until the change ends.
pub(in crate::trends) async fn going_on(conn: &mut PgConnection) -> Result<Vec<AlertId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: AlertId" FROM trend_alert WHERE ended IS NULL AND kind <> 'theme' ORDER BY began, id
           FOR UPDATE"#
    );
    Ok(ids.fetch_all(conn).await?)
}

/// Forgets verdicts, states, and the alerts of counts and silences that nobody has done anything with, and gives those;
/// the others end where they stand. Series stay without a state, with the weights that people gave them, until what they
/// count comes again.
pub(in crate::trends) async fn forget_verdicts(conn: &mut PgConnection) -> Result<BTreeSet<AlertId>, StoreError> {
    sqlx::query!("DELETE FROM trend_clock").execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM trend_point").execute(&mut *conn).await?;
    sqlx::query!("UPDATE trend_series SET state = '', steps = 0").execute(&mut *conn).await?;
    sqlx::query!(
        "DELETE FROM trend_alert_series i USING trend_alert a
         WHERE a.id = i.alert_id AND NOT EXISTS (SELECT FROM trend_act t WHERE t.alert_id = a.id)"
    )
    .execute(&mut *conn)
    .await?;
    let gone = sqlx::query_scalar!(
        r#"DELETE FROM trend_alert a
           WHERE kind <> 'theme' AND NOT EXISTS (SELECT FROM trend_act t WHERE t.alert_id = a.id)
           RETURNING id AS "id: AlertId""#
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!("UPDATE trend_alert_series SET ended = peak_at WHERE ended IS NULL").execute(&mut *conn).await?;
    sqlx::query!("UPDATE trend_alert SET ended = peak_at WHERE ended IS NULL AND kind <> 'theme'")
        .execute(conn)
        .await?;
    Ok(gone.into_iter().collect())
}
