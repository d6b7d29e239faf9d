//! The audit: rows are added, never changed.

use jiff_sqlx::ToSqlx;
use serde_json::Value;

use crate::platform::store::{Change, StoreError};
use crate::workforce::audit::Entry;

pub(crate) async fn write(change: &mut Change, entry: Entry) -> Result<(), StoreError> {
    let (id, at) = (change.clock().id(), change.at());
    let mut detail = entry.detail;
    detail.insert("v".to_owned(), 1.into());
    let (kind, object) = entry.object.unzip();
    sqlx::query!(
        "INSERT INTO audit (id, at, operator_id, action, object_kind, object_id, detail, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        at.to_sqlx() as _,
        entry.operator.map(|operator| operator.0),
        entry.action.as_str(),
        kind.map(|kind| kind.as_str()),
        object,
        Value::Object(detail),
        entry.request_id,
    )
    .execute(change.conn())
    .await?;
    Ok(())
}
