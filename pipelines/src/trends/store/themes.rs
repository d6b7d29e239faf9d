//! What customers said of late, and the alerts of themes.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use models::taxonomy::{Language, Topic};
use models::trends::themes::{Talk, Theme};
use sqlx::{PgConnection, PgPool};

use super::alerts::ThemeMarks;
use crate::conversations::store::{parsed, parsed_some};
use crate::events::{AlertId, ContactId};
use crate::platform::privacy;
use crate::platform::store::StoreError;

/// Talks that are looked at in one window.
const MOST: i64 = 1_200;
/// Messages of a talk that are looked at, and characters of each.
const MESSAGES: i64 = 3;
const CHARACTERS: i32 = 400;

/// What a customer said in a contact, personal data masked.
#[derive(Debug)]
pub(in crate::trends) struct Said {
    pub(in crate::trends) contact: ContactId,
    pub(in crate::trends) at: Timestamp,
    pub(in crate::trends) text: String,
    language: Language,
    topic: Option<Topic>,
}

impl Said {
    pub(in crate::trends) fn talk<'a>(&'a self, vector: &'a [f32]) -> Talk<'a> {
        Talk {
            id: self.contact.0.as_u128(),
            vector,
            text: &self.text,
            language: self.language,
            topic: self.topic,
            at: Some(self.at),
        }
    }
}

/// What customers said first in contacts of these hours and of the same hours of some days before, by time; of each
/// customer the latest contact of a day. The language is that of the talk, not the one the customer's page is set to.
pub(in crate::trends) async fn said(
    pool: &PgPool,
    from: Timestamp,
    to: Timestamp,
    days: i32,
) -> Result<Vec<Said>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT t.contact_id AS "contact!: ContactId", t.at AS "at!: jiff_sqlx::Timestamp",
                  coalesce(i.corrected->>'language', i.language, c.language) AS language, t.topics[1] AS topic,
                  s.text AS "text!"
           FROM generate_series(0, $3::integer) AS back
           CROSS JOIN LATERAL (
             SELECT DISTINCT ON (customer_id) * FROM (
               SELECT * FROM trend_contact k
               WHERE k.at >= $1::timestamptz - make_interval(days => back)
                 AND k.at < $2::timestamptz - make_interval(days => back)
               ORDER BY k.at DESC, k.contact_id DESC LIMIT $4
             ) latest ORDER BY customer_id, at DESC
           ) t
           JOIN contact c ON c.customer_id = t.customer_id AND c.id = t.contact_id
           LEFT JOIN insight i ON i.customer_id = c.customer_id AND i.contact_id = c.id AND i.message_id IS NULL
           CROSS JOIN LATERAL (
             SELECT string_agg(left(m.text, $6), E'\n' ORDER BY m.seq) AS text FROM (
               SELECT text, seq FROM message
               WHERE customer_id = t.customer_id AND contact_id = t.contact_id AND author = 'customer' AND kind <> 'phone'
                 AND text IS NOT NULL ORDER BY seq LIMIT $5
             ) m
           ) s
           WHERE s.text IS NOT NULL
           ORDER BY t.at, t.contact_id"#,
        from.to_sqlx() as _,
        to.to_sqlx() as _,
        days,
        MOST,
        MESSAGES,
        CHARACTERS,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Said {
                contact: row.contact,
                at: row.at.to_jiff(),
                text: privacy::mask(&row.text),
                language: parsed_some(row.language.as_deref())?.unwrap_or(Language::Ru),
                topic: row.topic.as_deref().map(parsed).transpose()?,
            })
        })
        .collect()
}

/// Themes that go on, with their talks; nobody else changes them until the change ends.
pub(in crate::trends) async fn open(conn: &mut PgConnection) -> Result<Vec<(AlertId, HashSet<ContactId>)>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: AlertId" FROM trend_alert WHERE kind = 'theme' AND ended IS NULL ORDER BY id FOR UPDATE"#
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"SELECT alert_id AS "alert: AlertId", contact_id AS "contact: ContactId" FROM trend_theme_contact
           WHERE alert_id = ANY($1)"#,
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
    )
    .fetch_all(conn)
    .await?;
    let mut talks = HashMap::<AlertId, HashSet<ContactId>>::new();
    for row in rows {
        talks.entry(row.alert).or_default().insert(row.contact);
    }
    Ok(ids.into_iter().map(|id| (id, talks.remove(&id).unwrap_or_default())).collect())
}

/// Stores a theme that began or grew and has so many talks by now. What they say is masked already.
pub(in crate::trends) async fn put(
    conn: &mut PgConnection,
    (id, seq): (AlertId, i64),
    theme: &Theme,
    talks: usize,
    at: Timestamp,
) -> Result<(), StoreError> {
    let words = theme.words.iter().map(|mark| mark.word.clone()).collect();
    let marks = ThemeMarks { v: 1, sentences: theme.typical.clone(), words };
    let marks = serde_json::to_value(marks).map_err(StoreError::Encode)?;
    sqlx::query!(
        r#"INSERT INTO trend_alert AS a (id, seq, kind, step, topic, began, peak_at, n, expected, lower, upper, p, causes, theme)
           VALUES ($1, $2, 'theme', '15m', '', $3, $3, $4, $5, 0, $5, $6, '{"v": 1, "causes": []}', $7)
           ON CONFLICT (id) DO UPDATE SET
             seq = excluded.seq, peak_at = excluded.peak_at, n = excluded.n, expected = excluded.expected,
             upper = excluded.upper, p = excluded.p, theme = excluded.theme"#,
        id.0,
        seq,
        at.to_sqlx() as _,
        i32::try_from(talks).unwrap_or(i32::MAX),
        theme.expected,
        theme.p,
        marks,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::trends) async fn put_members(
    conn: &mut PgConnection,
    id: AlertId,
    members: &HashSet<ContactId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO trend_theme_contact (customer_id, contact_id, alert_id)
         SELECT c.customer_id, c.id, $1 FROM contact c WHERE c.id = ANY($2) ON CONFLICT DO NOTHING",
        id.0,
        &members.iter().map(|contact| contact.0).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a theme that has not grown since `calm`; false where it has.
pub(in crate::trends) async fn end(
    conn: &mut PgConnection,
    id: AlertId,
    calm: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = sqlx::query!(
        "UPDATE trend_alert SET ended = $3 WHERE id = $1 AND peak_at <= $2",
        id.0,
        calm.to_sqlx() as _,
        now.to_sqlx() as _,
    );
    Ok(ended.execute(conn).await?.rows_affected() > 0)
}
