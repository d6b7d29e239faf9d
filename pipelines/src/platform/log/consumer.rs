//! A reader of the whole log that goes on where it stopped, whatever process it runs in.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::time::Instant;

use super::store::Noted;
use super::{Entry, Tail, store};
use crate::platform::store::{Store, StoreError};

/// How often the position is looked at and noted: somebody may want what was given once more.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A named reader; one process at a time has it. Entries come at least once: those that were given and not noted come again.
#[derive(Debug)]
pub struct Consumer {
    store: Store,
    name: &'static str,
    tail: Tail,
    /// As the table had it when it was last looked at.
    noted: Vec<Noted>,
    looked: Instant,
    /// The right to read under this name, held until the connection closes.
    _right: PgConnection,
}

impl Consumer {
    /// Takes up reading; none while another process reads under this name. A new reader begins at the log's end.
    pub async fn open(store: &Store, name: &'static str) -> Result<Option<Self>, StoreError> {
        let Some(right) = store::right_to_read(store.pool(), name).await? else { return Ok(None) };
        let mut noted = store::noted(store.pool(), name).await?;
        if noted.is_empty() {
            noted =
                Tail::from_end(store).await?.positions().map(|(part, position)| Noted::new(part, position)).collect();
            store::note(store.pool(), name, &noted).await?;
        }
        let tail = Tail::after(store, noted.iter().map(Noted::place));
        Ok(Some(Self { store: store.clone(), name, tail, noted, looked: Instant::now(), _right: right }))
    }

    /// Waits for entries and gives them, each part in order. Those given before count as done.
    pub async fn next(&mut self) -> Result<Vec<Entry>, StoreError> {
        loop {
            if self.looked.elapsed() >= LOOK_EVERY {
                self.look().await?;
            }
            if let Ok(entries) = tokio::time::timeout(LOOK_EVERY, self.tail.next()).await {
                return entries;
            }
        }
    }

    /// Goes back where somebody wants that, else notes how far it is.
    async fn look(&mut self) -> Result<(), StoreError> {
        let wanted = store::noted(self.store.pool(), self.name).await?;
        if wanted.iter().all(|it| it.went_back == self.went_back(it.part)) {
            let come: Vec<Noted> = self.tail.positions().map(|(part, position)| self.now_at(part, position)).collect();
            store::note(self.store.pool(), self.name, &come).await?;
        } else {
            self.tail = Tail::after(&self.store, wanted.iter().map(Noted::place));
        }
        self.noted = wanted;
        self.looked = Instant::now();
        Ok(())
    }

    /// Notes at once that everything of a part up to a position is done; nothing where it is to go back.
    pub async fn done(&mut self, part: i16, position: i64) -> Result<(), StoreError> {
        store::note(self.store.pool(), self.name, &[self.now_at(part, position)]).await
    }

    fn now_at(&self, part: i16, position: i64) -> Noted {
        Noted { went_back: self.went_back(part), ..Noted::new(part, position) }
    }

    /// How often it has gone back in a part.
    fn went_back(&self, part: i16) -> i32 {
        self.noted.iter().find(|noted| noted.part == part).map_or(0, |noted| noted.went_back)
    }
}

/// Whether the reader of that name has ever read.
pub async fn is_read(store: &Store, name: &str) -> Result<bool, StoreError> {
    Ok(!store::noted(store.pool(), name).await?.is_empty())
}

/// Has the reader of that name go back to behind a position of the events that belong to no customer. False where it has
/// not come so far: then it stays where it is, for what it has not read yet would be lost to it.
pub async fn go_back(store: &Store, name: &str, position: i64) -> Result<bool, StoreError> {
    let part = crate::platform::store::part_of(crate::events::NOBODY);
    store::note_back(store.pool(), name, part, position).await
}
