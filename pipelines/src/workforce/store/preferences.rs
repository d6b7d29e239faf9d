//! An operator's choices for the page.

use sqlx::PgPool;

use crate::events::OperatorId;
use crate::platform::store::StoreError;

pub(crate) async fn set(pool: &PgPool, operator: OperatorId, preferences: serde_json::Value) -> Result<(), StoreError> {
    sqlx::query!("UPDATE operator SET preferences = $2 WHERE id = $1", operator.0, preferences).execute(pool).await?;
    Ok(())
}
