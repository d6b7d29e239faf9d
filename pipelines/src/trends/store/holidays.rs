//! Days of which people said that they are holidays, or that they are none.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use models::country::Country;
use sqlx::{PgConnection, PgExecutor};

use crate::conversations::store::parsed;
use crate::conversations::view::Person;
use crate::events::OperatorId;
use crate::platform::store::StoreError;
use crate::trends::holidays::{HolidayId, HolidayKind, OwnHoliday};

/// Keeps everybody else from changing the days until the change ends: how many there are and what they make of the
/// calendar is looked at before one is added.
pub(in crate::trends) async fn lock(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('okno holidays'))").execute(conn).await?;
    Ok(())
}

/// All of them by date, at one date that of every country first.
pub(in crate::trends) async fn all(conn: impl PgExecutor<'_>) -> Result<Vec<OwnHoliday>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT h.id AS "id: HolidayId", h.country, h.day AS "day: jiff_sqlx::Date", h.kind AS "kind: HolidayKind",
                  h.name, h.said_by AS "said_by: OperatorId", o.name AS said_by_name,
                  h.said_at AS "said_at: jiff_sqlx::Timestamp"
           FROM holiday_day h JOIN operator o ON o.id = h.said_by ORDER BY h.day, h.country"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OwnHoliday {
                id: row.id,
                country: country(&row.country)?,
                date: row.day.to_jiff(),
                kind: row.kind,
                name: row.name,
                by: Person { id: row.said_by, name: row.said_by_name },
                at: row.said_at.to_jiff(),
            })
        })
        .collect()
}

/// Adds what somebody said of a day of which nobody has said anything for that country.
pub(in crate::trends) async fn put(conn: &mut PgConnection, day: &OwnHoliday) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO holiday_day (id, country, day, kind, name, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        day.id.0,
        day.country.map_or("", Country::as_str),
        day.date.to_sqlx() as _,
        day.kind.as_str(),
        day.name.as_deref(),
        day.by.id.0,
        day.at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what somebody said; gives of which country and day. None: there is no such thing.
pub(in crate::trends) async fn remove(
    conn: &mut PgConnection,
    id: HolidayId,
) -> Result<Option<(Option<Country>, Date)>, StoreError> {
    let row =
        sqlx::query!(r#"DELETE FROM holiday_day WHERE id = $1 RETURNING country, day AS "day: jiff_sqlx::Date""#, id.0);
    let row = row.fetch_optional(conn).await?;
    row.map(|row| Ok((country(&row.country)?, row.day.to_jiff()))).transpose()
}

/// The country of a key; none where it stands for every one.
fn country(key: &str) -> Result<Option<Country>, StoreError> {
    if key.is_empty() { Ok(None) } else { parsed(key).map(Some) }
}
