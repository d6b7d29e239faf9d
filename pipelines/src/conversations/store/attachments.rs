//! Files: their rows, and their bytes apart.

use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

use super::life::Locked;
use crate::conversations::attachments::{AttachmentState, File, Pending};
use crate::conversations::inbound::tidy_file_name;
use crate::conversations::{AccountId, FileRef, MAX_FILE, MediaType, Upload};
use crate::events::{AttachmentId, ContactId, CustomerId, MessageId};
use crate::platform::store::{Change, StoreError};

/// Notes a file that is to be fetched; one that says it is too large is not.
pub(crate) async fn insert_pending(
    change: &mut Change,
    contact: &Locked,
    message: MessageId,
    file: &FileRef,
) -> Result<(), StoreError> {
    let state = if file.size > MAX_FILE { AttachmentState::TooLarge } else { AttachmentState::Pending };
    let id = AttachmentId::new(change.clock());
    sqlx::query!(
        "INSERT INTO attachment (customer_id, id, contact_id, message_id, name, media_type, size, state, source)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        contact.customer.0,
        id.0,
        contact.contact.0,
        message.0,
        file.name.as_deref().and_then(tidy_file_name),
        file.media_type.as_str(),
        i64::try_from(file.size).unwrap_or(i64::MAX),
        state.as_str(),
        file.source,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Stores a file whose bytes came along.
pub(crate) async fn insert_stored(
    change: &mut Change,
    contact: &Locked,
    message: MessageId,
    file: &Upload,
) -> Result<(), StoreError> {
    let sha256 = keep(change.conn(), contact.customer, &file.bytes).await?;
    let id = AttachmentId::new(change.clock());
    sqlx::query!(
        "INSERT INTO attachment (customer_id, id, contact_id, message_id, name, media_type, size, state, sha256)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'stored', $8)",
        contact.customer.0,
        id.0,
        contact.contact.0,
        message.0,
        file.name.as_deref().and_then(tidy_file_name),
        file.media_type.as_str(),
        i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        &sha256,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}

/// Keeps the bytes once per content and customer; gives their SHA-256.
async fn keep(conn: &mut PgConnection, customer: CustomerId, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let sha256 = Sha256::digest(bytes).to_vec();
    sqlx::query!(
        "INSERT INTO attachment_content (customer_id, sha256, content) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        customer.0,
        &sha256,
        bytes,
    )
    .execute(conn)
    .await?;
    Ok(sha256)
}

pub(crate) async fn pending(
    pool: &PgPool,
    customer: CustomerId,
    message: MessageId,
) -> Result<Vec<Pending>, StoreError> {
    let pending = sqlx::query_as!(
        Pending,
        r#"SELECT a.customer_id AS "customer_id: CustomerId", a.contact_id AS "contact_id: ContactId",
                  a.message_id AS "message_id: MessageId", a.id AS "id: AttachmentId",
                  c.account_id AS "account_id: AccountId", a.source AS "source!", a.media_type AS claimed
           FROM attachment a JOIN contact c ON c.customer_id = a.customer_id AND c.id = a.contact_id
           WHERE a.customer_id = $1 AND a.message_id = $2 AND a.state = 'pending' AND a.source IS NOT NULL ORDER BY a.id"#,
        customer.0,
        message.0,
    )
    .fetch_all(pool)
    .await?;
    Ok(pending)
}

/// Ends the waiting of a pending file; false where it had ended before.
pub(crate) async fn resolve(
    change: &mut Change,
    pending: &Pending,
    state: AttachmentState,
    bytes: Option<&[u8]>,
    seq: i64,
) -> Result<bool, StoreError> {
    let sha256 = match bytes {
        Some(bytes) => Some(keep(change.conn(), pending.customer_id, bytes).await?),
        None => None,
    };
    let changed = sqlx::query!(
        "UPDATE attachment SET state = $3, sha256 = $4, size = coalesce($5, size), media_type = coalesce($6, media_type)
         WHERE customer_id = $1 AND id = $2 AND state = 'pending'",
        pending.customer_id.0,
        pending.id.0,
        state.as_str(),
        sha256.as_deref(),
        bytes.map(|bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX)),
        bytes.map(|bytes| MediaType::of_bytes(bytes, &MediaType::new(&pending.claimed)).as_str().to_owned()),
    )
    .execute(change.conn())
    .await?;
    sqlx::query!(
        "UPDATE message SET changed_seq = $3 WHERE customer_id = $1 AND id = $2",
        pending.customer_id.0,
        pending.message_id.0,
        seq,
    )
    .execute(change.conn())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// The contact of a file.
pub(crate) async fn contact_of(pool: &PgPool, id: AttachmentId) -> Result<Option<ContactId>, StoreError> {
    let contact = sqlx::query_scalar!(r#"SELECT contact_id AS "id: ContactId" FROM attachment WHERE id = $1"#, id.0)
        .fetch_optional(pool)
        .await?;
    Ok(contact)
}

/// A stored file with its bytes.
pub(crate) async fn read(pool: &PgPool, id: AttachmentId) -> Result<Option<File>, StoreError> {
    let row = sqlx::query!(
        "SELECT a.name, a.media_type, b.content FROM attachment a
         JOIN attachment_content b ON b.customer_id = a.customer_id AND b.sha256 = a.sha256
         WHERE a.id = $1 AND a.state = 'stored'",
        id.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| File { name: row.name, media_type: row.media_type, bytes: row.content.into() }))
}
