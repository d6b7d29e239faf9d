//! The audit: rows are added, never changed.

use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::{PgPool, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::events::OperatorId;
use crate::platform::store::{Change, StoreError};
use crate::workforce::audit::{Entry, Filter, NamedOperator, Record};

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

/// Latest first, before `before`.
pub(crate) async fn read(
    pool: &PgPool,
    filter: &Filter,
    before: Option<Uuid>,
    rows: i64,
) -> Result<Vec<Record>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id, a.at, a.operator_id, o.name, a.action, a.object_kind, a.object_id, a.detail, a.request_id
         FROM audit a LEFT JOIN operator o ON o.id = a.operator_id WHERE true",
    );
    if let Some(before) = before {
        query.push(" AND a.id < ").push_bind(before);
    }
    if let Some(operator) = filter.operator {
        query.push(" AND a.operator_id = ").push_bind(operator.0);
    }
    if let Some(action) = filter.action {
        query.push(" AND a.action = ").push_bind(action.as_str());
    }
    if let Some((kind, id)) = &filter.object {
        query.push(" AND a.object_kind = ").push_bind(kind.as_str());
        query.push(" AND a.object_id = ").push_bind(id.as_str());
    }
    query.push(" ORDER BY a.id DESC LIMIT ").push_bind(rows);
    query.build().fetch_all(pool).await?.iter().map(|row| Ok(record(row)?)).collect()
}

fn record(row: &sqlx::postgres::PgRow) -> Result<Record, sqlx::Error> {
    let name: Option<String> = row.try_get("name")?;
    let id: Option<Uuid> = row.try_get("operator_id")?;
    Ok(Record {
        id: row.try_get("id")?,
        at: row.try_get::<jiff_sqlx::Timestamp, _>("at")?.to_jiff(),
        operator: id.zip(name).map(|(id, name)| NamedOperator { id: OperatorId(id), name }),
        action: row.try_get("action")?,
        object_kind: row.try_get("object_kind")?,
        object_id: row.try_get("object_id")?,
        detail: row.try_get("detail")?,
        request_id: row.try_get("request_id")?,
    })
}
