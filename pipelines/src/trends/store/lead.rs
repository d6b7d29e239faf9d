//! Who judges, and who looks for themes: one process at a time, whichever comes first.

use sqlx::{Connection, PgConnection, PgPool};

use crate::platform::store::{Store, StoreError};

/// What one process at a time does.
#[derive(Clone, Copy, Debug)]
pub(in crate::trends) enum Right {
    Judge,
    Themes,
}

impl Right {
    fn name(self) -> &'static str {
        match self {
            Self::Judge => "okno trend ticks",
            Self::Themes => "okno trend themes",
        }
    }
}

/// The right to do it, held until its connection closes.
#[derive(Debug)]
pub(in crate::trends) struct Lead(PgConnection);

/// None while somebody else has it.
pub(in crate::trends) async fn take(pool: &PgPool, right: Right) -> Result<Option<Lead>, StoreError> {
    let mut conn = pool.acquire().await?.detach();
    let leads = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock(hashtext($1)) AS "leads!""#, right.name())
        .fetch_one(&mut conn)
        .await?;
    if leads {
        return Ok(Some(Lead(conn)));
    }
    conn.close().await?;
    Ok(None)
}

/// Waits until whoever has it is done.
pub(in crate::trends) async fn wait(store: &Store, right: Right) -> Result<Lead, StoreError> {
    let mut conn = store.pool().acquire().await?.detach();
    sqlx::query!("SELECT pg_advisory_lock(hashtext($1))", right.name()).execute(&mut conn).await?;
    Ok(Lead(conn))
}

impl Lead {
    /// Given up by word: the session of a closed connection ends a moment later.
    pub(in crate::trends) async fn close(mut self) -> Result<(), StoreError> {
        sqlx::query!("SELECT pg_advisory_unlock_all()").execute(&mut self.0).await?;
        Ok(self.0.close().await?)
    }
}
