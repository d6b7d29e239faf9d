//! Dates the facts that the version before stored.

use super::store::dates;
use crate::conversations::store::life;
use crate::platform::store::{Store, StoreError};

/// Contacts that are looked for at once.
const AT_ONCE: u16 = 500;

/// Dates the facts that bear no date, each contact in a change of its own; gives how many contacts. May be broken off at
/// any time, and runs beside itself without harm.
pub async fn date_left(store: &Store) -> Result<usize, StoreError> {
    let mut dated = 0;
    loop {
        let left = dates::undated(store.pool(), AT_ONCE.into()).await?;
        for (customer, contact) in &left {
            let mut change = store.begin().await?;
            // a newer version may be on its way: its facts must not take the dates of those they replace
            life::lock(change.conn(), *contact).await?;
            dates::dated(change.conn(), *customer, *contact).await?;
            change.commit().await?;
        }
        dated += left.len();
        if left.len() < usize::from(AT_ONCE) {
            return Ok(dated);
        }
    }
}
