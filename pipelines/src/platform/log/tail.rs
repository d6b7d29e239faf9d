//! Reads everything that is appended, as soon as it is committed.

use tokio::sync::watch;

use super::{Entry, store};
use crate::platform::store::{PARTS, Store, StoreError};
use crate::platform::wake::NET;

/// Entries of one part that are taken at once: a reader far behind catches up in steps.
const STEP: i64 = 64;

/// A reader of the whole log with a position for each part. Nothing is skipped, whatever commits or aborts meanwhile.
#[derive(Debug)]
pub struct Tail {
    store: Store,
    positions: Vec<i64>,
    news: watch::Receiver<()>,
    /// There may be more than was read, without any news of it.
    is_behind: bool,
}

impl Tail {
    /// Reads what is committed from now on.
    pub async fn from_end(store: &Store) -> Result<Self, StoreError> {
        let news = store.appended();
        let positions = store::ends(store.pool()).await?;
        Ok(Self { store: store.clone(), positions, news, is_behind: true })
    }

    /// Reads what stands behind `positions`; a part that is not named is read from its beginning.
    pub fn after(store: &Store, positions: impl IntoIterator<Item = (i16, i64)>) -> Self {
        let mut all = vec![0; usize::from(PARTS.unsigned_abs())];
        for (part, position) in positions {
            if let Some(place) = usize::try_from(part).ok().and_then(|part| all.get_mut(part)) {
                *place = position;
            }
        }
        Self { store: store.clone(), positions: all, news: store.appended(), is_behind: true }
    }

    /// Waits until there is something new and gives it, each part in order. May be dropped midway without loss.
    pub async fn next(&mut self) -> Result<Vec<Entry>, StoreError> {
        loop {
            if !self.is_behind {
                // An error means that the store is going away; the next read says so.
                let _ = tokio::time::timeout(NET, self.news.changed()).await;
            }
            // dropped from here on, it reads at once when it is asked again
            self.is_behind = true;
            self.news.borrow_and_update();
            let parts: Vec<i16> = (0..PARTS).collect();
            let entries = store::read(self.store.pool(), &parts, &self.positions, STEP).await?;
            self.is_behind = entries.len() >= STEP as usize;
            if !entries.is_empty() {
                for entry in &entries {
                    self.positions[usize::from(entry.part.unsigned_abs())] = entry.position;
                }
                return Ok(entries);
            }
        }
    }

    /// How far each part has been read, to go on from later.
    pub fn positions(&self) -> impl Iterator<Item = (i16, i64)> + '_ {
        (0..PARTS).zip(self.positions.iter().copied())
    }
}
