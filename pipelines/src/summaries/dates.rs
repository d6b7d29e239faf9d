//! Dates the facts that the version before stored.

use super::store::dates;
use crate::conversations::store::life;
use crate::platform::store::{Store, StoreError};

/// Contacts that one call dates.
const AT_ONCE: i64 = 500;

/// Dates the facts of some contacts that bear no date, each contact in a change of its own; gives how many contacts. Runs
/// beside itself without harm.
pub async fn date_left(store: &Store) -> Result<usize, StoreError> {
    let left = dates::undated(store.pool(), AT_ONCE).await?;
    for (customer, contact) in &left {
        let mut change = store.begin().await?;
        // a newer version may be on its way: its facts must not take the dates of those they replace
        life::lock(change.conn(), *contact).await?;
        dates::dated(change.conn(), *customer, *contact).await?;
        change.commit().await?;
    }
    Ok(left.len())
}
