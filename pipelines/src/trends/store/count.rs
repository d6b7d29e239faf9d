//! What each contact is counted as, and the counts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use models::trends::Step;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::points::Span;
use super::topic_of;
use crate::events::{Channel, ContactId, CustomerId};
use crate::platform::store::StoreError;
use crate::trends::scope::{Leaf, named};

/// By how much a count has moved.
#[derive(Debug)]
pub(in crate::trends) struct Moved {
    at: Timestamp,
    day: Date,
    topic: String,
    city: Uuid,
    channel: String,
    restaurant: Uuid,
    n: i32,
}

/// Whoever counts shares this lock until its change ends; whoever judges takes it alone, so that no count moves unseen
/// between the reading of a step and the note that it is judged.
pub(in crate::trends) async fn share(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock_shared(hashtext('okno trend counts'))").execute(conn).await?;
    Ok(())
}

/// See [`share`].
pub(in crate::trends) async fn lock_all(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('okno trend counts'))").execute(conn).await?;
    Ok(())
}

/// Keeps everybody else from counting the contact.
pub(in crate::trends) async fn lock(
    conn: &mut PgConnection,
    customer: CustomerId,
    contact: ContactId,
) -> Result<(), StoreError> {
    sqlx::query!("SELECT FROM contact WHERE customer_id = $1 AND id = $2 FOR NO KEY UPDATE", customer.0, contact.0,)
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts the contacts as what they are now instead of what they were counted as; gives what moved.
///
/// A contact counts once it was read or a person named its topic: with all topics that are sure enough, or the one that
/// a person put in their place; in the five minutes in which we received its first customer message; in its city, and
/// in the kitchen of the customer's last order of the day before. A complaint is of a dish too: `dishes` has one for each
/// contact, or an empty name. `home` is the zone of what has no city.
pub(in crate::trends) async fn count(
    conn: &mut PgConnection,
    contacts: &[(CustomerId, ContactId)],
    dishes: &[String],
    home: &str,
) -> Result<Vec<Moved>, StoreError> {
    let (customers, ids): (Vec<Uuid>, Vec<Uuid>) = contacts.iter().map(|(customer, id)| (customer.0, id.0)).unzip();
    let rows = sqlx::query!(
        r#"WITH wanted AS (
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $4::text[]) AS w (customer_id, contact_id, dish)
           ), known AS (
             SELECT c.customer_id, c.id AS contact_id, first.at,
                    (first.at AT TIME ZONE coalesce(city.zone, $3))::date AS day,
                    coalesce(c.city_id, o.city_id, '00000000-0000-0000-0000-000000000000') AS city_id, c.channel,
                    coalesce(c.restaurant_id, o.restaurant_id, '00000000-0000-0000-0000-000000000000') AS restaurant_id,
                    CASE WHEN i.id IS NULL THEN ARRAY[c.topic]
                         WHEN i.corrected ? 'topic' THEN ARRAY[i.corrected->>'topic']
                         WHEN i.abstained THEN '{}'
                         ELSE ARRAY(SELECT DISTINCT t->>'value' FROM jsonb_array_elements(i.result->'topics') AS t
                                    ORDER BY 1)
                    END AS topics, w.dish AS named
             FROM wanted w
             JOIN contact c ON c.customer_id = w.customer_id AND c.id = w.contact_id
             CROSS JOIN LATERAL (
               SELECT m.received_at, date_bin('5 minutes', m.received_at, 'epoch') AS at FROM message m
               WHERE m.customer_id = c.customer_id AND m.contact_id = c.id AND m.author = 'customer'
               ORDER BY m.seq LIMIT 1
             ) first
             LEFT JOIN insight i ON i.customer_id = c.customer_id AND i.contact_id = c.id AND i.message_id IS NULL
             LEFT JOIN LATERAL (
               SELECT o.city_id, o.restaurant_id FROM customer_order o
               WHERE o.customer_id = c.customer_id AND o.placed_at <= first.received_at
                 AND o.placed_at > first.received_at - interval '1 day'
               ORDER BY o.placed_at DESC, o.id DESC LIMIT 1
             ) o ON true
             LEFT JOIN city ON city.id = coalesce(c.city_id, o.city_id)
             WHERE i.id IS NOT NULL OR c.topic IS NOT NULL
           ), is_now AS MATERIALIZED (
             SELECT known.*, CASE WHEN EXISTS (SELECT FROM unnest(topics) AS t WHERE t LIKE 'complaint.%') THEN named
                                  ELSE '' END AS dish
             FROM known
           ), moved AS (
             -- a contact whose city's zone has changed leaves one day for another within one count
             SELECT at, coalesce(max(day) FILTER (WHERE n = 1), max(day)) AS day, topic, city_id, channel, restaurant_id,
                    sum(n)::integer AS n
             FROM (
               SELECT at, day, unnest(topics || ''::text) AS topic, city_id, channel, restaurant_id, 1 AS n FROM is_now
               UNION ALL
               SELECT t.at, t.day, unnest(t.topics || ''::text), t.city_id, t.channel, t.restaurant_id, -1
               FROM trend_contact t JOIN is_now USING (customer_id, contact_id)
             ) AS steps
             GROUP BY at, topic, city_id, channel, restaurant_id
             HAVING sum(n) <> 0
           ), noted AS (
             INSERT INTO trend_contact AS t (customer_id, contact_id, at, day, city_id, channel, restaurant_id, topics, dish)
             SELECT customer_id, contact_id, at, day, city_id, channel, restaurant_id, topics, dish FROM is_now
             ON CONFLICT (customer_id, contact_id) DO UPDATE SET
               at = excluded.at, day = excluded.day, city_id = excluded.city_id, channel = excluded.channel,
               restaurant_id = excluded.restaurant_id, topics = excluded.topics, dish = excluded.dish
             WHERE (t.at, t.day, t.city_id, t.channel, t.restaurant_id, t.topics, t.dish) IS DISTINCT FROM
                   (excluded.at, excluded.day, excluded.city_id, excluded.channel, excluded.restaurant_id, excluded.topics,
                    excluded.dish)
           )
           INSERT INTO trend_count AS k (at, topic, city_id, channel, restaurant_id, day, n)
           SELECT at, topic, city_id, channel, restaurant_id, day, n FROM moved
           ORDER BY at, topic, city_id, channel, restaurant_id
           ON CONFLICT (at, topic, city_id, channel, restaurant_id) DO UPDATE SET n = k.n + excluded.n, day = excluded.day
           RETURNING k.at AS "at: jiff_sqlx::Timestamp", k.day AS "day: jiff_sqlx::Date", k.topic, k.city_id, k.channel,
                     k.restaurant_id,
                     (SELECT m.n FROM moved m WHERE (m.at, m.topic, m.city_id, m.channel, m.restaurant_id)
                        = (k.at, k.topic, k.city_id, k.channel, k.restaurant_id)) AS "n!""#,
        &customers,
        &ids,
        home,
        dishes,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Moved {
            at: row.at.to_jiff(),
            day: row.day.to_jiff(),
            topic: row.topic,
            city: row.city_id,
            channel: row.channel,
            restaurant: row.restaurant_id,
            n: row.n,
        })
        .collect())
}

/// Corrects the figures of steps that are judged already; counts that nobody is in any longer go.
pub(in crate::trends) async fn move_points(conn: &mut PgConnection, moved: &[Moved]) -> Result<(), StoreError> {
    let at: Vec<_> = moved.iter().map(|row| row.at.to_sqlx()).collect();
    let day: Vec<_> = moved.iter().map(|row| row.day.to_sqlx()).collect();
    let topic: Vec<_> = moved.iter().map(|row| row.topic.clone()).collect();
    let city: Vec<_> = moved.iter().map(|row| row.city).collect();
    let channel: Vec<_> = moved.iter().map(|row| row.channel.clone()).collect();
    let restaurant: Vec<_> = moved.iter().map(|row| row.restaurant).collect();
    sqlx::query!(
        "WITH moved AS (
           SELECT * FROM unnest($1::timestamptz[], $2::date[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::integer[])
             AS m (at, day, topic, city_id, channel, restaurant_id, n)
         ), by_step AS (
           SELECT step.step, step.at, topic, city_id, channel, restaurant_id, n FROM moved
           CROSS JOIN LATERAL (VALUES
             ('5m', at), ('15m', date_bin('15 minutes', at, 'epoch')), ('1h', date_bin('1 hour', at, 'epoch')),
             ('1d', day::timestamp AT TIME ZONE 'UTC'), ('1w', date_trunc('week', day::timestamp) AT TIME ZONE 'UTC')
           ) AS step (step, at)
         ), by_series AS (
           SELECT s.id, m.at, sum(m.n)::integer AS n FROM by_step m
           JOIN trend_clock k ON k.step = m.step AND m.at < k.upto
           JOIN trend_series s ON s.step = m.step AND s.topic = m.topic AND coalesce(s.city_id = m.city_id, true)
             AND coalesce(s.channel = m.channel, true) AND coalesce(s.restaurant_id = m.restaurant_id, true)
           GROUP BY s.id, m.at HAVING sum(m.n) <> 0
         ), locked AS (
           SELECT p.series_id, p.at, m.n FROM by_series m JOIN trend_point p ON p.series_id = m.id AND p.at = m.at
           ORDER BY p.series_id, p.at FOR UPDATE OF p
         )
         UPDATE trend_point p SET n = p.n + locked.n FROM locked
         WHERE p.series_id = locked.series_id AND p.at = locked.at",
        &at as _,
        &day as _,
        &topic,
        &city,
        &channel,
        &restaurant,
        &moved.iter().map(|row| row.n).collect::<Vec<_>>(),
    )
    .execute(&mut *conn)
    .await?;
    if moved.iter().any(|row| row.n < 0) {
        sqlx::query!(
            "DELETE FROM trend_count k
             USING unnest($1::timestamptz[], $2::text[], $3::uuid[], $4::text[], $5::uuid[])
               AS m (at, topic, city_id, channel, restaurant_id)
             WHERE (k.at, k.topic, k.city_id, k.channel, k.restaurant_id)
                 = (m.at, m.topic, m.city_id, m.channel, m.restaurant_id) AND k.n = 0",
            &at as _,
            &topic,
            &city,
            &channel,
            &restaurant,
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// The first five minutes in which anything was counted, and the first local date.
pub(in crate::trends) async fn first(pool: &PgPool) -> Result<Option<(Timestamp, Date)>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT at AS "at: jiff_sqlx::Timestamp", day AS "day: jiff_sqlx::Date" FROM trend_count ORDER BY at, day LIMIT 1"#
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.at.to_jiff(), row.day.to_jiff())))
}

/// The leaves of the steps from one key up to another, in the order of their keys.
pub(in crate::trends) async fn leaves(
    conn: impl PgExecutor<'_>,
    step: Step,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(Timestamp, Leaf)>, StoreError> {
    let span = Span::of(step, from, to);
    let rows = sqlx::query!(
        r#"SELECT CASE $1 WHEN '5m' THEN at
                          WHEN '15m' THEN date_bin('15 minutes', at, 'epoch')
                          WHEN '1h' THEN date_bin('1 hour', at, 'epoch')
                          WHEN '1d' THEN day::timestamp AT TIME ZONE 'UTC'
                          ELSE date_trunc('week', day::timestamp) AT TIME ZONE 'UTC' END AS "key!: jiff_sqlx::Timestamp",
                  topic, city_id, channel AS "channel: Channel", restaurant_id, sum(n)::bigint AS "n!"
           FROM trend_count
           WHERE at >= $2 AND at < $3 AND ($4::date IS NULL OR day >= $4) AND ($5::date IS NULL OR day < $5)
           GROUP BY 1, topic, city_id, channel, restaurant_id
           ORDER BY 1, topic, city_id, channel, restaurant_id"#,
        step.as_str(),
        span.from.to_sqlx() as _,
        span.to.to_sqlx() as _,
        span.days.map(|(from, _)| from.to_sqlx()) as _,
        span.days.map(|(_, to)| to.to_sqlx()) as _,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let leaf = Leaf {
                topic: topic_of(&row.topic)?,
                city: named(row.city_id),
                channel: row.channel,
                restaurant: named(row.restaurant_id),
                n: u64::try_from(row.n).unwrap_or(0),
            };
            Ok((row.key.to_jiff(), leaf))
        })
        .collect()
}

/// What came where in the week before, whatever it is about.
pub(in crate::trends) async fn week_before(pool: &PgPool, to: Timestamp) -> Result<Vec<Leaf>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT city_id, channel AS "channel: Channel", restaurant_id, sum(n)::bigint AS "n!" FROM trend_count
           WHERE topic = '' AND at >= $1::timestamptz - interval '7 days' AND at < $1
           GROUP BY city_id, channel, restaurant_id"#,
        to.to_sqlx() as _,
    )
    .fetch_all(pool)
    .await?;
    let leaf = |city, channel, restaurant, n: i64| Leaf {
        topic: None,
        city: named(city),
        channel,
        restaurant: named(restaurant),
        n: u64::try_from(n).unwrap_or(0),
    };
    Ok(rows.into_iter().map(|row| leaf(row.city_id, row.channel, row.restaurant_id, row.n)).collect())
}

/// A leaf by its key, and the local date and the number of it.
pub(in crate::trends) type Leaves<'a> = BTreeMap<(Timestamp, &'a str, Uuid, &'a str, Uuid), (Date, i32)>;

/// Adds counts behind which no contacts stand.
pub(in crate::trends) async fn put_past(conn: &mut PgConnection, leaves: &Leaves<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO trend_count AS k (at, topic, city_id, channel, restaurant_id, day, n, past)
         SELECT at, topic, city_id, channel, restaurant_id, day, n, n
         FROM unnest($1::timestamptz[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::date[], $7::integer[])
           AS new (at, topic, city_id, channel, restaurant_id, day, n)
         ON CONFLICT (at, topic, city_id, channel, restaurant_id) DO UPDATE SET
           n = k.n + excluded.n, past = k.past + excluded.past",
        &leaves.keys().map(|key| key.0.to_sqlx()).collect::<Vec<_>>() as _,
        &leaves.keys().map(|key| key.1.to_owned()).collect::<Vec<_>>(),
        &leaves.keys().map(|key| key.2).collect::<Vec<_>>(),
        &leaves.keys().map(|key| key.3.to_owned()).collect::<Vec<_>>(),
        &leaves.keys().map(|key| key.4).collect::<Vec<_>>(),
        &leaves.values().map(|(day, _)| day.to_sqlx()).collect::<Vec<_>>() as _,
        &leaves.values().map(|(_, n)| *n).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
