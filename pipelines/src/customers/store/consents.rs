//! Agreements of customers.

use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use super::ids;
use crate::customers::{Consent, ConsentId, Purpose};
use crate::events::CustomerId;
use crate::platform::store::{Change, StoreError};

struct Row {
    id: ConsentId,
    purpose: Purpose,
    source: String,
    given_at: jiff_sqlx::Timestamp,
    withdrawn_at: Option<jiff_sqlx::Timestamp>,
}

impl Row {
    fn consent(self) -> Consent {
        Consent {
            id: self.id,
            purpose: self.purpose,
            source: self.source,
            given_at: self.given_at.to_jiff(),
            withdrawn_at: self.withdrawn_at.map(|at| at.to_jiff()),
        }
    }
}

pub(crate) async fn of(pool: &PgPool, person: &[CustomerId]) -> Result<Vec<Consent>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: ConsentId", purpose AS "purpose: Purpose", source,
                  given_at AS "given_at: jiff_sqlx::Timestamp", withdrawn_at AS "withdrawn_at: jiff_sqlx::Timestamp"
           FROM consent WHERE customer_id = ANY($1) ORDER BY given_at DESC, id DESC LIMIT 100"#,
        &ids(person),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Row::consent).collect())
}

/// Locks the customer, so that two who record a consent do it one after the other; false where there is none.
pub(crate) async fn lock_customer(change: &mut Change, customer: CustomerId) -> Result<bool, StoreError> {
    let there =
        sqlx::query_scalar!("SELECT customer_id FROM customer WHERE customer_id = $1 FOR NO KEY UPDATE", customer.0,)
            .fetch_optional(change.conn())
            .await?;
    Ok(there.is_some())
}

pub(crate) async fn standing(
    change: &mut Change,
    customer: CustomerId,
    purpose: Purpose,
) -> Result<Option<Consent>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: ConsentId", purpose AS "purpose: Purpose", source,
                  given_at AS "given_at: jiff_sqlx::Timestamp", withdrawn_at AS "withdrawn_at: jiff_sqlx::Timestamp"
           FROM consent WHERE customer_id = $1 AND purpose = $2 AND withdrawn_at IS NULL
           ORDER BY given_at DESC LIMIT 1"#,
        customer.0,
        purpose.as_str(),
    )
    .fetch_optional(change.conn())
    .await?;
    Ok(row.map(Row::consent))
}

pub(crate) async fn insert(change: &mut Change, customer: CustomerId, consent: &Consent) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO consent (customer_id, id, purpose, source, given_at) VALUES ($1, $2, $3, $4, $5)",
        customer.0,
        consent.id.0,
        consent.purpose.as_str(),
        consent.source,
        consent.given_at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

pub(crate) async fn withdraw(change: &mut Change, customer: CustomerId, purpose: Purpose) -> Result<bool, StoreError> {
    let at = change.at();
    let withdrawn = sqlx::query!(
        "UPDATE consent SET withdrawn_at = $3 WHERE customer_id = $1 AND purpose = $2 AND withdrawn_at IS NULL",
        customer.0,
        purpose.as_str(),
        at.to_sqlx() as _,
    )
    .execute(change.conn())
    .await?;
    Ok(withdrawn.rows_affected() > 0)
}
