//! Keeps the log and what stands around it at the size of the time it is kept: days made ahead, old days dropped, old
//! rows removed. One process at a time does it, whichever comes first.

mod store;

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{ToSpan, civil};
use tokio_util::sync::CancellationToken;

use crate::platform::store::{Store, StoreError};

/// Days that the log is kept, and with it the memory of what was received.
const KEPT_DAYS: i64 = 35;

/// Days that are made ahead: as long as everybody may be on holiday.
const AHEAD_DAYS: i64 = 14;

const EVERY: Duration = Duration::from_secs(10 * 60);
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// What a round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub made: Vec<civil::Date>,
    pub dropped: Vec<civil::Date>,
    /// Old days that are kept because a relay has not published them.
    pub unpublished: Vec<civil::Date>,
    /// Rows removed from other tables.
    pub removed: u64,
}

/// Keeps house until `stop`.
pub async fn run(store: Store, stop: CancellationToken) {
    loop {
        let wait = match round(&store).await {
            Ok(_) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "housekeeping broke off and is tried again");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// One round; none where another process is at it.
pub async fn round(store: &Store) -> Result<Option<Round>, StoreError> {
    let Some(lead) = store::lead(store.pool()).await? else { return Ok(None) };
    let done = keep(store).await;
    lead.close().await?;
    done.map(Some)
}

async fn keep(store: &Store) -> Result<Round, StoreError> {
    let now = store.clock().now();
    let today = now.to_zoned(TimeZone::UTC).date();
    let oldest = today.saturating_sub(KEPT_DAYS.days());
    let mut round = Round::default();

    let standing = store::days(store.pool()).await?;
    // Days that nobody had made when their events came: those events wait in the default partition.
    let stray = store::days_by_default(store.pool()).await?;
    let ahead = (0..=AHEAD_DAYS).map(|days| today.saturating_add(days.days()));
    let mut wanted: Vec<civil::Date> = ahead.chain(stray).filter(|day| !standing.contains(day)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    for day in wanted {
        store::make(store.pool(), day).await?;
        round.made.push(day);
    }
    for day in store::days(store.pool()).await?.into_iter().filter(|day| *day < oldest) {
        if store::published(store.pool(), day).await? {
            store::drop_day(store.pool(), day).await?;
            round.dropped.push(day);
        } else {
            tracing::error!(%day, "a day of the log is kept beyond its time: no relay has published it; start a worker");
            round.unpublished.push(day);
        }
    }
    let since = now.saturating_sub((KEPT_DAYS * 24).hours()).unwrap_or(now);
    round.removed =
        store::remove_received(store.pool(), since).await? + store::remove_relays(store.pool(), since).await?;
    Ok(round)
}
