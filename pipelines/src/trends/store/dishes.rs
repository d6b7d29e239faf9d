//! What contacts say of dishes, and the names that these may have.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::events::{ContactId, CustomerId};
use crate::platform::store::StoreError;

/// What a customer called a dish.
pub(in crate::trends) struct Mention {
    pub(in crate::trends) contact: ContactId,
    pub(in crate::trends) said: String,
    /// Whose menu it may be on: a brand in the country of the contact's city, or anywhere.
    pub(in crate::trends) menu: Menu,
    /// What was ordered in the day before the contact.
    pub(in crate::trends) ordered: Vec<String>,
}

/// A brand's menu in a country; none: in all.
pub(in crate::trends) type Menu = (Uuid, Option<String>);

/// The dishes that contacts name where they complain, in the order in which each contact names them. A message about
/// something else names none of them, unless a person knew that the whole contact is a complaint.
pub(in crate::trends) async fn mentions(
    conn: &mut PgConnection,
    contacts: &[(CustomerId, ContactId)],
) -> Result<Vec<Mention>, StoreError> {
    let (customers, ids): (Vec<Uuid>, Vec<Uuid>) = contacts.iter().map(|(customer, id)| (customer.0, id.0)).unzip();
    let rows = sqlx::query!(
        r#"SELECT c.id AS "contact!: ContactId", named.entity->>'text' AS "said!", c.brand_id AS "brand!",
                  city.country AS "country?", coalesce(o.lines, '{}') AS "ordered!"
           FROM unnest($1::uuid[], $2::uuid[]) AS w (customer_id, contact_id)
           JOIN contact c ON c.customer_id = w.customer_id AND c.id = w.contact_id
           JOIN insight i ON i.customer_id = c.customer_id AND i.contact_id = c.id AND i.message_id IS NOT NULL
           JOIN message m ON m.customer_id = i.customer_id AND m.id = i.message_id AND m.author = 'customer'
           CROSS JOIN LATERAL jsonb_array_elements(i.result->'entities') WITH ORDINALITY AS named (entity, place)
           LEFT JOIN insight whole ON whole.customer_id = c.customer_id AND whole.contact_id = c.id
             AND whole.message_id IS NULL
           LEFT JOIN LATERAL (
             SELECT o.city_id, ARRAY(SELECT l.name FROM order_line l
                                     WHERE l.customer_id = o.customer_id AND l.order_id = o.id ORDER BY l.line) AS lines
             FROM customer_order o
             JOIN LATERAL (
               SELECT f.received_at FROM message f
               WHERE f.customer_id = c.customer_id AND f.contact_id = c.id AND f.author = 'customer' ORDER BY f.seq LIMIT 1
             ) first ON o.placed_at <= first.received_at AND o.placed_at > first.received_at - interval '1 day'
             WHERE o.customer_id = c.customer_id
             ORDER BY o.placed_at DESC, o.id DESC LIMIT 1
           ) o ON true
           LEFT JOIN city ON city.id = coalesce(c.city_id, o.city_id)
           WHERE named.entity->>'type' = 'dish'
             AND (whole.corrected->>'topic' LIKE 'complaint.%'
                  OR CASE WHEN i.corrected ? 'topic' THEN i.corrected->>'topic' ~ '^(complaint|other)[.]'
                          WHEN i.abstained THEN true
                          ELSE EXISTS (SELECT FROM jsonb_array_elements(i.result->'topics') AS t
                                       WHERE t->>'value' ~ '^(complaint|other)[.]') END)
           ORDER BY c.customer_id, c.id, m.seq, named.place"#,
        &customers,
        &ids,
    )
    .fetch_all(conn)
    .await?;
    let mention = rows.into_iter().map(|row| Mention {
        contact: row.contact,
        said: row.said,
        menu: (row.brand, row.country),
        ordered: row.ordered,
    });
    Ok(mention.collect())
}

/// The names of a menu, those too that are no longer sold: what was complained of stays what it was.
pub(in crate::trends) async fn on_menu(
    conn: &mut PgConnection,
    (brand, country): &Menu,
) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar!(
        "SELECT name FROM menu_item WHERE brand_id = $1 AND ($2::text IS NULL OR country = $2)",
        brand,
        country.as_deref(),
    );
    Ok(names.fetch_all(conn).await?)
}

/// Every name on any menu, those that are sold first.
pub(in crate::trends) async fn all(pool: &PgPool) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar!("SELECT name FROM menu_item GROUP BY name ORDER BY bool_or(active) DESC, name");
    Ok(names.fetch_all(pool).await?)
}
