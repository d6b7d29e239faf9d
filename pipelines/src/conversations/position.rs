//! How far a channel that is asked for news has been read, and who asks: one process at a time.

use sqlx::PgConnection;

use super::AccountId;
use super::store::position as rows;
use crate::platform::clock::Clock;
use crate::platform::store::{Store, StoreError};

/// The right to read an account's news, as long as this lives. It ends with its connection, also when the process dies.
#[derive(Debug)]
pub struct Lease {
    conn: PgConnection,
    clock: Clock,
    account: AccountId,
    position: Option<i64>,
}

/// The lease of an account; none while another process holds it.
pub async fn lease(store: &Store, account: AccountId) -> Result<Option<Lease>, StoreError> {
    let mut conn = store.pool().acquire().await?.detach();
    if !rows::lock(&mut conn, account).await? {
        return Ok(None);
    }
    let position = rows::position(&mut conn, account).await?;
    Ok(Some(Lease { conn, clock: store.clock().clone(), account, position }))
}

impl Lease {
    /// Where to read on; none: from wherever the channel begins.
    pub fn position(&self) -> Option<i64> {
        self.position
    }

    /// Everything before `position` is committed and need not come again.
    pub async fn advance(&mut self, position: i64) -> Result<(), StoreError> {
        let at = self.clock.now();
        rows::advance(&mut self.conn, self.account, position, at).await?;
        self.position = Some(position);
        Ok(())
    }
}
