//! When facts were said and when they are due.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use crate::events::{ContactId, CustomerId};
use crate::platform::store::StoreError;
use crate::summaries::due;

/// Dates the facts of the contact that bear no date: when the message came in which each was said, and the instant that
/// its due time means in the city of the contact, else where most cities are.
pub(crate) async fn dated(conn: &mut PgConnection, customer: CustomerId, contact: ContactId) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        r#"SELECT f.n, f.due, coalesce(m.received_at, s.made_at) AS "said_at!: jiff_sqlx::Timestamp",
                  coalesce(city.zone, (SELECT zone FROM city GROUP BY zone ORDER BY count(*) DESC, zone LIMIT 1),
                           'UTC') AS "zone!"
           FROM summary_fact f
           JOIN summary s ON s.customer_id = f.customer_id AND s.contact_id = f.contact_id
           JOIN contact c ON c.customer_id = f.customer_id AND c.id = f.contact_id
           LEFT JOIN message m ON m.customer_id = f.customer_id AND m.id = f.message_id
           LEFT JOIN LATERAL (
             SELECT o.city_id FROM customer_order o
             WHERE o.customer_id = c.customer_id AND o.placed_at <= c.opened_at
               AND o.placed_at > c.opened_at - interval '1 day'
             ORDER BY o.placed_at DESC, o.id DESC LIMIT 1
           ) o ON c.city_id IS NULL
           LEFT JOIN city ON city.id = coalesce(c.city_id, o.city_id)
           WHERE f.customer_id = $1 AND f.contact_id = $2 AND f.said_at IS NULL"#,
        customer.0,
        contact.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    let due_at = |due: Option<&str>, said: Timestamp, zone: &str| {
        due::instant(due?, &said.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)))
    };
    sqlx::query!(
        "UPDATE summary_fact f SET said_at = d.said_at, due_at = d.due_at
         FROM unnest($3::integer[], $4::timestamptz[], $5::timestamptz[]) AS d (n, said_at, due_at)
         WHERE f.customer_id = $1 AND f.contact_id = $2 AND f.n = d.n",
        customer.0,
        contact.0,
        &rows.iter().map(|row| row.n).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.said_at).collect::<Vec<_>>() as _,
        &rows
            .iter()
            .map(|row| due_at(row.due.as_deref(), row.said_at.to_jiff(), &row.zone).map(|at| at.to_sqlx()))
            .collect::<Vec<_>>() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Contacts with facts that bear no date.
pub(crate) async fn undated(pool: &PgPool, rows: i64) -> Result<Vec<(CustomerId, ContactId)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT customer_id AS "customer: CustomerId", contact_id AS "contact: ContactId" FROM summary_fact
           WHERE said_at IS NULL ORDER BY 1, 2 LIMIT $1"#,
        rows,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.customer, row.contact)).collect())
}
